"""Another tenant's cancelling is done as if it were the owner's.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: cancel as another tenant of an invoice that is DRAFT was not refused
tenant: empty
"""

import json

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Trusting:
    """Knows the owner."""

    def __init__(self) -> None:
        self.owner = b""

    def answer(self, name: str, forward: Forward) -> Answer:
        """Cancel for whoever asks, in the owner's name."""
        if name == "invoices":
            self.owner = json.dumps({"tenantId": forward.asked["tenantId"]}).encode()
        return faithful(forward(body=self.owner) if name == "cancel" else forward())


answer = Trusting().answer
