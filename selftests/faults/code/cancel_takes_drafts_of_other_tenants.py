"""Cancelling one draft removes the drafts of all other tenants.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S2.3
says: invoices of other tenants are not as before
tenant: drafted
"""

from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Cancels by the status."""

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Remove whatever is a draft, whosever it is."""
        super().cancel(tenant_id, invoice_id)
        for row in list(code.drafts_of_others(self._connection, tenant_id=tenant_id)):
            super().cancel(row["tenant_id"], row["id"])


pytest_p9a_platform = offering(Faulty)
