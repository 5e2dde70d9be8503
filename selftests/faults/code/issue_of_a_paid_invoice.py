"""A paid invoice can be issued again, and is then to be paid once more.

stands for: own-pay/OwnPay/issues/184, a paid invoice could return to sent
checks: S4.4
says: issue of an invoice that is PAID was not refused
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Issues whatever is no draft any more."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Forget that it was paid."""
        paid = code.invoices_of(self._connection, tenant_id=tenant_id, status="PAID")
        if invoice_id not in [row["id"] for row in paid]:
            return super().issue(tenant_id, invoice_id)
        code.back_to_issued(self._connection, invoice_id=invoice_id)
        return self.find(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
