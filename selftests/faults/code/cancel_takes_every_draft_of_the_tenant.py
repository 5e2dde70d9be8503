"""Cancelling one draft removes all drafts of the tenant, of other months too.

stands for: dust-tt/dust/pull/28358, cleaning that does not know what is its own
checks: S2.3
says: app.billing_invoices * is gone
tenant: drafted
"""

from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Cancels by the tenant."""

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Remove whatever is a draft."""
        super().cancel(tenant_id, invoice_id)
        for row in list(code.invoices_of(self._connection, tenant_id=tenant_id, status="DRAFT")):
            super().cancel(tenant_id, row["id"])


pytest_p9a_platform = offering(Faulty)
