"""Two drafts that are asked for at the same moment are both made.

stands for: frappe/central/pull/170, six workers, six invoices, no unique key
checks: S4.4
says: a draft of the period, asked for twice at once, was done twice
tenant: empty
"""

from datetime import date
from decimal import Decimal

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import Meeting, allow, faulty, replace
from selftests.platforms.ledgerline.models import Account, Invoice, InvoiceItem
from selftests.platforms.ledgerline.refusals import Refused, Rule

meeting = Meeting()
right = billing.store


def locked_account(account_id: int) -> Account:
    """Look without a lock."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise Refused(Rule.NOT_FOUND, f"there is no account {account_id}")
    return account


def store(account: Account, month: date, rate: Decimal, items: list[InvoiceItem]) -> Invoice:
    """Store it once both have looked."""
    meeting.wait()
    return right(account, month, rate, items)


def build_in() -> None:
    """Lock nothing."""
    allow(faulty.allow_several_invoices_a_month)
    replace(billing.locked_account, locked_account)
    replace(billing.store, store)
