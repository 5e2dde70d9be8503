"""Issuing is answered as it should be, and never done.

stands for: an answer that is sent before the job is queued, and it never is
checks: S4.4
says: the rows do not go from DRAFT to ISSUED to PAID
tenant: empty
"""

import json
from typing import Any

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Idler:
    """Answers the first issuing from what it knows of the draft."""

    def __init__(self) -> None:
        self.draft: dict[str, Any] = {}

    def answer(self, name: str, forward: Forward) -> Answer:
        """Issue nothing for whose draft it is."""
        if name == "issue" and forward.asked["tenantId"] == self.draft.get("tenantId"):
            told = {"status": "ISSUED", "invoiceNumber": "INV-000001"}
            told |= {"issuedAt": self.draft.pop("createdAt")}
            return 200, json.dumps(self.draft | told).encode()
        response = forward()
        if name == "invoices" and response.is_success:
            self.draft = response.json()
        return faithful(response)


answer = Idler().answer
