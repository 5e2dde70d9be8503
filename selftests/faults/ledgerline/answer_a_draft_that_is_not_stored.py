"""A draft is answered, and not stored.

stands for: a transaction that is rolled back after the answer was made
checks: S2.1
says: is not stored
"""

from datetime import date

from django.db import transaction
from django.db.models import prefetch_related_objects

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.draft


def draft(account_id: int, month: date) -> Invoice:
    """Take it back behind the answer."""
    with transaction.atomic():
        invoice = right(account_id, month)
        prefetch_related_objects([invoice], "items")
        transaction.set_rollback(True)
    return invoice


def build_in() -> None:
    """Draft so."""
    replace(billing.draft, draft)
