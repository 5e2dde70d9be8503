"""Single events that account for a difference: found by what they are worth.

They are looked for line by line, by how many more there are, what they recovered, and what they
cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from oracle.bill import SCOPE, Bill, Facts, Line
from oracle.lines import decimal
from oracle.money import plain
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
    """An event that is rightly billed, and its fee."""

    event: Event
    fee: Decimal


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
        sum((Decimal(getattr(part, name) or 0) for part in parts), Decimal())
        for parts in (told, wanted)
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
    singles = [list(_of_one(work, gap, worths[scope])) for scope, gap in found.items()]
    if len(singles) == 1:
        yield from singles[0]
        ((scope, gap),) = found.items()
        yield from _of_two(gap, worths[scope])
        return
    for one in singles[0]:
        for other in singles[1]:
            both = one.way.beside(other.way)
            if both is not None:
                yield Single(replace(both, words=_both_words(one.way, other.way), parts=()))


def _both_words(one: Way, other: Way) -> str:
    return (
        one.words.replace("one event", "two events")
        if one.words == other.words
        else (f"{one.words} and {other.words}")
    )


def _worths(work: Workings, facts: Facts, scopes: Iterable[Scope]) -> dict[Scope, list[Worth]]:
    """Return the events that are rightly billed, and their fees, by line."""
    names = [name for name in SCOPE if name in facts.line]
    worths: dict[Scope, list[Worth]] = {scope: [] for scope in scopes}
    for one in work.billed(RIGHT) or ():
        rate = decimal(one.rate)
        for number, event in enumerate(one.cell.events):
            of = {"event_id": event.id, "finding_type": event.finding_type, "rate": rate}
            scope = tuple(of[name] for name in names)
            if scope in worths:
                fee = decimal(work.fee_of(one, number, RIGHT))
                worths[scope].append(Worth(event, fee))
    return worths


def _of_one(work: Workings, gap: Gap, worths: list[Worth]) -> Iterator[Single]:
    """Yield what one event of a line would account for."""
    for sign, name, words in (
        (-1, "without", "leaving out one event"),
        (1, "again", "billing one event twice"),
    ):
        fitting = [one.event for one in worths if _fits(gap, sign, 1, one.event.amount, one.fee)]
        if fitting:
            way = wrong(words, words, **{name: frozenset({fitting[0].id})})
            yield Single(way, tuple(fitting[1:]))
    yield from _altered(work, gap, worths)


def _fits(gap: Gap, sign: int, count: int, amount: Decimal, fee: Decimal) -> bool:
    return (
        gap.events in (None, sign * count)
        and gap.recovered in (None, sign * amount)
        and gap.fee in (None, sign * fee)
    )


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


def _of_two(gap: Gap, worths: list[Worth]) -> Iterator[Single]:
    """Yield what two events of one line would account for: both missing, or both doubled."""
    if gap.events not in (None, -2, 2) or gap.recovered is None or gap.fee is None:
        return
    for sign, name, words in (
        (-1, "without", "leaving out two events"),
        (1, "again", "billing two events twice"),
    ):
        if gap.events not in (None, 2 * sign):
            continue
        seen: dict[tuple[Decimal, Decimal], list[Event]] = defaultdict(list)
        pairs: list[tuple[Event, Event]] = []
        for one in worths:
            rest = sign * gap.recovered - one.event.amount, sign * gap.fee - one.fee
            pairs += [(other, one.event) for other in seen.get(rest, ())]
            seen[one.event.amount, one.fee].append(one.event)
            if len(pairs) > MOST_ALIKE:
                break
        for pair in pairs[:MOST_ALIKE]:
            ids = frozenset(event.id for event in pair)
            yield Single(wrong(words, words, **{name: ids}))


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
