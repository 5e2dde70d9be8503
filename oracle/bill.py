"""What the gate compares: bills and their lines, as far as they are told.

The types are the gate's own; a platform's adapter translates into them. Amounts are exact decimals
in major units of the bill's currency. A fact that nobody tells is ``None``, and is compared with
nothing: which facts a source tells is known beforehand, from the description of the platform.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from oracle.money import apart, exact_sum, money, percent, plain
from runbook.words import counted

# Tells the keys of events by their ids.
Keys = Callable[[list[str]], Mapping[str, str]]
# So many events are told by key; nobody reads more.
MOST_NAMED = 20
SCOPE = ("event_id", "finding_type", "rate")
# The facts of a bill beside its lines, in the words of a difference.
TOTALS = {
    "currency": "currency",
    "event_count": "event count",
    "recovered_amount": "recovered amount",
    "gain_share_amount": "gain share",
}
TO_BILL = " to bill"
# The facts of a line in the words of a difference: as they are told, and where they are not.
LINE_WORDS = {
    "finding_type": ("{}", "no finding type"),
    "rate": ("at {}", "at no rate"),
    "event_count": ("{}", "no count of events"),
    "recovered_amount": ("{} recovered", "nothing recovered"),
    "gain_share_amount": (f"{{}}{TO_BILL}", f"nothing{TO_BILL}"),
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
        return self.words("", {})

    def words(self, currency: str, keys: Mapping[str, str]) -> str:
        """Say what it is about and what it tells; events by their keys, where they are known."""
        told = [] if self.event_count is None else [counted(self.event_count, "event")]
        if self.recovered_amount is not None:
            told.append(f"{plain(self.recovered_amount, currency)} recovered")
        if self.gain_share_amount is not None:
            told.append(f"{plain(self.gain_share_amount, currency)} to bill")
        return f"{self.about(keys)}: {', '.join(told)}"

    def about(self, keys: Mapping[str, str]) -> str:
        """Say what it is about: an event, a finding type, a rate."""
        id = self.event_id
        about = [f"event {keys.get(id, id)}"] if id is not None else []
        about += [self.finding_type] if self.finding_type is not None else []
        about += [f"at {percent(self.rate)}"] if self.rate is not None else []
        if self.event_id is None and self.finding_type is None:
            about.insert(0, "one line")
        return " ".join(about)

    def beside(self, expected: "Line", currency: str, keys: Mapping[str, str]) -> str:
        """Say in what it differs from the line that it should be."""
        shared = {n: getattr(self, n) for n in SCOPE if getattr(self, n) == getattr(expected, n)}
        differing = [n for n in LINE_WORDS if getattr(self, n) != getattr(expected, n)]
        words = ", and ".join(
            _apart_on_lines(name, getattr(self, name), getattr(expected, name), currency)
            for name in differing
        )
        if differing == ["gain_share_amount"]:
            words = words.replace(TO_BILL, "")  # what a line is for goes without saying
        return f"{Line(**shared).about(keys)}: {words}"


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

    def differences(
        self, expected: "Bill", facts: Facts, keys: Keys = lambda _: {}
    ) -> tuple[str, ...]:
        """Say in words every way in which this bill is not the expected one; none if it is.

        Only what ``facts`` names is compared. Lines are consumed as they match: two equal lines
        cannot hide a wrong one. Of lines that differ in nothing told, each may stand for itself, or
        all be one. ``keys`` tells events' keys by their ids, for people.
        """
        wanted = expected.told_as(facts)
        currency = expected.currency or self.currency or ""
        wrong = [
            f"{words} {_apart(getattr(self, name), getattr(wanted, name), currency)}"
            for name, words in TOTALS.items()
            if name in facts.bill and getattr(self, name) != getattr(wanted, name)
        ]
        if wanted.lines is None:
            return tuple(wrong)
        lines = [line.told_as(facts.line) for line in self.lines or ()]
        single = [line.told_as(facts.line) for line in expected.lines or ()]
        whole = single if len(lines) == len(single) else wanted.lines
        surplus, missing = Counter(lines) - Counter(whole), Counter(whole) - Counter(lines)
        wrong += _of_lines(list(surplus.elements()), list(missing.elements()), currency, keys)
        billed, total = _sum(lines), self.gain_share_amount
        if total is not None and billed != total and _sum(whole) == wanted.gain_share_amount:
            told, added = apart(total, billed, currency)
            wrong.append(f"the lines add up to {added}, not to the total {told}")
        return tuple(wrong)


def _of_lines(surplus: list[Line], missing: list[Line], currency: str, keys: Keys) -> Iterator[str]:
    """Say of each line that is about the same as one that is missing in what it differs."""
    pairs, surplus, missing = paired(surplus, missing)
    known = named_by(keys, [line for pair in pairs for line in pair] + surplus + missing)
    yield from (line.beside(expected, currency, known) for line, expected in pairs)
    yield from (f"unexpected line: {line.words(currency, known)}" for line in surplus)
    yield from (f"missing line: {line.words(currency, known)}" for line in missing)


def named_by(keys: Keys, lines: list[Line]) -> Mapping[str, str]:
    """Return the keys of the first events that lines are about, by their ids."""
    ids = dict.fromkeys(line.event_id for line in lines if line.event_id is not None)
    return keys(list(ids)[:MOST_NAMED]) if ids else {}


def paired(
    surplus: list[Line], missing: list[Line]
) -> tuple[list[tuple[Line, Line]], list[Line], list[Line]]:
    """Pair what is the only one of its kind on both sides, and return what is left of each.

    First by all that a line is about, then by its event, or finding type, alone.
    """
    by_event = any(line.event_id is not None for line in (*surplus, *missing))
    pairs: list[tuple[Line, Line]] = []
    for names in (SCOPE, ("event_id",) if by_event else ("finding_type",)):
        mine, theirs = _by(names, surplus), _by(names, missing)
        single = dict.fromkeys(
            key for key in mine if len(mine[key]) == len(theirs.get(key, ())) == 1
        )
        pairs += [(mine[key][0], theirs[key][0]) for key in single]
        surplus = [line for key in mine if key not in single for line in mine[key]]
        missing = [line for key in theirs if key not in single for line in theirs[key]]
    return pairs, surplus, missing


def _by(names: tuple[str, ...], lines: list[Line]) -> dict[tuple[object, ...], list[Line]]:
    groups: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[tuple(getattr(line, name) for name in names)].append(line)
    return dict(groups)


def _apart(got: object, wanted: object, currency: str) -> str:
    """Say what was told, and what should have been."""
    one, two = str(got), str(wanted)
    if isinstance(got, Decimal) and isinstance(wanted, Decimal):
        one, two = apart(got, wanted, currency)
    return f"{one}, not {two}"


def _apart_on_lines(name: str, got: Any, wanted: Any, currency: str) -> str:
    """Say the same of a fact of a line, with what it is."""
    words, nothing = LINE_WORDS[name]
    one, two = str(got), str(wanted)
    if name == "event_count":
        one, two = (counted(count or 0, "event") for count in (got, wanted))
    elif name == "rate":
        one, two = (percent(rate or Decimal()) for rate in (got, wanted))
    elif None not in (got, wanted) and name != "finding_type":
        one, two = apart(got, wanted, currency)
    one = nothing if got is None else words.format(one)
    two = nothing if wanted is None else words.format(two)
    return f"{one}, not {two}"


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
