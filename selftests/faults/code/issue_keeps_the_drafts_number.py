"""An issued invoice has no number of its own, but still the draft's.

stands for: Paymenter/Paymenter/pull/1244, numbers that are no invoice numbers
checks: S4.2
says: still the draft's number
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code
from selftests.reference import known


class Faulty(Reference):
    """Gives no number."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Put the draft's number back."""
        number = known(self.find(tenant_id, invoice_id).number)
        super().issue(tenant_id, invoice_id)
        code.set_number(self._connection, invoice_id=invoice_id, invoice_number=number)
        return self.find(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
