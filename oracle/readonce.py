"""What a contract bills of events that were read once, however often it is worked out."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from oracle.agreed import Agreement, Earned
from oracle.comparison import judged_by_bills
from oracle.expectation import Expectation
from oracle.kept import Kept
from oracle.money import exact_sum
from oracle.paper import Paper, PaperEvent
from oracle.terms import Terms, choosing, in_utc


@dataclass(frozen=True)
class Agreed:
    """An agreement that reads nothing but what was read once, beside the ``stored`` terms."""

    agreement: Agreement
    kept: Kept
    _worked: list[tuple[Agreement, Expectation]] = field(
        default_factory=list, compare=False, repr=False
    )

    @property
    def stored(self) -> tuple[Terms, ...]:
        """The terms that the platform has stored."""
        return self.kept.terms

    @property
    def of_rates_alone(self) -> bool:
        """Whether nothing was agreed that known ways of billing do not know of."""
        return not judged_by_bills(self.agreement.contract)

    def bill_of(self, agreement: Agreement) -> Expectation:
        """Work out what an agreement bills of the same events; what they cost, only once."""
        of_events = agreement.of_events
        known = next((fees for one, fees in self._worked if one == of_events), None)
        fees = known or agreement.fees(keys_are_unique=True)
        if known is None:
            self._worked.append((of_events, fees))
        return agreement.settled(fees)

    def costs_alike(self, agreement: Agreement) -> bool:
        """Tell whether events cost by an agreement what they rightly do."""
        return agreement.of_events == self.agreement.of_events


def read_agreed(agreement: Agreement, kept: Kept, most: int) -> Agreed | None:
    """Read what a contract bills; ``None`` where there are more events than ``most``."""
    contract, period, reader = agreement.contract, agreement.period, agreement.reader
    tiers = any(term.tiers for term in contract.terms)
    starts = min([period.start, *(term.starts for term in contract.terms if tiers)])
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
    return Agreed(replace(agreement, reader=paper), kept)


def earned_by(agreement: Agreement) -> Iterator[Earned]:
    """Return what each event earns by an agreement."""
    return agreement.earned(choosing(agreement.terms, agreement.rules, agreement.period, None))
