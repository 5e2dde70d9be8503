"""The preview makes a draft and takes it back, so that nothing is to be seen afterwards.

stands for: aerele/jarvis/pull/198, a rolled-back preview that still did something
checks: S1.6, X1
says: an attempt to write
"""

from uuid import UUID, uuid4

from oracle.money import Statement
from oracle.period import Period
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Previews by trying."""

    def preview(self, tenant_id: UUID, period: Period) -> Statement:
        """Tell what a draft was, which is no more."""
        draft = self.generate_draft(tenant_id, period, f"preview-{uuid4()}")
        self.cancel(tenant_id, draft.id)
        return draft.bill


pytest_p9a_platform = offering(Faulty)
