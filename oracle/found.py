"""Single events that account for a difference: found by what they are worth.

They are looked for line by line, by how many more there are, what they recovered, and what they
cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice, product
from typing import NamedTuple

from oracle.bill import SCOPE, Bill, Facts, Line
from oracle.lines import decimal
from oracle.money import exact_sum, plain
from oracle.raw import Event
from oracle.variants import Workings
from oracle.ways import RIGHT, Way, wrong

# Of events that would all do, so many are tried, and named.
MOST_ALIKE = 3
MOST_EVENTS = 2
FACTORS = (Decimal(100), Decimal("0.01"), Decimal(10), Decimal("0.1"), Decimal(-1), Decimal(0))
FACTS = ("event_count", "recovered_amount", "gain_share_amount")
Scope = tuple[object, ...]


class Gap(NamedTuple):
    """By how much a line is more than it should be; ``None`` is not told."""

    events: int | None
    recovered: Decimal | None
    fee: Decimal | None

    @property
    def nothing(self) -> bool:
        """Whether it is just what it should be."""
        return not (self.events or self.recovered or self.fee)


class Worth(NamedTuple):
    """An event that is rightly billed: its amount and its fee as integers.

    There is no fee where events are not rounded one by one.
    """

    event: Event
    amount: int
    fee: int | None


def gaps(seen: Bill, right: Bill, facts: Facts) -> dict[Scope, Gap]:
    """Return by how much each line, or the whole where none is told, is more than it should be."""
    names = [name for name in SCOPE if name in facts.line]
    told, wanted = (_by_scope(bill, facts, names) for bill in (seen, right))
    of = facts.line or facts.bill
    found = {}
    for scope in told.keys() | wanted.keys():
        sums = [
            _more(told.get(scope, ()), wanted.get(scope, ()), n) if n in of else None for n in FACTS
        ]
        found[scope] = Gap(*sums)  # type: ignore[arg-type] # each sum is of its fact's type
    return {scope: gap for scope, gap in found.items() if not gap.nothing}


def _by_scope(bill: Bill, facts: Facts, names: list[str]) -> dict[Scope, list[Bill | Line]]:
    if not facts.line:
        return {(): [bill]}
    groups: dict[Scope, list[Bill | Line]] = defaultdict(list)
    for line in bill.lines or ():
        groups[tuple(getattr(line, name) for name in names)].append(line)
    return groups


def _more(told: Iterable[Bill | Line], wanted: Iterable[Bill | Line], name: str) -> Decimal:
    one, other = (
        exact_sum(Decimal(getattr(part, name) or 0) for part in parts) for parts in (told, wanted)
    )
    return one - other


class Single(NamedTuple):
    """A way that concerns one event or two, and others that would do in their place."""

    way: Way
    alike: tuple[Event, ...] = ()


def events(work: Workings, seen: Bill, right: Bill, facts: Facts) -> Iterator[Single]:
    """Yield what one event or two that are missing, doubled or altered would account for."""
    found = gaps(seen, right, facts)
    if not 0 < len(found) <= MOST_EVENTS:
        return
    worths = _worths(work, facts, found)
    if len(found) == 1:
        ((scope, gap),) = found.items()
        yield from _of_one(work, gap, worths[scope])
        yield from _of_two(work, gap, worths[scope])
        return
    one, other = (list(_of_one(work, gap, worths[scope])) for scope, gap in found.items())
    for first, second in product(one, other):
        both = first.way.beside(second.way)
        if both is not None:
            words = _both_words(first.way, second.way)
            yield Single(replace(both, name=words, words=words, parts=()))


def _both_words(one: Way, other: Way) -> str:
    return (
        one.words.replace("one event", "two events")
        if one.words == other.words
        else (f"{one.words} and {other.words}")
    )


def _worths(work: Workings, facts: Facts, scopes: Iterable[Scope]) -> dict[Scope, list[Worth]]:
    """Return the events that are rightly billed by the lines that they are on."""
    names = [name for name in SCOPE if name in facts.line]
    worths: dict[Scope, list[Worth]] = {scope: [] for scope in scopes}
    for one in work.billed(RIGHT) or ():
        of = {"finding_type": one.cell.traits.finding_type, "rate": decimal(one.rate)}
        by_id = "event_id" in names
        scope = tuple(of.get(name) for name in names)
        if not by_id and scope not in worths:
            continue
        told = map(Worth, one.cell.events, one.cell.amounts, work.fees_one_by_one(one))
        if not by_id:
            worths[scope] += told
            continue
        for worth in told:
            scope = tuple((of | {"event_id": worth.event.id})[name] for name in names)
            if scope in worths:
                worths[scope].append(worth)
    return worths


class _Wanted(NamedTuple):
    """A gap in integers: what an event must be worth to fill it."""

    events: int | None
    amount: int | None
    fee: int | None

    def is_filled_by(self, amount: int, fee: int | None, events: int) -> bool:
        return (
            self.events in (None, events)
            and self.amount in (None, amount)
            and (None in (self.fee, fee) or self.fee == fee)
        )


def _wanted(work: Workings, gap: Gap, sign: int) -> _Wanted | None:
    """Return what is wanted; ``None`` for what no event can be worth."""
    amount, fee = (
        None if told is None else sign * Fraction(told) * unit
        for told, unit in ((gap.recovered, work.cells.scale), (gap.fee, work.unit))
    )
    if any(one is not None and one.denominator != 1 for one in (amount, fee)):
        return None
    events = None if gap.events is None else sign * int(gap.events)
    return _Wanted(
        events, None if amount is None else int(amount), None if fee is None else int(fee)
    )


def _of_one(work: Workings, gap: Gap, worths: list[Worth]) -> Iterator[Single]:
    """Yield what one event of a line would account for."""
    for sign, name, words in (
        (-1, "without", "leaving out one event"),
        (1, "again", "billing one event twice"),
    ):
        wanted = _wanted(work, gap, sign)
        if wanted is None or wanted.amount is wanted.fee is None:
            continue
        fitting = [one.event for one in worths if wanted.is_filled_by(one.amount, one.fee, 1)]
        if fitting:
            way = wrong(words, words, **{name: frozenset({fitting[0].id})})
            yield Single(way, tuple(fitting[1:]))
    yield from _altered(work, gap, worths)


def _altered(work: Workings, gap: Gap, worths: list[Worth]) -> Iterator[Single]:
    """Yield what another amount of an event would account for: ten times, its opposite, nothing."""
    if gap.events or not gap.recovered:
        return
    by_amount: dict[Decimal, list[Event]] = defaultdict(list)
    for one in worths:
        by_amount[one.event.amount].append(one.event)
    for factor in FACTORS:
        amount = gap.recovered / (factor - 1)
        fitting = by_amount.get(amount, [])
        if amount and fitting and (amount * factor * work.cells.scale) % 1 == 0:
            words = f"taking one event for {_factor_words(factor)}"
            altered = ((fitting[0].id, amount * factor),)
            yield Single(wrong(words, words, altered=altered), tuple(fitting[1:]))


def _factor_words(factor: Decimal) -> str:
    if factor == 0:
        return "nothing"
    return "its opposite" if factor == -1 else f"{factor.normalize():f} times what it is"


def _of_two(work: Workings, gap: Gap, worths: list[Worth]) -> Iterator[Single]:
    """Yield what two events of one line would account for: both missing, or both doubled."""
    for sign, name, words in (
        (-1, "without", "leaving out two events"),
        (1, "again", "billing two events twice"),
    ):
        wanted = _wanted(work, gap, sign)
        # Of fees alone many pairs would come to the same.
        if wanted is None or wanted.amount is None or wanted.events not in (None, 2):
            continue
        for one, other in islice(_pairs(wanted, worths), MOST_ALIKE):
            yield Single(wrong(words, words, **{name: frozenset({one.id, other.id})}))


def _pairs(wanted: _Wanted, worths: list[Worth]) -> Iterator[tuple[Event, Event]]:
    seen: dict[int, list[Worth]] = defaultdict(list)
    for one in worths:
        for other in seen.get((wanted.amount or 0) - one.amount, ()):
            fees = None if one.fee is None or other.fee is None else one.fee + other.fee
            if wanted.is_filled_by(one.amount + other.amount, fees, 2):
                yield one.event, other.event
        seen[one.amount].append(one)


def strangers(work: Workings, seen: Bill, right: Bill, facts: Facts) -> tuple[str, ...] | None:
    """Return the ids, or else the amounts, of events that are billed and none of the tenant's.

    ``None`` where they do not account for the difference.
    """
    found = gaps(seen, right, facts)
    if "event_id" in facts.line:
        place = [name for name in SCOPE if name in facts.line].index("event_id")
        ids = [str(scope[place]) for scope in found]
        known = any(id in work.places for id in ids)
        return None if known or not ids else tuple(ids)
    if len(found) != 1 or not {"event_count", "recovered_amount"} & (facts.line or facts.bill):
        return None
    (gap,) = found.values()
    if gap.events not in (None, 1) or not gap.recovered:
        return None
    own = any(one.amount == gap.recovered for one in work.case.events)
    return None if own else (plain(gap.recovered, seen.currency or ""),)
