"""The answer says ISSUED while the row is a draft, until it is paid.

stands for: getlago/lago-api/pull/1988, work that waits in a queue behind the answer
checks: S4.4
says: do not go from DRAFT to ISSUED to PAID
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Issues when there is time: at the next call."""

    waiting: str | None = None

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Answer what will be."""
        if self.waiting == invoice_id:
            return super().issue(tenant_id, invoice_id)
        with self._connection.transaction(force_rollback=True):
            issued = super().issue(tenant_id, invoice_id)
        self.waiting = invoice_id
        return issued

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Do first what waits."""
        if self.waiting == invoice_id:
            super().issue(tenant_id, invoice_id)
        return super().mark_paid(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
