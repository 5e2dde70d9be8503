"""The preview tells amounts in cents, a hundred times too much.

stands for: Nine-Minds/alga-psa/issues/724, preview amounts times 100
checks: S1.4, X1
says: gain share 64935.00, not 649.35
explained: telling the total in minor units
"""

from dataclasses import replace

from oracle.bill import Bill
from oracle.period import Period
from platforms.reference.adapter import Adapter
from selftests.faults.code import offering
from selftests.reference import known


class Faulty(Adapter):
    """Multiplies what it previews."""

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Tell cents."""
        told = super().preview(tenant_id, period)
        return replace(told, gain_share_amount=known(told.gain_share_amount) * 100)


pytest_p9a_platform = offering(Faulty)
