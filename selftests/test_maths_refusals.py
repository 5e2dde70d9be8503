"""What cannot be billed is refused by the rule it breaks and flagged by the oracle, never dropped.

A clean generated tenant gets billable events that break one rule or more; the platform must name
the first of them in the order of its rules and write nothing, the oracle must give reasons for
each of them and no total.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.books import fingerprint
from fixtures.calls import Refusal, attempt
from fixtures.scratch import write
from oracle.drawing import events, scenarios
from oracle.expectation import Expectation
from oracle.generated import (
    CURRENCIES,
    DAY,
    FAR_PAST,
    MICROSECOND,
    PERIOD,
    TENANT_ID,
    Event,
    Rate,
    Scenario,
)
from platforms.statements import Tables
from runbook.refusals import Rule
from selftests.queries_maths import maths_queries
from selftests.reference import expected, platform_of

NAN = Decimal("NaN")
QUARTER = Rate(None, Decimal("0.25"), FAR_PAST, None)
FIRST_DAY = PERIOD.start.date()
WORDS = {
    Rule.EVENT_AMOUNT_IS_NOT_FINITE: "not a finite number",
    Rule.EVENT_HAS_NO_TERMS: "without terms",
    Rule.EVENTS_IN_SEVERAL_CURRENCIES: "currencies",
}


@st.composite
def flawed_scenarios(draw: st.DrawFn) -> tuple[Scenario, frozenset[Rule]]:
    """A scenario whose billable events break exactly the rules beside it."""
    scenario = draw(scenarios(max_events=6))
    broken = draw(st.sets(st.sampled_from([*WORDS]), min_size=1))

    def billable(**changes: Any) -> Event:
        return replace(draw(events(scenario.currency, inside=True)), **changes)

    flawed = []
    rates = scenario.rates
    if Rule.EVENT_AMOUNT_IS_NOT_FINITE in broken:
        flawed.append(billable(amount=NAN))
    if Rule.EVENT_HAS_NO_TERMS in broken:
        rates = tuple(rate for rate in rates if rate.finding_type)
        flawed.append(billable(finding_type="UNHEARD_OF"))
    if Rule.EVENTS_IN_SEVERAL_CURRENCIES in broken:
        other = draw(st.sampled_from([code for code in CURRENCIES if code != scenario.currency]))
        flawed += [billable(currency=other), billable()]
    rows = draw(st.permutations([*scenario.events, *flawed]))
    return replace(scenario, rates=rates, events=tuple(rows)), frozenset(broken)


def refusals(tables: Tables) -> list[str]:
    """Return the rule of preview and of draft, and check that neither left an invoice."""
    platform = platform_of(tables.connection)
    before = fingerprint(tables, TENANT_ID)
    outcomes = [
        attempt(platform.preview, TENANT_ID, PERIOD),
        attempt(platform.generate_draft, TENANT_ID, PERIOD, "selftest"),
    ]
    after = fingerprint(tables, TENANT_ID)
    assert after == before, "a refusal should write nothing"
    return [
        outcome.code if isinstance(outcome, Refusal) else f"billed {outcome}"
        for outcome in outcomes
    ]


@settings(max_examples=100, deadline=None)
@given(scenario_and_broken=flawed_scenarios())
def test_the_first_broken_rule_is_named_and_every_one_is_flagged(
    scratch: Tables, scenario_and_broken: tuple[Scenario, frozenset[Rule]]
) -> None:
    scenario, broken = scenario_and_broken
    first = next(rule for rule in Rule if rule in broken)
    with scratch.connection.transaction(force_rollback=True):
        maths_queries.allow_nan(scratch.connection)
        write(scratch, scenario)
        assert refusals(scratch) == [first, first]
        expectation = expected(scratch)
    assert expectation.bill is None, "no total may stand in for a guess"
    flagged = {rule for rule, words in WORDS.items() if words in "; ".join(expectation.flaws)}
    assert flagged == broken, f"the flaws are {expectation.flaws}"


def judged(tables: Tables, scenario: Scenario) -> tuple[list[str], Expectation]:
    """Return the platform's refusals and the oracle's expectation for a scenario by hand."""
    with tables.connection.transaction(force_rollback=True):
        maths_queries.allow_nan(tables.connection)
        write(tables, scenario)
        return refusals(tables), expected(tables)


def sound(occurred_at: datetime = PERIOD.start, **changes: Any) -> Event:
    """Return an event of 100, by default one that can be billed."""
    return replace(Event(Decimal(100), "FINDING", occurred_at), **changes)


@pytest.mark.parametrize("code", ["XXX", "XAU", "usd", "EURO", "US", "ZZZ"])
def test_an_event_in_what_is_no_currency_is_refused_and_flagged(scratch: Tables, code: str) -> None:
    scenario = Scenario("USD", (QUARTER,), (sound(currency=code),))
    rules, expectation = judged(scratch, scenario)
    assert rules == [Rule.EVENT_HAS_NO_TERMS] * 2
    (flaw,) = expectation.flaws
    assert flaw.startswith(f"1 FINDING event in {code}: no currency of ISO 4217")
    assert (expectation.event_count, expectation.bill) == (1, None)


def test_an_event_in_another_currency_than_its_terms_is_refused_and_flagged(
    scratch: Tables,
) -> None:
    scenario = Scenario("USD", (QUARTER,), (sound(currency="EUR"),))
    rules, expectation = judged(scratch, scenario)
    assert rules == [Rule.EVENT_HAS_NO_TERMS] * 2
    (flaw,) = expectation.flaws
    assert flaw.startswith("1 FINDING event in EUR without terms on the date (dryrun-")
    assert expectation.bill is None


@pytest.mark.parametrize(
    ("offset", "covered"),
    [
        pytest.param(9 * DAY - MICROSECOND, True, id="the last microsecond of the first terms"),
        pytest.param(9 * DAY, False, id="the first instant of the gap"),
        pytest.param(10 * DAY - MICROSECOND, False, id="the last microsecond of the gap"),
        pytest.param(10 * DAY, True, id="the first instant of the second terms"),
    ],
)
def test_an_event_in_a_gap_between_terms_is_refused_and_flagged(
    scratch: Tables, offset: timedelta, covered: bool
) -> None:
    rates = (
        replace(QUARTER, valid_to=FIRST_DAY + 9 * DAY),
        replace(QUARTER, valid_from=FIRST_DAY + 10 * DAY),
    )
    scenario = Scenario("USD", rates, (sound(PERIOD.start + offset), sound()))
    if covered:
        with scratch.connection.transaction(force_rollback=True):
            write(scratch, scenario)
            preview = platform_of(scratch.connection).preview(TENANT_ID, PERIOD)
            assert preview == expected(scratch).bill
        return
    rules, expectation = judged(scratch, scenario)
    assert rules == [Rule.EVENT_HAS_NO_TERMS] * 2
    assert (len(expectation.flaws), expectation.bill) == (1, None)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_the_oracle_flags_an_amount_that_is_not_finite(scratch: Tables, amount: str) -> None:
    events = (sound(), sound(), sound(amount=Decimal(amount)), sound())
    with scratch.connection.transaction(force_rollback=True):
        maths_queries.allow_any_number(scratch.connection)
        write(scratch, Scenario("USD", (QUARTER,), events))
        expectation = expected(scratch)
    (flaw,) = expectation.flaws
    assert flaw.startswith("1 FINDING event whose amount is not a finite number (dryrun-")
    assert (expectation.event_count, expectation.bill) == (4, None)


def test_two_currencies_that_both_have_terms_are_refused_and_flagged(
    scratch: Tables,
) -> None:
    scenario = Scenario("USD", (QUARTER,), (sound(), sound(currency="JPY")))
    rules, expectation = judged(scratch, scenario)
    assert rules == [Rule.EVENTS_IN_SEVERAL_CURRENCIES] * 2
    assert expectation.flaws == ("the period has 2 currencies: JPY, USD",)
    assert (expectation.currencies, expectation.bill) == (("JPY", "USD"), None)


def test_a_period_without_billable_events_is_refused_and_is_no_flaw(
    scratch: Tables,
) -> None:
    rules, expectation = judged(scratch, Scenario("USD", (QUARTER,), (sound(billable=False),)))
    assert rules == [Rule.NO_BILLABLE_EVENTS] * 2
    assert expectation == Expectation(0, None, (), ())
