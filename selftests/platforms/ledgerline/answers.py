"""What callers send and read, as JSON."""

from datetime import datetime
from typing import Annotated, Literal, cast

from ninja import Schema
from pydantic import ConfigDict, Field, PlainSerializer, WithJsonSchema

from selftests.platforms.ledgerline.models import Invoice

# In full: the encoder of Django would cut off microseconds.
Instant = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-02"])]
State = Literal["draft", "sent", "overdue", "paid", "void"]


class Body(Schema):
    """A request's body: what it says is meant, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class DraftRequest(Body):
    """The account and the month to bill."""

    account_id: int
    month: Month


class AccountRequest(Body):
    """The account whose invoice it is."""

    account_id: int


class PaymentRequest(Body):
    """Money that came in for an account's invoice."""

    account_id: int
    amount_cents: int


class Item(Schema):
    """What is billed for one finding."""

    finding_id: int
    recovered_cents: int
    fee_cents: int


class InvoiceData(Schema):
    """An invoice; a draft has no number."""

    id: int
    account_id: int
    number: str | None
    state: State
    month: Month
    currency: str
    total_cents: int
    items: list[Item]
    created_at: Instant
    sent_at: Instant | None
    settled_at: Instant | None


class InvoiceAnswer(Schema):
    """An invoice in its envelope."""

    data: InvoiceData


class Error(Schema):
    """Which rule was broken, and how."""

    code: str
    message: str


class ErrorAnswer(Schema):
    """An error in its envelope."""

    error: Error


class Health(Schema):
    """Which build answers."""

    version: str


def told(invoice: Invoice) -> InvoiceAnswer:
    """Return an invoice as it is answered."""
    return InvoiceAnswer(
        data=InvoiceData(
            id=invoice.pk,
            account_id=invoice.account.pk,
            number=invoice.number,
            state=cast("State", invoice.state),
            month=f"{invoice.month:%Y-%m}",
            currency=invoice.account.currency,
            total_cents=invoice.total_cents,
            items=[
                Item(
                    finding_id=item.finding_id,
                    recovered_cents=item.recovered_cents,
                    fee_cents=item.fee_cents,
                )
                for item in invoice.items.all()
            ],
            created_at=invoice.created_at,
            sent_at=invoice.sent_at,
            settled_at=invoice.settled_at,
        )
    )
