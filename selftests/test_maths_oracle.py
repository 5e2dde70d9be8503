"""The oracle is right, and the generator looks where mistakes are.

The oracle is held against a third computation that never sees a database: one event after the
other, in fractions, by the words of the specification.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from math import floor
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from fixtures.scratch import write
from oracle import slices
from oracle.bill import Bill
from oracle.drawing import scenarios
from oracle.generated import DAY, FAR_PAST, MICROSECOND, PERIOD, Event, Rate, Scenario
from platforms.statements import Tables
from selftests.queries_maths import maths_queries
from selftests.reference import expected, known

MINOR_UNITS = {"JPY": 1, "USD": 100, "KWD": 1000}
HALF = Fraction(1, 2)
HUGE = Decimal(10**11)
Tally = tuple[int, Fraction, Fraction]


def billable(scenario: Scenario) -> Iterator[Event]:
    """Yield the events that the specification calls billable."""
    for event in scenario.events:
        ours = not event.neighbours and event.category == "RECOVERED"
        unbilled = event.billable and not event.billed
        if ours and unbilled and PERIOD.start <= event.occurred_at < PERIOD.end:
            yield event


def terms_of(scenario: Scenario, event: Event) -> Rate:
    """Return the terms of the event's UTC date: its finding type's own, else the general ones."""
    day = event.occurred_at.astimezone(UTC).date()
    valid = [
        rate
        for rate in scenario.rates
        if rate.valid_from <= day and (rate.valid_to is None or day < rate.valid_to)
    ]
    by_scope = {rate.finding_type: rate for rate in valid}
    return by_scope.get(event.finding_type) or by_scope[None]


def exact_fee_minor(scenario: Scenario, event: Event) -> Fraction:
    """Return the fee in minor units before it is rounded."""
    share = Fraction(terms_of(scenario, event).rate)
    return Fraction(event.amount) * share * MINOR_UNITS[scenario.currency]


def rounded(fee_minor: Fraction) -> int:
    """Round half away from zero."""
    magnitude = floor(abs(fee_minor) + HALF)
    return magnitude if fee_minor > 0 else -magnitude


def naive_lines(scenario: Scenario) -> dict[tuple[str, Decimal], Tally]:
    """Work out count, recovered and fee of every line, an event at a time."""
    lines: dict[tuple[str, Decimal], Tally] = defaultdict(lambda: (0, Fraction(), Fraction()))
    for event in billable(scenario):
        fee = Fraction(rounded(exact_fee_minor(scenario, event)), MINOR_UNITS[scenario.currency])
        key = (event.finding_type, terms_of(scenario, event).rate)
        count, recovered, fees = lines[key]
        lines[key] = (count + 1, recovered + Fraction(event.amount), fees + fee)
    return dict(lines)


def lines_of(bill: Bill) -> dict[tuple[str, Decimal], Tally]:
    """Return a bill's lines in the naive form; two lines of one key would be a mistake."""
    lines = known(bill.lines)
    keys = [(known(line.finding_type), known(line.rate)) for line in lines]
    assert len(set(keys)) == len(keys), f"two lines of one finding type and rate: {keys}"
    return {
        key: (
            known(line.event_count),
            Fraction(known(line.recovered_amount)),
            Fraction(known(line.gain_share_amount)),
        )
        for key, line in zip(keys, lines, strict=True)
    }


def demand_naive_result(tables: Tables, scenario: Scenario) -> None:
    """Hold the oracle against the naive computation: lines, totals, count and currency."""
    expectation = expected(tables)
    naive = naive_lines(scenario)
    assert expectation.flaws == (), "every event of the scenario has terms"
    assert expectation.event_count == sum(count for count, _, _ in naive.values())
    assert (expectation.bill is None) == (naive == {})
    if expectation.bill is None:
        return
    bill = expectation.bill
    assert lines_of(bill) == naive
    assert (bill.currency, expectation.currencies) == (scenario.currency, (scenario.currency,))
    counts, recovered, fees = zip(*naive.values(), strict=True)
    assert bill.event_count == sum(counts)
    assert Fraction(known(bill.recovered_amount)) == sum(recovered)
    assert Fraction(known(bill.gain_share_amount)) == sum(fees)


@settings(max_examples=150, deadline=None)
@given(scenario=scenarios(max_events=20))
def test_the_oracle_equals_a_naive_computation(scratch: Tables, scenario: Scenario) -> None:
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        demand_naive_result(scratch, scenario)


@settings(max_examples=25, deadline=None, phases=(Phase.generate,))
@given(scenario=scenarios(max_events=20), most=st.integers(1, 5))
def test_a_bill_is_one_however_few_events_are_held_at_once(
    scratch: Tables, scenario: Scenario, most: int
) -> None:
    at_once = replace(scenario.events[0], occurred_at=PERIOD.start) if scenario.events else None
    crowded = (*scenario.events, *([at_once] * 2 * most if at_once else ()))
    with scratch.connection.transaction(force_rollback=True), patch.object(slices, "MOST", most):
        write(scratch, replace(scenario, events=crowded))
        demand_naive_result(scratch, replace(scenario, events=crowded))


ANY_DECIMALS = st.builds(
    lambda digits, places: Decimal(f"{digits}E-{places}"),
    st.integers(-(10**26), 10**26) | st.integers(-999, 999),
    st.sampled_from([0, 0, 2, 4, 9]),
)


@settings(max_examples=100, deadline=None)
@given(
    amounts=st.lists(ANY_DECIMALS, min_size=1, max_size=8), currency=st.sampled_from([*MINOR_UNITS])
)
def test_the_oracle_reads_amounts_of_any_scale_and_size(
    scratch: Tables, amounts: list[Decimal], currency: str
) -> None:
    scenario = Scenario(
        currency=currency,
        rates=(Rate(None, Decimal("0.125"), FAR_PAST, None),),
        events=tuple(Event(amount, "MIXED", PERIOD.start) for amount in amounts),
    )
    with scratch.connection.transaction(force_rollback=True):
        maths_queries.allow_any_number(scratch.connection)
        write(scratch, scenario)
        demand_naive_result(scratch, scenario)


def some(condition: Callable[[Scenario, Event], bool]) -> Callable[[Scenario], bool]:
    """Tell whether a billable event of a scenario fulfils a condition."""
    return lambda scenario: any(condition(scenario, event) for event in billable(scenario))


def is_tie(scenario: Scenario, event: Event) -> bool:
    return exact_fee_minor(scenario, event) % 1 == HALF


def is_to_the_even(scenario: Scenario, event: Event) -> bool:
    """Tell whether half-even rounding would give another fee."""
    return is_tie(scenario, event) and floor(abs(exact_fee_minor(scenario, event))) % 2 == 0


def midnight(day: date | None) -> datetime | None:
    """Return the instant at which a UTC date begins."""
    return None if day is None else datetime.combine(day, time(), tzinfo=UTC)


CLASSES = {
    "a tie of a charge": some(lambda s, e: is_tie(s, e) and e.amount > 0),
    "a tie of a reversal": some(lambda s, e: is_tie(s, e) and e.amount < 0),
    "a tie that half-even rounds elsewhere": some(is_to_the_even),
    "a tie in yen": some(lambda s, e: is_tie(s, e) and s.currency == "JPY"),
    "a tie in dollars": some(lambda s, e: is_tie(s, e) and s.currency == "USD"),
    "a tie in dinars": some(lambda s, e: is_tie(s, e) and s.currency == "KWD"),
    "a zero amount": some(lambda _, e: e.amount == 0),
    "a huge amount": some(lambda _, e: abs(e.amount) > HUGE),
    "six decimals": some(lambda s, e: terms_of(s, e).rate * 10**5 % 1 != 0),
    "the first instant": some(lambda _, e: e.occurred_at == PERIOD.start),
    "the last microsecond": some(lambda _, e: e.occurred_at == PERIOD.end - MICROSECOND),
    "own terms": some(lambda s, e: terms_of(s, e).finding_type is not None),
    "general terms beside own ones": lambda s: (
        len({terms_of(s, e).finding_type is None for e in billable(s)}) == 2
    ),
    "own terms only": lambda s: all(rate.finding_type for rate in s.rates) and any(billable(s)),
    "terms that change inside the period": lambda s: (
        len({terms_of(s, e) for e in billable(s) if e.finding_type == "DUPLICATE_CHARGE"}) > 1
    ),
    "terms that begin with the event": some(
        lambda s, e: e.occurred_at == midnight(terms_of(s, e).valid_from)
    ),
    "terms that end a microsecond later": some(
        lambda s, e: e.occurred_at + MICROSECOND == midnight(terms_of(s, e).valid_to)
    ),
    "created after the period": some(
        lambda _, e: e.occurred_at + e.created_late >= PERIOD.end + DAY
    ),
    "just before the period": lambda s: any(
        e.occurred_at == PERIOD.start - MICROSECOND for e in s.events
    ),
    "the end of the period": lambda s: any(e.occurred_at == PERIOD.end for e in s.events),
    "already billed": lambda s: any(e.billed for e in s.events),
    "not billable": lambda s: any(not e.billable for e in s.events),
    "another category": lambda s: any(e.category != "RECOVERED" for e in s.events),
    "a neighbour's row": lambda s: any(e.neighbours for e in s.events),
    "another currency": lambda s: any(e.currency not in (None, s.currency) for e in s.events),
    "no event at all": lambda s: not s.events,
}


@pytest.mark.parametrize("name", CLASSES)
def test_the_generator_reaches(name: str) -> None:
    find(
        scenarios(max_events=20),
        CLASSES[name],
        settings=settings(
            max_examples=3000,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
