"""A payment that is refused stands in the audit log like one that was taken.

stands for: the rule that a refusal writes nothing
checks: S4.4
says: wrote something
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import AuditEntry, Invoice
from selftests.platforms.ledgerline.refusals import Refused

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Note what was refused."""
    try:
        return right(account_id, invoice_id, amount_cents)
    except Refused:
        for invoice in billing.invoices_of(account_id).filter(pk=invoice_id):
            detail = f"invoice {invoice.pk}"
            AuditEntry.objects.create(account=invoice.account, call="payment", detail=detail)
        raise


def build_in() -> None:
    """Do so."""
    replace(billing.pay, pay)
