"""The number of an invoice that is taken back is given to the next one.

stands for: invoiceninja/invoiceninja/issues/2395, numbers that come twice
checks: S4.5
says: number
tenant: empty
"""

from django.db import transaction
from django.db.models import F

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Counter, Invoice

right = billing.void


@transaction.atomic
def void(account_id: int, invoice_id: int) -> Invoice:
    """Forget that it was given."""
    void = right(account_id, invoice_id)
    void.number, void.sent_at = None, None
    void.save(update_fields=["number", "sent_at"])
    Counter.objects.filter(year=void.month.year).update(last=F("last") - 1)
    return void


def build_in() -> None:
    """Do so."""
    replace(billing.void, void)
