"""A month with a void invoice is taken, for ever.

stands for: getlago/lago-api/pull/4089, a voided invoice blocked rebilling
checks: S4.5
says: period_overlaps_invoice
tenant: empty
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.refusals import Refused, Rule


def demand_free(account_id: int, month: date) -> None:
    """Refuse a month that ever had an invoice."""
    taken = billing.invoices_of(account_id).filter(month=month).first()
    if taken is not None:
        raise Refused(Rule.MONTH_TAKEN, f"{month:%Y-%m} has invoice {taken.pk}, {taken.state}")


def build_in() -> None:
    """Demand so."""
    replace(billing.demand_free, demand_free)
