"""A payment that is refused leaves a row of it in a table that nobody told of.

stands for: the rule that a refusal writes nothing
checks: X4
says: of ledger.attempts about the run
tenant: empty
"""

from django.db import connection

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import allow, faulty, replace
from selftests.platforms.ledgerline.models import Invoice
from selftests.platforms.ledgerline.refusals import Refused

right = billing.pay


def pay(account_id: int, invoice_id: int, amount_cents: int) -> Invoice:
    """Note what was refused."""
    try:
        return right(account_id, invoice_id, amount_cents)
    except Refused:
        connection.ensure_connection()
        faulty.note_attempt(connection.connection, said=f"payment of invoice {invoice_id}")
        raise


def build_in() -> None:
    """Refuse so."""
    allow(faulty.keep_attempts)
    replace(billing.pay, pay)
