"""The first draft that is deleted is; later ones are taken for repeats of that call.

stands for: getlago/lago-api/pull/4089, an invoice that could not be replaced once more
checks: S4.5 S4.4
says: period_overlaps_invoice
tenant: empty
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace

right = billing.cancel
done: list[int] = []


def cancel(account_id: int, invoice_id: int) -> None:
    """Remember what was done."""
    if not done:
        right(account_id, invoice_id)
    done.append(invoice_id)


def build_in() -> None:
    """Take drafts back so."""
    replace(billing.cancel, cancel)
