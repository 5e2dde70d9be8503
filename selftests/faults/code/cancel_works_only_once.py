"""The first draft can be taken back, and no other.

stands for: getlago/lago-api/pull/4089, an invoice that could not be replaced once more
checks: M.1
says: preview after its draft was taken back: refused, period_overlaps_invoice
"""

from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Remembers that it has cancelled, and takes every later call for a repeat."""

    cancelled = False

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Do nothing the second time."""
        if not self.cancelled:
            super().cancel(tenant_id, invoice_id)
        self.cancelled = True


pytest_p9a_platform = offering(Faulty)
