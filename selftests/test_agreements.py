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

from fixtures.calls import Refusal, attempt
from fixtures.scratch import write
from oracle.bill import ALL_FACTS, Bill
from oracle.contract import Contract
from oracle.generated import MINOR_UNITS, PERIOD, TENANT_ID, Event, Scenario, events
from oracle.period import Period
from platforms.port import PlatformRefused
from platforms.statements import Tables
from runbook.refusals import Rule
from selftests.contracts import ask, contract, tiered
from selftests.queries_agreed import write_contract
from selftests.reference import platform_of

JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), PERIOD.start)
STEPS = (("25 %", "100"), ("20 %", "500"), ("10 %", None))
SCOPES = ["invoice", "contract year", "contract"]


def amount_of(currency: str, units: int) -> str:
    """Write minor units as an amount."""
    return str(Decimal(units * MINOR_UNITS[currency]).scaleb(-4))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract of rules that the platform has, on the generated finding types."""
    currency = draw(st.sampled_from(sorted(MINOR_UNITS)))
    kinds: list[str | None] = [None, *draw(st.sets(st.sampled_from(["ADDRESS_CORRECTION"])))]
    terms = []
    for finding_type in kinds:
        rates = draw(st.lists(st.integers(0, 1000), min_size=1, max_size=3))
        told = [f"{Decimal(rate).scaleb(-1)} %" for rate in rates]
        bounds = sorted(
            draw(st.sets(st.integers(1, 60_000), min_size=len(told), max_size=len(told)))
        )
        ends = [amount_of(currency, bound) for bound in bounds[:-1]]
        if len(told) == 1:
            terms.append({"rate": told[0], "finding_type": finding_type})
            continue
        steps = list(zip(told, [*ends, None], strict=True))
        terms.append(tiered(draw(st.sampled_from(SCOPES)), *steps, finding_type=finding_type))
    more: dict[str, Any] = {}
    names = draw(st.sets(st.sampled_from(["per_event", "per_invoice", "per_contract_year"])))
    more["caps"] = {name: amount_of(currency, draw(st.integers(1, 50_000))) for name in names}
    if draw(st.booleans()) and not names & {"per_invoice", "per_contract_year"}:
        more["minimum_per_invoice"] = amount_of(currency, draw(st.integers(1, 50_000)))
    else:
        more["negative_total"] = draw(st.sampled_from(["credited", "refused"]))
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


def wrong(told: Bill | Refusal, wanted: Any) -> str:
    """Say how an answer is not what the oracle expects."""
    if wanted.bill is None:
        rightly = {"no_billable_events", "total_is_negative"}
        return "" if isinstance(told, Refusal) and told.code in rightly else f"{told}: {wanted}"
    return str(
        told if isinstance(told, Refusal) else told.differences(wanted.bill, ALL_FACTS) or ""
    )


@settings(max_examples=40, deadline=None)
@given(agreed=billed_by())
def test_preview_draft_and_issued_invoice_are_as_was_signed(
    scratch: Tables, agreed: tuple[Contract, Scenario]
) -> None:
    signed, scenario = agreed
    platform = platform_of(scratch.connection)
    with scratch.connection.transaction(force_rollback=True):
        given_to(scratch, signed, scenario)
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
    ],
)
def test_by_hand(scratch: Tables, signed: Contract, amounts: list[str], wanted: str) -> None:
    rows = [at(hour, amount) for hour, amount in enumerate(amounts)]
    assert bills(scratch, signed, *rows) == Decimal(wanted)


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
