"""An issued invoice can be cancelled: it is gone, and its events are free.

stands for: the rule invoice_is_not_draft; an issued invoice is in the customer's books
checks: S4.4
says: cancel of an invoice that is ISSUED was not refused
tenant: empty
"""

from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Makes a draft of it first."""

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Take back the issue, then the draft."""
        issued = code.invoices_of(self._connection, tenant_id=tenant_id, status="ISSUED")
        if invoice_id in [row["id"] for row in issued]:
            code.release(self._connection, invoice_id=invoice_id)
            code.back_to_draft(self._connection, invoice_id=invoice_id)
        super().cancel(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
