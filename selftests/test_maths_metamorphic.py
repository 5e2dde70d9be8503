"""What must hold between two bills, whatever either of them says.

A tenant is billed, something is changed whose effect is known exactly, and it is billed again.
None of it asks what a bill should be, so a mistake that platform and oracle share shows here.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.calls import Refusal, attempt
from fixtures.scratch import write, write_events
from oracle.bill import Bill
from oracle.drawing import events, moments, scenarios, unbillable
from oracle.generated import MICROSECOND, PERIOD, TENANT_ID, Event, Scenario
from oracle.period import Period
from platforms.statements import Tables
from selftests.queries_maths import maths_queries
from selftests.reference import expected, known, platform_of

PARTS = ("event_count", "recovered_amount", "gain_share_amount")
Tally = dict[tuple[str, str], Fraction]


def tally(bill: Bill | Refusal | None) -> Tally:
    """Return every number of a bill by its place; none where there is no billable event.

    Numbers that are zero are left out, so that a line of nothing equals no line.
    """
    if not isinstance(bill, Bill):
        no_events = bill is None or bill.code == "no_billable_events"
        assert no_events, f"{bill}, but should be billed"
        return {}
    numbers = {("total", part): Fraction(getattr(bill, part)) for part in PARTS}
    for line in known(bill.lines):
        scope = f"{line.finding_type} at {known(line.rate):f}"
        numbers |= {(scope, part): Fraction(getattr(line, part)) for part in PARTS}
    return {place: number for place, number in numbers.items() if number}


def added(first: Tally, second: Tally, factor: int = 1) -> Tally:
    """Return ``first + factor * second``, number by number."""
    places = first.keys() | second.keys()
    sums = {place: first.get(place, 0) + factor * second.get(place, 0) for place in places}
    return {place: Fraction(number) for place, number in sums.items() if number}


def money_of(numbers: Tally) -> Tally:
    """Leave the counts of events out."""
    return {place: number for place, number in numbers.items() if place[-1] != "event_count"}


def billed(tables: Tables, period: Period = PERIOD) -> tuple[Tally, Tally]:
    """Return what the platform's preview bills, and what the oracle expects; each stands alone."""
    expectation = expected(tables, period)
    assert expectation.flaws == (), "every event of these scenarios can be billed"
    preview = attempt(platform_of(tables.connection).preview, TENANT_ID, period)
    return tally(preview), tally(expectation.bill)


def drafted(tables: Tables, period: Period) -> Tally:
    """Return what a draft bills that the platform makes and keeps."""
    platform = platform_of(tables.connection)
    key = f"{period.start} to {period.end}"
    draft = attempt(platform.generate_draft, TENANT_ID, period, key)
    return tally(draft if isinstance(draft, Refusal) else draft.bill)


@st.composite
def with_an_instant(draw: st.DrawFn) -> tuple[Scenario, datetime]:
    """A scenario and an instant inside its period, often that of an event or right beside it."""
    scenario = draw(scenarios(max_events=12))
    near = [e.occurred_at + nudge * MICROSECOND for e in scenario.events for nudge in (0, 1)]
    candidates = st.sampled_from([PERIOD.start + MICROSECOND, *near]) | moments()
    return scenario, draw(candidates.filter(lambda at: PERIOD.start < at < PERIOD.end))


@settings(max_examples=150, deadline=None)
@given(scenario_and_instant=with_an_instant())
def test_splitting_a_period_at_any_instant_splits_its_bill_exactly(
    scratch: Tables, scenario_and_instant: tuple[Scenario, datetime]
) -> None:
    scenario, instant = scenario_and_instant
    halves = (Period(PERIOD.start, instant), Period(instant, PERIOD.end))
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        whole = billed(scratch)
        first, second = (billed(scratch, half) for half in halves)
    for judged, sum_of_parts, total in zip(
        ("platform", "oracle"), map(added, first, second), whole, strict=True
    ):
        assert sum_of_parts == total, f"{judged}: the halves do not add up to the whole"


@settings(max_examples=100, deadline=None)
@given(scenario_and_instant=with_an_instant())
def test_both_halves_of_a_period_can_be_drafted_but_then_not_the_whole(
    scratch: Tables, scenario_and_instant: tuple[Scenario, datetime]
) -> None:
    scenario, instant = scenario_and_instant
    platform = platform_of(scratch.connection)
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        whole, _ = billed(scratch)
        second = drafted(scratch, Period(instant, PERIOD.end))
        first = drafted(scratch, Period(PERIOD.start, instant))
        assert added(first, second) == whole, "the drafts do not add up to the whole"
        again = attempt(platform.generate_draft, TENANT_ID, PERIOD, "whole")
    rule = "period_overlaps_invoice" if whole else "no_billable_events"
    assert isinstance(again, Refusal), f"got {again}, but should be refused: {rule}"
    assert again.code == rule


@st.composite
def with_pairs(draw: st.DrawFn) -> tuple[Scenario, tuple[Event, ...]]:
    """A scenario, and events each followed by its reversal."""
    scenario = draw(scenarios(max_events=6))
    charges = draw(st.lists(events(scenario.currency), min_size=1, max_size=4))
    pairs = [(charge, replace(charge, amount=-charge.amount)) for charge in charges]
    return scenario, tuple(event for pair in pairs for event in pair)


@settings(max_examples=100, deadline=None)
@given(scenario_and_pairs=with_pairs())
def test_a_reversal_cancels_the_fee_of_its_event_exactly(
    scratch: Tables, scenario_and_pairs: tuple[Scenario, tuple[Event, ...]]
) -> None:
    scenario, pairs = scenario_and_pairs
    inside = sum(PERIOD.start <= event.occurred_at < PERIOD.end for event in pairs)
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        without = billed(scratch)
        write_events(scratch, replace(scenario, events=pairs))
        with_them = billed(scratch)
    for judged, before, after in zip(("platform", "oracle"), without, with_them, strict=True):
        assert money_of(after) == money_of(before), f"{judged}: pairs should cancel out"
        surplus = added(after, before, -1).get(("total", "event_count"), 0)
        assert surplus == inside, f"{judged}: reversals are events too and must be counted"


@settings(max_examples=100, deadline=None)
@given(scenario=scenarios(max_events=12))
def test_reversing_everything_bills_the_same_with_the_other_sign(
    scratch: Tables, scenario: Scenario
) -> None:
    reversals = tuple(replace(event, amount=-event.amount) for event in scenario.events)
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        charged = billed(scratch)
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, replace(scenario, events=reversals))
        reversed_ = billed(scratch)
    for judged, before, after in zip(("platform", "oracle"), charged, reversed_, strict=True):
        assert added(money_of(before), money_of(after)) == {}, f"{judged}: the signs differ"


@st.composite
def with_unbillable(draw: st.DrawFn) -> tuple[Scenario, tuple[Event, ...]]:
    """A scenario, and rows that no bill may hold, some with an amount that is no number."""
    scenario = draw(scenarios(max_events=8))
    rows = unbillable(scenario.currency)
    odd = rows.map(lambda row: replace(row, amount=Decimal("NaN")))
    return scenario, tuple(draw(st.lists(rows | odd, min_size=1, max_size=6)))


@settings(max_examples=100, deadline=None)
@given(scenario_and_rows=with_unbillable())
def test_adding_rows_that_are_not_billable_changes_nothing(
    scratch: Tables, scenario_and_rows: tuple[Scenario, tuple[Event, ...]]
) -> None:
    scenario, rows = scenario_and_rows
    platform = platform_of(scratch.connection)
    with scratch.connection.transaction(force_rollback=True):
        maths_queries.allow_nan(scratch.connection)
        write(scratch, scenario)
        previewed = attempt(platform.preview, TENANT_ID, PERIOD)
        right = expected(scratch)
        drafted = attempt(platform.generate_draft, TENANT_ID, PERIOD, "selftest")
        write_events(scratch, replace(scenario, events=rows))
        assert expected(scratch) == right
        if not isinstance(drafted, Refusal):
            issued = attempt(platform.issue, TENANT_ID, drafted.id)
            bill = issued if isinstance(issued, Refusal) else issued.bill
            assert bill == previewed, "they must neither make the draft stale nor join it"
    with scratch.connection.transaction(force_rollback=True):
        maths_queries.allow_nan(scratch.connection)
        write(scratch, scenario)
        write_events(scratch, replace(scenario, events=rows))
        assert attempt(platform.preview, TENANT_ID, PERIOD) == previewed


@st.composite
def with_an_order(draw: st.DrawFn) -> tuple[Scenario, Scenario]:
    """A scenario, and the same one with its events and terms in another order."""
    scenario = draw(scenarios(max_events=12))
    return scenario, replace(
        scenario,
        rates=tuple(draw(st.permutations(scenario.rates))),
        events=tuple(draw(st.permutations(scenario.events))),
    )


@settings(max_examples=100, deadline=None)
@given(one_and_other=with_an_order())
def test_the_order_of_insertion_does_not_matter(
    scratch: Tables, one_and_other: tuple[Scenario, Scenario]
) -> None:
    platform = platform_of(scratch.connection)
    bills, expectations = [], []
    for scenario in one_and_other:
        with scratch.connection.transaction(force_rollback=True):
            write(scratch, scenario)
            bills.append(attempt(platform.preview, TENANT_ID, PERIOD))
            expectations.append(expected(scratch))
    assert bills[1] == bills[0]
    assert expectations[1] == expectations[0]
