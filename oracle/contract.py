"""What was signed: a contract, read from TOML and checked whole before anything rests on it.

``docs/contracts.md`` says how each rule is read; the JSON Schema for editors is published in
``oracle/schema``. Amounts and rates are exact decimals from the file's own digits on.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal, NoReturn

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from oracle.money import minor_digits, plain
from oracle.period import Period, period_of
from oracle.rules import Each, Mode, Per, RateAt, Rounding, Rules
from oracle.tiers import TiersOf
from oracle.written import ByPeriod, Digits, Month, Positive, Rate
from runbook.toml import line_of_error, locate, message_of, parse

SCHEMA = "oracle/schema/p9a-contract-1.json"


class BadContract(Exception):
    """A contract cannot be used; the message is one line with file, line and key."""


class NegativeTotal(StrEnum):
    """What becomes of a total below zero."""

    REFUSED = "refused"
    CREDITED = "credited"
    CARRIED_FORWARD = "carried forward"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Tier(_Part):
    """A part of what is recovered, and the rate that is charged on it."""

    rate: Rate = Field(description='What is charged on this part: 0.20, or "20 %".')
    up_to: Positive | None = Field(
        default=None, description="Where the tier ends; the last one has no end."
    )


class Term(_Part):
    """What is charged for the events of one finding type, or for all others, for some time."""

    finding_type: str | None = Field(
        default=None, min_length=1, description="The finding type; without it, the term is general."
    )
    from_: date = Field(alias="from", description="The first day, in UTC.")
    until: date | None = Field(
        default=None, description="The first day after the last: exclusive. Without, no end."
    )
    rate: Rate | None = Field(default=None, description='The share: 0.25, or "25 %".')
    tiers: tuple[Tier, ...] = Field(
        default=(), description="In place of a rate: marginal tiers of what is recovered."
    )
    tiers_of: TiersOf | None = Field(default=None, description="What fills the tiers.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Term":
        if self.until is not None and self.until <= self.from_:
            raise ValueError(f"until: {self.until} is not after from: the end is exclusive")
        if (self.rate is None) == (not self.tiers):
            raise ValueError("rate: a term has either a rate, or tiers")
        if bool(self.tiers) != (self.tiers_of is not None):
            raise ValueError("tiers_of: it goes with tiers, and says what fills them")
        return self

    @model_validator(mode="after")
    def _has_tiers_in_order(self) -> "Term":
        bounds = [tier.up_to for tier in self.tiers]
        if self.tiers and bounds[-1] is not None:
            raise ValueError("tiers: the last tier has no end: leave its up_to out")
        ends = [bound for bound in bounds if bound is not None]
        if len(ends) < len(bounds) - 1 or ends != sorted(set(ends)):
            raise ValueError("tiers: each tier but the last ends above the one before it: up_to")
        return self

    @property
    def starts(self) -> datetime:
        """The instant at which it begins to hold."""
        return _midnight(self.from_)

    @property
    def ends(self) -> datetime | None:
        """The instant at which it holds no more."""
        return None if self.until is None else _midnight(self.until)

    @property
    def first_rate(self) -> Decimal:
        """Its rate, or that of its first tier."""
        return self.tiers[0].rate if self.tiers else self.rate or Decimal()


class RoundingPart(_Part):
    """How fees are rounded."""

    mode: Mode = Field(default=Mode.HALF_AWAY_FROM_ZERO, description="Where a fee goes.")
    each: Each = Field(default=Each.EVENT, description="What is rounded.")
    digits: Digits = Field(
        default=None, description="Digits after the point: a number, or the currency's own."
    )


class Caps(_Part):
    """The most that is charged."""

    per_event: Positive | None = Field(default=None, description="For one event.")
    per_invoice: Positive | None = Field(default=None, description="By one invoice.")
    per_contract_year: Positive | None = Field(
        default=None, description="By all invoices whose period begins in one contract year."
    )


class Contract(_Part):
    """A contract with one tenant; see ``docs/contracts.md``."""

    schema_: Literal["p9a-contract/1"] = Field(
        alias="schema", description="Which version of the format the file is written in."
    )
    tenant: str = Field(min_length=1, description="The tenant's slug, or its id.")
    currency: str = Field(description="The currency of all amounts, by ISO 4217.")
    begins: date = Field(description="The first day; contract years begin on its anniversaries.")
    rate_at: RateAt = Field(
        default=RateAt.EVENT, description="The instant that chooses an event's rate."
    )
    rounding: RoundingPart = Field(
        default=RoundingPart(), description="How fees are rounded, and of what each."
    )
    terms: tuple[Term, ...] = Field(min_length=1, description="What is charged, for what, when.")
    free_months: tuple[Month, ...] = Field(
        default=(), description="Months, e.g. 2026-01, in which nothing is charged."
    )
    caps: Caps = Field(default=Caps(), description="The most that is charged.")
    minimum_per_invoice: Positive | None = Field(
        default=None, description="The least that an invoice amounts to."
    )
    negative_total: NegativeTotal = Field(
        default=NegativeTotal.REFUSED, description="What becomes of a total below zero."
    )
    brought_forward: ByPeriod = Field(
        default={},
        description="By period, e.g. 2026-03, what earlier ones carried forward into it.",
    )
    expected_totals: ByPeriod = Field(
        default={}, description="By period, e.g. 2026-03, the total that finance expects."
    )

    @model_validator(mode="after")
    def _has_a_currency(self) -> "Contract":
        digits = minor_digits(self.currency)
        if digits is None:
            raise ValueError(f"currency: {self.currency!r} is no ISO 4217 code with a minor unit")
        told = self.rounding.digits
        digits = digits if told is None else min(digits, told)
        for key, amount in self._amounts():
            if amount != round(amount, digits):
                raise ValueError(f"{key}: {amount} is finer than what is billed: {digits} digits")
        return self

    def _amounts(self) -> list[tuple[str, Decimal]]:
        told = {f"caps.{name}": getattr(self.caps, name) for name in Caps.model_fields}
        told["minimum_per_invoice"] = self.minimum_per_invoice
        for name in ("brought_forward", "expected_totals"):
            told |= {f"{name}.{key}": amount for key, amount in getattr(self, name).items()}
        for number, term in enumerate(self.terms):
            for which, tier in enumerate(term.tiers):
                told[f"terms.{number}.tiers.{which}.up_to"] = tier.up_to
        return [(key, amount) for key, amount in told.items() if amount is not None]

    @model_validator(mode="after")
    def _has_no_two_terms_at_once(self) -> "Contract":
        for number, term in enumerate(self.terms):
            if term.from_ < self.begins:
                raise ValueError(
                    f"terms.{number}.from: {term.from_} is before {self.begins}: begins"
                )
            for other in self.terms[:number]:
                if term.finding_type == other.finding_type and _overlap(term, other):
                    scope = term.finding_type or "a general term"
                    raise ValueError(f"terms.{number}.from: two terms of {scope} hold at once")
        return self

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Contract":
        minimum, caps, negative = self.minimum_per_invoice, self.caps, self.negative_total
        lowest = min(
            (cap for cap in (caps.per_invoice, caps.per_contract_year) if cap), default=None
        )
        if minimum and lowest and minimum > lowest:
            raise ValueError(f"minimum_per_invoice: {minimum} is above a cap of {lowest}")
        if minimum and negative is not NegativeTotal.REFUSED:
            raise ValueError("negative_total: with a minimum no total is negative: leave one out")
        if self.brought_forward and negative is not NegativeTotal.CARRIED_FORWARD:
            raise ValueError('brought_forward: it needs negative_total = "carried forward"')
        for key, amount in self.brought_forward.items():
            if amount > 0:
                raise ValueError(f"brought_forward.{key}: what is carried forward is below zero")
        if self.rate_at is not RateAt.EVENT and self._looks_back():
            raise ValueError(
                'rate_at: tiers of more than one invoice need "event": nothing tells '
                "which rate earlier events had otherwise"
            )
        return self

    @model_validator(mode="after")
    def _knows_what_is_free(self) -> "Contract":
        if self.free_months and self.rate_at is RateAt.NEWEST:
            raise ValueError("free_months: the newest terms are chosen by no instant: name a term")
        return self

    @property
    def tells_negative(self) -> bool:
        """Whether it says what becomes of a total below zero."""
        return "negative_total" in self.model_fields_set

    @property
    def fills_by_year(self) -> bool:
        """Whether tiers of it are filled by a contract year."""
        return any(term.tiers_of is TiersOf.CONTRACT_YEAR for term in self.terms)

    def _looks_back(self) -> bool:
        return any(term.tiers_of not in (None, TiersOf.INVOICE) for term in self.terms)

    def rules(self, lines: Per) -> Rules:
        """Return how a bill is worked out, on a platform that has such lines."""
        told = self.rounding
        return Rules(self.rate_at, Rounding(told.mode, told.each, told.digits), lines)

    def free(self, instant: datetime) -> bool:
        """Tell whether nothing is charged at that instant."""
        return f"{instant.astimezone(UTC):%Y-%m}" in self.free_months

    def year_of(self, instant: datetime) -> datetime:
        """Return when the contract year began that holds at an instant.

        A contract that began on a 29 February has its years begin on 1 March in between.
        """
        day = instant.astimezone(UTC).date()
        began = _anniversary(self.begins, day.year)
        return _midnight(began if began <= day else _anniversary(self.begins, day.year - 1))

    @property
    def allowed_totals(self) -> frozenset[str]:
        """Kinds of totals that are no mistake under it, beside positive ones."""
        negative = self.negative_total
        carried = negative is NegativeTotal.CARRIED_FORWARD
        zero = self.free_months or carried or self.caps.per_contract_year
        kinds = {"zero"} if zero else set()
        return frozenset(kinds | ({"negative"} if negative is NegativeTotal.CREDITED else set()))

    def expected(self, period: Period) -> Decimal | None:
        """Return the total that it expects of a period, if it names one."""
        return of_period(self.expected_totals, period)

    def carried_into(self, period: Period) -> Decimal | None:
        """Return what was brought forward into a period, if it is known."""
        return of_period(self.brought_forward, period)

    @property
    def digest(self) -> str:
        """What identifies it, whatever its file is called and however it is spelled."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def __str__(self) -> str:
        return f"contract {self.digest} with {self.tenant}"


def read(path: Path) -> Contract:
    """Read a contract. Raises :class:`BadContract` naming file, line and key."""
    try:
        told = parse(path.read_text(encoding="utf-8-sig"), parse_float=str)
    except OSError as error:
        raise BadContract(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = line_of_error(error, path)
        raise BadContract(f"{path}:{line}: cannot be read as TOML: {error}") from None
    try:
        return Contract.model_validate(told)
    except ValidationError as error:
        _refuse(path, error)


def _refuse(path: Path, error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False, include_context=False)[0]
    keys, message = message_of(first, SCHEMA)
    raise BadContract(f"{locate(path, keys)}: {' '.join(message.split())}") from None


def of_period(told: Mapping[str, Decimal], period: Period) -> Decimal | None:
    """Return what is told of a period, however it is written there."""
    return next((amount for key, amount in told.items() if period_of(key) == period), None)


def words_of(term: Term) -> str:
    """Say what a term charges: a rate, or tiers."""
    if not term.tiers:
        return f"{_percent(term.first_rate)}"
    parts = [
        f"{_percent(tier.rate)} up to {plain(tier.up_to)}" if tier.up_to else _percent(tier.rate)
        for tier in term.tiers
    ]
    return f"{', '.join(parts)} per {term.tiers_of}"


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"


def _overlap(one: Term, other: Term) -> bool:
    return (one.until is None or other.from_ < one.until) and (
        other.until is None or one.from_ < other.until
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _anniversary(begins: date, year: int) -> date:
    try:
        return begins.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
