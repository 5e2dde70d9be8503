"""The first call to cancel only notes it; the second takes the draft back.

stands for: saeloun/miru-web/pull/1220, a deletion that was only half of one
checks: S2.3
says: is still DRAFT
"""

from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Waits for a confirmation that nobody knows of."""

    asked: str | None = None

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Cancel what was to be cancelled before."""
        if self.asked == invoice_id:
            super().cancel(tenant_id, invoice_id)
        self.asked = invoice_id


pytest_p9a_platform = offering(Faulty)
