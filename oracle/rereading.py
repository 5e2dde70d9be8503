"""Which known wrong way to read a contract gives exactly what was seen, line by line.

Each of ``oracle.misreadings``, and then pairs of them, is worked out on the same events as the
right bill, by the same function. All that fit are named, the simplest first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from oracle.agreed import Agreement, Earned, OutOfTimeError
from oracle.bill import Bill, Facts
from oracle.effects import MOST_NAMED
from oracle.explanations import Diagnosis, Explanation, Seen, subject
from oracle.known import OTHERS, known, of_case
from oracle.misreadings import Misreading, of_contract, of_kept, of_stored
from oracle.mistaken import mistaken
from oracle.money import exact_sum, money, plain
from oracle.raw import Case
from oracle.readonce import Agreed, earned_by
from runbook.words import counted

CUT = "the search was cut for time"
WAYS = "way of reading the contract"


def reread(
    case: Case, agreed: Agreed, right: Bill, seen: Sequence[Seen], deadline: float
) -> Diagnosis:
    """Find out which ways to read a contract give all that was ``seen``, none of it ``right``.

    Of a contract of rates alone, only what the known ways of billing do not know is tried. The
    search ends at its ``deadline``, by the time of the processor.
    """
    return _Rereading(case, agreed, seen, deadline).diagnosis(right)


def without_terms(agreed: Agreed) -> str:
    """Say what events lack terms as they are stored, if any do."""
    expectation = agreed.bill_of(of_stored(agreed.stored).read(agreed.agreement))
    return "; ".join(flaw for flaw in expectation.flaws if "without terms" in flaw)


class _Rereading:
    def __init__(self, case: Case, agreed: Agreed, seen: Sequence[Seen], deadline: float) -> None:
        self._case, self._agreed, self._seen = case, agreed, tuple(seen)
        self._right = replace(agreed.agreement, deadline=deadline)
        self._totals: list[tuple[Decimal, str]] = []
        self._earned: dict[str, Earned] | None = None
        self._cut = ""

    def diagnosis(self, right: Bill) -> Diagnosis:
        about = subject(self._seen[0], right)
        try:
            as_expected = self._agreed.bill_of(self._right).bill == right
        except OutOfTimeError:
            return Diagnosis(about, (), "", f"{CUT}, before the right bill", WAYS)
        if not as_expected:
            why = ": these raw events do not give the bill that was expected"
            return Diagnosis(about, (), why, ways=WAYS)
        stored = [of_stored(self._agreed.stored), *of_kept(self._agreed.kept, self._right)]
        ways = [*stored, *of_contract(self._right)]
        told = self._fitting(ways, "ways")
        if not (self._agreed.of_rates_alone or self._cut):
            told += self._selecting()
        if not told and not self._agreed.of_rates_alone:
            pairs = sorted(combinations(range(len(ways)), 2), key=sum)
            both = [ways[first].beside(ways[second]) for first, second in pairs]
            told = self._fitting(both, "pairs")
        nearest = "" if told else self._nearest(right)
        return Diagnosis(about, tuple(told), nearest, self._cut, WAYS)

    def _fitting(self, ways: Sequence[Misreading], what: str) -> list[Explanation]:
        """Return what fits; that of the total alone is tried at once, for it costs nothing."""
        read = [(number, way, way.read(self._right)) for number, way in enumerate(ways)]
        quick = sorted(read, key=lambda one: not self._agreed.costs_alike(one[2]))
        return self._tried(quick, f"{len(ways)} {what}")

    def _selecting(self) -> list[Explanation]:
        """Return what fits of the ways that bill other events."""
        ways = [*known(self._case.rules, self._case.currency), *of_case(self._case), *OTHERS]
        selecting = enumerate(mistaken(self._case, self._agreed, ways))
        read = ((number, way, way.read(self._right)) for number, way in selecting)
        return self._tried(read, "the ways to take other events")

    def _tried(
        self, read: Iterable[tuple[int, Misreading, Agreement]], of: str
    ) -> list[Explanation]:
        told: dict[int, Explanation] = {}
        for tried, (number, way, agreement) in enumerate(read):
            try:
                bill = self._agreed.bill_of(agreement).bill
            except OutOfTimeError:
                self._cut = self._cut or f"{CUT}, after {tried} of {of}"
                break
            if bill is None:
                continue
            self._totals.append((bill.gain_share_amount or Decimal(), way.words))
            if all(_gives(bill, one) for one in self._seen):
                told[number] = Explanation(way.name, way.words, self._told(agreement))
        return [told[number] for number in sorted(told)]

    def _told(self, wrong: Agreement) -> str:
        """Name the events that cost something else, or else what became of the total."""
        if self._agreed.costs_alike(wrong):
            return "; ".join(self._steps(wrong))
        try:
            apart = list(self._apart(wrong))
        except OutOfTimeError:
            return "there was no time to compare the events"
        more = [f"and {counted(len(apart) - MOST_NAMED, 'event')} more"]
        named = apart[:MOST_NAMED] + (more if len(apart) > MOST_NAMED else [])
        return "; ".join(named or self._steps(wrong))

    def _apart(self, wrong: Agreement) -> Iterator[str]:
        """Yield each event that costs something else, and what it should."""
        if self._earned is None:
            self._earned = {one.event_id: one for one in earned_by(self._right)}
        for one in earned_by(wrong):
            other = self._earned.get(one.event_id)
            if other is not None and wrong.charged(one) != self._right.charged(other):
                yield _beside(wrong, one, self._right, other)

    def _steps(self, wrong: Agreement) -> Iterable[str]:
        bill = self._agreed.bill_of(wrong).bill
        fees = wrong.rounded(
            exact_sum(line.gain_share_amount or Decimal() for line in (bill and bill.lines) or ())
        )
        currency = wrong.contract.currency
        for words, total in wrong.settle(fees).steps:
            yield f"{words}: {money(total, currency)}"

    def _nearest(self, right: Bill) -> str:
        """Say which way comes nearest to the total that was seen, if not the right one."""
        seen, total = self._seen[0].bill, right.gain_share_amount
        if seen is None or seen.gain_share_amount is None or total is None:
            return ""
        told, currency = seen.gain_share_amount, right.currency or ""
        tried = [(total, "the right one"), *self._totals]
        nearest, words = min(tried, key=lambda one: abs(one[0] - told))
        return f"; the nearest is {words}, {plain(nearest, currency)}"


def _gives(bill: Bill, seen: Seen) -> bool:
    """Tell whether a bill is what was seen; lines may be told at rates that are no explanation."""
    if seen.bill is None:
        return False
    facts = seen.facts
    rateless = Facts(facts.bill, facts.line - {"rate"})
    return not all(seen.bill.differences(bill, one) for one in (facts, rateless))


def _beside(wrong: Agreement, one: Earned, right: Agreement, other: Earned) -> str:
    currency = right.contract.currency
    fee, wanted = (plain(told, currency) for told in (wrong.charged(one), right.charged(other)))
    return f"{one.key}: {fee} for {wanted}"
