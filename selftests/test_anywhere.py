"""Rows that a run leaves in whatever table, and numbers that are gone: seen, by name, or told.

The reference platform works in a session of its own, as behind its admin API, and triggers write
what it would not. The gate's own steps are acted in this process.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

import fixtures.anywhere
from acceptance.beside import unseen
from acceptance.opening import open_workspace
from acceptance.test_exit_criteria import act_aftermath, judge_criteria
from acceptance.test_step1_dry_run import act_dry_run
from acceptance.test_step2_execute import keep_draft
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import find_tenant
from fixtures.causes import causes
from fixtures.findings import Finding, failing, not_run
from fixtures.mentions import Thing, pattern, singular
from fixtures.sequences import Sequence
from oracle.bill import Bill
from oracle.generated import PERIOD
from oracle.period import Period
from platforms.description import Described, read
from platforms.port import Invoice, Platform
from platforms.relations.composing import load
from platforms.statements import Tables
from selftests.others import STATEMENTS
from selftests.reference import Elsewhere, described, platform_of
from selftests.rows.acting import steps_in, target_of
from selftests.rows.shapes import describe, shape
from selftests.staging import Staging

Make = Callable[[Connection[Any]], Platform]


@dataclass(frozen=True)
class Seen:
    """What the gate found, what it told of what was left, and of what it could not see."""

    findings: dict[str, Finding]
    left: dict[str, int]
    unseen: dict[str, str]

    def words(self, id: str) -> str:
        """What was found in a check, or criterion."""
        finding = self.findings[id]
        assert not finding.passed, self.findings
        return f"{finding.got} {finding.detail}"


@dataclass(frozen=True)
class Bench:
    """A staging database, with a tenant at 25 % and another one with something to bill."""

    staging: Staging
    tenant_id: str

    def build(self, name: str) -> None:
        """Build what a statement of ``anywhere.sql`` says."""
        Tables(self.staging.connection, STATEMENTS).act(name)

    def judge(
        self,
        make: Make | None = None,
        user: str = "postgres",
        leaves: tuple[str, ...] = (),
        platform: Described | None = None,
        counter: str | None = None,
    ) -> Seen:
        """Act steps 1 to 4 and the criteria; calls are made in another session unless told."""
        staging = self.staging
        described_so = _with_leaves(platform or described(), leaves, counter)
        target = target_of(staging.conninfo, described_so, self.tenant_id)
        relations = load(staging.connection, described_so)
        with open_workspace(
            staging.conninfo_of(user),
            target,
            relations,
            self.tenant_id,
            make or (lambda _: Elsewhere(staging.connection)),
        ) as workspace:
            findings = steps_in(workspace)
            aftermath = act_aftermath(workspace)
            findings["M.1"] = not_run("not acted")
            findings |= judge_criteria(findings, None, aftermath, target)
            left = {row["table"]: row["rows"] for row in aftermath.left_behind}
            return Seen(findings, left, {one["table"]: one["why"] for one in unseen(workspace)})


def _with_leaves(platform: Described, leaves: tuple[str, ...], counter: str | None) -> Described:
    words, rules = dict.fromkeys(leaves, "by design"), platform.description.rules
    numbers = rules.numbers.model_copy(update={"counter": counter})
    told = {"leaves": words, "rules": rules.model_copy(update={"numbers": numbers})}
    return replace(platform, description=platform.description.model_copy(update=told))


@pytest.fixture
def bench(staging: Staging) -> Bench:
    """A database of the test's own."""
    staging.event(staging.tenant(), "7000.00")
    return Bench(staging, str(staging.tenant()))


def test_where_nothing_is_left_nothing_is_told(bench: Bench) -> None:
    seen = bench.judge()
    assert not failing({id: f for id, f in seen.findings.items() if id not in ("M.1", "X3")})
    assert (seen.left, seen.unseen) == ({}, {})


# Residue, by how it is known to be the run's

LEFT = {
    "a_ledger": ("X4", "app.ledger_entries", "1 row of app.ledger_entries written by the run"),
    "payments": ("X4", "app.payments", "1 row of app.payments about the run"),
    "an_outbox": (
        "S2.3",
        'mail."Out % :x"',
        '1 row of mail."Out % :x" about the run',
    ),
    "a_log_that_forgives_itself": ("S2.3", "", "1 row of app.log written with every draft"),
    "a_count_of_drafts": ("S2.3", "app.statistics", "1 row of app.statistics written by the run"),
    "a_rule_that_copies": ("S2.3", "app.copies", "1 row of app.copies about the run"),
    "a_note_that_is_deleted": ("S2.3", "app.notes", "2 rows of app.notes changed or deleted"),
    "a_table_that_is_emptied": ("S2.3", "app.archive", "of app.archive deleted as the table was"),
    "a_part_of_it_lies_elsewhere": ("S2.3", "app.months", "1 row of app.months about the run"),
    "a_queue_of_an_extension": (
        "S2.3",
        "app.messages",
        "1 row of app.messages about the run",
    ),
    "a_large_object": (
        "S2.3",
        "pg_catalog.pg_largeobject_metadata",
        "1 row of pg_catalog.pg_largeobject_metadata written by the run",
    ),
    "a_view_that_is_not_made_anew": ("S2.3", "app.listed", "1 row of app.listed about the run"),
    "another_tenants_event": ("S2.3", "app.value_events", "1 row of app.value_events written by"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_in_any_table_is_named(bench: Bench, name: str) -> None:
    bench.build(name)
    check, table, words = LEFT[name]
    seen = bench.judge()
    assert words in seen.words(check)
    assert "app.bookkeeping" not in seen.words(check)
    if table:
        assert f" of {table} " in seen.words("X4")
        assert seen.left[table] >= 1


def test_what_others_emptied_while_the_run_was_under_way_is_told(bench: Bench) -> None:
    bench.build("a_table_that_is_emptied")
    connection = bench.staging.connection
    connection.execute("DROP TRIGGER note ON app.billing_invoices")

    class Emptying(Elsewhere):
        def cancel(self, tenant_id: str, invoice_id: str) -> None:
            connection.execute("TRUNCATE app.archive")
            super().cancel(tenant_id, invoice_id)

    seen = bench.judge(lambda _: Emptying(connection))
    assert seen.findings["X4"].passed, seen.findings
    assert seen.unseen["app.archive"].startswith("it was emptied, or stored anew, while the run")


def test_in_process_what_is_left_where_nobody_may_look_is_named(bench: Bench) -> None:
    bench.build("a_log_that_nobody_may_read")
    words = bench.judge(platform_of, user="gate_in_process").words("S2.3")
    unread = "written by the draft that the gate cannot look at"
    assert f"1 row of app.hidden {unread} (row-level security may hide rows of it)" in words
    assert f"2 rows of app.secrets {unread} (may not be read), which nobody declared" in words
    assert "app.drawers" not in words


def test_in_process_what_is_left_by_design_where_nobody_may_look_is_no_residue(
    bench: Bench,
) -> None:
    bench.build("a_log_that_nobody_may_read")
    leaves = ("app.hidden", "app.secrets")
    seen = bench.judge(platform_of, user="gate_in_process", leaves=leaves)
    assert seen.findings["S2.3"].passed, seen.findings["S2.3"]
    assert seen.unseen["app.drawers"] == "may not be read"


def test_in_process_a_part_counts_as_the_whole_table(bench: Bench) -> None:
    bench.build("a_log_that_nobody_may_read")
    words = bench.judge(platform_of).words("S2.3")
    assert "2 rows of app.secrets written by the draft, which nobody declared" in words


IN_PROCESS = {
    "a_count_of_drafts": "app.statistics",
    "a_number_from_a_sequence": "a final number is gone",
    "a_note_that_is_deleted": "2 rows of app.notes changed or deleted by the draft",
    "a_table_that_is_emptied": "of app.archive deleted as the table was emptied",
    "a_large_object": "1 row of pg_catalog.pg_largeobject_metadata written by the draft",
}


@pytest.mark.parametrize("name", IN_PROCESS)
def test_in_process_too_a_draft_leaves_nothing(bench: Bench, name: str) -> None:
    bench.build(name)
    assert IN_PROCESS[name] in bench.judge(platform_of).words("S2.3")


def test_in_process_what_is_checked_at_the_end_is_checked_once_a_call(bench: Bench) -> None:
    bench.build("lines_that_must_add_up")
    findings = bench.judge(platform_of).findings
    assert not failing({id: f for id, f in findings.items() if id not in ("M.1", "X3")})


def test_in_process_what_no_commit_takes_is_refused(bench: Bench) -> None:
    bench.build("invoices_that_no_commit_takes")
    words = bench.judge(platform_of).words("S2.1")
    assert "refused, platform_error: the ledger is closed" in words


@pytest.mark.parametrize(
    ("name", "guard"),
    [
        ("a_rule_that_keeps_events", "rule keep of app.value_events keeps it"),
        ("a_trigger_that_brings_events_back", "trigger bring_back of app.value_events keeps it"),
    ],
)
def test_in_process_what_keeps_the_seeds_is_named(bench: Bench, name: str, guard: str) -> None:
    bench.build(name)
    words = bench.judge(platform_of).words("S3.3")
    assert re.search(rf"dryrun-\S+-001 is still there after it was deleted: .*{guard}", words)


def test_where_the_platform_is_described_by_views_it_is_named_too(
    bench: Bench, tmp_path: Path
) -> None:
    shown = shape("names")
    shown.built(bench.staging.connection)
    bench.build("a_ledger")
    folder = describe(tmp_path / "described", shown.statements, {})
    words = bench.judge(platform=read(folder)).words("X4")
    assert "1 row of app.ledger_entries written by the run" in words


def test_a_draft_that_is_kept_on_request_is_no_residue(bench: Bench) -> None:
    staging = bench.staging
    staging.event(bench.tenant_id)
    target = target_of(staging.conninfo, described(), bench.tenant_id)
    relations = load(staging.connection, described())
    with open_workspace(
        staging.conninfo,
        target,
        relations,
        bench.tenant_id,
        lambda _: Elsewhere(staging.connection),
    ) as workspace:
        steps_in(workspace)
        dry_run = act_dry_run(workspace, find_tenant(workspace), Seeding((), ()))
        draft, why_gone = keep_draft(workspace, dry_run)
        assert (isinstance(draft, Invoice), why_gone) == (True, "")
        aftermath = act_aftermath(workspace)
    assert (aftermath.strays, aftermath.touched, aftermath.residue) == ((), (), ())
    assert aftermath.kept_draft


def test_what_is_left_by_design_is_counted_and_told(bench: Bench) -> None:
    bench.build("a_ledger")
    seen = bench.judge(leaves=("app.ledger_entries",))
    assert seen.findings["X4"].passed
    assert seen.left == {"app.ledger_entries": 1}


@pytest.mark.parametrize("make", [None, platform_of], ids=["elsewhere", "in process"])
def test_what_goes_again_counts_ids_locks_or_is_made_anew_is_no_residue(
    bench: Bench, make: Make | None
) -> None:
    bench.build("nothing_that_is_to_be_told")
    bench.staging.connection.execute("SET lock_timeout = '2s'")
    seen = bench.judge(make)
    assert not failing({id: f for id, f in seen.findings.items() if id not in ("M.1", "X3")})
    assert (seen.left, seen.unseen) == ({}, {})


# Events that the run's invoice must not bill


@pytest.mark.parametrize("user", ["postgres", "gate"])
def test_events_that_are_billed_too_are_named_and_put_back(bench: Bench, user: str) -> None:
    staging, other = bench.staging, neighbour(bench)
    staging.event(bench.tenant_id, key="own", occurred_at="2026-01-10T12:00:00+00:00")
    bench.build("a_claim_of_another_tenants_event")
    before = staging.rows()
    words = bench.judge(user=user).words("S4.4")
    assert "3 of 3 seeds claimed, 7 events in all" in words
    back = "was billed too (the gate has put it back)"
    assert f"event own, the tenant's own and no seed, {back}" in words
    assert f"event billed, of tenant {other}, {back}" in words
    assert f"event open, of tenant {other}, {back}" in words
    assert staging.rows() == before


def neighbour(bench: Bench) -> str:
    """Add another tenant, with an event that is billed and one that is not."""
    staging = bench.staging
    other = str(staging.tenant())
    staging.event(other, key="billed")
    platform = Elsewhere(staging.connection)
    platform.issue(other, platform.generate_draft(other, PERIOD, "theirs").id)
    staging.event(other, key="open")
    return other


def test_what_may_not_be_put_back_is_told_with_the_statement_that_does(bench: Bench) -> None:
    staging, other = bench.staging, neighbour(bench)
    bench.build("a_claim_of_another_tenants_event")
    bench.build("what_no_guest_may_put_back")
    before = staging.rows()
    words = bench.judge(platform_of).words("S4.4")
    (command,) = re.findall(r"event open, of .* put it back with: (UPDATE .*?;)", words)
    assert "no guest may do so" in words
    assert before == staging.rows()
    assert f"of tenant {other}, was billed too, and stays so" in words
    assert command.startswith("UPDATE")


# Numbers that are gone


def test_a_draft_that_draws_a_final_number_is_named(bench: Bench) -> None:
    bench.build("a_number_from_a_sequence")
    words = bench.judge().words("S2.3")
    assert "a final number is gone: the sequence app.final_numbers went from its beginning" in words


def test_where_numbers_are_drawn_ahead_drafts_may_take_some(bench: Bench) -> None:
    bench.build("numbers_are_drawn_ahead")
    finding = bench.judge().findings["S2.3"]
    assert finding.passed
    ahead = "a session draws 50 numbers of it at once"
    assert finding.got.endswith(f"as before but in app.final_numbers ({ahead})")


def test_a_sequence_that_a_draft_makes_is_told_where_it_may_not_be_read(bench: Bench) -> None:
    bench.build("a_sequence_a_month")
    assert bench.judge(user="gate").unseen["app.of_february"] == "a sequence that may not be read"


COUNTS = {
    "a_number_from_a_sequence": "app.final_numbers",
    "a_count_of_drafts": "app.statistics",
    "a_count_that_begins_with_a_draft": "app.statistics",
}


@pytest.mark.parametrize(("name", "shares"), list(zip(COUNTS, (False, True, False), strict=True)))
def test_what_is_left_by_design_and_moves_with_drafts_is_told(
    bench: Bench, name: str, shares: bool
) -> None:
    bench.build(name)
    finding = bench.judge(platform_of if shares else None, leaves=(COUNTS[name],)).findings["S2.3"]
    assert finding.passed
    assert finding.got.endswith(f"as before but in {COUNTS[name]} (declared: by design)")


@pytest.mark.parametrize("name", list(COUNTS)[:2])
def test_what_is_said_to_count_final_numbers_is_moved_by_no_draft(bench: Bench, name: str) -> None:
    bench.build(name)
    counter = COUNTS[name]
    words = bench.judge(leaves=(counter,), counter=counter).words("S2.3")
    assert "a final number is gone: " in words
    assert counter in words


def test_where_something_else_counts_nothing_is_told(bench: Bench) -> None:
    bench.build("a_count_of_drafts")
    bench.build("a_counter")
    seen = bench.judge(leaves=("app.statistics", "app.counter"), counter="app.counter")
    assert seen.findings["S2.3"].got.endswith("every row as before")


def test_rows_that_drafts_only_add_count_nothing(bench: Bench) -> None:
    bench.build("a_log_without_names")
    finding = bench.judge(leaves=("app.statistics",)).findings["S2.3"]
    assert finding.got.endswith("every row as before")


def test_a_sequence_of_the_drafts_own_is_told_from_that_of_final_numbers(bench: Bench) -> None:
    bench.build("drafts_are_numbered")
    words = bench.judge().words("S2.3")
    assert "a final number is gone" not in words
    assert "one of which was called P-000001: it numbers drafts; if nothing else, declare" in words
    assert '[leaves]: "app.final_numbers" = "numbers of drafts"' in words
    finding = bench.judge(leaves=("app.final_numbers",)).findings["S2.3"]
    assert finding.got.endswith("every row as before")


@pytest.mark.parametrize(
    ("name", "stands", "increment", "ids", "counts"),
    [
        ("app.invoices_seq", 41, 1, ["41"], True),
        ("app.invoices_seq", 42, 1, ["41"], False),
        ("app.hibernate_sequence", 100, 50, ["73", "0b3d"], True),
        ("app.invoice_numbers", 41, 1, ["41"], False),
        ("app.invoices_seq", None, 1, ["1"], False),
    ],
)
def test_a_sequence_counts_ids_where_they_show_in_what_was_made(
    name: str, stands: int | None, increment: int, ids: list[str], counts: bool
) -> None:
    assert Sequence(name, stands, increment).counts(ids) == counts


# Previews


class Writing(Elsewhere):
    """Writes with each preview; others may write in between."""

    def __init__(self, connection: Connection[Any], bench: Bench, times: int = 1000) -> None:
        super().__init__(connection)
        self._bench, self._times = bench, times

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """See :class:`~platforms.port.Platform`."""
        if self._times:
            self._times -= 1
            tables = Tables(self._bench.staging.connection, STATEMENTS)
            tables.act("visit", tenant_id=self._bench.tenant_id)
            tables.act("draw")
        return super().preview(tenant_id, period)


def test_a_preview_that_writes_is_named(bench: Bench) -> None:
    bench.build("other_peoples_tables")
    seen = bench.judge(lambda _: Writing(bench.staging.connection, bench))
    words = seen.words("S1.6")
    assert "app.visits is written to by every preview" in words
    assert "app.tickets is written to by every preview" in words


def test_what_a_preview_writes_where_it_may_is_told(bench: Bench) -> None:
    bench.build("other_peoples_tables")
    seen = bench.judge(
        lambda _: Writing(bench.staging.connection, bench), leaves=("app.visits", "app.tickets")
    )
    written = seen.findings["S1.6"]
    assert written.passed, written
    words = r"nothing written but, as declared, \d rows? in app\.visits"
    assert re.fullmatch(words, written.got), written


def test_what_came_once_may_be_anybodys_and_is_told(bench: Bench) -> None:
    bench.build("other_peoples_tables")
    seen = bench.judge(lambda _: Writing(bench.staging.connection, bench, times=1))
    assert seen.findings["S1.6"].passed
    assert seen.findings["X4"].passed
    assert "a row of the tenant came while the preview was asked for" in seen.unseen["app.visits"]


@pytest.mark.parametrize(
    ("calls", "others", "moved", "untold"),
    [
        ({"a"}, set(), {"a"}, set()),
        (set(), {"a"}, set(), {"a"}),
        ({"a"}, {"a"}, set(), {"a"}),
        ({"a"}, {"b"}, {"a"}, {"b"}),
        (set(), set(), set(), set()),
    ],
)
def test_the_cause_is_what_moves_with_every_call_and_never_without(
    calls: set[str], others: set[str], moved: set[str], untold: set[str]
) -> None:
    stands = dict.fromkeys("abc", 0)

    def move(names: set[str]) -> None:
        stands.update({name: stands[name] + 1 for name in names})

    seen = causes("abc", lambda: move(calls), lambda: dict(stands), lambda _: move(others))
    assert (set(seen.moved), set(seen.untold)) == (moved, untold)
    assert seen.not_moved == set("abc") - moved - untold


# What cannot be looked at


def test_what_may_not_be_read_is_told(bench: Bench) -> None:
    bench.build("other_peoples_tables")
    seen = bench.judge(user="gate")
    assert seen.findings["X4"].passed
    assert seen.unseen["app.secrets"] == "may not be read"
    assert seen.unseen["app.tickets"] == "a sequence that may not be read"
    assert seen.unseen["app.blocks"].startswith("a session draws 50 numbers of it at once")
    assert seen.unseen["app.far_away"] == "lies outside this database"
    assert seen.unseen["app.months_past"] == "lies outside this database"
    assert "app.months" not in seen.unseen
    assert "app.visits" not in seen.unseen


def test_a_table_that_others_keep_to_themselves_is_told(bench: Bench) -> None:
    bench.build("other_peoples_tables")
    with psycopg.connect(bench.staging.conninfo) as holder:
        holder.execute("LOCK TABLE app.visits IN ACCESS EXCLUSIVE MODE")
        seen = bench.judge()
    assert seen.findings["X4"].passed
    assert seen.unseen["app.visits"] == "another session keeps everybody else off it"


def test_what_is_too_large_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.build("an_archive")
    monkeypatch.setattr(fixtures.anywhere, "MOST_PAGES", 20)
    seen = bench.judge()
    assert seen.findings["X4"].passed
    assert seen.unseen["app.archive"] == "too large to be looked at"
    assert "app.statistics" not in seen.unseen


def test_many_tables_are_looked_at_by_and_by(bench: Bench) -> None:
    bench.build("four_hundred_tables")
    assert "1 row of app.t399 about the run" in bench.judge().words("S2.3")


# What a row says


INVOICE = Thing(("42",), frozenset({"invoice", "bill"}), frozenset({"owed"}))
UUID = "0b3d5a8e-1f2c-4d6b-9a7e-5c4d3b2a1908"
SAYS = [
    ('{"id":1,"invoice_id":42}', True),
    ('{"id":1,"invoiceId": "42", "a": 1}', True),
    ('{"id":1,"owed":42}', True),
    ('{"payload":{"invoice_ids": [7, 42]}}', True),
    (r'{"payload":"{\"invoice\": 42}"}', True),
    ('{"said":"GET /v2/invoices/42/items"}', True),
    ('{"said":"Invoice #42 was sent"}', True),
    ('{"subject_type":"Invoice","subject_id":42}', True),
    ('{"subject_id":42,"subject_type":"App\\\\Models\\\\Bill"}', True),
    ('{"id":42,"invoice_id":7}', False),
    ('{"id":1,"invoice_id":420}', False),
    ('{"id":1,"invoice_id":142}', False),
    ('{"user_id":42,"action":"invoice.viewed"}', False),
    ('{"subject_type":"User","subject_id":42}', False),
]


@pytest.mark.parametrize(("row", "found"), SAYS)
def test_a_short_id_counts_where_it_says_of_what(scratch: Tables, row: str, found: bool) -> None:
    assert finds(scratch, pattern([INVOICE]), row) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (f'{{"said":"about {UUID.upper()}"}}', True),
        (f'{{"said":"{UUID.replace("-", "")}"}}', True),
        (f'{{"said":"a{UUID}"}}', False),
        ('{"said":"42"}', False),
    ],
)
def test_a_long_id_counts_anywhere(scratch: Tables, row: str, found: bool) -> None:
    assert finds(scratch, pattern([Thing((UUID,))]), row) == found


def test_nothing_to_look_for_is_found_nowhere(scratch: Tables) -> None:
    assert not finds(scratch, pattern([Thing(())]), '{"a":1}')


def test_a_number_counts_beside_whose_it_is(scratch: Tables) -> None:
    both = pattern((), ["INV-000001"], both=pattern([Thing((UUID,))]))
    assert finds(scratch, both, f'{{"number":"INV-000001","of":"{UUID}"}}')
    assert finds(scratch, both, f'{{"of":"{UUID}","number":"INV-000001"}}')
    assert not finds(scratch, both, '{"number":"INV-000001"}')


def finds(scratch: Tables, looked_for: str, row: str) -> bool:
    """Ask the server, whose patterns they are."""
    asked = scratch.connection.execute("SELECT %s ~* %s", (row, looked_for)).fetchone()
    assert asked is not None
    return bool(asked[0])


def test_rows_are_called_by_the_last_word_of_their_table() -> None:
    assert singular("billing_invoices") == {"billing_invoice", "invoice"}
