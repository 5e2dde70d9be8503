"""The catalogue's busy tenant as the oracle reads it, in memory: for tests of wrong ways."""

from datetime import UTC, datetime
from decimal import Decimal

from oracle.known import KNOWN, OTHERS, TOLD, of_case
from oracle.period import Period
from oracle.raw import Case, Event
from oracle.rules import Rules
from oracle.terms import Terms
from oracle.variants import Workings
from oracle.ways import Way
from selftests.faults.tenants import BUSY, OUTSIDE

PERIOD = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
LAST_YEAR, MIDDLE = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 2, 15, tzinfo=UTC)
TERMS = (
    Terms(None, "USD", Decimal("0.25"), LAST_YEAR, None),
    Terms("ADDRESS_CORRECTION", "USD", Decimal("0.30"), LAST_YEAR, MIDDLE),
)


def event(number: int, amount: str, finding_type: str, at: str, **more: object) -> Event:
    """Return an event; its id and its key have its number."""
    facts = {"category": "RECOVERED", "created_at": datetime(2026, 3, 5, tzinfo=UTC), **more}
    occurred_at = datetime.fromisoformat(at)
    told = Event(f"id {number}", f"key {number}", finding_type, "USD", Decimal(amount), occurred_at)
    return told._replace(**facts)  # type: ignore[arg-type] # by the names of its fields


TENTH = "2026-02-10T12:00:00+00:00"
EVENTS = (
    *(event(number, *told) for number, told in enumerate((*BUSY, *OUTSIDE))),
    event(20, "700.00", "DUPLICATE_CHARGE", TENTH, billable=False),
    event(21, "800.00", "DUPLICATE_CHARGE", TENTH, billable=False, category="IDENTIFIED"),
    event(22, "900.00", "DUPLICATE_CHARGE", TENTH, billed=True),
)


def case(*events: Event, rules: Rules | None = None, terms: tuple[Terms, ...] = TERMS) -> Case:
    """Return the case of some events, or of all of the tenant's."""
    ordered = sorted(events or EVENTS, key=lambda one: (one.occurred_at, one.id))
    return Case(tuple(ordered), terms, PERIOD, rules or Rules())


def workings(of: Case | None = None) -> Workings:
    """Return what works a case out in every way there is."""
    of = of or case()
    return Workings(of, (*KNOWN, *OTHERS, *of_case(of)))


def way(name: str) -> Way:
    """Return the way of that name."""
    return next(one for one in (*KNOWN, *OTHERS, *TOLD, *of_case(case())) if one.name == name)
