"""Reads what a platform answers in JSON, strictly: a fact is there and in its form, or is nonsense.

Which facts must be there, the description says; whatever else is there is not looked at.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from oracle.bill import TOTALS, Bill, Facts, Line
from oracle.period import Period
from platforms.description import Description
from platforms.port import Invoice

IN_FULL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)")


class Nonsense(Exception):
    """An answer cannot be trusted; the message names the member, what it should be and what it is.

    What it is may be long, or a secret: clean and shorten the message.
    """


class Form(NamedTuple):
    """What a fact looks like, in words, and how it is read; ValueError if it looks otherwise."""

    words: str
    read: Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not IN_FULL.fullmatch(value):
        raise ValueError
    return Decimal(value)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _instant(value: Any) -> datetime:
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value).astimezone(UTC)


A_TEXT = Form("a text", _text)
A_DECIMAL = Form('a decimal number in full, as a text like "616.44"', _decimal)
A_COUNT = Form("a whole number, not below zero", _count)
AN_INSTANT = Form('an instant in UTC, as a text like "2026-02-01T00:00:00Z"', _instant)
FORMS = {
    "currency": A_TEXT,
    "finding_type": A_TEXT,
    "rate": A_DECIMAL,
    "event_count": A_COUNT,
    "recovered_amount": A_DECIMAL,
    "gain_share_amount": A_DECIMAL,
    "number": A_TEXT,
    "status": A_TEXT,
    "issued_at": AN_INSTANT,
    "paid_at": AN_INSTANT,
}
# What an invoice may not have yet.
NULLABLE = frozenset({"number", "issued_at", "paid_at"})


class Answers:
    """Reads the answers of a platform of that description. Raises :class:`Nonsense`."""

    def __init__(self, description: Description) -> None:
        self._description = description

    def preview(self, told: Any) -> Bill:
        """Read what a draft would be."""
        return self._bill(told, self._description.previewed)

    def invoice(self, told: Any) -> Invoice:
        """Read an invoice; its status becomes the gate's word for it."""
        names = self._description.told
        facts = {
            name: _fact(told, name, FORMS[name], nullable=name in NULLABLE)
            for name in FORMS
            if name in names
        }
        if "status" in facts:
            facts["status"] = self._description.words.status(facts["status"])
        if "tenant_id" in names:
            facts["tenant_id"] = _fact(told, "tenant_id", self._id("tenant"))
        if "period_start" in names:
            start, end = (_fact(told, f"period_{edge}", AN_INSTANT) for edge in ("start", "end"))
            facts["period"] = Period(start, end)
        id = _fact(told, "id", self._id("invoice"))
        return Invoice(id=id, bill=self._bill(told, self._description.answered), **facts)

    def _bill(self, told: Any, facts: Facts) -> Bill:
        totals = {
            name: _fact(told, name, FORMS[name]) if name in facts.bill else None for name in TOTALS
        }
        return Bill(**totals, lines=self._lines(told, facts.line))

    def _lines(self, told: Any, names: frozenset[str]) -> tuple[Line, ...] | None:
        if not names:
            return None
        forms = FORMS | {"event_id": self._id("event")}
        lines = _fact(told, "lines", Form("a list", _list))
        return tuple(
            Line(**{name: _fact(line, name, forms[name], f"lines.{place}.") for name in names})
            for place, line in enumerate(lines)
        )

    def _id(self, kind: Literal["tenant", "event", "invoice"]) -> Form:
        type_ = getattr(self._description.ids, kind)
        words = {"uuid": "a uuid, as a text", "bigint": "a whole number, as a text"}
        return Form(
            words.get(type_, "a text"), lambda value: self._description.read_id(kind, _text(value))
        )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004 - one error for every bad form
    return value


def _fact(told: Any, name: str, form: Form, where: str = "", *, nullable: bool = False) -> Any:
    if not isinstance(told, dict):
        raise Nonsense(f"{where.rstrip('.') or 'ok'} should be an object, not {_written(told)}")
    if name not in told:
        raise Nonsense(f"{where}{name} is missing")
    value = told[name]
    if value is None and nullable:
        return None
    try:
        return form.read(value)
    except ValueError:
        or_null = " or null" if nullable else ""
        raise Nonsense(
            f"{where}{name} should be {form.words}{or_null}, not {_written(value)}"
        ) from None


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, default=str, ensure_ascii=False)
