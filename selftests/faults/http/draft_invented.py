"""No draft is made, and 201 answers with an invented one.

stands for: an answer that is sent before the transaction is committed, and it never is
checks: S2.1
says: 0 invoices stored
"""

import json
from typing import Any
from uuid import uuid4

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Inventor:
    """Makes drafts up from what was previewed."""

    def __init__(self) -> None:
        self.previewed: dict[str, Any] = {}

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer a creation without making anything."""
        if name != "invoices":
            response = forward()
            self.previewed = self.previewed or response.json()
            return faithful(response)
        told = {"id": str(uuid4()), "invoiceNumber": "DRAFT-2026-02-0b0e7c1d", "status": "DRAFT"}
        never = {"issuedAt": None, "paidAt": None}
        return 201, json.dumps(self.previewed | told | never).encode()


answer = Inventor().answer
