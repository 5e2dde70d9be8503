"""Issuing an issued invoice is not refused, and numbers it anew.

stands for: getlago/lago-api/pull/5523, double finalisation advanced the number twice
checks: S4.4
says: issue of an invoice that is ISSUED was not refused
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Issues as often as it is asked."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Number an issued invoice once more."""
        issued = code.invoices_of(self._connection, tenant_id=tenant_id, status="ISSUED")
        if invoice_id not in [row["id"] for row in issued]:
            return super().issue(tenant_id, invoice_id)
        code.set_number(self._connection, invoice_id=invoice_id, invoice_number="INV-000002")
        return self.find(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
