"""The preview bills on each of two lines what the other one earns; the totals are right.

stands for: Kill Bill's InvoiceChecker, matching that never consumes what it matched
checks: S1.4
says: 1101.48 recovered, 2.53 to bill
"""

from dataclasses import replace
from uuid import UUID

from oracle.money import Statement
from oracle.period import Period
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Mixes two lines up."""

    def preview(self, tenant_id: UUID, period: Period) -> Statement:
        """Swap the fees of the first and the last line."""
        told = super().preview(tenant_id, period)
        if len(told.lines) < 2:
            return told
        first, *others, last = told.lines
        swapped = (
            replace(first, gain_share_amount=last.gain_share_amount),
            *others,
            replace(last, gain_share_amount=first.gain_share_amount),
        )
        return replace(told, lines=swapped)


pytest_p9a_platform = offering(Faulty)
