"""The draft is stored for another account, with this one's findings.

stands for: flexprice/flexprice/pull/2516, a write across tenants
checks: S2.1
says: which was not made for this request
"""

from datetime import date
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Account, Invoice, InvoiceItem

right_store, right_find = billing.store, billing.find


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Store it for whoever comes first."""
    first = Account.objects.exclude(pk=account.pk).order_by("pk")[0]
    return right_store(first, month, rate, items)


def find(account_id: int, invoice_id: int) -> Invoice:
    """Answer it as this account's all the same."""
    invoice = Invoice.objects.select_related("account").get(pk=invoice_id)
    if invoice.account_id == account_id:
        return right_find(account_id, invoice_id)
    invoice.account.pk = account_id
    return invoice


def build_in() -> None:
    """Store and answer so."""
    replace(billing.store, store)
    replace(billing.find, find)
