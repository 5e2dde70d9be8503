"""What an answer tells, read as the description says, and strictly.

An answer that lacks what it should tell, or tells it in another way, is nonsense: an error that
names the fact and where it was looked for, never a guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote, urlsplit

import jmespath
from jmespath import functions

from oracle.bill import Bill, Line
from oracle.money import exact_sum
from oracle.period import Period
from platforms.description import Api, BillFacts, Call, Description
from platforms.http import values
from platforms.http.bounds import next_month, read_bound, read_end
from platforms.http.wire import Answer
from platforms.parsing import parsed, shown
from platforms.port import Invoice, PlatformRefused
from runbook.lacks import Lack
from runbook.statuses import InvoiceStatus

JSON = re.compile(r"application/([\w.-]+\+)?json *(;.*)?", re.IGNORECASE)
T = TypeVar("T")
# Tells the currency of amounts that are told without one; None if it is not known.
Currency = Callable[[], str | None]


class _Exactly(functions.Functions):
    """JMESPath's functions, of which two would not take decimals, or make floats of them."""

    @functions.signature({"types": ["array"]})
    def _func_sum(self, numbers: list[Any]) -> Decimal:
        return exact_sum(values.decimal(number, "number") for number in numbers)

    @functions.signature({"types": []})
    def _func_to_number(self, value: Any) -> Decimal:
        return values.decimal(value, "decimal string" if isinstance(value, str) else "number")


OPTIONS = jmespath.Options(custom_functions=_Exactly())


def search(expression: str, body: Any) -> Any:
    """Return what an expression finds. Raises ValueError where it cannot be applied."""
    return jmespath.compile(expression).search(body, options=OPTIONS)


def is_true(value: Any) -> bool:
    """Tell whether a value is true, or not empty, as JMESPath sees it."""
    return value is not None and value is not False and value not in ("", [], {})


def end_of_location(answer: Answer) -> str:
    """Return the last part of the address that an answer names."""
    path = urlsplit(answer.headers.get("location", "")).path
    end = unquote(path.rstrip("/").rpartition("/")[2])
    return end or Told(answer.said, None).is_nonsense("Location", "it is missing")


@dataclass(frozen=True)
class Told:
    """What an answer tells. ``said`` is what was asked, in words."""

    said: str
    value: Any

    @classmethod
    def by(cls, answer: Answer, envelope: str | None = None) -> "Told":
        """Return what an answer tells, in its envelope. Raises :class:`PlatformRefused`."""
        kind = answer.headers.get("content-type", "")
        if answer.content and not JSON.fullmatch(kind):
            reason = f"{answer.said} answered {kind or 'what it does not name'}, not JSON"
            raise PlatformRefused("platform_error", reason)
        nothing = cls(answer.said, None)
        if not answer.content:
            nothing.is_nonsense("the body", "it is empty")
        try:
            body = parsed(answer.content)
        except ValueError as error:
            nothing.is_nonsense("the body", f"it is no JSON: {error}")
        told = cls(answer.said, body).opened(envelope)
        if not isinstance(told.value, dict):
            told.is_nonsense(envelope or "the body", f"{shown(told.value)} is no object")
        return told

    def opened(self, envelope: str | None) -> "Told":
        """Return what is in the envelope."""
        return Told(self.said, search(envelope, self.value)) if envelope else self

    def get(
        self, fact: str, expression: str, read: Callable[[Any], T], where: str | None = None
    ) -> T:
        """Read a fact. Raises :class:`PlatformRefused` where it is missing, or no such fact."""
        found = self.get_or_none(fact, expression, read, where)
        if found is None:
            self.is_nonsense(where or _where(fact, expression), "it is missing, or null")
        return found

    def get_or_none(
        self,
        fact: str,
        expression: str | None,
        read: Callable[[Any], T],
        where: str | None = None,
    ) -> T | None:
        """Read a fact that may be missing, or null, or not described."""
        if expression is None:
            return None
        try:
            value = search(expression, self.value)
            return None if value is None else read(value)
        except ValueError as error:
            self.is_nonsense(where or _where(fact, expression), str(error))

    def holds(self, fact: str, expression: str) -> bool:
        """Tell whether an expression finds what is true, or not empty."""
        try:
            return is_true(search(expression, self.value))
        except ValueError as error:
            self.is_nonsense(_where(fact, expression), str(error))

    def is_nonsense(self, where: str, what: str) -> NoReturn:
        """Raise what nonsense is called."""
        reason = f"{self.said} answered nonsense: {where}: {what}"
        raise PlatformRefused("platform_error", reason) from None


def _where(fact: str, expression: str) -> str:
    return fact if fact == expression else f"{expression} ({fact})"


@dataclass(frozen=True)
class Reader:
    """Reads the bills and invoices of one platform."""

    description: Description
    api: Api

    def told(self, answer: Answer, call: Call) -> Told:
        """Return what an answer to a call tells, out of its envelope."""
        return Told.by(answer, self.api.envelope if call.envelope is None else call.envelope)

    def preview(self, told: Told, currency: Currency) -> Bill:
        """Read what a preview tells."""
        where = self.api.bill or self.api.invoice
        lines = Lack.PREVIEW_LINES not in self.description.lacks
        return self.bill(told, where, currency, lines=lines)

    def bill(self, told: Told, where: BillFacts, currency: Currency, *, lines: bool = True) -> Bill:
        """Read a bill, as far as it is described."""
        code = self._fact(told, where, "currency", partial(values.currency, case=self.api.currency))
        in_minor_units = self.api.money == "minor units"
        known = currency() if in_minor_units and code is None else code
        money = partial(values.amount, written=self.api.money, currency=known)
        read_lines = partial(self._lines, told, where.facts.line, money)
        return Bill(
            currency=code,
            event_count=self._fact(told, where, "event_count", values.count),
            recovered_amount=self._fact(told, where, "recovered_amount", money),
            gain_share_amount=self._fact(told, where, "gain_share_amount", money),
            lines=self._fact(told, where, "lines", read_lines) if lines else None,
        )

    def invoice(self, told: Told, call: str, currency: Currency) -> Invoice:
        """Read an invoice, as far as it is described, from the answer to a call of that name."""
        where = self.api.invoice
        id_ = told.get("id", where.id, partial(self.description.read_id, "invoice"))
        status = self._fact(told, where, "status", self._status)
        moment = partial(values.instant, written=self.api.instants)
        return Invoice(
            id=id_,
            tenant_id=self._fact(
                told, where, "tenant_id", partial(self.description.read_id, "tenant")
            ),
            number=self._number(told, call, status),
            status=status,
            period=self._period(told),
            bill=self.bill(told, where, currency) if where.facts.bill or where.facts.line else None,
            issued_at=told.get_or_none("issued_at", where.issued_at, moment),
            paid_at=told.get_or_none("paid_at", where.paid_at, moment),
        )

    def _fact(self, told: Told, where: BillFacts, name: str, read: Callable[[Any], T]) -> T | None:
        """Read a fact that must be there if it is described."""
        expression = getattr(where, name)
        return None if expression is None else told.get(name, expression, read)

    def _status(self, value: Any) -> str:
        return self.description.words.status(values.text(value))

    def _number(self, told: Told, call: str, status: str | None) -> str | None:
        """Read the number; what is no more than a draft may have none, if it is described so."""
        where = self.api.invoice
        unnumbered = status == InvoiceStatus.DRAFT
        unnumbered |= call == "find" and status == InvoiceStatus.WITHDRAWN
        unnumbered |= where.status is None and call in ("draft", "find")
        if unnumbered and self.description.rules.numbers.drafts == "none":
            return told.get_or_none("number", where.number, values.name)
        return self._fact(told, where, "number", values.name)

    def _period(self, told: Told) -> Period | None:
        where, how = self.api.invoice, self.api.period.answered
        read = partial(read_bound, how=how, instants=self.api.instants)
        start = self._fact(told, where, "period_start", read)
        if start is None:
            return None
        read = partial(read_end, how=how, instants=self.api.instants)
        return Period(start, self._fact(told, where, "period_end", read) or next_month(start))

    def _lines(
        self, told: Told, facts: frozenset[str], money: Callable[[Any], Decimal], lines: Any
    ) -> tuple[Line, ...]:
        if not isinstance(lines, list):
            raise ValueError(f"{shown(lines)} is no list")  # noqa: TRY004 - it is nonsense
        read = self._line_readers(money)
        return tuple(
            Line(
                **{
                    fact: Told(told.said, line).get(fact, fact, read[fact], f"lines.{index}.{fact}")
                    for fact in facts
                }
            )
            for index, line in enumerate(lines)
        )

    def _line_readers(self, money: Callable[[Any], Decimal]) -> dict[str, Callable[[Any], Any]]:
        whole = self.api.money == "minor units" or self.api.rates in values.WHOLE_RATES
        written = None if whole else self.api.money
        rate = partial(values.rate, unit=self.api.rates, written=self.api.rates_as or written)
        return {
            "event_id": partial(self.description.read_id, "event"),
            "finding_type": values.text,
            "rate": rate,
            "event_count": values.count,
            "recovered_amount": money,
            "gain_share_amount": money,
        }
