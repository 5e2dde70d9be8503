"""The newest contract gives the rate, whatever month is billed.

stands for: the rule: the contract of the month's first day
checks: S2.2
says: gain share
explained: taking the newest terms
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Contract


def contract_on(account_id: int, day: date) -> Contract | None:
    """Return what holds now."""
    contracts = Contract.objects.filter(account=account_id)
    return contracts.order_by("starts").last()


def build_in() -> None:
    """Look so."""
    replace(billing.contract_on, contract_on)
