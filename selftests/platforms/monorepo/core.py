"""The monorepo's billing code: it quotes, opens, discards, finalizes, settles and voids invoices.

It knows no gate and no protocol, and says no in its own words. Each call is one transaction: it
does all it says, or raises :class:`Refused` and writes nothing.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from selftests.platforms.monorepo.queries import Row, queries


class Refused(Exception):
    """The billing code says no; ``code`` is its own word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def quote(
    connection: Connection[Any], customer_id: str, starts_at: datetime, ends_at: datetime
) -> Row:
    """Return what an invoice of the period would be: its currency, share and fee."""
    if starts_at >= ends_at:
        raise Refused("EMPTY_PERIOD", f"{ends_at} is not after {starts_at}")
    customer = _live_customer(connection, customer_id)
    period: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at}
    taken = queries.in_the_way(connection, customer_id=customer_id, **period)
    if taken is not None:
        raise Refused("PERIOD_TAKEN", f"{taken['number'] or taken['id']} is {taken['state']}")
    quoted = queries.quote(connection, customer_id=customer_id, **period)
    if quoted is None:
        raise Refused("NOTHING_TO_BILL", f"{customer_id} has nothing confirmed in the period")
    if customer["share"] is None:
        raise Refused("NO_CONTRACT", f"{customer_id} has no share yet")
    return {**customer, **quoted}


def open_invoice(
    connection: Connection[Any], customer_id: str, starts_at: datetime, ends_at: datetime, key: str
) -> Row:
    """Open an invoice of the period, or return the one that the same key has opened."""
    with connection.transaction():
        queries.lock_key(connection, key=key)
        opened = queries.opened_with(connection, key=key)
        if opened is not None:
            first = (opened["customer_id"], opened["starts_at"], opened["ends_at"])
            if first != (customer_id, starts_at, ends_at):
                raise Refused("KEY_TAKEN", "the key opened another invoice")
            return invoice(connection, customer_id, opened["id"])
        queries.lock_customer(connection, customer_id=customer_id)
        quoted = quote(connection, customer_id, starts_at, ends_at)
        invoice_id = queries.insert_invoice(
            connection,
            customer_id=customer_id,
            starts_at=starts_at,
            ends_at=ends_at,
            share=quoted["share"],
            fee=quoted["fee"],
            fingerprint=quoted["fingerprint"],
        )
        queries.insert_key(connection, key=key, invoice_id=invoice_id)
        return invoice(connection, customer_id, invoice_id)


def invoice(connection: Connection[Any], customer_id: str, invoice_id: str) -> Row:
    """Return an invoice as it is."""
    row = queries.invoice(connection, customer_id=customer_id, invoice_id=invoice_id)
    if row is None:
        raise Refused("NO_SUCH_INVOICE", f"{customer_id} has no invoice {invoice_id}")
    return row


def discard(connection: Connection[Any], customer_id: str, invoice_id: str) -> None:
    """Delete an open invoice, and free its period and its key."""
    with connection.transaction():
        _locked(connection, customer_id, invoice_id, "OPEN")
        queries.delete_invoice(connection, invoice_id=invoice_id)


def finalize(connection: Connection[Any], customer_id: str, invoice_id: str) -> Row:
    """Give an open invoice its number, and claim what it bills."""
    with connection.transaction():
        queries.lock_customer(connection, customer_id=customer_id)
        draft = _locked(connection, customer_id, invoice_id, "OPEN")
        customer = _live_customer(connection, customer_id)
        period: dict[str, Any] = {"starts_at": draft["starts_at"], "ends_at": draft["ends_at"]}
        quoted = queries.quote(connection, customer_id=customer_id, **period) or {}
        now = (customer["share"], quoted.get("fee"), quoted.get("fingerprint"))
        if now != (draft["share"], draft["fee"], draft["fingerprint"]):
            raise Refused("OUT_OF_DATE", f"{invoice_id} is not what it was opened for")
        queries.claim(connection, customer_id=customer_id, invoice_id=invoice_id, **period)
        queries.finalize(connection, customer_id=customer_id, invoice_id=invoice_id)
        return invoice(connection, customer_id, invoice_id)


def settle(connection: Connection[Any], customer_id: str, invoice_id: str) -> Row:
    """Record that a final invoice was paid."""
    with connection.transaction():
        _locked(connection, customer_id, invoice_id, "FINALIZED")
        queries.settle(connection, invoice_id=invoice_id)
        return invoice(connection, customer_id, invoice_id)


def void(connection: Connection[Any], customer_id: str, invoice_id: str) -> Row:
    """Take a final invoice back: it keeps its number, and what it billed can be billed again."""
    with connection.transaction():
        queries.lock_customer(connection, customer_id=customer_id)
        _locked(connection, customer_id, invoice_id, "FINALIZED")
        queries.release(connection, invoice_id=invoice_id)
        queries.void(connection, invoice_id=invoice_id)
        return invoice(connection, customer_id, invoice_id)


def _live_customer(connection: Connection[Any], customer_id: str) -> Row:
    customer = queries.customer(connection, customer_id=customer_id)
    if customer is None:
        raise Refused("NO_SUCH_CUSTOMER", f"there is no customer {customer_id}")
    if customer["deleted_at"] is not None:
        raise Refused("CUSTOMER_DELETED", f"{customer_id} was deleted")
    return customer


def _locked(connection: Connection[Any], customer_id: str, invoice_id: str, state: str) -> Row:
    queries.lock_invoice(connection, customer_id=customer_id, invoice_id=invoice_id)
    found = invoice(connection, customer_id, invoice_id)
    if found["state"] != state:
        raise Refused("WRONG_STATE", f"{invoice_id} is {found['state']}, not {state}")
    return found
