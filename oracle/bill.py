"""What the gate compares: bills and their lines, as far as they are told.

The types are the gate's own; a platform's adapter translates into them. Amounts are exact decimals
in major units of the bill's currency. A fact that nobody tells is ``None``, and is compared with
nothing: which facts a source tells is known beforehand, from the description of the platform.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from oracle.money import exact_sum, money, percent, plain
from runbook.words import counted

SCOPE = ("event_id", "finding_type", "rate")
# The facts of a bill beside its lines, in the words of a difference.
TOTALS = {
    "currency": "currency",
    "event_count": "event count",
    "recovered_amount": "recovered amount",
    "gain_share_amount": "gain share",
}


@dataclass(frozen=True)
class Facts:
    """Which facts a source tells: fields of :class:`Bill`, and of the :class:`Line` it is made of.

    Without any of a line, it tells no lines.
    """

    bill: frozenset[str]
    line: frozenset[str]


ALL_FACTS = Facts(
    bill=frozenset(TOTALS),
    line=frozenset(
        {"finding_type", "rate", "event_count", "recovered_amount", "gain_share_amount"}
    ),
)


@dataclass(frozen=True)
class Line:
    """What one finding type earns at one rate, or one event: as finely as the source tells.

    ``rate`` is a share from 0 to 1.
    """

    finding_type: str | None = None
    rate: Decimal | None = None
    event_count: int | None = None
    recovered_amount: Decimal | None = None
    gain_share_amount: Decimal | None = None
    event_id: str | None = None

    def told_as(self, facts: Iterable[str]) -> "Line":
        """Return this line as a source tells it that knows these facts alone."""
        return Line(**{name: getattr(self, name) for name in facts})

    def __str__(self) -> str:
        about = [f"event {self.event_id}"] if self.event_id is not None else []
        about += [self.finding_type] if self.finding_type is not None else []
        scope = " ".join(about) or "one line"
        if self.rate is not None:
            scope += f" at {percent(self.rate)}"
        told = [] if self.event_count is None else [counted(self.event_count, "event")]
        if self.recovered_amount is not None:
            told.append(f"{plain(self.recovered_amount)} recovered")
        if self.gain_share_amount is not None:
            told.append(f"{plain(self.gain_share_amount)} to bill")
        return f"{scope}: {', '.join(told)}"


@dataclass(frozen=True)
class Bill:
    """A bill in one currency: the totals, and the lines as a multiset."""

    currency: str | None
    event_count: int | None
    recovered_amount: Decimal | None
    gain_share_amount: Decimal | None
    lines: tuple[Line, ...] | None

    def __str__(self) -> str:
        if self.gain_share_amount is None:
            return "a bill without a total"
        words = money(self.gain_share_amount, self.currency or "")
        if self.event_count is not None:
            words += f" on {counted(self.event_count, 'event')}"
        return words if self.lines is None else f"{words} in {counted(len(self.lines), 'line')}"

    def told_as(self, facts: Facts) -> "Bill":
        """Return this bill as a source tells it that knows these facts alone.

        Lines that differ in nothing it tells are one line of their sum, unless it tells each event.
        """
        told = {name: getattr(self, name) if name in facts.bill else None for name in TOTALS}
        return Bill(**told, lines=self._together(facts.line))

    def _together(self, facts: frozenset[str]) -> tuple[Line, ...] | None:
        if not facts or self.lines is None:
            return None
        groups: dict[tuple[object, ...], list[Line]] = defaultdict(list)
        for line in self.lines:
            groups[tuple(getattr(line, n) if n in facts else None for n in SCOPE)].append(line)
        return tuple(_merged(lines, facts) for lines in groups.values())

    def differences(self, expected: "Bill", facts: Facts) -> tuple[str, ...]:
        """Say in words every way in which this bill is not the expected one; none if it is.

        Only what ``facts`` names is compared. Lines are consumed as they match: two equal lines
        cannot hide a wrong one. Of lines that differ in nothing told, each may stand for itself, or
        all be one.
        """
        wanted = expected.told_as(facts)
        wrong = [
            f"{words} {getattr(self, name)}, not {getattr(wanted, name)}"
            for name, words in TOTALS.items()
            if name in facts.bill and getattr(self, name) != getattr(wanted, name)
        ]
        if wanted.lines is None:
            return tuple(wrong)
        lines = [line.told_as(facts.line) for line in self.lines or ()]
        apart = [line.told_as(facts.line) for line in expected.lines or ()]
        whole = apart if len(lines) == len(apart) else wanted.lines
        surplus, missing = Counter(lines) - Counter(whole), Counter(whole) - Counter(lines)
        wrong += [f"unexpected line: {line}" for line in surplus.elements()]
        wrong += [f"missing line: {line}" for line in missing.elements()]
        billed, total = _sum(lines), self.gain_share_amount
        if total is not None and billed != total and _sum(whole) == wanted.gain_share_amount:
            wrong.append(f"the lines add up to {billed}, not to the total {total}")
        return tuple(wrong)


def _sum(lines: Iterable[Line]) -> Decimal:
    return exact_sum(line.gain_share_amount or Decimal() for line in lines)


def _merged(lines: list[Line], facts: frozenset[str]) -> Line:
    first = lines[0]
    line = Line(**{name: getattr(first, name) for name in SCOPE if name in facts})
    if "event_count" in facts:
        line = replace(line, event_count=sum(line.event_count or 0 for line in lines))
    if "recovered_amount" in facts:
        recovered = exact_sum(line.recovered_amount or Decimal() for line in lines)
        line = replace(line, recovered_amount=recovered)
    if "gain_share_amount" in facts:
        line = replace(line, gain_share_amount=_sum(lines))
    return line
