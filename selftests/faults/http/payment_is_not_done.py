"""The first payment is answered as it should be, and never recorded.

stands for: a payment that is acknowledged and lost
checks: S4.4
says: the rows do not go from DRAFT to ISSUED to PAID
tenant: empty
"""

import json
from typing import Any

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Sieve:
    """Knows the issued invoice."""

    def __init__(self) -> None:
        self.issued: dict[str, Any] = {}

    def answer(self, name: str, forward: Forward) -> Answer:
        """Record no first payment of it."""
        if name == "mark-paid" and forward.asked["tenantId"] == self.issued.get("tenantId"):
            told = self.issued | {"status": "PAID", "paidAt": self.issued["issuedAt"]}
            self.issued = {}
            return 200, json.dumps(told).encode()
        response = forward()
        if name == "issue" and response.is_success:
            self.issued = response.json()
        return faithful(response)


answer = Sieve().answer
