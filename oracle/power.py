"""How much a run would have noticed: which known wrong ways of billing its events tell apart.

A way is noticed where the bill that it gives of these events is not the right one, in the facts
that the platform tells. It is computed by the same variants that explain a difference.
"""

from collections.abc import Iterable
from dataclasses import replace
from time import thread_time
from typing import NamedTuple

from oracle.bill import Facts
from oracle.known import known
from oracle.misreadings import of_contract
from oracle.mistaken import mistaken, selects
from oracle.raw import Case
from oracle.readonce import Agreed
from oracle.variants import Workings
from oracle.ways import Way

SECONDS = 2.0  # of the processor, where a contract agrees on more than rates


class Power(NamedTuple):
    """The names of the known wrong ways that would have shown, and of those that would not."""

    noticed: tuple[str, ...]
    missed: tuple[str, ...]


def power(case: Case, told: Iterable[Facts]) -> Power:
    """Return which ways would have shown to who is told these facts, in one answer or another.

    With a contract that agrees on more than rates, these are the known ways to read it, and those
    that take other events. Raises :class:`~oracle.agreed.OutOfTimeError` where that takes too long.
    """
    told, agreed = tuple(told), case.agreed
    names: dict[str, bool] = {}
    if agreed is None or agreed.of_rates_alone:
        ways = known(case.rules, case.currency)
        seen = noticed(case, told, ways)
        names = {way.name: way in seen for way in ways}
    if agreed is not None:
        names |= _of_contract(case, agreed, told)
    return Power(
        tuple(name for name, shows in names.items() if shows),
        tuple(name for name, shows in names.items() if not shows),
    )


def _of_contract(case: Case, agreed: Agreed, told: Iterable[Facts]) -> dict[str, bool]:
    """Tell of each wrong way to read a contract whether it would have shown."""
    agreement = replace(agreed.agreement, deadline=thread_time() + SECONDS)
    right = agreed.bill_of(agreement).bill
    ways, selecting = of_contract(agreement), list[Way]()
    if not agreed.of_rates_alone:
        selecting = [way for way in known(case.rules, case.currency) if selects(way)]
        ways += mistaken(case, agreed, selecting)
    # A rate that is told as it should be must not be what gives a way away.
    rateless = [Facts(facts.bill, facts.line - {"rate"}) for facts in told]
    bills = {way.name: agreed.bill_of(way.read(agreement)).bill for way in ways}
    return {way.name: False for way in selecting} | {
        name: right is not None
        and (bill is None or any(bill.differences(right, facts) for facts in rateless))
        for name, bill in bills.items()
    }


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
