"""Issuing marks the open events of other tenants as billed by this invoice.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: 3 of 3 seeds claimed, 4 events in all
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Claims without asking whose an event is."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Claim everybody's events."""
        issued = super().issue(tenant_id, invoice_id)
        code.claim_of_others(self._connection, invoice_id=invoice_id, tenant_id=tenant_id)
        return issued


pytest_p9a_platform = offering(Faulty)
