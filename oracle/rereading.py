"""Which known wrong way to read a contract gives exactly what was seen, line by line.

Each of ``oracle.misreadings``, and then pairs of them, is worked out on the same events as the
right bill, by the same function. All that fit are named, the simplest first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from time import thread_time

from oracle.agreed import Agreement, Earned
from oracle.bill import Bill, Facts
from oracle.comparison import judged_by_bills
from oracle.effects import MOST_NAMED
from oracle.expectation import Expectation
from oracle.explanations import Diagnosis, Explanation, Seen, subject
from oracle.lines import decimal
from oracle.misreadings import FREE_MONTHS, MISREADINGS, Misreading, of_rates, of_stored
from oracle.money import exact_sum, money, plain
from oracle.paper import Paper, PaperEvent
from oracle.rules import Each
from oracle.terms import Terms, choosing, in_utc
from runbook.words import counted

WAYS = "way of reading the contract"


@dataclass(frozen=True)
class Agreed:
    """An agreement that reads nothing but what was read once, beside the ``stored`` terms."""

    agreement: Agreement
    stored: tuple[Terms, ...]
    _worked: list[tuple[Agreement, Expectation]] = field(
        default_factory=list, compare=False, repr=False
    )

    @property
    def of_rates_alone(self) -> bool:
        """Whether nothing was agreed that known ways of billing do not know of."""
        return not judged_by_bills(self.agreement.contract)

    @cached_property
    def of_stored(self) -> Misreading:
        """Billing by the terms that are stored."""
        return of_stored(self.stored)

    @property
    def without_terms(self) -> str:
        """What events lack terms as they are stored, if any do."""
        expectation = self.bill_of(self.of_stored.read(self.agreement))
        return "; ".join(flaw for flaw in expectation.flaws if "without terms" in flaw)

    def bill_of(self, agreement: Agreement) -> Expectation:
        """Work out what an agreement bills of the same events; what they cost, only once."""
        of_events = agreement.of_events
        known = next((fees for one, fees in self._worked if one == of_events), None)
        fees = known or agreement.fees(keys_are_unique=True)
        if known is None:
            self._worked.append((of_events, fees))
        return agreement.settled(fees)

    @cached_property
    def earned(self) -> dict[str, Earned]:
        """What each event rightly earns, by its id."""
        return {one.event_id: one for one in _earned(self.agreement)}

    def costs_alike(self, agreement: Agreement) -> bool:
        """Tell whether events cost by an agreement what they rightly do."""
        return agreement.of_events == self.agreement.of_events


def read_agreed(agreement: Agreement, stored: tuple[Terms, ...], most: int) -> Agreed | None:
    """Read what a contract bills; ``None`` where there are more events than ``most``."""
    contract, period, reader = agreement.contract, agreement.period, agreement.reader
    tiers = any(term.tiers for term in contract.terms)
    starts = min(period.start, *(term.starts for term in contract.terms if tiers), period.start)
    tenant = {"tenant_id": agreement.tenant_id}
    bounds = {"starts": starts, "ends": period.end, "most": most + 1}
    rows = reader.rows("ordered_events", **tenant, **bounds)
    if len(rows) > most:
        return None
    events = tuple(
        PaperEvent(
            id=row["id"],
            key=row["key"] or row["id"],
            occurred_at=in_utc(row["occurred_at"]),
            finding_type=row["finding_type"],
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            billed=row["billed"],
        )
        for row in rows
    )
    year = {"starts": contract.year_of(period.start), "ends": period.start}
    invoiced = reader.rows("invoiced", **tenant, **year, final=list(agreement.final))
    paper = Paper(events, exact_sum(Decimal(row["amount"]) for row in invoiced))
    return Agreed(replace(agreement, reader=paper), stored)


def reread(agreed: Agreed, right: Bill, seen: Sequence[Seen], seconds: float) -> Diagnosis:
    """Find out which ways to read a contract give all that was ``seen``, none of it ``right``.

    Of a contract of rates alone, only what the known ways of billing do not know is tried. The
    ``seconds`` count from when the right one has been worked out.
    """
    return _Rereading(agreed, seen).diagnosis(right, seconds)


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
        ways = [self._agreed.of_stored, FREE_MONTHS]
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
            for one in _earned(wrong)
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


def _earned(agreement: Agreement) -> Iterator[Earned]:
    return agreement.earned(choosing(agreement.terms, agreement.rules, agreement.period, None))


def _fee(agreement: Agreement, one: Earned) -> Fraction:
    by_event = agreement.rules.rounding.each is Each.EVENT
    return agreement.rounded(one.fee) if by_event else one.fee


def _beside(wrong: Agreement, one: Earned, right: Agreement, other: Earned) -> str:
    currency = right.contract.currency
    fee, wanted = (plain(decimal(_fee(*told)), currency) for told in ((wrong, one), (right, other)))
    return f"{one.key}: {fee} for {wanted}"
