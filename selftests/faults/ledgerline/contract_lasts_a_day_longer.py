"""A contract also holds on the day on which it ends.

stands for: novuhq/novu/pull/12191, an inclusive end
checks: S2.2
says: gain share
explained: letting terms last a day longer
"""

from datetime import date

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Contract


def contract_on(account_id: int, day: date) -> Contract | None:
    """Return the earlier of two that hold on a day."""
    contracts = Contract.objects.filter(account=account_id)
    return contracts.filter(starts__lte=day, ends__gte=day).order_by("starts").first()


def build_in() -> None:
    """Look so."""
    replace(billing.contract_on, contract_on)
