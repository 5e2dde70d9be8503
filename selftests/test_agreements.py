"""The reference platform bills by what is agreed beside a rate, as the oracle does by the contract.

Tiers, caps, a minimum, rounding, dates and free months, against each other, on tenants that are
rolled back; then what only the platform can get wrong: the order of events, issue, and the year.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.errors import CheckViolation

from acceptance.signed import read_stored
from fixtures.calls import Refusal, attempt
from fixtures.scratch import write
from oracle.bill import ALL_FACTS, Bill
from oracle.comparison import unlike
from oracle.contract import Contract, NegativeTotal
from oracle.drawing import events
from oracle.generated import DAY, MINOR_UNITS, PERIOD, TENANT_ID, Event, Scenario
from oracle.period import Period
from oracle.rules import Each, Mode, RateAt, Rules
from platforms.port import PlatformRefused
from platforms.relations.survey import Survey
from platforms.statements import Tables
from runbook.refusals import Rule
from selftests.contracts import ask, contract, tiered
from selftests.queries_agreed import agreed, write_contract
from selftests.reference import platform_of

JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), PERIOD.start)
STEPS = (("25 %", "100"), ("20 %", "500"), ("10 %", None))
SCOPES = ["invoice", "contract year", "contract"]


def amount_of(currency: str, units: int) -> str:
    """Write minor units as an amount."""
    return str(Decimal(units * MINOR_UNITS[currency]).scaleb(-4))


CUTS = ("2026-02-10", "2026-03-01", "2027-01-01")


@st.composite
def terms_of(draw: st.DrawFn, currency: str, finding_type: str | None) -> list[dict[str, Any]]:
    """Draw terms of a finding type: at a rate, at one that another follows, or in tiers."""
    rates = draw(st.lists(st.integers(0, 1000), min_size=1, max_size=3))
    told = [f"{Decimal(rate).scaleb(-1)} %" for rate in rates]
    if len(told) == 1:
        return [{"rate": told[0], "finding_type": finding_type}]
    if draw(st.booleans()):
        cut = draw(st.sampled_from(CUTS))
        first = {"rate": told[0], "finding_type": finding_type, "until": cut}
        return [first, first | {"rate": told[1], "until": None, "from": cut}]
    bounds = sorted(draw(st.sets(st.integers(1, 60_000), min_size=len(told), max_size=len(told))))
    ends = [amount_of(currency, bound) for bound in bounds[:-1]]
    steps = list(zip(told, [*ends, None], strict=True))
    return [tiered(draw(st.sampled_from(SCOPES)), *steps, finding_type=finding_type)]


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract of any rules, on the generated finding types."""
    currency = draw(st.sampled_from(sorted(MINOR_UNITS)))
    kinds: list[str | None] = [None, *draw(st.sets(st.sampled_from(["ADDRESS_CORRECTION"])))]
    terms = [term for kind in kinds for term in draw(terms_of(currency, kind))]
    more: dict[str, Any] = {}
    names = draw(st.sets(st.sampled_from(["per_event", "per_invoice", "per_contract_year"])))
    more["caps"] = {name: amount_of(currency, draw(st.integers(1, 50_000))) for name in names}
    if draw(st.booleans()) and not names & {"per_invoice", "per_contract_year"}:
        more["minimum_per_invoice"] = amount_of(currency, draw(st.integers(1, 50_000)))
    else:
        more["negative_total"] = draw(st.sampled_from(NegativeTotal))
    if more.get("negative_total") is NegativeTotal.CARRIED_FORWARD:
        brought = amount_of(currency, -draw(st.integers(0, 50_000)))
        more["brought_forward"] = {"2026-02": brought}
    digits = draw(st.sampled_from(["currency", "currency", 4]))
    mode, each = draw(st.sampled_from(Mode)), draw(st.sampled_from(Each))
    more["rounding"] = {"mode": mode, "each": each, "digits": digits}
    if not {term.get("tiers_of") for term in terms} - {None, "invoice"}:
        more["rate_at"] = draw(st.sampled_from(RateAt))
    if more.get("rate_at") is not RateAt.NEWEST:
        more["free_months"] = draw(st.sampled_from([[], [], ["2026-01"], ["2026-02"]]))
    begins = draw(st.sampled_from(["2024-02-29", "2025-02-10", "2026-01-01"]))
    since: list[dict[str, Any]] = [{"from": begins, **term} for term in terms]
    return contract(*since, currency=currency, begins=begins, **more)


@st.composite
def billed_by(draw: st.DrawFn) -> tuple[Contract, Scenario]:
    """A contract, and a tenant's events in the period and a month before."""
    signed = draw(contracts())
    rows = draw(st.lists(events(signed.currency), min_size=1, max_size=8))
    shifted = [
        Event(e.amount, e.finding_type, e.occurred_at - timedelta(days=31)) for e in rows[:2]
    ]
    return signed, Scenario(currency=signed.currency, rates=(), events=(*rows, *shifted))


def given_to(tables: Tables, signed: Contract, scenario: Scenario) -> None:
    """Write a tenant, and what was signed with it."""
    write(tables, scenario)
    write_contract(tables.connection, TENANT_ID, signed)
    for amount in signed.brought_forward.values():
        agreed.carry_forward(tables.connection, tenant_id=TENANT_ID, amount=amount)


def wrong(told: Bill | Refusal, wanted: Any) -> str:
    """Say how an answer is not what the oracle expects."""
    if wanted.bill is None:
        rightly = {"no_billable_events", "total_is_negative"}
        return "" if isinstance(told, Refusal) and told.code in rightly else f"{told}: {wanted}"
    return str(
        told if isinstance(told, Refusal) else told.differences(wanted.bill, ALL_FACTS) or ""
    )


@settings(max_examples=40, deadline=None)
@given(drawn=billed_by())
def test_preview_draft_and_issued_invoice_are_as_was_signed(
    scratch: Tables, survey: Survey, drawn: tuple[Contract, Scenario]
) -> None:
    signed, scenario = drawn
    platform = platform_of(scratch.connection)
    with scratch.connection.transaction(force_rollback=True):
        given_to(scratch, signed, scenario)
        assert unlike(signed, read_stored(scratch, survey, TENANT_ID), Rules()) == []
        wanted = ask(scratch, signed, PERIOD, TENANT_ID)
        told: list[Any] = [attempt(platform.preview, TENANT_ID, PERIOD)]
        draft = attempt(platform.generate_draft, TENANT_ID, PERIOD, "selftest")
        told.append(draft if isinstance(draft, Refusal) else draft.bill)
        if not isinstance(draft, Refusal):
            told.append(platform.issue(TENANT_ID, draft.id).bill)
    assert [wrong(one, wanted) for one in told] == [""] * len(told)


def total(tables: Tables, period: Period = PERIOD) -> Decimal:
    """Return what the platform would bill."""
    told = platform_of(tables.connection).preview(TENANT_ID, period)
    assert told.gain_share_amount is not None
    return told.gain_share_amount


def at(hours: int, amount: str, **more: Any) -> Event:
    """Return an event so many hours after the period began."""
    return Event(Decimal(amount), "FINDING", PERIOD.start + timedelta(hours=hours), **more)


def bills(tables: Tables, signed: Contract, *rows: Event, period: Period = PERIOD) -> Decimal:
    """Return what the platform would bill a tenant with whom that was signed."""
    with tables.connection.transaction(force_rollback=True):
        given_to(tables, signed, Scenario("USD", (), rows))
        return total(tables, period)


@pytest.mark.parametrize(
    ("signed", "amounts", "wanted"),
    [
        (contract(tiered("invoice", *STEPS)), ["60", "60"], "29.00"),
        (contract(tiered("invoice", *STEPS)), ["600", "-100", "0"], "105.00"),
        (contract(caps={"per_event": 10}), ["44", "44", "-44", "4"], "11.00"),
        (contract(caps={"per_invoice": 10}), ["44", "44"], "10"),
        (contract(caps={"per_contract_year": 9}), ["44"], "9"),
        (contract(minimum_per_invoice=100), ["4"], "100"),
        (contract(minimum_per_invoice=100), ["404"], "101.00"),
        (contract(negative_total="credited"), ["-404"], "-101.00"),
        (contract(rounding={"mode": "half to even"}), ["0.10", "0.30", "0.50"], "0.22"),
        (contract(rounding={"mode": "half up"}, negative_total="credited"), ["-0.10"], "-0.02"),
        (contract(rounding={"each": "invoice"}), ["0.01", "0.01"], "0.01"),
        (contract(rounding={"each": "line", "digits": 0}), ["1", "1"], "1"),
    ],
)
def test_by_hand(scratch: Tables, signed: Contract, amounts: list[str], wanted: str) -> None:
    rows = [at(hour, amount) for hour, amount in enumerate(amounts)]
    assert bills(scratch, signed, *rows) == Decimal(wanted)


@pytest.mark.parametrize(
    ("rate_at", "wanted"),
    [
        (RateAt.EVENT, "27.00"),
        (RateAt.PERIOD_START, "50.00"),
        (RateAt.PERIOD_END, "20.00"),
        (RateAt.ISSUE, "10.00"),
        (RateAt.NEWEST, "2.00"),
    ],
)
def test_the_agreed_instant_chooses_the_rate(scratch: Tables, rate_at: RateAt, wanted: str) -> None:
    since = ["2026-01-01", "2026-02-02", "2026-02-28", "2026-03-01", "2100-01-01"]
    rates = ["25 %", "2 %", "10 %", "5 %", "1 %"]
    terms = [
        {"from": first, "until": until, "rate": rate}
        for first, until, rate in zip(since, [*since[1:], None], rates, strict=True)
    ]
    signed = contract(*terms, rate_at=rate_at)
    assert bills(scratch, signed, at(1, "100"), at(48, "100")) == Decimal(wanted)


def test_tiers_that_look_back_are_refused_by_another_instant_than_the_events(
    scratch: Tables,
) -> None:
    signed = contract(tiered("contract", *STEPS)).model_copy(update={"rate_at": RateAt.ISSUE})
    with scratch.connection.transaction(force_rollback=True):
        write(scratch, Scenario("USD", (), ()))
        with pytest.raises(CheckViolation, match="tiers of more than one invoice"):
            write_contract(scratch.connection, TENANT_ID, signed)


def test_what_is_carried_forward_is_taken_over_once_whatever_the_order(scratch: Tables) -> None:
    days = [Period(PERIOD.start + n * DAY, PERIOD.start + (n + 1) * DAY) for n in range(4)]
    amounts = ["-40", "100", "-60", "100"]
    rows = [at(24 * number, amount) for number, amount in enumerate(amounts)]
    signed = contract(negative_total="carried forward")
    with scratch.connection.transaction(force_rollback=True):
        given_to(scratch, signed, Scenario("USD", (), tuple(rows)))
        platform = platform_of(scratch.connection)

        def issued(number: int) -> Decimal | None:
            draft = platform.generate_draft(TENANT_ID, days[number], f"day {number}")
            bill = platform.issue(TENANT_ID, draft.id).bill
            return bill.gain_share_amount if bill else None

        stale = platform.generate_draft(TENANT_ID, days[2], "too early")
        assert (stale.bill and stale.bill.gain_share_amount) == 0
        assert issued(0) == 0
        with pytest.raises(PlatformRefused, match="draft_is_stale"):
            platform.issue(TENANT_ID, stale.id)
        platform.cancel(TENANT_ID, stale.id)
        assert issued(1) == Decimal("15.00")
        assert total(scratch, days[3]) == Decimal("25.00")
        assert issued(2) == 0
        assert issued(3) == Decimal("10.00")


@pytest.mark.parametrize("of", SCOPES)
@pytest.mark.parametrize("begins", ["2026-01-01", "2025-02-02", "2024-02-29"])
def test_lines_are_told_at_the_rate_where_an_event_begins(
    scratch: Tables, of: str, begins: str
) -> None:
    signed = contract(tiered(of, *STEPS) | {"from": begins}, begins=begins)
    rows = [at(hour, amount) for hour, amount in enumerate(["100", "20", "-20", "0", "10"])]
    rows += [at(27 * 24 + hour, amount) for hour, amount in enumerate(["100", "20", "-20", "10"])]
    rows.append(at(-30 * 24, "90"))
    with scratch.connection.transaction(force_rollback=True):
        given_to(scratch, signed, Scenario("USD", (), tuple(rows)))
        told = platform_of(scratch.connection).preview(TENANT_ID, PERIOD)
        assert wrong(told, ask(scratch, signed, PERIOD, TENANT_ID)) == ""


def test_a_negative_total_is_refused_by_name_and_nothing_is_written(scratch: Tables) -> None:
    with scratch.connection.transaction(force_rollback=True):
        given_to(scratch, contract(), Scenario("USD", (), (at(1, "-4.00"),)))
        platform = platform_of(scratch.connection)
        told = [
            attempt(platform.preview, TENANT_ID, PERIOD),
            attempt(platform.generate_draft, TENANT_ID, PERIOD, "selftest"),
        ]
        assert [one.code for one in told if isinstance(one, Refusal)] == [
            Rule.TOTAL_IS_NEGATIVE
        ] * 2
        assert not ask(scratch, contract(), PERIOD, TENANT_ID).bill


@pytest.mark.parametrize("of", SCOPES)
def test_a_month_split_in_two_adds_up_where_nothing_is_per_invoice(
    scratch: Tables, of: str
) -> None:
    signed = contract(tiered(of, *STEPS), caps={"per_event": 30})
    rows = [at(hour, amount) for hour, amount in enumerate(["60.02", "60.03", "-30", "700", "9"])]
    cut = PERIOD.start + timedelta(hours=2)
    halves = [Period(PERIOD.start, cut), Period(cut, PERIOD.end)]
    parts = [bills(scratch, signed, *rows, period=half) for half in halves]
    whole = bills(scratch, signed, *rows)
    assert (sum(parts, Decimal()) == whole) == (of != "invoice"), (parts, whole)


def test_a_bound_that_moves_over_no_event_and_a_cap_above_all_change_nothing(
    scratch: Tables,
) -> None:
    rows = [at(hour, "60.02") for hour in range(3)]
    steps = [(("25 %", bound), ("0 %", None)) for bound in ("180.06", "180.07", "9999")]
    signed = [contract(tiered("contract", *one)) for one in steps]
    signed.append(contract(caps={"per_event": 16, "per_invoice": 46, "per_contract_year": 46}))
    assert {bills(scratch, one, *rows) for one in signed} == {Decimal("45.03")}


@pytest.mark.parametrize(("begins", "left"), [("2026-01-01", "5.00"), ("2025-01-15", "15.00")])
def test_a_draft_is_stale_once_its_contract_year_has_been_used_up(
    scratch: Tables, begins: str, left: str
) -> None:
    signed = contract(
        {"from": begins, "rate": "25 %"}, begins=begins, caps={"per_contract_year": 20}
    )
    early = Event(Decimal(60), "FINDING", JANUARY.start)
    first_day = Period(JANUARY.start, JANUARY.start + timedelta(days=1))
    with scratch.connection.transaction(force_rollback=True):
        given_to(scratch, signed, Scenario("USD", (), (early, at(1, "60.00"))))
        scratch.act("remove_invoices", tenant_id=TENANT_ID, ids=_invoices(scratch))
        platform = platform_of(scratch.connection)
        draft = platform.generate_draft(TENANT_ID, PERIOD, "february")
        assert (draft.bill and draft.bill.gain_share_amount) == Decimal("15.00")
        other = platform.generate_draft(TENANT_ID, first_day, "january")
        platform.issue(TENANT_ID, other.id)
        wanted = ask(scratch, signed, PERIOD, TENANT_ID).bill
        assert (wanted and wanted.gain_share_amount) == Decimal(left)
        if left == "5.00":
            with pytest.raises(PlatformRefused, match="draft_is_stale"):
                platform.issue(TENANT_ID, draft.id)
        else:
            assert platform.issue(TENANT_ID, draft.id).status == "ISSUED"


def _invoices(tables: Tables) -> list[str]:
    return [row["id"] for row in tables.rows("invoice_ids", tenant_id=TENANT_ID)]
