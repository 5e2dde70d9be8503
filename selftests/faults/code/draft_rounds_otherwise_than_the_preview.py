"""A draft rounds halves to even where the preview rounds them away from zero.

stands for: killbill/killbill/issues/2249, a dry run that shows another bill than the one that comes
checks: S2.2
says: answered: gain share 649.32, not 649.35
explained: rounding half to even
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from oracle.period import Period
from platforms.port import Invoice
from selftests.faults.code import Repricing, offering, rounded
from selftests.faults.queries_code import Row


class Faulty(Repricing):
    """Prices drafts by another rule; all instances share the statements, and so the rule."""

    rounding = ROUND_HALF_UP

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """Round to even while a draft is made."""
        Faulty.rounding = ROUND_HALF_EVEN
        try:
            return super().generate_draft(tenant_id, period, idempotency_key)
        finally:
            Faulty.rounding = ROUND_HALF_UP

    def fee(self, event: Row) -> Decimal:
        """Round as the moment demands."""
        return rounded(event["amount"] * event["rate"], event["currency"], self.rounding)


pytest_p9a_platform = offering(Faulty)
