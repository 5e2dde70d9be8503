"""What was agreed beside rates, and where what a platform keeps of it is not what was signed.

Caps, the minimum, totals below zero, rounding and the instant that chooses the rate: each is
compared for all the time in which terms were signed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Any

from oracle.contract import Contract, NegativeTotal
from oracle.kept import TIERS, Day, Kept, day_of, one_of
from oracle.money import minor_digits, money
from oracle.rules import Each, Mode, Per, RateAt, Rules
from oracle.terms import EARLIEST, Row, in_utc

CAP_PER_YEAR, YEARS, NEGATIVE = "cap_per_contract_year", "begins", "negative_total"
DESCRIBED = " by the platform's description"
Span = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Fact:
    """One thing that was agreed: what it is called, what was signed, and how it is written.

    ``unsaid`` is what the platform does where it keeps nothing of it; ``rule`` is the key of the
    description that says so, if one does. ``read`` takes what is stored for what it means.
    """

    what: str
    signed: Any
    unsaid: Any = None
    rule: str = ""
    written: Callable[[Any], str] = str
    read: Callable[[Any], Any] = lambda value: value

    def words(self, value: Any) -> str:
        """Write a value."""
        return "nothing" if value is None else self.written(value)

    @property
    def is_described(self) -> bool:
        """Whether the description says what holds for every tenant of whom nothing is kept."""
        return self.rule in ("rate_at", "rounding")

    @property
    def as_described(self) -> bool:
        """Whether the platform does what was signed where it keeps nothing of it."""
        return bool(self.unsaid == self.signed)


def facts_of(contract: Contract, rules: Rules) -> dict[str, Fact]:
    """Return what can be agreed beside rates, by the columns that tell it.

    ``rules`` are the platform's, as its description tells them.
    """
    return _limits(contract) | {NEGATIVE: _negative(contract, rules)} | _rules(contract, rules)


def _limits(contract: Contract) -> dict[str, Fact]:
    caps, in_money = contract.caps, _money(contract.currency)

    def cap(per: str, signed: Decimal | None) -> Fact:
        return Fact(f"the cap per {per}", signed, written=in_money, read=_cap)

    return {
        "cap_per_event": cap("event", caps.per_event),
        "cap_per_invoice": cap("invoice", caps.per_invoice),
        CAP_PER_YEAR: cap("contract year", caps.per_contract_year),
        YEARS: Fact(
            "when contract years begin", day_of(contract.begins), written=day_in_words, read=day_of
        ),
        "minimum_per_invoice": Fact(
            "the minimum per invoice", contract.minimum_per_invoice, written=in_money
        ),
    }


def _negative(contract: Contract, rules: Rules) -> Fact:
    """Where a contract says nothing of them either, nothing that is stored is no difference."""
    signed = contract.negative_total.value
    unsaid = NegativeTotal.CREDITED if rules.credits else NegativeTotal.REFUSED
    if not contract.tells_negative:
        unsaid = NegativeTotal.REFUSED
    return Fact(
        "what becomes of a negative total",
        signed,
        unsaid.value,
        rule=NEGATIVE,
        written=lambda word: one_of(word, NegativeTotal),
    )


def _rules(contract: Contract, rules: Rules) -> dict[str, Fact]:
    signed, whole = contract.rules(rules.lines), minor_digits(contract.currency)
    told = (signed.rounding.digits, rules.rounding.digits)
    digits, unsaid_digits = (whole if one is None else one for one in told)

    def same(each: Any) -> Any:
        """A line of one event is that event, and the only line is the invoice."""
        alone = {Per.EVENT: Each.EVENT, Per.INVOICE: Each.INVOICE}.get(rules.lines)
        return alone.value if alone and each == Each.LINE.value else each

    return {
        "rate_at": Fact(
            "the instant that chooses the rate",
            signed.rate_at.value,
            rules.rate_at.value,
            "rate_at",
            lambda word: one_of(word, RateAt),
        ),
        "rounding_mode": Fact(
            "rounding",
            signed.rounding.mode.value,
            rules.rounding.mode.value,
            "rounding",
            lambda word: one_of(word, Mode),
        ),
        "rounding_each": Fact(
            "what is rounded",
            same(signed.rounding.each.value),
            same(rules.rounding.each.value),
            "rounding",
            lambda word: one_of(word, Each),
            same,
        ),
        "rounding_digits": Fact("digits", digits, unsaid_digits, "rounding"),
    }


def _money(currency: str) -> Callable[[Decimal], str]:
    return lambda amount: money(amount, currency)


def _cap(amount: Decimal | None) -> Decimal | None:
    """Return a cap; an infinite one is none."""
    return None if amount is not None and amount == Decimal("Infinity") else amount


def day_in_words(day: Day | None) -> str:
    """Write a day of a year."""
    return "nothing" if day is None else f"{date(2000, *day):%-d %B}"


def unlike_limits(contract: Contract, kept: Kept, rules: Rules) -> Iterator[str]:
    """Say in words where limits and rules that are kept, or described, are not those signed."""
    rows = list(_in_time(contract, kept.agreed))
    currencies = {row["currency"] for row in rows} - {None, contract.currency}
    for currency in sorted(currencies):
        yield f"what is agreed in {currency} stored, in {contract.currency} alone signed"
    ours = [row for row in rows if row["currency"] in (None, contract.currency)]
    for name, fact in facts_of(contract, rules).items():
        if name in kept.facts:
            if name == YEARS and not _years_fill_tiers(contract, kept):
                ours_of_cap = ours if contract.caps.per_contract_year else _capped(ours)
                yield from _unlike(contract, ours_of_cap, name, fact, of_none=False)
            else:
                yield from _unlike(contract, ours, name, fact)
        elif fact.is_described and fact.rule not in rules.per_contract and not fact.as_described:
            told = f"{fact.words(fact.unsaid)}{DESCRIBED}"
            yield f"{fact.what}: {told}, {fact.words(fact.signed)} signed"


def stored_limits(
    contract: Contract, kept: Kept, instant: datetime
) -> Iterator[tuple[str, Fact, Decimal]]:
    """Yield each limit of which another is stored than was signed, by the column that tells it."""
    rows = [
        row
        for row in kept.agreed
        if row["currency"] in (None, contract.currency) and _holds(_times(row), instant)
    ]
    for name, fact in _limits(contract).items():
        values = {fact.read(row[name]) for row in rows} if name in kept.facts else set()
        if name != YEARS and len(values) == 1:
            (value,) = values
            if value is not None and value.is_finite() and value != fact.signed:
                yield name, fact, value


def _years_fill_tiers(contract: Contract, kept: Kept) -> bool:
    """Tell whether tiers are filled by years of which they do not tell when these begin."""
    return contract.fills_by_year and f"{TIERS}.{YEARS}" not in kept.facts


def _capped(rows: list[Row]) -> list[Row]:
    return [row for row in rows if _cap(row[CAP_PER_YEAR]) is not None]


def _unlike(
    contract: Contract, rows: list[Row], name: str, fact: Fact, *, of_none: bool = True
) -> Iterator[str]:
    """Say when a fact differs; neighbouring times in which it differs alike are told as one.

    Without ``of_none``, that there is no row at some time is no difference.
    """
    told: list[tuple[datetime, datetime | None, str]] = []
    for starts, ends in _spans(contract, rows):
        holding = [row for row in rows if _holds(_times(row), starts)]
        stored = _stored(contract, holding, name, fact) if holding or of_none else ""
        if told and told[-1][2] == stored:
            told[-1] = told[-1][0], ends, stored
        else:
            told.append((starts, ends, stored))
    for starts, ends, stored in told:
        if stored:
            when = "" if len(told) == 1 else f" {since(starts, ends)}"
            yield f"{fact.what}{when}: {stored}, {fact.words(fact.signed)} signed"


def _stored(contract: Contract, rows: list[Row], name: str, fact: Fact) -> str:
    """Say what is stored, if it is not what was signed; of rows at once, all must say the same."""
    if name == NEGATIVE and contract.minimum_per_invoice is not None:
        return ""  # no total is negative
    values = {fact.read(row[name]) for row in rows} or {None}
    if {fact.unsaid if value is None else value for value in values} == {fact.signed}:
        return ""
    if values == {None} and fact.rule:
        return f"{fact.words(fact.unsaid)}{DESCRIBED}"
    return f"{' and '.join(sorted(map(fact.words, values)))} stored"


def _in_time(contract: Contract, rows: tuple[Row, ...]) -> Iterator[Row]:
    """Yield the rows that hold at some time in which terms were signed."""
    for row in rows:
        since, until = _times(row)
        if any(
            (term.ends is None or since < term.ends) and (until is None or term.starts < until)
            for term in contract.terms
        ):
            yield row


def _spans(contract: Contract, rows: list[Row]) -> Iterator[Span]:
    """Cut the time in which terms were signed wherever a row begins or ends to hold."""
    signed: list[Span] = [(term.starts, term.ends) for term in contract.terms]
    bounds = {bound for span in (*signed, *map(_times, rows)) for bound in span if bound}
    for since, until in pairwise([*sorted(bounds), None]):
        assert since is not None  # noqa: S101 - the last of them alone is none
        if any(_holds(span, since) for span in signed):
            yield since, until


def _holds(span: Span, instant: datetime) -> bool:
    since, until = span
    return since <= instant and (until is None or instant < until)


def _times(row: Row) -> Span:
    since, until = row["valid_from"], row["valid_to"]
    return in_utc(since) if since else EARLIEST, in_utc(until) if until else None


def since(starts: datetime, ends: datetime | None) -> str:
    """Say from when until when something is so."""
    return f"from {_day(starts)}" + ("" if ends is None else f" until {_day(ends)}")


def _day(instant: datetime) -> str:
    instant = instant.astimezone(UTC)
    day = f"{instant:%Y-%m-%d}"
    return day if instant.time() == time.min else f"{day} {instant:%H:%M:%S}"
