"""Once a draft was cancelled, its period cannot be billed again.

stands for: saeloun/miru-web/pull/1220, a deleted draft left its entries unbillable
checks: S4.1
says: period_overlaps_invoice
tenant: empty
"""

from selftests.faults.http import faithful, refused
from selftests.proxy import Answer, Forward


class Grudge:
    """Never forgets a draft."""

    def __init__(self) -> None:
        self.cancelled = False

    def answer(self, name: str, forward: Forward) -> Answer:
        """Refuse what was cancelled before."""
        if name == "invoices" and self.cancelled:
            return refused("period_overlaps_invoice", 409)
        response = forward()
        self.cancelled |= name == "cancel"
        return faithful(response)


answer = Grudge().answer
