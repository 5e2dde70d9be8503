"""A stateful machine walks seeds, drafts, cancels, issues, payments and refusals.

Goal: no order of calls and changes leads to a state that bills a customer wrongly. Method: beside
the database stands a model in plain Python that knows which events and invoices exist; it works
out fees in exact fractions and predicts for every call either success or the rule that refuses it.
After every step these hold: no event is billed twice, an issued invoice's total is the sum of its
claimed events' fees, final numbers have no gap, no two invoices of a tenant overlap, nothing of
another tenant ever changes. Each walk is one transaction that is rolled back.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg import Connection

from billing import invoices
from billing.refusals import Refused
from platforms.statements import Tables
from runbook.refusals import Rule
from selftests.queries_billing import Everything, Row, queries

OWN = UUID("0b111111-0000-4000-8000-000000000001")
BYSTANDER = UUID("0b111111-0000-4000-8000-000000000002")
NOBODY = UUID("0b111111-0000-4000-8000-000000000003")
SPECIFIC = "DUPLICATE_CHARGE"
FINDING_TYPES = (SPECIFIC, "ADDRESS_CORRECTION")
# Any two of these bound a period: there are adjoining, overlapping and enclosing ones.
BOUNDS = tuple(
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((1, 1), (1, 20), (2, 1), (2, 8), (2, 15), (3, 1), (4, 1), (5, 1))
)
STRETCHES = tuple(pairwise(BOUNDS))
PERIODS = tuple(combinations(BOUNDS, 2))
EMPTY, REVERSED = (BOUNDS[2], BOUNDS[2]), (BOUNDS[3], BOUNDS[2])
MICROSECOND = timedelta(microseconds=1)
MINOR_DIGITS = {"USD": 2, "JPY": 0}
EXAMPLES, STEPS = 60, 30
# Without these a run has not been anywhere: each comes up a dozen times or more.
WORTHWHILE = {
    "draft accepted",
    f"draft {Rule.PERIOD_OVERLAPS_INVOICE}",
    "issue accepted",
    f"issue {Rule.DRAFT_IS_STALE}",
    "payment accepted",
}
T = TypeVar("T")
Period = tuple[datetime, datetime]


@dataclass(frozen=True)
class Event:
    """An event as the model knows it; ``invoice_id`` is the invoice that has claimed it."""

    id: UUID
    amount: Decimal
    finding_type: str
    currency: str
    occurred_at: datetime
    category: str = "RECOVERED"
    billable: bool = True
    invoice_id: UUID | None = None


@dataclass(frozen=True)
class Terms:
    """A rate in a currency from the start of a day on, to before the start of another."""

    finding_type: str | None
    currency: str
    rate: Decimal
    valid_from: date
    valid_to: date | None = None

    def apply_to(self, event: Event) -> bool:
        """Whether these are terms for the event, be they the specific or the general ones."""
        day = event.occurred_at.date()
        return (
            self.currency == event.currency
            and self.finding_type in {None, event.finding_type}
            and self.valid_from <= day
            and (self.valid_to is None or day < self.valid_to)
        )


@dataclass(frozen=True)
class Bill:
    """What events are worth: by currency, finding type and rate their count, sum and fee.

    Amounts are fractions in major units; a rate of ``None`` is one nobody agreed on.
    """

    event_ids: frozenset[UUID]
    lines: dict[tuple[str, str, Fraction | None], tuple[int, Fraction, Fraction]]

    @property
    def total(self) -> Fraction:
        """What is to pay."""
        return sum((fee for _, _, fee in self.lines.values()), Fraction())


@dataclass(frozen=True)
class ModelInvoice:
    """An invoice as the model knows it; ``number`` is the final one, counted from 1."""

    id: UUID
    start: datetime
    end: datetime
    status: str
    bill: Bill
    number: int | None = None


@dataclass
class Model:
    """The tenant's events, terms and invoices, and what billing must make of them."""

    active: bool = True
    events: dict[UUID, Event] = field(default_factory=dict)
    terms: list[Terms] = field(default_factory=list)
    invoices: dict[UUID, ModelInvoice] = field(default_factory=dict)

    def rate_of(self, event: Event) -> Fraction | None:
        """Return the rate agreed on, the specific before the general."""
        found = [terms for terms in self.terms if terms.apply_to(event)]
        found.sort(key=lambda terms: terms.finding_type is None)
        return Fraction(found[0].rate) if found else None

    def fee_of(self, event: Event) -> Fraction:
        """Return the event's fee, rounded half away from zero to the minor unit."""
        rate = self.rate_of(event)
        if rate is None:
            return Fraction()
        minor_units = Fraction(event.amount) * rate * 10 ** MINOR_DIGITS[event.currency]
        whole = int(abs(minor_units) + Fraction(1, 2))
        signed = whole if minor_units >= 0 else -whole
        return Fraction(signed, 10 ** MINOR_DIGITS[event.currency])

    def bill(self, events: Iterable[Event]) -> Bill:
        """Add events up to lines."""
        events = list(events)
        lines: dict[tuple[str, str, Fraction | None], tuple[int, Fraction, Fraction]] = {}
        for event in events:
            key = (event.currency, event.finding_type, self.rate_of(event))
            count, recovered, fee = lines.get(key, (0, Fraction(), Fraction()))
            amount = Fraction(event.amount)
            lines[key] = (count + 1, recovered + amount, fee + self.fee_of(event))
        return Bill(frozenset(event.id for event in events), lines)

    def billable(self, start: datetime, end: datetime) -> Bill:
        """Return what a draft of the period would bill now."""
        return self.bill(
            event
            for event in self.events.values()
            if event.category == "RECOVERED"
            and event.billable
            and event.invoice_id is None
            and start <= event.occurred_at < end
        )

    def claimed_by(self, invoice_id: UUID) -> list[Event]:
        """Return the events that the invoice has claimed."""
        return [event for event in self.events.values() if event.invoice_id == invoice_id]

    def refusal_of_draft(self, tenant_id: UUID, start: datetime, end: datetime) -> Rule | None:
        """Predict which rule refuses a draft of the period, the first in the enum's order."""
        bill = self.billable(start, end)
        broken = {
            Rule.PERIOD_IS_EMPTY: start >= end,
            Rule.TENANT_NOT_FOUND: tenant_id == NOBODY,
            Rule.TENANT_IS_NOT_ACTIVE: not self.active,
            Rule.PERIOD_OVERLAPS_INVOICE: any(
                invoice.start < end and start < invoice.end for invoice in self.invoices.values()
            ),
            Rule.NO_BILLABLE_EVENTS: not bill.event_ids,
            Rule.EVENT_HAS_NO_TERMS: any(rate is None for _, _, rate in bill.lines),
            Rule.EVENTS_IN_SEVERAL_CURRENCIES: len({code for code, _, _ in bill.lines}) > 1,
        }
        return next((rule for rule in Rule if broken.get(rule)), None)

    def refusal_of_transition(
        self, tenant_id: UUID, invoice_id: UUID, wanted: str, *, issue: bool = False
    ) -> Rule | None:
        """Predict which rule refuses to move an invoice that must be in the ``wanted`` status."""
        invoice = self.invoices.get(invoice_id)
        if tenant_id != OWN or invoice is None:
            return Rule.INVOICE_NOT_FOUND
        if invoice.status != wanted:
            return Rule[f"INVOICE_IS_NOT_{wanted}"]
        if issue and not self.active:
            return Rule.TENANT_IS_NOT_ACTIVE
        if issue and self.billable(invoice.start, invoice.end) != invoice.bill:
            return Rule.DRAFT_IS_STALE
        return None


def amounts() -> st.SearchStrategy[Decimal]:
    """Amounts of four decimals: ties at half a minor unit, reversals, zero and large ones."""
    units = st.one_of(
        st.sampled_from([0, 200, -200, 600, 20_000, -20_000, 12_005_000]),
        st.integers(-10_000_000, 10_000_000),
        st.integers(-(10**17), 10**17),
    )
    return units.map(lambda ten_thousandths: Decimal(f"{ten_thousandths}E-4"))


def instants() -> st.SearchStrategy[datetime]:
    """Instants at every bound, a microsecond before it, and between the bounds."""
    offsets = st.sampled_from([timedelta(), -MICROSECOND, timedelta(days=3), timedelta(days=17)])
    return st.builds(lambda bound, offset: bound + offset, st.sampled_from(BOUNDS), offsets)


def periods() -> st.SearchStrategy[Period]:
    """Draw a stretch, several stretches together, or what is no period."""
    return st.one_of(
        st.sampled_from(STRETCHES),
        st.sampled_from(PERIODS),
        st.sampled_from([EMPTY, REVERSED, *STRETCHES]),
    )


def ours() -> st.SearchStrategy[UUID]:
    """Draw one of the tenant's invoices in a walk that has any; rarely a cancelled one."""
    return st.runner().flatmap(
        lambda walk: st.sampled_from([*walk.model.invoices, *walk.cancelled])
    )


def has_invoices(walk: "Lifecycle") -> bool:
    """Whether the walk has made an invoice, be it cancelled by now."""
    return bool(walk.model.invoices or walk.cancelled)


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Draw the usual value nine times as often as each other one."""
    return st.sampled_from([usual] * 9 + list(others))


class Lifecycle(RuleBasedStateMachine):
    """Makes the same moves in database and model, and compares.

    ``met`` counts, over all walks, how often each outcome of each call was come upon.
    """

    connection: ClassVar[Connection[Any]]
    met: ClassVar[Counter[str]]
    theirs = Bundle("theirs")
    seeds = Bundle("seeds")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.cancelled: list[UUID] = []
        self.seeded = 0
        self.end = ExitStack()
        self.end.enter_context(self.connection.transaction(force_rollback=True))

    def teardown(self) -> None:
        """Roll everything back."""
        self.end.close()

    # The two tenants.

    @initialize(target=theirs)
    def settle_the_bystander(self) -> MultipleResults[UUID]:
        """Give the bystander an issued invoice, a draft and open events in the same months."""
        queries.insert_tenant(self.connection, tenant_id=BYSTANDER, slug="bystander")
        self._agree(BYSTANDER, Terms(None, "USD", Decimal("0.5"), date(2020, 1, 1)))
        theirs = []
        for start, end in ((BOUNDS[2], BOUNDS[5]), (BOUNDS[5], BOUNDS[6])):
            self._insert(BYSTANDER, self._event(Decimal(100), SPECIFIC, "USD", start))
            theirs.append(invoices.generate_draft(self.connection, BYSTANDER, start, end).id)
        invoices.issue(self.connection, BYSTANDER, theirs[0])
        self._insert(BYSTANDER, self._event(Decimal(100), SPECIFIC, "USD", BOUNDS[2]))
        self.bystander = Everything.of(self.connection).belonging_to(BYSTANDER)
        return multiple(*theirs)

    @initialize(target=seeds)
    def settle_the_tenant(self) -> MultipleResults[UUID]:
        """Agree on terms that change amid a stretch, and seed an event into each stretch."""
        queries.insert_tenant(self.connection, tenant_id=OWN, slug="own")
        new_year, mid_february = BOUNDS[0].date(), BOUNDS[4].date()
        self.model.terms = [
            Terms(None, "USD", Decimal("0.25"), new_year, mid_february + timedelta(days=3)),
            Terms(None, "USD", Decimal("0.125"), mid_february + timedelta(days=3)),
            Terms(SPECIFIC, "USD", Decimal("0.333333"), mid_february),
            Terms(None, "JPY", Decimal("0.5"), new_year),
        ]
        for terms in self.model.terms:
            self._agree(OWN, terms)
        seeds = [self._event(Decimal("1200.50"), SPECIFIC, "USD", at) for at in BOUNDS]
        seeds.append(self._event(Decimal(3), SPECIFIC, "JPY", BOUNDS[6]))
        for event in seeds:
            self._seed(event)
        return multiple(*(event.id for event in seeds))

    # What the business does.

    @rule(
        target=seeds,
        amount=amounts(),
        finding_type=st.sampled_from(FINDING_TYPES),
        currency=mostly("USD", "USD", "JPY", "CAD"),
        occurred_at=instants(),
        category=mostly("RECOVERED", "IDENTIFIED"),
        billable=st.integers(0, 9).map(bool),
    )
    def seed(
        self,
        amount: Decimal,
        finding_type: str,
        currency: str,
        occurred_at: datetime,
        category: str,
        billable: bool,
    ) -> UUID:
        """Record an event, perhaps one that nobody may bill."""
        event = self._event(amount, finding_type, currency, occurred_at)
        event = replace(event, category=category, billable=billable)
        self._seed(event)
        return event.id

    @rule(event_id=seeds, amount=st.one_of(st.none(), amounts()))
    def correct(self, event_id: UUID, amount: Decimal | None) -> None:
        """Correct the amount of an event that is not billed; ``None`` removes it."""
        event = self.model.events.get(event_id)
        if event is None or event.invoice_id is not None:
            return
        if amount is None:
            queries.delete_event(self.connection, event_id=event_id)
            del self.model.events[event_id]
        else:
            queries.set_amount(self.connection, event_id=event_id, amount=amount)
            self.model.events[event_id] = replace(event, amount=amount)

    @rule(target=seeds, event_id=seeds)
    def replace_by_its_equal(self, event_id: UUID) -> MultipleResults[UUID]:
        """Put an event that differs in its id alone into the place of an unbilled one."""
        event = self.model.events.get(event_id)
        if event is None or event.invoice_id is not None:
            return multiple()
        new = replace(event, id=self._next_id())
        queries.set_event_id(self.connection, event_id=event_id, new_id=new.id)
        del self.model.events[event_id]
        self.model.events[new.id] = new
        return multiple(new.id)

    @rule(event_id=seeds, occurred_at=instants())
    def move(self, event_id: UUID, occurred_at: datetime) -> None:
        """Move an event in time, perhaps a billed one into a period that is not billed yet."""
        event = self.model.events.get(event_id)
        if event is not None:
            queries.set_occurred_at(self.connection, event_id=event_id, occurred_at=occurred_at)
            self.model.events[event_id] = replace(event, occurred_at=occurred_at)

    @rule(n=st.integers(0, 3), millionths=st.integers(0, 1_000_000))
    def renegotiate(self, n: int, millionths: int) -> None:
        """Change a rate: no issued invoice may notice, and every draft that it touches must."""
        terms = replace(self.model.terms[n], rate=Decimal(f"{millionths}E-6"))
        queries.set_rate(
            self.connection,
            tenant_id=OWN,
            finding_type=terms.finding_type,
            currency=terms.currency,
            valid_from=terms.valid_from,
            rate=terms.rate,
        )
        self.model.terms[n] = terms

    @rule(status=mostly("active", "suspended", "closed"))
    def change_the_status(self, status: str) -> None:
        """Suspend or close the tenant, or make it active again."""
        queries.set_tenant_status(self.connection, tenant_id=OWN, status=status)
        self.model.active = status == "active"

    # What the admin does.

    @rule(tenant_id=mostly(OWN, NOBODY), period=periods())
    def draft(self, tenant_id: UUID, period: Period) -> None:
        """Preview and draft a period; both must say the same."""
        expected = self.model.refusal_of_draft(tenant_id, *period)
        self._expect(
            expected, lambda: invoices.preview(self.connection, tenant_id, *period), "preview"
        )
        draft = self._expect(
            expected, lambda: invoices.generate_draft(self.connection, tenant_id, *period), "draft"
        )
        if draft is not None:
            bill = self.model.billable(*period)
            self.model.invoices[draft.id] = ModelInvoice(draft.id, *period, "DRAFT", bill)

    @rule(
        target=seeds,
        period=st.sampled_from(STRETCHES),
        meanwhile=st.sampled_from(["", "", "correct", "replace"]),
        amount=amounts(),
        paid=st.booleans(),
    )
    def bill(
        self, period: Period, meanwhile: str, amount: Decimal, paid: bool
    ) -> MultipleResults[UUID]:
        """Go through with a stretch, unless an event changes between draft and issue."""
        known = set(self.model.invoices)
        self.draft(OWN, period)
        new_events: MultipleResults[UUID] = multiple()
        for invoice_id in set(self.model.invoices) - known:
            event_id = min(self.model.invoices[invoice_id].bill.event_ids)
            if meanwhile == "correct":
                self.correct(event_id, amount)
            if meanwhile == "replace":
                new_events = self.replace_by_its_equal(event_id)
            self.issue(invoice_id, OWN)
            if paid:
                self.pay(invoice_id, OWN)
        return new_events

    @precondition(has_invoices)
    @rule(invoice_id=ours(), tenant_id=mostly(OWN, BYSTANDER, NOBODY))
    def cancel(self, invoice_id: UUID, tenant_id: UUID) -> None:
        """Cancel an invoice, perhaps one that is gone or final, perhaps as another tenant."""
        expected = self.model.refusal_of_transition(tenant_id, invoice_id, "DRAFT")
        self._expect(
            expected, lambda: invoices.cancel(self.connection, tenant_id, invoice_id), "cancel"
        )
        if expected is None:
            del self.model.invoices[invoice_id]
            self.cancelled.append(invoice_id)

    @precondition(has_invoices)
    @rule(invoice_id=ours(), tenant_id=mostly(OWN, BYSTANDER))
    def issue(self, invoice_id: UUID, tenant_id: UUID) -> None:
        """Issue an invoice, perhaps one that is gone, final or stale, or as another tenant."""
        expected = self.model.refusal_of_transition(tenant_id, invoice_id, "DRAFT", issue=True)
        self._expect(
            expected, lambda: invoices.issue(self.connection, tenant_id, invoice_id), "issue"
        )
        if expected is None:
            invoice = self.model.invoices[invoice_id]
            number = 1 + sum(other.number is not None for other in self.model.invoices.values())
            self.model.invoices[invoice_id] = replace(invoice, status="ISSUED", number=number)
            for event_id in invoice.bill.event_ids:
                event = self.model.events[event_id]
                self.model.events[event_id] = replace(event, invoice_id=invoice_id)

    @precondition(has_invoices)
    @rule(invoice_id=ours(), tenant_id=mostly(OWN, BYSTANDER, NOBODY))
    def pay(self, invoice_id: UUID, tenant_id: UUID) -> None:
        """Mark an invoice paid, perhaps one that is no longer or not yet to be paid."""
        expected = self.model.refusal_of_transition(tenant_id, invoice_id, "ISSUED")
        self._expect(
            expected, lambda: invoices.mark_paid(self.connection, tenant_id, invoice_id), "payment"
        )
        if expected is None:
            invoice = self.model.invoices[invoice_id]
            self.model.invoices[invoice_id] = replace(invoice, status="PAID")

    @rule(invoice_id=theirs)
    def lay_hands_on_the_bystanders(self, invoice_id: UUID) -> None:
        """Try every move on the bystander's invoice; as another's, it is not found."""
        self.cancel(invoice_id, OWN)
        self.issue(invoice_id, OWN)
        self.pay(invoice_id, OWN)

    # What must hold after every step.

    @invariant()
    def no_event_is_billed_twice(self) -> None:
        """Each event is claimed by the invoice that the model says, once and for good."""
        rows = list(queries.events(self.connection, tenant_id=OWN))
        got = {row["id"]: row["invoice_id"] for row in rows}
        expected = {event.id: event.invoice_id for event in self.model.events.values()}
        assert got == expected, f"got claims {got}, but should be {expected}"
        claimed = Counter(row["invoice_id"] for row in rows if row["invoice_id"] is not None)
        final = {row["id"]: row for row in self._stored() if row["status"] != "DRAFT"}
        counts = {invoice_id: row["event_count"] for invoice_id, row in final.items()}
        assert counts == claimed, f"got event counts {counts}, but claimed are {dict(claimed)}"
        for row in rows:
            if row["invoice_id"] is not None:
                issued_at = final[row["invoice_id"]]["issued_at"]
                assert row["billed_at"] == issued_at, (
                    f"got event {row['id']} billed at {row['billed_at']}, "
                    f"but its invoice was issued at {issued_at}"
                )

    @invariant()
    def a_total_is_the_sum_of_the_fees(self) -> None:
        """Each invoice and each of its lines bill what the model had them bill when drafted."""
        for row in self._stored():
            bill = self.model.invoices[row["id"]].bill
            got = Fraction(row["gain_share_amount"])
            assert got == bill.total, (
                f"got {row['invoice_number']} with a total of {got}, but should be {bill.total} "
                f"{row['currency']}"
            )
            lines = {
                (row["currency"], line["finding_type"], Fraction(line["rate"])): (
                    line["event_count"],
                    Fraction(line["recovered_amount"]),
                    Fraction(line["gain_share_amount"]),
                )
                for line in queries.invoice_lines(self.connection, invoice_id=row["id"])
            }
            assert lines == bill.lines, f"got lines {lines}, but should be {bill.lines}"

    @invariant()
    def final_numbers_have_no_gap(self) -> None:
        """The invoices are those of the model, numbered in the order of their issue."""
        got = {row["id"]: (row["status"], row["invoice_number"]) for row in self._stored()}
        expected = {
            invoice.id: (
                invoice.status,
                f"DRAFT-{invoice.start:%Y-%m}-{invoice.id.hex[:8]}"
                if invoice.number is None
                else f"INV-{invoice.number:06d}",
            )
            for invoice in self.model.invoices.values()
        }
        assert got == expected, f"got invoices {got}, but should be {expected}"

    @invariant()
    def no_two_invoices_overlap(self) -> None:
        """No instant is on two invoices, whatever their status."""
        for one, other in combinations(self._stored(), 2):
            apart = (
                one["period_end"] <= other["period_start"]
                or other["period_end"] <= one["period_start"]
            )
            assert apart, f"got {one['invoice_number']} and {other['invoice_number']} overlapping"

    @invariant()
    def nothing_of_the_bystander_changes(self) -> None:
        """The other tenant's rows are as they were."""
        now = Everything.of(self.connection).belonging_to(BYSTANDER)
        changed = now.difference(self.bystander)
        assert not changed, f"got another tenant's rows changed: {changed}"

    # How the moves are made.

    def _expect(self, expected: Rule | None, call: Callable[[], T], name: str) -> T | None:
        """Make the call; fail unless it ends as predicted, and writes nothing where refused."""
        before = Everything.of(self.connection)
        result, got = None, None
        try:
            result = call()
        except Refused as refusal:
            got = refusal.rule
        assert got == expected, (
            f"got {got or 'an accepted call'}, but {name} should be {expected or 'accepted'}"
        )
        self.met[f"{name} {expected or 'accepted'}"] += 1
        if expected is not None:
            written = Everything.of(self.connection).difference(before)
            assert not written, f"got a refused {name} that wrote: {written}"
        return result

    def _next_id(self) -> UUID:
        """Return an event's id that is the same whenever the walk is repeated."""
        self.seeded += 1
        return UUID(int=self.seeded, version=4)

    def _event(
        self, amount: Decimal, finding_type: str, currency: str, occurred_at: datetime
    ) -> Event:
        return Event(self._next_id(), amount, finding_type, currency, occurred_at)

    def _seed(self, event: Event) -> None:
        self._insert(OWN, event)
        self.model.events[event.id] = event

    def _insert(self, tenant_id: UUID, event: Event) -> None:
        queries.insert_event(
            self.connection,
            event_id=event.id,
            tenant_id=tenant_id,
            category=event.category,
            amount=event.amount,
            currency=event.currency,
            finding_type=event.finding_type,
            billable=event.billable,
            occurred_at=event.occurred_at,
        )

    def _agree(self, tenant_id: UUID, terms: Terms) -> None:
        queries.insert_terms(
            self.connection,
            tenant_id=tenant_id,
            finding_type=terms.finding_type,
            currency=terms.currency,
            rate=terms.rate,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
        )

    def _stored(self) -> list[Row]:
        return list(queries.invoices(self.connection, tenant_id=OWN))


def test_no_walk_through_the_lifecycle_bills_wrongly(scratch: Tables) -> None:
    class Walk(Lifecycle):
        """The machine, on this session's connection."""

        connection = scratch.connection
        met: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(
        Walk,
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None),
    )
    missed = WORTHWHILE - Walk.met.keys()
    assert not missed, f"got walks that never came upon {sorted(missed)}, but should be some"
