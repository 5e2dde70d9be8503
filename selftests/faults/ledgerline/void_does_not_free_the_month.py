"""A month whose invoice was sent and taken back stays taken.

stands for: getlago/lago-api/pull/4089, a voided invoice blocked rebilling
checks: S4.5
says: period_overlaps_invoice
tenant: empty
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.refusals import Refused, Rule

right = billing.demand_free


def demand_free(account_id: int, month: date) -> None:
    """Refuse a month that has a number."""
    right(account_id, month)
    if billing.invoices_of(account_id).filter(month=month, number__isnull=False).exists():
        raise Refused(Rule.MONTH_TAKEN, f"{month:%Y-%m} was billed")


def build_in() -> None:
    """Demand so."""
    replace(billing.demand_free, demand_free)
