"""The payment is answered as it should be, and never recorded.

stands for: a payment that is acknowledged and lost
checks: S4.4
says: the rows do not go from DRAFT to ISSUED to PAID
tenant: empty
"""

import json
from typing import Any

from selftests.faults.http import faithful, refused
from selftests.proxy import Answer, Forward


class Sieve:
    """Knows whose invoice is issued, and what it was told to be until its payment is answered."""

    def __init__(self) -> None:
        self.owner = ""
        self.unpaid: list[dict[str, Any]] = []

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer the owner's payment once, and forward none."""
        if name == "mark-paid" and forward.asked["tenantId"] == self.owner:
            if not self.unpaid:
                return refused("invoice_is_not_issued", 409)
            told = self.unpaid.pop()
            return 200, json.dumps(told | {"status": "PAID", "paidAt": told["issuedAt"]}).encode()
        response = forward()
        if name == "issue" and response.is_success:
            self.unpaid.append(response.json())
            self.owner = forward.asked["tenantId"]
        return faithful(response)


answer = Sieve().answer
