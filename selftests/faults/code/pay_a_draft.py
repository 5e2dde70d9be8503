"""A payment for a draft is accepted, and lost.

stands for: the rule invoice_is_not_issued
checks: S4.4
says: mark_paid of an invoice that is DRAFT was not refused
tenant: empty
"""

from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Takes money for what was never sent."""

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Answer the draft as it is."""
        try:
            return super().mark_paid(tenant_id, invoice_id)
        except PlatformRefused:
            told = self.find(tenant_id, invoice_id)
            if told.status != "DRAFT":
                raise
            return told


pytest_p9a_platform = offering(Faulty)
