"""The preview bills on each of two lines what the other one earns; the totals are right.

stands for: Kill Bill's InvoiceChecker, matching that never consumes what it matched
checks: S1.4
says: DUPLICATE_CHARGE at 25 %: 2.53, not 275.38
explained: exchanging the fees of two lines
"""

from dataclasses import replace

from oracle.bill import Bill
from oracle.period import Period
from selftests.faults.code import Reference, offering
from selftests.reference import known


class Faulty(Reference):
    """Mixes two lines up."""

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Swap the fees of the first and the last line."""
        told = super().preview(tenant_id, period)
        lines = known(told.lines)
        if len(lines) < 2:
            return told
        first, *others, last = lines
        swapped = (
            replace(first, gain_share_amount=last.gain_share_amount),
            *others,
            replace(last, gain_share_amount=first.gain_share_amount),
        )
        return replace(told, lines=swapped)


pytest_p9a_platform = offering(Faulty)
