"""How much a run would have noticed: which known wrong ways of billing its events tell apart.

A way is noticed where the bill that it gives of these events is not the right one, in the facts
that the platform tells. It is computed by the same variants that explain a difference.
"""

from collections.abc import Iterable
from typing import NamedTuple

from oracle.bill import Facts
from oracle.known import known
from oracle.raw import Case
from oracle.variants import Workings
from oracle.ways import Way


class Power(NamedTuple):
    """The names of the known wrong ways that would have shown, and of those that would not."""

    noticed: tuple[str, ...]
    missed: tuple[str, ...]


def power(case: Case, told: Iterable[Facts]) -> Power:
    """Return which ways would have shown to who is told these facts, in one answer or another."""
    ways = known(case.rules, case.currency)
    seen = noticed(case, told, ways)
    return Power(
        tuple(way.name for way in ways if way in seen),
        tuple(way.name for way in ways if way not in seen),
    )


def shown(cases: Iterable[Case], told: Iterable[Facts]) -> frozenset[str]:
    """Return the names of the ways that one case or another would have shown."""
    told, names = tuple(told), frozenset[str]()
    for case in cases:
        left = [way for way in known(case.rules, case.currency) if way.name not in names]
        names |= {way.name for way in noticed(case, told, left)}
    return names


def noticed(case: Case, told: Iterable[Facts], ways: Iterable[Way]) -> frozenset[Way]:
    """Return those of some ways whose bill is not the right one, in facts that are told."""
    ways, told = tuple(ways), frozenset(told)
    work = Workings(case, ways)
    return frozenset(way for way in ways if any(work.differs(way, facts) for facts in told))
