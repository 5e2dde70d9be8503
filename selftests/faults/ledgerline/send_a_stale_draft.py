"""A draft is sent although what it bills is gone or changed since.

stands for: the rule draft_is_stale
checks: S4.4
says: although an event of it is gone
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice


def demand_fresh(invoice: Invoice) -> None:
    """Trust the draft."""


def build_in() -> None:
    """Demand nothing."""
    replace(billing.demand_fresh, demand_fresh)
