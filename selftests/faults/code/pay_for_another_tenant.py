"""Whoever knows an invoice's id may mark it paid, whosever it is.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: mark_paid as another tenant of an invoice that is ISSUED was not refused
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Never asks whose the invoice is."""

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Mark it paid as its owner."""
        return super().mark_paid(self.owner(invoice_id), invoice_id)


pytest_p9a_platform = offering(Faulty)
