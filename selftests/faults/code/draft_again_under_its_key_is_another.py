"""A repeat under the same key takes the first draft back and makes another.

stands for: hmislk/hmis/pull/23833, a double submit that is taken for two
checks: S4.1
says: a repeat under its key made
tenant: empty
"""

from oracle.period import Period
from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Takes every call for the first."""

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """Make room for another draft under the key."""
        for row in list(code.invoices_of(self._connection, tenant_id=tenant_id, status="DRAFT")):
            known = super().generate_draft(tenant_id, period, idempotency_key)
            if known.id == row["id"]:
                super().cancel(tenant_id, known.id)
        return super().generate_draft(tenant_id, period, idempotency_key)


pytest_p9a_platform = offering(Faulty)
