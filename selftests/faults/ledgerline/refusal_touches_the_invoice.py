"""A call that is refused leaves a mark on the invoice.

stands for: the rule that a refusal writes nothing
checks: S4.4
says: wrote something
tenant: empty
"""

from collections.abc import Callable
from typing import Any

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice
from selftests.platforms.ledgerline.refusals import Refused


def touching(right: Callable[..., Any]) -> Callable[..., Any]:
    """Make a call that saves what it refuses, and so changes when it was changed last."""

    def call(account_id: int, invoice_id: int, *more: int) -> object:
        try:
            return right(account_id, invoice_id, *more)
        except Refused:
            for invoice in Invoice.objects.filter(pk=invoice_id):
                invoice.save(update_fields=["state"])
            raise

    return call


def build_in() -> None:
    """Refuse so."""
    for right in (billing.cancel, billing.send, billing.pay):
        replace(right, touching(right))
