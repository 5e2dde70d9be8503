"""A draft is answered that is nowhere in the tables.

stands for: getlago/lago-api/pull/5495, an answer before what it answers for is kept
checks: S2.1
says: is not stored for the tenant
"""

from oracle.period import Period
from platforms.port import Invoice
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Forgets to keep what it answers."""

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """Make a draft, take it back, and answer it."""
        draft = super().generate_draft(tenant_id, period, idempotency_key)
        super().cancel(tenant_id, draft.id)
        return draft


pytest_p9a_platform = offering(Faulty)
