"""Instead of a draft, the tenant's oldest invoice is answered.

stands for: dust-tt/dust/pull/28358, an invoice found by what does not tell it
checks: S2.1
says: which was not made for this request
explained: nothing
"""

from oracle.period import Period
from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Finds an invoice where it should make one."""

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """Answer an invoice of another month, where there is one."""
        older = list(code.invoices_of(self._connection, tenant_id=tenant_id, status="ISSUED"))
        if older:
            return self.find(tenant_id, older[0]["id"])
        return super().generate_draft(tenant_id, period, idempotency_key)


pytest_p9a_platform = offering(Faulty)
