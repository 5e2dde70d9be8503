"""Invoices: what each call writes, and that a refused call names its rule and writes nothing.

Goal: every promise of ``billing.invoices`` is kept, and every rule of ``billing.refusals`` is seen
to be kept and to be broken. Method: a customer at 25 % with three events in February 2026, beside
a neighbour with rows of its own, in a database of the test's own; rows are written and read by SQL
of the tests. :data:`CASES` lists the rules in their order: each call is accepted first, and
refused once one thing is spoiled.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection
from psycopg.errors import UniqueViolation

from billing import invoices
from billing.invoices import Invoice, Line
from billing.refusals import Refused
from runbook.refusals import Rule
from selftests.contracts import contract, tiered
from selftests.queries_agreed import write_contract
from selftests.queries_billing import Customer, Everything, queries

JANUARY, FEBRUARY, MARCH, APRIL = (datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 5))
MICROSECOND = timedelta(microseconds=1)
NO_INVOICE = UUID(int=0)
KEY = "p9a-key"
# The runbook's seeds: 25 % of 2465.75 is 300.13 + 218.81 + 97.50 = 616.44.
SEEDS = (
    ("1200.50", "DUPLICATE_CHARGE", datetime(2026, 2, 10, 12, tzinfo=UTC)),
    ("875.25", "ADDRESS_CORRECTION", datetime(2026, 2, 14, 12, tzinfo=UTC)),
    ("390.00", "CLASSIFICATION_ERROR", datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)),
)


@dataclass
class World:
    """A customer, a neighbour, and what the next call is about."""

    connection: Connection[Any]
    customer: Customer
    neighbour: Customer
    tenant_id: UUID
    start: datetime = FEBRUARY
    end: datetime = MARCH
    invoice_id: UUID = NO_INVOICE
    event_ids: list[UUID] = field(default_factory=list)

    def draft(self) -> Invoice:
        """Draft the period for the tenant."""
        return invoices.generate_draft(self.connection, self.tenant_id, self.start, self.end)

    def draft_with_key(self) -> Invoice:
        """Draft the period for the tenant under :data:`KEY`."""
        return invoices.generate_draft(self.connection, self.tenant_id, self.start, self.end, KEY)

    def preview(self) -> invoices.Preview:
        """Preview the period for the tenant."""
        return invoices.preview(self.connection, self.tenant_id, self.start, self.end)

    def find(self) -> Invoice:
        """Read the invoice."""
        return invoices.find(self.connection, self.tenant_id, self.invoice_id)

    def cancel(self) -> None:
        """Cancel the invoice."""
        invoices.cancel(self.connection, self.tenant_id, self.invoice_id)

    def issue(self) -> Invoice:
        """Issue the invoice."""
        return invoices.issue(self.connection, self.tenant_id, self.invoice_id)

    def mark_paid(self) -> Invoice:
        """Mark the invoice paid."""
        return invoices.mark_paid(self.connection, self.tenant_id, self.invoice_id)

    def everything(self) -> Everything:
        """Read every row there is."""
        return Everything.of(self.connection)


@pytest.fixture
def world(clone: Connection[Any]) -> World:
    """The customer with its three events, and a neighbour with a draft and an issued invoice."""
    clone.autocommit = True
    customer, neighbour = Customer.new(clone, "customer"), Customer.new(clone, "neighbour")
    event_ids = [customer.event(amount, when, kind) for amount, kind, when in SEEDS]
    for month, next_month in ((JANUARY, FEBRUARY), (FEBRUARY, MARCH)):
        neighbour.event(occurred_at=month)
        draft = invoices.generate_draft(clone, neighbour.id, month, next_month)
        if month == JANUARY:
            invoices.issue(clone, neighbour.id, draft.id)
    write_contract(clone, neighbour.id, contract(tiered("invoice", ("25 %", "9"), ("20 %", None))))
    return World(clone, customer, neighbour, customer.id, event_ids=event_ids)


# What a call needs first.


def nothing(world: World) -> None:
    """The call needs no invoice."""


def drafted(world: World) -> None:
    world.invoice_id = world.draft().id


def issued(world: World) -> None:
    drafted(world)
    world.issue()


# What can be spoiled.


def end_the_period_at_its_start(world: World) -> None:
    world.end = world.start


def end_the_period_before_its_start(world: World) -> None:
    world.start, world.end = world.end, world.start


def use_the_key_for_another_period(world: World) -> None:
    world.customer.event(occurred_at=MARCH)
    invoices.generate_draft(world.connection, world.customer.id, MARCH, APRIL, KEY)


def use_the_key_for_the_neighbour(world: World) -> None:
    world.neighbour.event(occurred_at=MARCH)
    invoices.generate_draft(world.connection, world.neighbour.id, MARCH, APRIL, KEY)


def name_no_tenant(world: World) -> None:
    world.tenant_id = uuid4()


def name_the_neighbour(world: World) -> None:
    world.tenant_id = world.neighbour.id


def suspend(world: World) -> None:
    queries.set_tenant_status(world.connection, tenant_id=world.customer.id, status="suspended")


def close(world: World) -> None:
    queries.set_tenant_status(world.connection, tenant_id=world.customer.id, status="closed")


def name_no_invoice(world: World) -> None:
    world.invoice_id = uuid4()


def cancel_it_first(world: World) -> None:
    world.cancel()


def issue_it_first(world: World) -> None:
    world.issue()


def pay_it_first(world: World) -> None:
    if world.find().status == "DRAFT":
        world.issue()
    world.mark_paid()


def draft_the_last_microsecond(world: World) -> None:
    invoices.generate_draft(world.connection, world.customer.id, MARCH - MICROSECOND, APRIL)


def issue_the_first_days(world: World) -> None:
    early = FEBRUARY + timedelta(days=10)
    draft = invoices.generate_draft(world.connection, world.customer.id, JANUARY, early)
    invoices.issue(world.connection, world.customer.id, draft.id)


def pay_the_whole_period(world: World) -> None:
    draft = invoices.generate_draft(world.connection, world.customer.id, FEBRUARY, MARCH)
    invoices.issue(world.connection, world.customer.id, draft.id)
    invoices.mark_paid(world.connection, world.customer.id, draft.id)


def remove_all_events(world: World) -> None:
    queries.delete_events(world.connection, tenant_id=world.customer.id)


def make_nothing_billable(world: World) -> None:
    for event_id in world.event_ids:
        queries.set_billable(world.connection, event_id=event_id, billable=False)


def make_an_amount_nan(world: World) -> None:
    queries.let_amounts_be_nan(world.connection)
    queries.set_amount(world.connection, event_id=world.event_ids[1], amount=Decimal("NaN"))


def end_all_terms(world: World) -> None:
    queries.delete_terms(world.connection, tenant_id=world.customer.id)


def add_an_event_without_terms(world: World) -> None:
    world.customer.event(currency="CAD")


def add_a_second_currency(world: World) -> None:
    world.customer.terms("0.25", currency="JPY")
    world.customer.event(currency="JPY")


def agree_on_no_invoice_below_zero(world: World) -> None:
    signed = contract()
    write_contract(world.connection, world.customer.id, signed)
    world.customer.event("-100000")


def add_an_event(world: World) -> None:
    world.customer.event("0")


def remove_an_event(world: World) -> None:
    queries.delete_event(world.connection, event_id=world.event_ids[0])


def change_an_amount(world: World) -> None:
    # By so little that no fee changes.
    queries.set_amount(world.connection, event_id=world.event_ids[0], amount=Decimal("1200.5001"))


def replace_an_event_by_its_equal(world: World) -> None:
    queries.set_event_id(world.connection, event_id=world.event_ids[0], new_id=uuid4())


def move_an_event_out(world: World) -> None:
    queries.set_occurred_at(world.connection, event_id=world.event_ids[0], occurred_at=MARCH)


def withdraw_an_event(world: World) -> None:
    queries.set_billable(world.connection, event_id=world.event_ids[0], billable=False)


def rename_the_finding(world: World) -> None:
    queries.set_finding_type(
        world.connection, event_id=world.event_ids[0], finding_type="ADDRESS_CORRECTION"
    )


def change_the_rate(world: World) -> None:
    queries.set_rate(
        world.connection,
        tenant_id=world.customer.id,
        finding_type=None,
        currency="USD",
        valid_from=FEBRUARY.date().replace(year=2020, month=1),
        rate=Decimal("0.250001"),
    )


def agree_on_special_terms(world: World) -> None:
    world.customer.terms("0.30", finding_type="DUPLICATE_CHARGE")


Act = Callable[[World], object]


@dataclass(frozen=True)
class Case:
    """After ``given``, ``call`` is accepted; but once ``spoil`` was done, ``rule`` refuses it."""

    rule: Rule
    call: Act
    spoil: Act
    given: Act = nothing

    def __str__(self) -> str:
        return f"{self.rule}-{self.call.__name__}-{self.spoil.__name__}"


def _cases(rule: Rule, calls: tuple[Act, ...], spoils: tuple[Act, ...], given: Act) -> list[Case]:
    return [Case(rule, call, spoil, given) for call in calls for spoil in spoils]


BILLS = (World.preview, World.draft)
STALENESS = (
    add_an_event,
    remove_an_event,
    remove_all_events,
    change_an_amount,
    make_an_amount_nan,
    replace_an_event_by_its_equal,
    move_an_event_out,
    withdraw_an_event,
    rename_the_finding,
    change_the_rate,
    agree_on_special_terms,
    end_all_terms,
    add_an_event_without_terms,
    add_a_second_currency,
)
CASES = [
    *_cases(
        Rule.INVOICE_NOT_FOUND,
        (World.find, World.cancel, World.issue),
        (name_the_neighbour, name_no_invoice, cancel_it_first),
        drafted,
    ),
    *_cases(
        Rule.INVOICE_NOT_FOUND, (World.mark_paid,), (name_the_neighbour, name_no_invoice), issued
    ),
    *_cases(
        Rule.INVOICE_IS_NOT_DRAFT,
        (World.cancel, World.issue),
        (issue_it_first, pay_it_first),
        drafted,
    ),
    Case(Rule.INVOICE_IS_NOT_ISSUED, World.mark_paid, pay_it_first, issued),
    *_cases(
        Rule.PERIOD_IS_EMPTY,
        BILLS,
        (end_the_period_at_its_start, end_the_period_before_its_start),
        nothing,
    ),
    *_cases(
        Rule.IDEMPOTENCY_KEY_REUSED,
        (World.draft_with_key,),
        (use_the_key_for_another_period, use_the_key_for_the_neighbour),
        nothing,
    ),
    *_cases(Rule.TENANT_NOT_FOUND, BILLS, (name_no_tenant,), nothing),
    *_cases(Rule.TENANT_IS_NOT_ACTIVE, BILLS, (suspend, close), nothing),
    *_cases(Rule.TENANT_IS_NOT_ACTIVE, (World.issue,), (suspend, close), drafted),
    *_cases(
        Rule.PERIOD_OVERLAPS_INVOICE,
        BILLS,
        (draft_the_last_microsecond, issue_the_first_days, pay_the_whole_period),
        nothing,
    ),
    *_cases(Rule.NO_BILLABLE_EVENTS, BILLS, (remove_all_events, make_nothing_billable), nothing),
    *_cases(Rule.EVENT_AMOUNT_IS_NOT_FINITE, BILLS, (make_an_amount_nan,), nothing),
    *_cases(Rule.EVENT_HAS_NO_TERMS, BILLS, (end_all_terms, add_an_event_without_terms), nothing),
    *_cases(Rule.EVENTS_IN_SEVERAL_CURRENCIES, BILLS, (add_a_second_currency,), nothing),
    *_cases(Rule.TOTAL_IS_NEGATIVE, BILLS, (agree_on_no_invoice_below_zero,), nothing),
    *_cases(Rule.DRAFT_IS_STALE, (World.issue,), STALENESS, drafted),
]


def refusal_of(call: Act, world: World) -> Rule | None:
    """Make the call and return the rule that refused it, ``None`` if it was accepted."""
    try:
        call(world)
    except Refused as refusal:
        return refusal.rule
    return None


def demand_refused(call: Act, world: World, rule: Rule) -> None:
    """Fail unless ``rule`` refuses the call and every row stays as it is."""
    before = world.everything()
    got = refusal_of(call, world)
    assert got == rule, f"got {got or 'an accepted call'}, but should be {rule}"
    written = world.everything().difference(before)
    assert not written, f"got a refusal ({rule}) that wrote, but should be all as before: {written}"


def demand_equal(got: object, expected: object, what: str) -> None:
    """Fail in words unless both are equal."""
    assert got == expected, f"got {what} {got}, but should be {expected}"


# Refusals.


def test_every_rule_is_tested_in_the_order_of_the_enum() -> None:
    tested = list(dict.fromkeys(case.rule for case in CASES))
    demand_equal(tested, list(Rule), "the rules")


def test_no_table_escapes_the_comparison_of_all_rows(world: World) -> None:
    drafted(world)
    tables = {row["table_name"] for row in queries.tables(world.connection)}
    demand_equal(world.everything().tables(), tables, "as compared tables")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_call_is_accepted_before_and_refused_after_one_thing_is_spoiled(
    world: World, case: Case
) -> None:
    case.given(world)
    try:
        with world.connection.transaction(force_rollback=True):
            case.call(world)
    except Refused as refusal:
        pytest.fail(f"got {refusal}, but should be accepted")
    case.spoil(world)
    demand_refused(case.call, world, case.rule)


def test_a_draft_cannot_be_paid(world: World) -> None:
    drafted(world)
    demand_refused(World.mark_paid, world, Rule.INVOICE_IS_NOT_ISSUED)


# For each call, what can be broken together, in the order of the rules.
SPOILED_BILLS: list[tuple[Rule, Act]] = [
    (Rule.PERIOD_IS_EMPTY, end_the_period_at_its_start),
    (Rule.TENANT_IS_NOT_ACTIVE, suspend),
    (Rule.PERIOD_OVERLAPS_INVOICE, draft_the_last_microsecond),
    (Rule.EVENT_AMOUNT_IS_NOT_FINITE, make_an_amount_nan),
    (Rule.EVENT_HAS_NO_TERMS, add_an_event_without_terms),
    (Rule.EVENTS_IN_SEVERAL_CURRENCIES, add_a_second_currency),
    (Rule.TOTAL_IS_NEGATIVE, agree_on_no_invoice_below_zero),
]
SPOILED_ISSUES: list[tuple[Rule, Act]] = [
    (Rule.INVOICE_IS_NOT_DRAFT, issue_it_first),
    (Rule.TENANT_IS_NOT_ACTIVE, suspend),
    (Rule.DRAFT_IS_STALE, add_an_event),
]


@pytest.mark.parametrize("first", range(len(SPOILED_BILLS)), ids=lambda n: SPOILED_BILLS[n][0])
@pytest.mark.parametrize("call", BILLS)
def test_of_many_broken_rules_a_bill_names_the_first(world: World, call: Act, first: int) -> None:
    for _, spoil in reversed(SPOILED_BILLS[first:]):
        spoil(world)
    demand_refused(call, world, SPOILED_BILLS[first][0])


@pytest.mark.parametrize("first", range(len(SPOILED_ISSUES)), ids=lambda n: SPOILED_ISSUES[n][0])
def test_of_many_broken_rules_an_issue_names_the_first(world: World, first: int) -> None:
    drafted(world)
    for _, spoil in SPOILED_ISSUES[first:]:
        spoil(world)
    demand_refused(World.issue, world, SPOILED_ISSUES[first][0])


def test_issuing_no_invoice_of_a_suspended_tenant_names_the_invoice_first(world: World) -> None:
    suspend(world)
    name_no_invoice(world)
    demand_refused(World.issue, world, Rule.INVOICE_NOT_FOUND)


def test_a_refusal_inside_the_callers_transaction_leaves_it_usable(world: World) -> None:
    drafted(world)
    with world.connection.transaction():
        add_an_event(world)
        assert refusal_of(World.issue, world) == Rule.DRAFT_IS_STALE
        world.cancel()
        drafted(world)
        issued_invoice = world.issue()
    demand_equal(issued_invoice.event_count, 4, "events on the invoice")
    demand_equal(world.customer.invoices()[0]["status"], "ISSUED", "the stored status")


def test_a_refusal_says_what_broke_the_rule(world: World) -> None:
    draft_the_last_microsecond(world)
    with pytest.raises(Refused) as refusal:
        world.draft()
    number = world.customer.invoices()[0]["invoice_number"]
    assert str(refusal.value).startswith("period_overlaps_invoice: "), "the rule comes first"
    assert number in refusal.value.message, "the message names the invoice in the way"


# Drafts.


def test_a_draft_bills_the_runbooks_seeds_to_the_last_cent(world: World) -> None:
    draft = world.draft()
    demand_equal(draft.gain_share_amount, Decimal("616.44"), "USD to bill")
    demand_equal(draft.recovered_amount, Decimal("2465.75"), "USD recovered")
    quarter = Decimal("0.25")
    expected = (
        Line("ADDRESS_CORRECTION", quarter, 1, Decimal("875.25"), Decimal("218.81")),
        Line("CLASSIFICATION_ERROR", quarter, 1, Decimal("390.00"), Decimal("97.50")),
        Line("DUPLICATE_CHARGE", quarter, 1, Decimal("1200.50"), Decimal("300.13")),
    )
    demand_equal(draft.lines, expected, "lines")


def test_a_draft_is_its_preview_and_is_stored_as_returned(world: World) -> None:
    preview = world.preview()
    draft = world.draft()
    for name in vars(preview):
        demand_equal(getattr(draft, name), getattr(preview, name), name)
    (stored,) = world.customer.invoices()
    for name in vars(draft).keys() - {"lines"}:
        demand_equal(getattr(draft, name), stored[name], name)
    lines = [Line(**row) for row in queries.invoice_lines(world.connection, invoice_id=draft.id)]
    demand_equal(list(draft.lines), lines, "lines")
    demand_equal((draft.status, draft.currency), ("DRAFT", "USD"), "status and currency")
    demand_equal((draft.issued_at, draft.paid_at), (None, None), "instants of issue and payment")


def test_a_preview_writes_nothing(world: World) -> None:
    before = world.everything()
    world.preview()
    written = world.everything().difference(before)
    assert not written, f"got a preview that wrote, but should be all as before: {written}"


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [
        ("0.02", "USD", "0.01"),  # 0.005: half a cent, away from zero
        ("-0.02", "USD", "-0.01"),
        ("0.0199", "USD", "0.00"),
        ("0.10", "USD", "0.03"),  # 0.025: not to even
        ("2", "JPY", "1"),
        ("-2", "JPY", "-1"),
        ("1.9999", "JPY", "0"),
        ("0.002", "KWD", "0.001"),
        ("99999999999999.9999", "USD", "25000000000000.00"),
    ],
)
def test_a_fee_is_rounded_half_away_from_zero_to_the_minor_unit(
    world: World, amount: str, currency: str, fee: str
) -> None:
    customer = Customer.new(world.connection, "abroad")
    if currency != "USD":
        customer.terms("0.25", currency=currency)
    customer.event(amount, currency=currency)
    world.tenant_id = customer.id
    demand_equal(world.draft().gain_share_amount, Decimal(fee), f"{currency} at 25 % of {amount}")


def test_a_draft_number_names_the_month_and_the_invoice(world: World) -> None:
    draft = world.draft()
    assert re.fullmatch(r"DRAFT-2026-02-[0-9a-f]{8}", draft.invoice_number), (
        f"got {draft.invoice_number}, but should be DRAFT-2026-02-<8 hex digits>"
    )
    demand_equal(draft.invoice_number[-8:], draft.id.hex[:8], "the number's end")


def test_a_draft_number_names_the_month_in_utc(world: World) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    world.start = datetime(2026, 2, 1, 5, 29, 59, tzinfo=east)
    demand_equal(world.draft().invoice_number[:13], "DRAFT-2026-01", "the number's month")


def test_a_session_in_another_time_zone_drafts_the_same_period(world: World) -> None:
    queries.set_time_zone(world.connection, zone="Pacific/Kiritimati")
    draft = world.draft()
    demand_equal((draft.period_start, draft.period_end), (FEBRUARY, MARCH), "the period")
    demand_equal(draft.gain_share_amount, Decimal("616.44"), "USD to bill")
    demand_equal(draft.invoice_number[:13], "DRAFT-2026-02", "the number's month")


def test_a_draft_writes_nothing_per_event(world: World) -> None:
    queries.insert_many_events(
        world.connection,
        tenant_id=world.customer.id,
        amount=Decimal(1),
        finding_types=["DUPLICATE_CHARGE", "ADDRESS_CORRECTION"],
        occurred_at=FEBRUARY,
        times=500,
    )
    versions, before = list(queries.event_versions(world.connection)), world.everything()
    draft = world.draft()
    demand_equal(draft.event_count, 1003, "events on the draft")
    assert list(queries.event_versions(world.connection)) == versions, (
        "got event rows that were written, but should be none"
    )
    new = world.everything().rows - before.rows
    tables = sorted(table for table, _, _ in new)
    demand_equal(tables, ["billing_invoice_lines"] * 3 + ["billing_invoices"], "new rows in")


def test_a_repeat_with_the_key_returns_the_invoice_and_writes_nothing(world: World) -> None:
    draft = world.draft_with_key()
    (stored,) = world.customer.invoices()
    demand_equal(stored["idempotency_key"], KEY, "the key")
    demand_equal(world.draft_with_key(), draft, "the draft")
    made_final = invoices.issue(world.connection, world.customer.id, draft.id)
    suspend(world)  # what is done is done: no rule of a new draft applies to a repeat
    before = world.everything()
    demand_equal(world.draft_with_key(), made_final, "the invoice")
    written = world.everything().difference(before)
    assert not written, f"got a repeat that wrote, but should be all as before: {written}"


def test_no_two_invoices_hold_one_key_whatever_writes_them(world: World) -> None:
    world.draft_with_key()
    (others, *_) = world.neighbour.invoices()
    with pytest.raises(UniqueViolation, match="billing_invoices_idempotency_key_is_unique"):
        queries.set_idempotency_key(world.connection, invoice_id=others["id"], idempotency_key=KEY)


def test_a_reused_key_is_named_before_what_else_is_wrong(world: World) -> None:
    use_the_key_for_another_period(world)
    suspend(world)
    demand_refused(World.draft_with_key, world, Rule.IDEMPOTENCY_KEY_REUSED)
    end_the_period_at_its_start(world)
    demand_refused(World.draft_with_key, world, Rule.PERIOD_IS_EMPTY)


@pytest.mark.parametrize("status", ["DRAFT", "ISSUED", "PAID"])
def test_an_adjoining_period_is_accepted_beside_each_status(world: World, status: str) -> None:
    world.customer.event(occurred_at=FEBRUARY - MICROSECOND)
    world.customer.event(occurred_at=MARCH)
    drafted(world)
    if status != "DRAFT":
        world.issue()
    if status == "PAID":
        world.mark_paid()
    for start, end in ((JANUARY, FEBRUARY), (MARCH, APRIL)):
        draft = invoices.generate_draft(world.connection, world.customer.id, start, end)
        demand_equal(draft.event_count, 1, f"events from {start:%B} on the draft")


# Cancelling.


def test_a_cancelled_draft_is_as_if_it_had_never_been(world: World) -> None:
    before = world.everything()
    drafted(world)
    assert world.everything().difference(before), "a draft that wrote nothing proves nothing"
    world.cancel()
    left = world.everything().difference(before)
    assert not left, f"got traces of a cancelled draft, but should be none: {left}"


def test_a_cancelled_period_can_be_drafted_and_issued_again(world: World) -> None:
    drafted(world)
    world.cancel()
    issued(world)
    demand_equal(world.find().invoice_number, "INV-000001", "the number")


def test_a_suspended_tenants_draft_can_be_cancelled(world: World) -> None:
    before = world.everything()
    drafted(world)
    suspend(world)
    world.cancel()
    queries.set_tenant_status(world.connection, tenant_id=world.customer.id, status="active")
    left = world.everything().difference(before)
    assert not left, f"got traces of a cancelled draft, but should be none: {left}"


# Issuing.


def test_an_issue_claims_exactly_the_billable_events_of_the_period(world: World) -> None:
    customer = world.customer
    inside = {*world.event_ids, customer.event("-5", FEBRUARY), customer.event("0")}
    issued_before = customer.event(occurred_at=JANUARY)
    world.start, world.end = JANUARY, FEBRUARY
    issued(world)
    january = world.invoice_id
    outside = {
        customer.event(occurred_at=FEBRUARY - MICROSECOND),  # late for January's invoice
        customer.event(occurred_at=MARCH),
        customer.event(billable=False),
        customer.event(category="IDENTIFIED"),
    }
    neighbours = world.neighbour.claimed()
    world.start, world.end = FEBRUARY, MARCH
    issued(world)
    expected = dict.fromkeys(inside, world.invoice_id) | dict.fromkeys(outside)
    demand_equal(customer.claimed(), expected | {issued_before: january}, "claims")
    demand_equal(world.neighbour.claimed(), neighbours, "the neighbour's claims")


def test_a_billed_event_that_moves_into_another_period_is_not_billed_again(world: World) -> None:
    issued(world)
    february = world.invoice_id
    queries.set_occurred_at(world.connection, event_id=world.event_ids[0], occurred_at=MARCH)
    new = world.customer.event(occurred_at=MARCH)
    world.start, world.end = MARCH, APRIL
    issued(world)
    expected = dict.fromkeys(world.event_ids, february) | {new: world.invoice_id}
    demand_equal(world.customer.claimed(), expected, "claims")
    demand_equal(world.find().event_count, 1, "events on the second invoice")


def test_an_issue_moves_nothing_but_its_invoice_and_its_events(world: World) -> None:
    outside = world.customer.event(occurred_at=MARCH)
    drafted(world)
    (draft,) = world.customer.invoices()
    before = world.everything()
    issued_invoice = world.issue()
    (after,) = world.customer.invoices()
    moved = {name for name in after if after[name] != draft[name]}
    demand_equal(moved, {"status", "invoice_number", "issued_at"}, "columns moved by the issue")
    changed = sorted(table for table, _, _ in before.rows - world.everything().rows)
    demand_equal(changed, ["billing_invoices"] + ["value_events"] * 3, "rows moved in")
    events = queries.events(world.connection, tenant_id=world.customer.id)
    billed = {row["id"]: row["billed_at"] for row in events}
    instants = dict.fromkeys(world.event_ids, issued_invoice.issued_at) | {outside: None}
    demand_equal(billed, instants, "instants of billing")


def test_final_numbers_are_counted_per_tenant_from_one(world: World) -> None:
    numbers = []
    for month in range(3, 7):
        world.start, world.end = (datetime(2026, m, 1, tzinfo=UTC) for m in (month, month + 1))
        world.customer.event(occurred_at=world.start)
        issued(world)
        numbers.append(world.find().invoice_number)
    expected = ["INV-000001", "INV-000002", "INV-000003", "INV-000004"]
    demand_equal(numbers, expected, "the customer's numbers")
    numbers = [row["invoice_number"] for row in world.neighbour.invoices()]
    demand_equal(numbers[0], "INV-000001", "the neighbour's number")


def test_cancelled_drafts_and_refused_issues_leave_no_gap(world: World) -> None:
    drafted(world)
    add_an_event(world)
    demand_refused(World.issue, world, Rule.DRAFT_IS_STALE)
    world.cancel()
    issued(world)
    demand_equal(world.find().invoice_number, "INV-000001", "the number")


def test_final_numbers_follow_the_issue_and_not_the_draft(world: World) -> None:
    world.customer.event(occurred_at=JANUARY)
    first = invoices.generate_draft(world.connection, world.customer.id, JANUARY, FEBRUARY)
    issued(world)
    later = invoices.issue(world.connection, world.customer.id, first.id)
    numbers = (world.find().invoice_number, later.invoice_number)
    demand_equal(numbers, ("INV-000001", "INV-000002"), "the numbers of second and first draft")


def test_final_numbers_keep_growing_beyond_six_digits(world: World) -> None:
    issued(world)
    queries.set_invoice_number(
        world.connection, invoice_id=world.invoice_id, invoice_number="INV-999999"
    )
    for month, number in ((3, "INV-1000000"), (4, "INV-1000001"), (5, "INV-1000002")):
        world.start, world.end = (datetime(2026, m, 1, tzinfo=UTC) for m in (month, month + 1))
        world.customer.event(occurred_at=world.start)
        issued(world)
        demand_equal(world.find().invoice_number, number, "the number")


def test_changes_outside_the_period_or_the_tenant_make_no_draft_stale(world: World) -> None:
    drafted(world)
    world.customer.event(occurred_at=MARCH)
    world.customer.event(occurred_at=FEBRUARY - MICROSECOND)
    world.customer.event(billable=False)
    world.customer.terms("0.5", finding_type="UNHEARD_OF")
    world.neighbour.event()
    demand_equal(world.issue().status, "ISSUED", "the status")


def test_a_tenant_suspended_after_the_draft_can_be_billed_once_active_again(world: World) -> None:
    drafted(world)
    suspend(world)
    demand_refused(World.issue, world, Rule.TENANT_IS_NOT_ACTIVE)
    queries.set_tenant_status(world.connection, tenant_id=world.customer.id, status="active")
    demand_equal(world.issue().status, "ISSUED", "the status")


# Paying.


def test_a_payment_moves_nothing_but_status_and_instant(world: World) -> None:
    issued(world)
    (before,), rows = world.customer.invoices(), world.everything()
    paid = world.mark_paid()
    (after,) = world.customer.invoices()
    moved = {name for name in after if after[name] != before[name]}
    demand_equal(moved, {"status", "paid_at"}, "columns moved by the payment")
    demand_equal((paid.status, paid.paid_at), ("PAID", after["paid_at"]), "status and instant")
    changed = [table for table, _, _ in rows.rows - world.everything().rows]
    demand_equal(changed, ["billing_invoices"], "rows moved in")


def test_a_suspended_tenants_invoice_can_be_paid(world: World) -> None:
    issued(world)
    suspend(world)
    demand_equal(world.mark_paid().status, "PAID", "the status")


def test_the_instants_of_a_lifecycle_are_in_order(world: World) -> None:
    with world.connection.transaction():  # even in one transaction, where now() stands still
        issued(world)
        paid = world.mark_paid()
    assert paid.issued_at is not None, "got no instant of issue on a paid invoice"
    assert paid.paid_at is not None, "got no instant of payment on a paid invoice"
    assert paid.created_at < paid.issued_at < paid.paid_at, (
        f"got {paid.created_at}, {paid.issued_at}, {paid.paid_at}, "
        f"but should be created before issued before paid"
    )
