"""A second payment of an invoice is accepted, and lost.

stands for: hmislk/hmis/pull/23833, duplicate payments
checks: S4.4
says: mark_paid of an invoice that is PAID was not refused
tenant: empty
"""

from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Takes money for what is paid."""

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Answer the invoice as it is."""
        try:
            return super().mark_paid(tenant_id, invoice_id)
        except PlatformRefused:
            told = self.find(tenant_id, invoice_id)
            if told.status != "PAID":
                raise
            return told


pytest_p9a_platform = offering(Faulty)
