"""An invoice that is paid can be taken back; the money stays.

stands for: own-pay/OwnPay/issues/184, a paid invoice that could return
checks: S4.4
says: void of an invoice that is PAID was not refused
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import Invoice

right = billing.void


def void(account_id: int, invoice_id: int) -> Invoice:
    """Take back whatever was sent once."""
    invoice = billing.find(account_id, invoice_id)
    if invoice.state == "paid":
        billing.make_void(invoice)
        return invoice
    return right(account_id, invoice_id)


def build_in() -> None:
    """Do so."""
    replace(billing.void, void)
