"""Whoever knows a draft's id may issue it, whosever it is.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: issue as another tenant of an invoice that is DRAFT was not refused
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Never asks whose the draft is."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Issue it as its owner."""
        return super().issue(self.owner(invoice_id), invoice_id)


pytest_p9a_platform = offering(Faulty)
