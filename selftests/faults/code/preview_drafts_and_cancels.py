"""The preview makes a draft and takes it back, so that nothing is to be seen afterwards.

stands for: aerele/jarvis/pull/198, a rolled-back preview that still did something
checks: S1.6, X1
says: an attempt to write
"""

from uuid import uuid4

from oracle.bill import Bill
from oracle.period import Period
from selftests.faults.code import Reference, offering
from selftests.reference import known


class Faulty(Reference):
    """Previews by trying."""

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Tell what a draft was, which is no more."""
        draft = self.generate_draft(tenant_id, period, f"preview-{uuid4()}")
        self.cancel(tenant_id, draft.id)
        return known(draft.bill)


pytest_p9a_platform = offering(Faulty)
