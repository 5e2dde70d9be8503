"""Whoever knows a draft's id may cancel it, whosever it is.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: cancel as another tenant of an invoice that is DRAFT was not refused
tenant: empty
"""

from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Never asks whose the draft is."""

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Cancel it as its owner."""
        super().cancel(self.owner(invoice_id), invoice_id)


pytest_p9a_platform = offering(Faulty)
