"""Whoever knows an invoice's id may do with it what its owner may.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S4.4
says: as another tenant of
tenant: empty
"""

from collections.abc import Callable
from typing import Any

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice


def for_anybody(right: Callable[..., Any]) -> Callable[..., Any]:
    """Make a call that is done as its owner's."""

    def call(account_id: int, invoice_id: int, *more: int) -> object:
        invoice = Invoice.objects.filter(pk=invoice_id).first()
        return right(invoice.account_id if invoice else account_id, invoice_id, *more)

    return call


def build_in() -> None:
    """Ask nobody who it is."""
    for right in (billing.find, billing.cancel, billing.send, billing.pay, billing.void):
        replace(right, for_anybody(right))
