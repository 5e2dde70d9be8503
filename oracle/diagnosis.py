"""Which known wrong way of billing gives exactly what was seen, line by line.

Every way that is known, and then pairs of them, is worked out on the same raw events as the right
bill; so are single events that are missing, doubled or altered, and lines that are told otherwise
than they are. All that fit equally well are named, the simplest first: a wrong one never stands
alone for certain. The search is bounded in time, and says so where it was cut.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from time import thread_time
from typing import Any, NamedTuple

from oracle import effects, found
from oracle.bill import Bill, Keys
from oracle.explanations import Diagnosis, Explanation, Seen, subject
from oracle.known import OTHERS, TOLD, known, of_case
from oracle.lines import decimal
from oracle.misprints import ALTERED, misprints
from oracle.money import plain
from oracle.raw import Case
from oracle.telling import told
from oracle.variants import Workings
from oracle.ways import Floats, Told, Way

# Of the processor: a busy machine finds as much.
SECONDS = 2.0
CLOCK = "clock of "


class _Target(NamedTuple):
    """What a bill that was seen comes to, as far as it is told: what gives anything else is none.

    What no total tells is the sum of the lines; ``of_bill`` names what one does.
    """

    told: Mapping[str, Fraction]
    of_bill: frozenset[str]

    def may_be(self, way: Way, work: Workings) -> bool:
        """Tell whether a way may give it; without making the lines."""
        figures = work.figures(way)
        if figures is None:
            return False
        given: dict[str, Any] = {"event_count": figures.event_count}
        given["gain_share_amount"] = figures.gain_share_amount
        if way.floats is not Floats.RECOVERED:
            given["recovered_amount"] = figures.recovered_amount
        if way.told is not None:
            given = self._as_told(given, way.told, work.cells.currency)
        return all(given.get(name) in (None, told) for name, told in self.told.items())

    def _as_told(self, given: dict[str, Any], how: Told, currency: str | None) -> dict[str, Any]:
        if None in given.values() or len(given) < len(found.FACTS):
            return {}
        fee, recovered = (
            decimal(given[name]) for name in ("gain_share_amount", "recovered_amount")
        )
        bill = told(Bill(currency, given["event_count"], recovered, fee, ()), how)
        return {name: Fraction(getattr(bill, name)) for name in self.of_bill}


def _target(seen: Seen) -> _Target:
    bill, facts = seen.bill, seen.facts
    if bill is None:
        return _Target({}, frozenset())
    of_bill = facts.bill & {*found.FACTS}
    of_lines = facts.line & {*found.FACTS} - of_bill
    lines = bill.lines or ()
    comes_to = {name: Fraction(getattr(bill, name) or 0) for name in of_bill}
    for name in of_lines:
        comes_to[name] = sum((Fraction(getattr(one, name) or 0) for one in lines), Fraction())
    if "event_id" in facts.line:
        comes_to.setdefault("event_count", Fraction(len(lines)))
    return _Target(comes_to, of_bill)


def diagnose(
    case: Case,
    right: Bill,
    seen: Sequence[Seen],
    keys: Keys = lambda _: {},
    seconds: float = SECONDS,
) -> Diagnosis:
    """Find out which wrong ways of billing give all that was ``seen``, none of it ``right``.

    ``keys`` tells what people call events that are none of the case. Nothing is found out of a
    case that does not give the right bill: its events have changed since, or are billed by more
    than terms and rules.
    """
    deadline = thread_time() + seconds
    if case.agreed is None:
        return _Search(case, seen, keys, deadline).diagnosis(right)
    from oracle.rereading import reread  # noqa: PLC0415 - few runs have a contract

    of_contract = reread(case, case.agreed, right, seen, deadline)
    if not case.agreed.of_rates_alone:
        return of_contract
    return _Search(case, seen, keys, deadline, of_contract.explanations).diagnosis(right)


def _clocks_together(told: list[Explanation]) -> list[Explanation]:
    """Tell clocks that do the same to the same events as one explanation."""
    cities: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in told:
        cities[_by_a_clock(one), one.told].append(one.name.rpartition(CLOCK)[2])
    kept: dict[tuple[str, str], Explanation] = {}
    for one in told:
        key = _by_a_clock(one), one.told
        city, *others = cities[key]
        names = ", ".join([city, *others[:-1]]) + (f" or {others[-1]}" if others else "")
        kept.setdefault(
            key, one._replace(words=one.words.replace(city, names) if others else one.words)
        )
    return list(kept.values())


def _by_a_clock(one: Explanation) -> str:
    """What one does by a clock, whosever it is; else what it does."""
    _, clock, city = one.name.rpartition(CLOCK)
    return one.words.replace(city, "") if clock and city in one.words else one.words


class _Search:
    def __init__(
        self,
        case: Case,
        seen: Sequence[Seen],
        keys: Keys,
        deadline: float,
        of_contract: tuple[Explanation, ...] = (),
    ) -> None:
        self._seen, self._keys, self._deadline = tuple(seen), keys, deadline
        self._of_contract = of_contract
        self._known = known(case.rules, case.currency)
        self._worked = (*self._known, *of_case(case), *OTHERS)
        self._work = Workings(case, self._worked)
        self._targets = [_target(one) for one in self._seen]
        self._cut = ""

    def diagnosis(self, right: Bill) -> Diagnosis:
        if self._work.right != right:
            return Diagnosis(
                subject(self._seen[0], right),
                (),
                ": these raw events do not give the bill that was expected",
            )
        singles = list(self._singles(right))
        # That one line is another says where, and not why.
        singles = [one for one in singles if one.name != ALTERED] or singles
        known = _clocks_together(singles or list(self._pairs()))
        nearest = "" if known else self._nearest(right)
        return Diagnosis(subject(self._seen[0], right), tuple(known), nearest, self._cut)

    # What fits.

    def _singles(self, right: Bill) -> Iterator[Explanation]:
        yield from self._of_contract
        yield from self._fitting((*self._known, *TOLD))
        yield from self._currencies(right)
        yield from self._misprints(right)
        yield from self._fitting(self._worked[len(self._known) :])
        yield from self._events(right)

    def _fitting(self, ways: Sequence[Way]) -> Iterator[Explanation]:
        for number, way in enumerate(ways):
            if self._late(f"{number} of {len(ways)} ways"):
                return
            if self._fits(way):
                yield self._explained(way)

    def _pairs(self) -> Iterator[Explanation]:
        ways = [*enumerate((*self._worked, *TOLD))]
        pairs = sorted((i + j, j, i) for i, _ in ways for j, _ in ways[:i])
        for number, (_, first, second) in enumerate(pairs):
            if self._late(f"{number} of {len(pairs)} pairs"):
                return
            both = ways[first][1].beside(ways[second][1])
            if both is not None and self._fits(both):
                yield self._explained(both)

    def _late(self, how_far: str) -> bool:
        if thread_time() > self._deadline and not self._cut:
            self._cut = f"the search was cut for time, after {how_far}"
        return bool(self._cut)

    def _fits(self, way: Way) -> bool:
        return all(
            self._gives(way, one, target)
            for one, target in zip(self._seen, self._targets, strict=True)
        )

    def _gives(self, way: Way, seen: Seen, target: "_Target") -> bool:
        """Tell whether a way gives just what was seen."""
        if seen.bill is None:
            return self._work.billed(way) == ()
        if not target.may_be(way, self._work):
            return False
        rated = "rate" in seen.facts.line
        for right_rates in (False, True) if rated else (False,):
            bill = self._work.bill(way, right_rates=right_rates)
            if bill is not None and not seen.bill.differences(bill, seen.facts):
                return True
        return False

    # How it is told.

    def _explained(self, way: Way) -> Explanation:
        return Explanation(way.name, way.words, effects.words(self._work, way))

    def _currencies(self, right: Bill) -> Iterator[Explanation]:
        """Yield the currency, if nothing else is not as it should be."""
        bills = [(one.bill, one.facts) for one in self._seen if one.bill is not None]
        told = sorted({str(bill.currency) for bill, _ in bills} - {(right.currency or "").lower()})
        as_it_should = (
            replace(bill, currency=right.currency).differences(right, facts)
            for bill, facts in bills
        )
        if told and len(bills) == len(self._seen) and not any(as_it_should):
            yield Explanation("another currency", "telling another currency", ", ".join(told))

    def _misprints(self, right: Bill) -> Iterator[Explanation]:
        """Yield what explains each bill that was seen, if it is the same for all."""
        told = [
            {
                one.name: one
                for one in misprints(seen.bill, right, seen.facts, self._named(seen.bill))
            }
            for seen in self._seen
            if seen.bill is not None
        ]
        for name, one in told[0].items() if told and len(told) == len(self._seen) else ():
            if all(name in others for others in told):
                yield Explanation(name, one.words, one.told)

    def _events(self, right: Bill) -> Iterator[Explanation]:
        """Yield the single events that explain all that was seen."""
        seen = max(self._seen, key=lambda one: (len(one.facts.line), len(one.facts.bill)))
        if seen.bill is None:
            return
        for single in found.events(self._work, seen.bill, right, seen.facts):
            if self._fits(single.way):
                yield self._explained(single.way)._replace(told=self._alike(single))
        yield from self._strangers(seen, right)

    def _alike(self, single: found.Single) -> str:
        told = effects.words(self._work, single.way)
        named = [event.key or event.id for event in single.alike]
        if not named:
            return told
        more = len(named) - found.MOST_ALIKE
        others = ", ".join(named[: found.MOST_ALIKE]) + (f" and {more} more" if more > 0 else "")
        return f"{told}; or as well {others}"

    def _strangers(self, seen: Seen, right: Bill) -> Iterator[Explanation]:
        told = found.strangers(self._work, seen.bill, right, seen.facts) if seen.bill else None
        if told:
            known_as = self._keys(list(told)) if "event_id" in seen.facts.line else {}
            named = ", ".join(known_as.get(one, one) for one in told)
            words = "billing what is none of the tenant's in or around the period"
            yield Explanation("events of others", words, named)

    def _named(self, *bills: Bill) -> dict[str, str]:
        """What people call the events of bills' lines."""
        lines = (line for bill in bills for line in bill.lines or ())
        ids = {line.event_id for line in lines if line.event_id is not None}
        places = self._work.places
        events = (places[id][0].events[places[id][1]] for id in ids if id in places)
        return {event.id: event.key for event in events if event.key}

    def _nearest(self, right: Bill) -> str:
        """Say which way comes nearest to the total that was seen, if not the right one."""
        seen = self._seen[0].bill
        told_total = seen.gain_share_amount if seen else None
        if told_total is None or right.gain_share_amount is None:
            return ""
        total = Fraction(told_total)
        nearest, least = "", abs(total - Fraction(right.gain_share_amount))
        for way in self._worked:
            figures = self._work.figures(way)
            fee = figures.gain_share_amount if figures else None
            if fee is not None and abs(total - fee) < least:
                nearest = f"{way.words}, {plain(decimal(fee), right.currency or '')}"
                least = abs(total - fee)
        told = plain(right.gain_share_amount, right.currency or "")
        return f"; the nearest is {nearest or f'the right one, {told}'}"
