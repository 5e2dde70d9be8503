"""Issuing is answered as it should be, and never done.

stands for: an answer that is sent before the job is queued, and it never is
checks: S4.4
says: the rows do not go from DRAFT to ISSUED to PAID
tenant: empty
"""

import json
from typing import Any

from selftests.faults.http import faithful, refused
from selftests.proxy import Answer, Forward


class Idler:
    """Knows the draft, until its issuing is answered."""

    def __init__(self) -> None:
        self.owner = ""
        self.drafts: list[dict[str, Any]] = []

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer the owner's issuing once, and forward none."""
        if name == "issue" and forward.asked["tenantId"] == self.owner:
            if not self.drafts:
                return refused("invoice_is_not_draft", 409)
            told = self.drafts.pop()
            final = {"status": "ISSUED", "invoiceNumber": "INV-000001"}
            return 200, json.dumps(told | final | {"issuedAt": told["createdAt"]}).encode()
        response = forward()
        if name == "invoices" and response.is_success:
            self.drafts, self.owner = [response.json()], forward.asked["tenantId"]
        return faithful(response)


answer = Idler().answer
