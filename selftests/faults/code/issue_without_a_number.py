"""An issued invoice has an empty number.

stands for: Paymenter/Paymenter/pull/1244, numbers that are no invoice numbers
checks: S4.2
says: without a number
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Leaves the number out."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Take the number away."""
        super().issue(tenant_id, invoice_id)
        code.set_number(self._connection, invoice_id=invoice_id, invoice_number="")
        return self.find(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
