"""What a run makes can be removed again, in an order that foreign keys allow, or it is not made.

Method: tables, triggers and rules of ``selftests/sql/removal.sql`` are put beside the reference
platform's. What a whole run does is seen over HTTP; the rest through what the run itself calls.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from uuid import UUID

import psycopg
import pytest

from acceptance.made import Made
from acceptance.rehearsal import Rehearsal
from fixtures.database import snapshot
from fixtures.residue import Look, Residue, find_residue
from fixtures.seeds import plant
from oracle.generated import PERIOD
from oracle.period import Period
from platforms.description import RELATIONS
from platforms.relations.composing import Relations
from platforms.removing.removal import CannotRemove
from platforms.statements import Tables, parse
from runbook.statuses import InvoiceStatus
from selftests.conftest import gate_on
from selftests.gate import PROJECT, RunGate
from selftests.proxy import Answer, Forward, Proxy, proxying
from selftests.reference import described_otherwise, relations_of
from selftests.server import TOKEN, serving
from selftests.staging import Staging

SCRIPTS = parse((PROJECT / "selftests" / "sql" / "removal.sql").read_text(encoding="utf-8"))
RUN, ABORTED = "1a2b3c4d", 2
REFERENCE = "--platform=reference"
DRAFT, ISSUED, PAID = InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.PAID


def build_in(staging: Staging, *names: str) -> None:
    """Run scripts of ``selftests/sql/removal.sql``."""
    for name in names:
        Tables(staging.connection, SCRIPTS).act(name)


def rows(staging: Staging) -> list[str]:
    """Every row of every table of the application, also of those that a script made."""
    return [row["told"] for row in Tables(staging.connection, SCRIPTS).rows("everything")]


def tables_of(told: list[str]) -> set[str]:
    """The tables that have rows."""
    return {row.split()[0] for row in told}


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
def gate_in_process(staging: Staging, tmp_path: Path) -> RunGate:
    """Run the gate without a server: what is swept is swept either way."""
    return gate_on(staging, tmp_path, "gate_in_process")


@pytest.fixture
def gate(staging: Staging, tmp_path: Path, proxy: Proxy) -> Iterator[RunGate]:
    """Run the gate over HTTP, through a proxy."""
    with serving(staging.conninfo) as server, proxying(server.url, proxy) as url:
        env = {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN}
        yield gate_on(staging, tmp_path, "gate", env)


# What hangs on what is removed


def test_what_points_to_the_runs_rows_goes_before_them(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    build_in(staging, "payments", "payments_are_allotted", "notes", "deletions_are_audited")
    build_in(staging, "let_the_gate_clear_payments", "let_the_gate_clear_notes")
    before = rows(staging)
    outcome = gate(tenant_id, "--lifecycle", REFERENCE)
    assert outcome.code == 0, outcome.out
    told = outcome.check("X4").detail
    assert re.search(r"removed too.*app\.allotments \(id .*app\.payments \(id 1\)", told), told
    assert [row for row in rows(staging) if not row.startswith("deleted_invoices")] == before


def test_what_is_issued_could_be_removed_or_is_not_made(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    build_in(staging, "payments")
    before = rows(staging)
    outcome = gate(tenant_id, "--lifecycle", REFERENCE)
    assert outcome.failed() == ["S4.1"], outcome.out
    grant = 'GRANT SELECT, DELETE ON app.payments TO "gate";'
    assert grant in outcome.check("S4.1").detail
    assert rows(staging) == before


@contextmanager
def left(staging: Staging, *scripts: str) -> Iterator[tuple[Tables, Relations, UUID]]:
    """Have a run leave three seeds and a paid invoice of them, and yield the gate's session."""
    tenant_id = staging.tenant()
    build_in(staging, *scripts)
    relations = relations_of(staging.connection)
    tables = Tables(staging.connection, relations.statements)
    plant(tables, str(tenant_id), PERIOD, RUN)
    staging.draft(tenant_id, f"p9a-{RUN}-{tenant_id}-lifecycle")
    Tables(staging.connection, SCRIPTS).act("issue_and_pay")
    yield tables, relations, tenant_id


KINDS = {
    "no action": (),
    "restrict": ("payments_are_restricted",),
    "set null": ("payments_may_lose_their_invoice",),
    "deferred": ("payments_are_checked_at_the_end",),
    "composite, in parts, to itself": ("payments_are_allotted",),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_witness_has_not_seen_goes_along(staging: Staging, kind: str) -> None:
    with psycopg.connect(staging.conninfo, autocommit=True) as witness:
        staging.tenant()
        build_in(staging, "payments", *KINDS[kind])
        before = rows(staging)
        with snapshot(witness, read_only=True), left(staging) as (tables, relations, tenant_id):
            (residue,) = find_residue(tables, [], [str(tenant_id)])
            removed = residue.remove(tables, relations.survey, witness)
    assert (removed.seeds, bool(removed.beside)) == (3, True)
    assert [row for row in rows(staging) if str(tenant_id) not in row] == before


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_removes_what_nobody_may_remove_unseen(staging: Staging, kind: str) -> None:
    with left(staging, "payments", *KINDS[kind]) as (tables, relations, tenant_id):
        (residue,) = find_residue(tables, [], [str(tenant_id)])
        if kind != "set null":  # which lets go by itself
            with pytest.raises(CannotRemove, match=r"may have been there before the run"):
                residue.remove(tables, relations.survey)
        demand_that_the_command_removes(staging, residue, tables, relations)


def test_what_lies_behind_a_view_is_removed_through_it(staging: Staging) -> None:
    with left(staging, "events_are_hidden") as (tables, relations, tenant_id):
        (residue,) = find_residue(tables, [], [str(tenant_id)])
        assert residue.remove(tables, relations.survey).seeds == 3
        assert find_residue(tables, [], [str(tenant_id)]) == ()


def demand_that_the_command_removes(
    staging: Staging, residue: Residue, tables: Tables, relations: Relations
) -> None:
    before = rows(staging)
    command = residue.command(tables, relations.survey)
    assert rows(staging) == before, "a command is tried, and undone"
    staging.connection.execute(command.encode())
    assert find_residue(tables, [], [residue.tenant_id]) == ()
    gone = {"value_events", "billing_invoices", "billing_invoice_lines"}
    assert not tables_of(rows(staging)) & gone


GUARDED = ["events_are_kept", "invoices_are_kept", "paid_invoices_are_kept", "invoices_are_hidden"]


@pytest.mark.parametrize("guard", [*GUARDED, "lines_are_kept_by_a_rule"])
def test_the_command_passes_what_keeps_the_rows(staging: Staging, guard: str) -> None:
    with left(staging, "payments", guard) as (tables, relations, tenant_id):
        (residue,) = find_residue(tables, [], [str(tenant_id)])
        with pytest.raises(CannotRemove):
            residue.remove(tables, relations.survey)
        demand_that_the_command_removes(staging, residue, tables, relations)


@pytest.mark.parametrize("seen", [True, False], ids=["witness", "no witness"])
def test_a_row_that_was_there_before_is_never_removed(staging: Staging, seen: bool) -> None:
    tenant_id = staging.tenant()
    build_in(staging, "the_last_invoice")
    with (
        psycopg.connect(staging.conninfo, autocommit=True) as witness,
        snapshot(witness, read_only=True),
        left(staging) as (tables, relations, other),
    ):
        Tables(staging.connection, SCRIPTS).act("point_accounts_to_an_invoice")
        (residue,) = find_residue(tables, [], [str(other)])
        with pytest.raises(CannotRemove, match=rf"{tenant_id}.* would go along"):
            residue.remove(tables, relations.survey, witness if seen else None)
        demand_that_the_command_removes(staging, residue, tables, relations)
    assert "accounts" in tables_of(rows(staging))


# What is rehearsed before anything is written


@pytest.mark.parametrize(
    ("scripts", "words"),
    [
        (("events_are_kept",), "what was recorded is kept"),
        (("invoices_are_kept",), "trigger keep of app.billing_invoices refuses: what was recorded"),
        (("invoices_are_hidden",), "trigger hide of app.billing_invoices keeps the row"),
        (("lines_are_kept_by_a_rule",), "rule keep of app.billing_invoice_lines keeps the row"),
        (("events_are_hidden",), "app.all_events keeps 3 rows of them"),
        (("notes",), ""),
        (("deletions_are_audited",), ""),
        (("paid_invoices_are_kept",), ""),
    ],
    ids=lambda told: " ".join(told) if isinstance(told, tuple) else "",
)
def test_what_could_not_be_removed_is_told_before_it_is_made(
    staging: Staging, scripts: tuple[str, ...], words: str
) -> None:
    refusal, before, after = rehearsed(staging, scripts, DRAFT)
    assert after == before
    assert words in str(refusal) if words else refusal is None
    if words:
        assert "nothing is made" in str(refusal)


def test_a_guard_is_shown_every_status_that_the_run_brings_about(staging: Staging) -> None:
    refusal, before, after = rehearsed(staging, ("paid_invoices_are_kept",), ISSUED, PAID)
    assert "what was paid is kept, of one that is PAID" in str(refusal)
    assert after == before


def test_rights_that_are_missing_are_told_with_what_grants_them(staging: Staging) -> None:
    refusal, before, after = rehearsed(staging, ("notes",), DRAFT, user="gate")
    assert after == before
    (grant,) = re.findall(r"GRANT SELECT, DELETE ON app\.notes TO .*;", str(refusal))
    staging.connection.execute(grant.encode())
    assert rehearsed(staging, (), DRAFT, user="gate")[0] is None


def rehearsed(
    staging: Staging, scripts: tuple[str, ...], *statuses: InvoiceStatus, user: str = "postgres"
) -> tuple[object, list[str], list[str]]:
    """Rehearse a removal; return the refusal, and the rows before and after."""
    tenant_id = str(staging.tenant())
    build_in(staging, *scripts)
    before = rows(staging)
    with (
        psycopg.connect(staging.conninfo_of(user), autocommit=True) as connection,
        psycopg.connect(staging.conninfo_of(user), autocommit=True) as witness,
        snapshot(witness, read_only=True),
    ):
        relations = relations_of(connection)
        tables = Tables(connection, relations.statements)
        made = Made(tenant_id, RUN, relations.survey, witness)
        refusal = Rehearsal(tables, relations, made).refusal(
            *statuses, plant=lambda: plant(tables, tenant_id, PERIOD, RUN)
        )
    return refusal, before, rows(staging)


def test_a_sweep_that_cannot_be_made_is_told_once_with_what_makes_it(
    staging: Staging, gate_in_process: RunGate
) -> None:
    with left(staging, "events_are_kept") as (_, __, tenant_id):
        outcome = gate_in_process(tenant_id, REFERENCE)
    assert (outcome.code, outcome.tenant.verdict) == (ABORTED, "ABORTED"), outcome.out
    assert "the gate itself broke" not in outcome.out
    reason = outcome.tenant.reason
    assert outcome.out.count(reason) == 1
    (command,) = re.findall(r"BEGIN; .* COMMIT;", reason)
    staging.connection.execute(command.encode())
    assert tables_of(rows(staging)) == {"tenants", "gain_share_terms"}


# What is written only where it is needed


def test_step_1_writes_nothing_and_says_what_it_has_not_exercised(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    written = Tables(staging.connection, SCRIPTS)
    before = written.value("written_so_far")
    outcome = gate(tenant_id, "-m", "p9a and step1")
    assert (outcome.code, outcome.tenant.verdict) == (1, "PARTIAL"), outcome.out
    assert outcome.failed() == []
    for check in ("S1.2", "S1.4"):
        assert outcome.check(check).status == "not_run"
        assert "no seeds were planted" in outcome.check(check).detail
    staging.event(tenant_id)
    assert (
        gate(tenant_id, f"acceptance/test_step1_dry_run.py::test_step1[S1.4-{tenant_id}]").code == 0
    )
    assert written.value("written_so_far") == before + 1


def test_step_1_takes_no_seeds_for_events_and_sweeps_none(
    staging: Staging, gate_in_process: RunGate
) -> None:
    with left(staging) as (_, __, tenant_id):
        before = rows(staging)
        outcome = gate_in_process(tenant_id, "-m", "p9a and step1")
    assert "3 of them seeds that an earlier run left" in outcome.check("S1.2").got
    assert rows(staging) == before


# What may yet appear


def test_a_draft_that_is_made_later_is_waited_for_and_removed(
    staging: Staging, gate: RunGate, proxy: Proxy
) -> None:
    later: list[Timer] = []

    def mistreat(name: str, forward: Forward) -> Answer:
        if name != "invoices":
            response = forward()
            return response.status_code, response.content
        later.append(Timer(1.0, forward))
        later[-1].start()
        return 202, b""

    proxy.mistreat = mistreat
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = rows(staging)
    outcome = gate(tenant_id, "--api-timeout=10")
    assert (outcome.code, outcome.failed()) == (1, ["S2.1"]), outcome.out
    assert "202, to be done later, and the description names no place" in outcome.check("S2.1").got
    assert len(later) == 1
    assert rows(staging) == before


def test_a_draft_that_never_comes_is_not_green(
    staging: Staging, gate: RunGate, proxy: Proxy
) -> None:
    def mistreat(name: str, forward: Forward) -> Answer:
        if name == "invoices":
            return 202, b""
        response = forward()
        return response.status_code, response.content

    proxy.mistreat = mistreat
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    outcome = gate(tenant_id, "--api-timeout=1")
    assert outcome.check("X4").status == "failed", outcome.out
    assert "it may yet appear" in outcome.check("X4").detail


def test_a_draft_whose_key_is_stored_otherwise_is_the_runs_all_the_same(
    staging: Staging, gate: RunGate, proxy: Proxy
) -> None:
    def mistreat(name: str, forward: Forward) -> Answer:
        if name == "cancel":
            return 500, b""
        response = forward()
        return response.status_code, response.content

    proxy.mistreat = mistreat
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    build_in(staging, "hashed_keys")
    before = rows(staging)
    outcome = gate(tenant_id)
    assert (outcome.code, outcome.failed()) == (1, ["S2.3"]), outcome.out
    assert rows(staging) == before


@pytest.mark.parametrize(
    ("key", "month", "own"),
    [
        (f"p9a-{RUN}-{{}}-draft", 2, True),
        ("0cc175b9c0f1b6a831c399e269772661", 2, True),
        ("0cc175b9c0f1b6a831c399e269772661", 1, False),
        ("p9a-ffffffff-{}-draft", 2, False),
        (None, 2, False),
    ],
)
def test_what_appears_after_a_lost_answer_is_the_runs_if_it_can_be(
    staging: Staging, key: str | None, month: int, own: bool
) -> None:
    made, tables = asked_without_an_answer(staging)
    staging.event(made.tenant_id, occurred_at=f"2026-{month:02}-10T12:00:00+00:00")
    staging.draft(UUID(made.tenant_id), key and key.format(made.tenant_id), month)
    made.adopt(tables)
    assert (bool(made.ids), bool(made.late)) == (own, not own)


def asked_without_an_answer(staging: Staging) -> tuple[Made, Tables]:
    relations = relations_of(staging.connection)
    made = Made(str(staging.tenant()), RUN, relations.survey)
    made.key("draft", PERIOD)
    return made, Tables(staging.connection, relations.statements)


def test_a_lost_draft_is_known_by_the_period_it_was_asked_for(staging: Staging) -> None:
    made, tables = asked_without_an_answer(staging)
    march = Period(PERIOD.end, datetime(2026, 4, 1, tzinfo=UTC))
    trap = made.key("trap-1", march)
    staging.event(made.tenant_id, occurred_at="2026-03-10T12:00:00+00:00")
    staging.draft(UUID(made.tenant_id), None, 3)
    made.keyed = False
    made.adopt(tables)
    assert [made.answers[id] for id in made.ids] == [trap]
    assert made.late == {f"p9a-{RUN}-{made.tenant_id}-draft"}


def test_some_seeds_are_removed_before_the_rest(staging: Staging) -> None:
    relations = relations_of(staging.connection)
    tables = Tables(staging.connection, relations.statements)
    made = Made(str(staging.tenant()), RUN, relations.survey)
    kept, gone = (plant(tables, made.tenant_id, PERIOD, run) for run in (RUN, "ffffffff"))
    made.plant([*kept, *gone])
    made.remove_some(tables, [seed.id for seed in gone], [])
    left = tables.rows("seed_keys", tenant_id=made.tenant_id)
    assert {row["key"] for row in left} == {seed.key for seed in kept}
    assert made.residue.names == tuple(f"event {seed.key}" for seed in kept)
    assert made.remove(tables) == len(kept)


def test_once_keys_are_seen_to_be_stored_only_they_tell(staging: Staging) -> None:
    made, tables = asked_without_an_answer(staging)
    made.learn(f"p9a-{RUN}-{made.tenant_id}-draft")
    staging.event(made.tenant_id)
    staging.draft(UUID(made.tenant_id), "0cc175b9c0f1b6a831c399e269772661")
    made.adopt(tables)
    assert (made.ids, len(made.late)) == ([], 1)


@pytest.mark.parametrize("keyed", [True, False])
def test_a_lost_answer_promises_only_what_is_so(staging: Staging, keyed: bool) -> None:
    made, tables = asked_without_an_answer(staging)
    made.keyed = keyed
    told = Look(made.survey, f"{PERIOD}").facts(tables, [made.residue])
    assert len(told.remaining) == 1
    promised = "The next run of the gate on the tenant removes it; so does, in psql:"
    assert (promised in told.advice, bool(told.command)) == (keyed, keyed)
    if not keyed:
        assert f"look for an invoice of tenant {made.tenant_id} for {PERIOD}" in told.advice[0]


def test_what_is_removed_does_not_remain_too(staging: Staging) -> None:
    with left(staging) as (tables, relations, tenant_id):
        (residue,) = find_residue(tables, [], [str(tenant_id)])
        look = Look(relations.survey, f"{PERIOD}")
        look.remove(residue, tables)
    # The session breaks before it can look again: all that is known is what was recorded.
    told = look.facts(tables, [residue])
    assert (len(told.removed), told.remaining, told.command) == (4, (), "")


def test_a_draft_in_the_way_may_be_a_dead_runs_where_no_key_tells(
    staging: Staging, gate_in_process: RunGate, tmp_path: Path
) -> None:
    folder = described_otherwise(tmp_path / "ours")
    path = folder / RELATIONS
    path.write_text(
        path.read_text().replace(
            "invoice.gain_share_amount, invoice.idempotency_key,", "invoice.gain_share_amount,"
        )
    )
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = rows(staging)
    staging.draft(tenant_id)
    outcome = gate_in_process(tenant_id, f"--platform={folder}", "-m", "p9a and step1")
    assert "S1.3" in outcome.failed(), outcome.out
    assert (
        "nobody can tell whether a run of the gate that was killed left"
        in outcome.check("S1.3").detail
    )
    (command,) = re.findall(r"BEGIN; .* COMMIT;", outcome.check("S1.3").detail)
    staging.connection.execute(command.encode())
    assert rows(staging) == before
