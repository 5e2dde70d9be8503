"""Check M.1 where the platform is called from outside: events planted where the tenant has nothing.

Goal: a first customer's maths is tried at the own rate, nothing stays, and what could not be tried
is said. Method: the gate on the reference platform over HTTP, and its inner doors on tables that
take less than they are given.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fixtures.planting import FIRST, Planting
from oracle.months import Month, Piece
from oracle.period import Period
from oracle.planned import OUTSIDE, Planned
from platforms.statements import Tables
from selftests.conftest import gate_on
from selftests.gate import RunGate, run_gate
from selftests.reference import relations_of
from selftests.server import TOKEN, serving
from selftests.staging import Staging

USAGE = 4
NOWHERE = "postgresql://operator@127.0.0.1:1/staging"
SOMEBODY = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
RUN = "0123abcd"
JUNE = Period(datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC))
MONTH = Month(JUNE, (Piece(JUNE.start, JUNE.end, (("DUPLICATE_CHARGE", Decimal("0.25")),)),))
EVENT = Planned(
    Decimal("1.00"), "USD", "DUPLICATE_CHARGE", JUNE.start + timedelta(days=9), JUNE.end
)


@pytest.fixture
def over_http(staging: Staging, tmp_path: Path) -> Iterator[RunGate]:
    """Run the gate on the staging database, through the admin API."""
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        yield gate_on(staging, tmp_path, "gate", env)


def test_first_customers_are_tried_at_their_own_rates_and_nothing_stays(
    staging: Staging, over_http: RunGate
) -> None:
    usd = staging.tenant("0.225")
    others = [staging.tenant("0.33333", "JPY"), staging.tenant("0.275", "KWD")]
    staging.end_terms(usd, "2025-06-15")
    staging.terms(usd, "0.30", valid_from=date(2025, 6, 15))
    before = staging.rows()
    outcome = over_http(usd, *(f"--tenant={tenant_id}" for tenant_id in others), "--lifecycle")
    assert outcome.code == 0, outcome.out
    assert staging.rows() == before
    assert outcome.evidence is not None
    told = {tenant.id: tenant for tenant in outcome.evidence.tenants}
    maths = {id: next(c for c in told[id].checks if c.id == "M.1") for id in told}
    assert {check.status for check in maths.values()} == {"passed"}
    # Where the rate changes in June, that month shows it; a further one is for two currencies.
    assert " in 2025-06, " in maths[str(usd)].got
    shown, unshown = maths[str(usd)].detail.split("; these bill the same here: ")
    assert {"newest terms", "rate of the start", "half to even", "end included"} <= names(shown)
    # In which order binary fractions are added up, the ids decide.
    cannot = {"general terms", "billed too", "no total below zero"}
    assert cannot <= names(unshown) <= {*cannot, "float sums"}
    left_out = "what is billed already: no decoy_billed of relations.sql makes it"
    assert left_out in maths[str(usd)].detail
    power = told[str(usd)].power
    assert power is not None
    assert {"newest terms", "round the invoice"} <= {*power.noticed, *power.by_maths}


def names(text: str) -> set[str]:
    """Read a list of ways."""
    return {
        name.strip()
        for part in text.split("; ", maxsplit=1)[0].split(": ")
        for name in part.split(",")
    }


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--seed=never"], "--seed=never"),
        (["--trap-period=2026-01"], "--trap-period=2026-01 is not free"),
    ],
)
def test_where_no_events_may_be_planted_the_criterion_says_what_it_rests_on(
    staging: Staging, over_http: RunGate, arguments: list[str], why: str
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.event(tenant_id, occurred_at="2026-01-10T12:00:00+00:00")
    outcome = over_http(tenant_id, *arguments)
    assert outcome.code == 0, outcome.out
    assert outcome.check("M.1").status == "not_run"
    assert why in outcome.check("M.1").detail
    rests_on = outcome.check("X3").detail
    assert "1 own event" in rests_on
    assert f"M.1 was not run: {outcome.check('M.1').detail}" in rests_on


def test_months_are_named_by_option_variable_or_ini(staging: Staging, over_http: RunGate) -> None:
    tenant_id = staging.tenant()
    named = over_http(tenant_id, "--trap-period=2025-03,2025-05", "-m", "p9a and maths")
    assert named.check("M.1").got.endswith(" in 2025-03, 2025-05"), named.out
    assert (named.code, named.tenant.verdict) == (0, "PARTIAL")
    assert named.evidence is not None
    assert dict(named.evidence.options)["--trap-period"] == "2025-03,2025-05"


@pytest.mark.parametrize(
    ("how", "text"),
    [
        *(("option", text) for text in ("2025-13", "2025-05-01")),
        ("variable", "may"),
        ("ini", "may"),
    ],
)
def test_what_is_no_month_is_a_usage_error(tmp_path: Path, how: str, text: str) -> None:
    given = {"option": [f"--trap-period={text}"], "ini": ["-o", f"p9a_trap_period={text}"]}
    outcome = run_gate(
        tmp_path / "evidence",
        f"--tenant={SOMEBODY}",
        *given.get(how, []),
        database=NOWHERE,
        env={"P9A_TRAP_PERIOD": text} if how == "variable" else {},
    )
    assert outcome.code == USAGE, outcome.out
    assert f"--trap-period={text} is no month: write YYYY-MM" in outcome.out + outcome.err


# What tables take


@pytest.fixture
def planting(staging: Staging) -> Iterator[Planting]:
    """Plants events of a tenant, whose rows are rolled back."""
    relations = relations_of(staging.connection)
    tables = Tables(staging.connection, relations.statements)
    tenant_id = staging.tenant()
    with staging.connection.transaction(force_rollback=True):
        yield Planting(tables, relations, str(tenant_id), RUN)


def tried(planting: Planting, *events: Planned) -> Counter[str]:
    """Plant events, and count why some of them are not kept."""
    kept, _ = planting.tried(events, FIRST)
    assert len(kept) + planting.left_out.total() == len(events)
    return planting.left_out


def alter(planting: Planting, change: str) -> None:
    planting.tables.connection.execute(f"ALTER TABLE app.value_events {change}".encode())


def test_what_is_kept_is_found_out_by_trying(planting: Planting) -> None:
    kept = planting.kept(MONTH, EVENT)
    assert (kept.scale, kept.whole, kept.resolution) == (4, 12, timedelta(microseconds=1))
    assert planting.left_out.total() == 0
    assert not planting.tables.rows("seed_keys", tenant_id=planting.tenant_id)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("ALTER amount TYPE numeric(9, 2)", (2, 6, timedelta(microseconds=1))),
        ("ADD CHECK (amount = round(amount, 2))", (2, 12, timedelta(microseconds=1))),
        ("ADD CHECK (amount < 100000)", (4, 5, timedelta(microseconds=1))),
        ("ALTER occurred_at TYPE timestamptz(0)", (4, 12, timedelta(seconds=1))),
        ("ALTER occurred_at TYPE timestamptz(3)", (4, 12, timedelta(milliseconds=1))),
    ],
)
def test_tables_that_keep_less_are_known_by_it(
    planting: Planting, change: str, expected: tuple[Any, ...]
) -> None:
    planting.tables.connection.execute("DROP VIEW app.priced_events CASCADE")
    alter(planting, change)
    kept = planting.kept(MONTH, EVENT)
    assert (kept.scale, kept.whole, kept.resolution) == expected


def test_what_a_table_refuses_is_left_out_alone_and_told(planting: Planting) -> None:
    alter(planting, "ADD CONSTRAINT only_gains CHECK (amount > 0)")
    told = tried(planting, EVENT, replace(EVENT, amount=Decimal(-1)), EVENT, EVENT)
    assert [*told.values()] == [1]
    assert "only_gains" in next(iter(told))


def test_what_is_kept_otherwise_is_left_out_and_told(planting: Planting) -> None:
    planting.tables.connection.execute(
        "CREATE FUNCTION app.in_dollars() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.currency = 'USD'; RETURN NEW; END $$;"
        "CREATE TRIGGER in_dollars BEFORE INSERT ON app.value_events "
        "FOR EACH ROW EXECUTE FUNCTION app.in_dollars()"
    )
    told = tried(planting, EVENT, replace(EVENT, currency="EUR"))
    assert dict(told) == {"an event in EUR: kept in USD": 1}


def test_decoys_are_taken_from_what_may_be_billed_or_left_out(planting: Planting) -> None:
    outside = replace(EVENT, occurred_at=JUNE.end, decoy=OUTSIDE)
    decoys = [replace(EVENT, decoy=name) for name in planting.decoys]
    assert {*planting.decoys} == {"spoil_event", "decoy_category"}
    assert not tried(planting, EVENT, outside, *decoys)


def test_a_decoy_that_may_be_billed_all_the_same_is_left_out(planting: Planting) -> None:
    alter(planting, "ADD CONSTRAINT only_recovered CHECK (category = 'RECOVERED')")
    told = tried(planting, EVENT, replace(EVENT, decoy="decoy_category"))
    assert [one.partition(":")[0] for one in told] == ["decoy_category"]


def test_events_are_planted_together_in_their_order(planting: Planting) -> None:
    events = [replace(EVENT, amount=Decimal(amount)) for amount in range(1, 6)]
    seeds = planting.plant(events)
    rows = planting.tables.rows("kept_events", ids=[seed.id for seed in seeds])
    amounts = {row["id"]: row["amount"] for row in rows}
    assert [amounts[seed.id] for seed in seeds] == [event.amount for event in events]
    assert [seed.key for seed in seeds] == [
        f"dryrun-2025-06-p9a-{RUN}-{number}" for number in range(FIRST, FIRST + 5)
    ]
    assert all(UUID(seed.id) for seed in seeds)


def test_a_month_of_which_the_table_takes_nothing_is_passed_over(planting: Planting) -> None:
    alter(planting, "ADD CONSTRAINT since_june CHECK (occurred_at >= '2025-06-01T00:00Z')")
    before = replace(EVENT, occurred_at=JUNE.start - timedelta(days=9))
    assert planting.taken([EVENT, before, EVENT]) == [True, False, True]
    assert "since_june" in next(iter(planting.left_out))
