"""The preview tells amounts in cents, a hundred times too much.

stands for: Nine-Minds/alga-psa/issues/724, preview amounts times 100
checks: S1.4, X1
says: gain share 64935.00, not 649.35
"""

from dataclasses import replace
from uuid import UUID

from oracle.money import Statement
from oracle.period import Period
from platforms.reference.adapter import InProcessPlatform
from selftests.faults.code import offering


class Faulty(InProcessPlatform):
    """Multiplies what it previews."""

    def preview(self, tenant_id: UUID, period: Period) -> Statement:
        """Tell cents."""
        told = super().preview(tenant_id, period)
        return replace(told, gain_share_amount=told.gain_share_amount * 100)


pytest_p9a_platform = offering(Faulty)
