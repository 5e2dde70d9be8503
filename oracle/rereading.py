"""Which known wrong way to read a contract gives exactly what was seen, line by line.

Each of ``oracle.misreadings``, and then pairs of them, is worked out on the same events as the
right bill, by the same function. All that fit are named, the simplest first.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from time import thread_time

from oracle.agreed import Agreement, Earned
from oracle.bill import Bill, Facts
from oracle.effects import MOST_NAMED
from oracle.explanations import Diagnosis, Explanation, Seen, subject
from oracle.lines import decimal
from oracle.misreadings import FREE_MONTHS, MISREADINGS, Misreading, of_rates, of_stored
from oracle.money import exact_sum, money, plain
from oracle.readonce import Agreed, earned_by
from oracle.rules import Each
from runbook.words import counted

WAYS = "way of reading the contract"


def reread(agreed: Agreed, right: Bill, seen: Sequence[Seen], seconds: float) -> Diagnosis:
    """Find out which ways to read a contract give all that was ``seen``, none of it ``right``.

    Of a contract of rates alone, only what the known ways of billing do not know is tried. The
    ``seconds`` count from when the right one has been worked out.
    """
    return _Rereading(agreed, seen).diagnosis(right, seconds)


def without_terms(agreed: Agreed) -> str:
    """Say what events lack terms as they are stored, if any do."""
    expectation = agreed.bill_of(of_stored(agreed.stored).read(agreed.agreement))
    return "; ".join(flaw for flaw in expectation.flaws if "without terms" in flaw)


class _Rereading:
    def __init__(self, agreed: Agreed, seen: Sequence[Seen]) -> None:
        self._agreed, self._seen = agreed, tuple(seen)
        self._right = agreed.agreement
        self._totals: list[tuple[Decimal, str]] = []
        self._deadline = 0.0
        self._cut = ""

    def diagnosis(self, right: Bill, seconds: float) -> Diagnosis:
        about = subject(self._seen[0], right)
        if self._agreed.bill_of(self._right).bill != right:
            why = ": these raw events do not give the bill that was expected"
            return Diagnosis(about, (), why, ways=WAYS)
        self._deadline = thread_time() + seconds
        ways = self._ways()
        told = self._fitting(ways, "ways")
        if not told and not self._agreed.of_rates_alone:
            pairs = sorted(combinations(range(len(ways)), 2), key=sum)
            both = [ways[first].beside(ways[second]) for first, second in pairs]
            told = self._fitting(both, "pairs")
        nearest = "" if told else self._nearest(right)
        return Diagnosis(about, tuple(told), nearest, self._cut, WAYS)

    def _ways(self) -> list[Misreading]:
        """Return the ways that make another agreement of this one."""
        ways = [of_stored(self._agreed.stored), FREE_MONTHS]
        if not self._agreed.of_rates_alone:
            others = [way for way in MISREADINGS if way is not FREE_MONTHS]
            ways += [*others, *of_rates(self._right)]
        return [way for way in ways if way.read(self._right) != self._right]

    def _fitting(self, ways: Sequence[Misreading], what: str) -> list[Explanation]:
        """Yield what fits; that of the total alone is tried at once, for it costs nothing."""
        told: dict[int, Explanation] = {}
        read = [way.read(self._right) for way in ways]
        quick = sorted(range(len(ways)), key=lambda n: not self._agreed.costs_alike(read[n]))
        for tried, number in enumerate(quick):
            if thread_time() > self._deadline and not self._agreed.costs_alike(read[number]):
                how_far = f"after {tried} of {len(ways)} {what}"
                self._cut = self._cut or f"the search was cut for time, {how_far}"
                break
            way, agreement = ways[number], read[number]
            bill = self._agreed.bill_of(agreement).bill
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
        right = self._agreed.earned
        apart = [
            _beside(wrong, one, self._right, right[one.event_id])
            for one in earned_by(wrong)
            if one.event_id in right and _fee(wrong, one) != _fee(self._right, right[one.event_id])
        ]
        more = [f"and {counted(len(apart) - MOST_NAMED, 'event')} more"]
        named = apart[:MOST_NAMED] + (more if len(apart) > MOST_NAMED else [])
        return "; ".join(named or self._steps(wrong))

    def _steps(self, wrong: Agreement) -> Iterable[str]:
        bill = self._agreed.bill_of(wrong).bill
        fees = exact_sum(
            line.gain_share_amount or Decimal() for line in (bill and bill.lines) or ()
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


def _fee(agreement: Agreement, one: Earned) -> Fraction:
    by_event = agreement.rules.rounding.each is Each.EVENT
    return agreement.rounded(one.fee) if by_event else one.fee


def _beside(wrong: Agreement, one: Earned, right: Agreement, other: Earned) -> str:
    currency = right.contract.currency
    fee, wanted = (plain(decimal(_fee(*told)), currency) for told in ((wrong, one), (right, other)))
    return f"{one.key}: {fee} for {wanted}"
