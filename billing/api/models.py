"""What goes over the wire: camelCase JSON, money as decimal strings, instants in UTC."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from billing import invoices

_MONTH = r"[12]\d{3}-(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
BOUNDARY = rf"^{_MONTH}(-{_DAY}(T{_TIME}{_OFFSET})?)?$"
DECIMAL = r"^-?\d+(\.\d+)?$"

TENANT = "7d8f2c5e-3b1a-4c9d-9e0f-1a2b3c4d5e6f"
INVOICE = "0b0e7c1d-5a4f-4e3b-8c2d-9f8e7d6c5b4a"


def boundary(text: object) -> datetime:
    """Read an end of a period: a month, a date, or an instant with its offset; returned in UTC.

    Raises ValueError for anything else: a number, an instant without an offset, the 30th of
    February.
    """
    if not isinstance(text, str) or not re.fullmatch(BOUNDARY, text, re.ASCII):
        raise ValueError(
            "should be a string with a month (2026-02), a date (2026-02-01) or an instant with "
            "its offset (2026-02-01T00:00:00Z)"
        )
    day = f"{text}-01" if len(text) == len("2026-02") else text
    instant = datetime.fromisoformat(day)
    return instant.astimezone(UTC) if "T" in day else instant.replace(tzinfo=UTC)


def decimal_text(amount: Decimal, minor_digits: int = 0) -> str:
    """Write an amount in full: no exponent, no digit lost, at least ``minor_digits`` decimals."""
    whole, _, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(minor_digits, "0")
    return f"{whole}.{decimals}" if decimals else whole


Boundary = Annotated[
    datetime,
    BeforeValidator(boundary),
    WithJsonSchema({"type": "string", "pattern": BOUNDARY}),
]
Instant = Annotated[datetime, Field(examples=["2026-03-02T09:30:00.123456Z"])]
Money = Annotated[str, Field(pattern=DECIMAL)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, hide_input_in_errors=True)


class TenantRequest(_Request):
    """Whose invoice it is."""

    tenant_id: UUID = Field(description="The tenant that is billed.", examples=[TENANT])


class PeriodRequest(TenantRequest):
    """What to bill: one tenant and a half-open period, start included, end excluded."""

    period_start: Boundary = Field(
        description="The first instant of the period: a month, a date (both begin at midnight "
        "UTC) or an instant with its offset.",
        examples=["2026-02", "2026-02-01", "2026-02-01T00:00:00Z"],
    )
    period_end: Boundary = Field(
        description="The first instant after the period, written in the same ways.",
        examples=["2026-03", "2026-03-01", "2026-03-01T00:00:00Z"],
    )


class _Response(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        hide_input_in_errors=True,
        json_schema_serialization_defaults_required=True,
    )


class Line(_Response):
    """What one finding type earns at one rate."""

    finding_type: str = Field(description="The kind of finding.", examples=["DUPLICATE_CHARGE"])
    rate: Money = Field(description="The share of the recovery, 0 to 1.", examples=["0.25"])
    event_count: int = Field(description="How many events.", ge=1, examples=[1])
    recovered_amount: Money = Field(
        description="The sum of the events, in major units of the invoice's currency.",
        examples=["1200.50"],
    )
    gain_share_amount: Money = Field(
        description="The sum of the events' fees, in major units. Each is rounded half away from "
        "zero to the currency's minor unit, if nothing else was agreed with the tenant.",
        examples=["300.13"],
    )


class Bill(_Response):
    """What is billed: a tenant, a period, lines and their exact sums."""

    tenant_id: UUID = Field(description="The tenant that is billed.", examples=[TENANT])
    currency: str = Field(description="ISO 4217.", pattern="^[A-Z]{3}$", examples=["USD"])
    period_start: datetime = Field(
        description="The first instant of the period, UTC.", examples=["2026-02-01T00:00:00Z"]
    )
    period_end: datetime = Field(
        description="The first instant after the period, UTC.", examples=["2026-03-01T00:00:00Z"]
    )
    event_count: int = Field(description="How many events.", ge=1, examples=[3])
    recovered_amount: Money = Field(
        description="The sum of the lines, in major units of the currency.", examples=["2465.75"]
    )
    gain_share_amount: Money = Field(
        description="The invoice's total, in major units: the sum of the lines' fees, if nothing "
        "was agreed that raises, lowers or carries it forward.",
        examples=["616.44"],
    )
    lines: list[Line] = Field(description="By finding type and rate.", min_length=1)


class Preview(Bill):
    """What a draft of the period would be."""


class _Stored(_Response):
    """What an invoice has beside its bill; first in its JSON."""

    id: UUID = Field(description="The invoice.", examples=[INVOICE])
    invoice_number: str = Field(
        description="DRAFT-<month>-<8 hex> until it is issued; then the tenant's next number.",
        examples=["DRAFT-2026-02-0b0e7c1d", "INV-000001"],
    )
    status: Literal["DRAFT", "ISSUED", "PAID"] = Field(description="Where it is in its life.")


class Invoice(Bill, _Stored):
    """An invoice as it is stored."""

    created_at: Instant = Field(description="When the draft was made, UTC.")
    issued_at: Instant | None = Field(description="When it was issued, UTC; null before.")
    paid_at: Instant | None = Field(description="When it was marked paid, UTC; null before.")


class Health(_Response):
    """The database answers."""

    status: Literal["ok"] = Field(default="ok", description="Always ok; else it is a problem.")


def preview_body(preview: invoices.Preview, minor_digits: int) -> Preview:
    """Write a preview; ``minor_digits`` is its currency's."""
    return Preview(**_bill(preview, minor_digits))


def invoice_body(invoice: invoices.Invoice, minor_digits: int) -> Invoice:
    """Write an invoice; ``minor_digits`` is its currency's."""
    return Invoice.model_validate(
        _bill(invoice, minor_digits)
        | {
            "id": invoice.id,
            "invoice_number": invoice.invoice_number,
            "status": invoice.status,
            "created_at": invoice.created_at.astimezone(UTC),
            "issued_at": invoice.issued_at and invoice.issued_at.astimezone(UTC),
            "paid_at": invoice.paid_at and invoice.paid_at.astimezone(UTC),
        }
    )


def _bill(source: invoices.Preview | invoices.Invoice, minor_digits: int) -> dict[str, Any]:
    return {
        "tenant_id": source.tenant_id,
        "currency": source.currency,
        "period_start": source.period_start.astimezone(UTC),
        "period_end": source.period_end.astimezone(UTC),
        "event_count": source.event_count,
        "recovered_amount": decimal_text(source.recovered_amount, minor_digits),
        "gain_share_amount": decimal_text(source.gain_share_amount, minor_digits),
        "lines": [_line(line, minor_digits) for line in source.lines],
    }


def _line(line: invoices.Line, minor_digits: int) -> Line:
    return Line(
        finding_type=line.finding_type,
        rate=decimal_text(line.rate),
        event_count=line.event_count,
        recovered_amount=decimal_text(line.recovered_amount, minor_digits),
        gain_share_amount=decimal_text(line.gain_share_amount, minor_digits),
    )
