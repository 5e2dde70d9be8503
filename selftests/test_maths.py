"""The reference platform bills what the oracle expects, line by line.

Generated tenants are written into a transaction that is rolled back; preview, draft and issued
invoice are held against the oracle, under any session time zone. Examples by hand, whose results
a reader can check in the head, stand beside: both sides could share a mistake.
"""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.calls import Refusal, attempt
from fixtures.scratch import write
from oracle.bill import ALL_FACTS, Bill
from oracle.drawing import scenarios
from oracle.generated import DAY, FAR_PAST, MICROSECOND, PERIOD, TENANT_ID, Event, Rate, Scenario
from oracle.period import Period
from platforms.statements import Tables
from selftests.queries_maths import maths_queries
from selftests.reference import expected, known, platform_of

NOTHING_TO_BILL = "no_billable_events"
ZONES = st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"])
FIRST_DAY = PERIOD.start.date()


def disagreements(told: Bill | Refusal, wanted: Bill | None) -> tuple[str, ...]:
    """Say how a bill, or a refusal for want of events, is not what the oracle expects."""
    if isinstance(told, Refusal):
        rightly = wanted is None and told.code == NOTHING_TO_BILL
        return () if rightly else (f"{told}, but should bill {wanted}",)
    if wanted is None:
        return (f"bills {told}, but should refuse",)
    return told.differences(wanted, ALL_FACTS)


def demand_agreement(tables: Tables, period: Period = PERIOD) -> Bill | None:
    """Hold preview and draft of the scratch tenant against the oracle and return what it expects.

    ``period`` may be said in any time zone.
    """
    expectation = expected(tables)
    assert expectation.flaws == (), "the oracle should find every event billable"
    billed_count = expectation.bill.event_count if expectation.bill else 0
    assert billed_count == expectation.event_count, "the oracle should bill each event it counts"
    platform = platform_of(tables.connection)
    preview = attempt(platform.preview, TENANT_ID, period)
    draft = attempt(platform.generate_draft, TENANT_ID, period, "selftest")
    drafted = draft if isinstance(draft, Refusal) else known(draft.bill)
    numbered = isinstance(draft, Refusal) or (draft.number or "").startswith("DRAFT-2026-02-")
    assert numbered, draft
    wrong = [f"preview: {text}" for text in disagreements(preview, expectation.bill)]
    wrong += [f"draft: {text}" for text in disagreements(drafted, expectation.bill)]
    assert not wrong, "; ".join(wrong)
    return expectation.bill


@settings(max_examples=150, deadline=None)
@given(scenario=scenarios(max_events=20))
def test_preview_draft_and_oracle_agree_on_total_lines_and_count(
    scratch: Tables, scenario: Scenario
) -> None:
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        demand_agreement(scratch)


@settings(max_examples=150, deadline=None)
@given(scenario=scenarios(max_events=12), session_zone=ZONES, callers_zone=ZONES)
def test_no_time_zone_of_session_or_caller_moves_an_event(
    scratch: Tables, scenario: Scenario, session_zone: str, callers_zone: str
) -> None:
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        in_utc = demand_agreement(scratch)
    zone = ZoneInfo(callers_zone)
    period = Period(PERIOD.start.astimezone(zone), PERIOD.end.astimezone(zone))
    with scratch.connection.transaction(force_rollback=True):
        maths_queries.set_time_zone(scratch.connection, zone=session_zone)
        write(scratch, scenario)
        elsewhere = demand_agreement(scratch, period)
    assert elsewhere == in_utc, f"got {elsewhere} in {session_zone}, but should be {in_utc}"


@settings(max_examples=100, deadline=None)
@given(scenario=scenarios(max_events=12))
def test_what_is_issued_is_what_was_drafted_and_nothing_billable_is_left(
    scratch: Tables, scenario: Scenario
) -> None:
    platform = platform_of(scratch.connection)
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        right = expected(scratch).bill
        draft = attempt(platform.generate_draft, TENANT_ID, PERIOD, "selftest")
        if isinstance(draft, Refusal):
            assert not disagreements(draft, right)
            return
        issued = attempt(platform.issue, TENANT_ID, draft.id)
        bill = issued if isinstance(issued, Refusal) else known(issued.bill)
        assert not disagreements(bill, right), "the issued invoice differs from the oracle"
        left = expected(scratch)
        assert (left.event_count, left.bill) == (0, None), "issuing should claim every event"


@pytest.mark.parametrize(
    ("currency", "rate", "amounts_and_fees", "total"),
    [
        pytest.param(
            "USD",
            "0.25",
            [("1200.50", "300.13"), ("875.25", "218.81"), ("390.00", "97.50")],
            "616.44",
            id="the three seeds of the runbook",
        ),
        pytest.param(
            "USD",
            "0.25",
            [("0.02", "0.01"), ("0.02", "0.01"), ("0.02", "0.01")],
            "0.03",
            id="each fee is rounded, not their total of 0.015",
        ),
        pytest.param(
            "USD",
            "0.5",
            [("0.01", "0.01"), ("0.03", "0.02"), ("0.05", "0.03"), ("0.0099", "0.00")],
            "0.06",
            id="ties of half a cent go up, also to an odd cent",
        ),
        pytest.param(
            "USD",
            "0.5",
            [("-0.01", "-0.01"), ("-0.03", "-0.02"), ("-0.05", "-0.03"), ("-0.0099", "0.00")],
            "-0.06",
            id="ties of reversals go down, away from zero",
        ),
        pytest.param(
            "JPY",
            "0.5",
            [("1", "1"), ("3", "2"), ("5", "3"), ("0.9999", "0"), ("-1", "-1"), ("-5", "-3")],
            "2",
            id="yen have no minor digits",
        ),
        pytest.param(
            "KWD",
            "0.25",
            [("0.002", "0.001"), ("0.006", "0.002"), ("0.0019", "0.000"), ("-0.002", "-0.001")],
            "0.002",
            id="Kuwaiti dinars have three minor digits",
        ),
        pytest.param(
            "USD",
            "0.333333",
            [("1000000000000", "333333000000.00"), ("-999999999999.9999", "-333333000000.00")],
            "0.00",
            id="a million millions lose no cent",
        ),
        pytest.param(
            "USD",
            "0.25",
            [("999999999999.9796", "249999999999.99"), ("999999999999.98", "250000000000.00")],
            "499999999999.99",
            id="fifteen digits, as of a float, are not enough to tell a tie",
        ),
        pytest.param(
            "USD", "0", [("1200.50", "0"), ("-0.01", "0")], "0", id="nothing is billed at 0 percent"
        ),
        pytest.param(
            "USD", "1", [("0.0050", "0.01"), ("0.0049", "0")], "0.01", id="all of it at 100 percent"
        ),
    ],
)
def test_fees_are_rounded_half_away_from_zero_to_the_minor_unit(
    scratch: Tables,
    currency: str,
    rate: str,
    amounts_and_fees: list[tuple[str, str]],
    total: str,
) -> None:
    occurred_at = PERIOD.start + timedelta(days=10)
    scenario = Scenario(
        currency=currency,
        rates=(Rate(None, Decimal(rate), FAR_PAST, None),),
        events=tuple(
            Event(Decimal(amount), f"FINDING_{number}", occurred_at)
            for number, (amount, _) in enumerate(amounts_and_fees)
        ),
    )
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        bill = demand_agreement(scratch)
    assert bill is not None
    assert [line.gain_share_amount for line in known(bill.lines)] == [
        Decimal(fee) for _, fee in amounts_and_fees
    ]
    assert (bill.currency, bill.gain_share_amount) == (currency, Decimal(total))


@pytest.mark.parametrize(
    ("finding_type", "offset", "fee"),
    [
        pytest.param("OTHER", -MICROSECOND, None, id="just before the period: not billed"),
        pytest.param("OTHER", timedelta(), "10", id="the period's first instant: billed"),
        pytest.param("OTHER", 28 * DAY - MICROSECOND, "10", id="its last microsecond: billed"),
        pytest.param("OTHER", 28 * DAY, None, id="its end: not billed"),
        pytest.param("OWN", timedelta(), "20", id="terms of its own win over general ones"),
        pytest.param("OWN", 9 * DAY - MICROSECOND, "20", id="to the last microsecond in UTC"),
        pytest.param("OWN", 9 * DAY, "30", id="and the next ones from midnight in UTC"),
        pytest.param("OWN", 19 * DAY - MICROSECOND, "30", id="which end exclusively"),
        pytest.param("OWN", 19 * DAY, "10", id="after them the general ones apply again"),
    ],
)
def test_the_terms_of_the_events_own_instant_apply(
    scratch: Tables, finding_type: str, offset: timedelta, fee: str | None
) -> None:
    own = [
        Rate("OWN", Decimal("0.2"), FAR_PAST, FIRST_DAY + 9 * DAY),
        Rate("OWN", Decimal("0.3"), FIRST_DAY + 9 * DAY, FIRST_DAY + 19 * DAY),
    ]
    scenario = Scenario(
        currency="USD",
        rates=(Rate(None, Decimal("0.1"), FAR_PAST, None), *own),
        events=(Event(Decimal(100), finding_type, PERIOD.start + offset),),
    )
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, scenario)
        bill = demand_agreement(scratch)
    billed = None if bill is None else bill.gain_share_amount
    assert billed == (None if fee is None else Decimal(fee))
