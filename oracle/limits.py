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
from oracle.kept import Day, Kept, day_of, one_of
from oracle.money import minor_digits, money
from oracle.rules import Each, Mode, RateAt, Rules
from oracle.terms import EARLIEST, Row, in_utc

CAP_PER_YEAR, YEARS, NEGATIVE = "cap_per_contract_year", "begins", "negative_total"
DESCRIBED = " by the platform's description"
Span = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Fact:
    """One thing that was agreed: what it is called, what was signed, and how it is written.

    ``unsaid`` is what the platform does where it keeps nothing of it; ``rule`` is the key of the
    description that says so, if one does.
    """

    what: str
    signed: Any
    unsaid: Any = None
    rule: str = ""
    written: Callable[[Any], str] = str

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
    return {
        "cap_per_event": Fact("the cap per event", caps.per_event, written=in_money),
        "cap_per_invoice": Fact("the cap per invoice", caps.per_invoice, written=in_money),
        CAP_PER_YEAR: Fact("the cap per contract year", caps.per_contract_year, written=in_money),
        YEARS: Fact("when contract years begin", day_of(contract.begins), written=day_in_words),
        "minimum_per_invoice": Fact(
            "the minimum per invoice", contract.minimum_per_invoice, written=in_money
        ),
    }


def _negative(contract: Contract, rules: Rules) -> Fact:
    """A contract that says nothing refuses them, and nothing that is stored is no difference."""
    signed = contract.negative_total.value
    unsaid = NegativeTotal.CREDITED if rules.credits else NegativeTotal.REFUSED
    if contract.negative_total is NegativeTotal.REFUSED:
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
            signed.rounding.each.value,
            rules.rounding.each.value,
            "rounding",
            lambda word: one_of(word, Each),
        ),
        "rounding_digits": Fact("digits", digits, unsaid_digits, "rounding"),
    }


def _money(currency: str) -> Callable[[Decimal], str]:
    return lambda amount: money(amount, currency)


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
            yield from _unlike(contract, ours, name, fact)
        elif fact.is_described and fact.rule not in rules.per_contract and not fact.as_described:
            told = f"{fact.words(fact.unsaid)}{DESCRIBED}"
            yield f"{fact.what}: {told}, {fact.words(fact.signed)} signed"


def _unlike(contract: Contract, rows: list[Row], name: str, fact: Fact) -> Iterator[str]:
    """Say when a fact differs; neighbouring times in which it differs alike are told as one."""
    told: list[tuple[datetime, datetime | None, str]] = []
    for starts, ends in _spans(contract, rows):
        holding = [row for row in rows if _holds(row, starts)]
        stored = _stored(contract, holding, name, fact)
        if told and told[-1][1:] == (starts, stored):
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
    values = {row[name] for row in rows} or {None}
    if name == YEARS:
        capped = contract.caps.per_contract_year is not None
        counting = [row for row in rows if capped or row[CAP_PER_YEAR] is not None]
        values = {day_of(row[name]) for row in counting} or {fact.signed}
    if {fact.unsaid if value is None else value for value in values} == {fact.signed}:
        return ""
    if values == {None} and fact.rule:
        return f"{fact.words(fact.unsaid)}{DESCRIBED}"
    return f"{' and '.join(sorted(map(fact.words, values)))} stored"


def _window(contract: Contract) -> Span:
    """Return the time in which terms were signed."""
    ends = [term.ends for term in contract.terms]
    starts = min(term.starts for term in contract.terms)
    return starts, None if None in ends else max(end for end in ends if end)


def _in_time(contract: Contract, rows: tuple[Row, ...]) -> Iterator[Row]:
    """Yield the rows that hold at some time in which terms were signed."""
    starts, ends = _window(contract)
    for row in rows:
        since, until = _times(row)
        if (ends is None or since < ends) and (until is None or starts < until):
            yield row


def _spans(contract: Contract, rows: list[Row]) -> Iterator[Span]:
    """Cut the time in which terms were signed wherever a row begins or ends to hold."""
    starts, ends = _window(contract)
    bounds = {bound for row in rows for bound in _times(row) if bound}
    inner = sorted(b for b in bounds if starts < b and (ends is None or b < ends))
    for since, until in pairwise([starts, *inner, ends]):
        assert since is not None  # noqa: S101 - the last of them alone is none
        yield since, until


def _holds(row: Row, instant: datetime) -> bool:
    since, until = _times(row)
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
