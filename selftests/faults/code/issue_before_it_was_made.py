"""An invoice is issued an hour before it was created: another server's clock is late.

stands for: getlago/lago-api/pull/879, times that two places see differently
checks: S4.4
says: created, issued and paid are not in order
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Asks the wrong clock."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Date the issue back."""
        super().issue(tenant_id, invoice_id)
        code.date_back(self._connection, invoice_id=invoice_id)
        return self.find(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
