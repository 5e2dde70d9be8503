"""What a run left is found, removed, and told with what is to be done about it.

What is told is worked out without a database; what is found and removed, on the reference
platform's tables.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from fixtures.residue import (
    Look,
    Removed,
    Residue,
    find_residue,
    last_look,
    recorded_facts,
    stores_keys,
)
from fixtures.seeds import plant
from fixtures.target import Target
from oracle.generated import PERIOD
from platforms.relations.survey import Survey
from platforms.removing.removal import CannotRemove
from platforms.statements import Tables, parse
from reports.evidence import ResidueFacts
from selftests.reference import described, relations_of
from selftests.rows.acting import target_of
from selftests.staging import Staging
from selftests.test_removal import build_in, rows

RUN, OTHER_RUN = "1a2b3c4d", "5e6f7a8b"

# What is told

WRITTEN = parse("""
-- name: removable_invoices
SELECT found(:tenant_id, :keys, :ids, :seeds);

-- name: remove_invoices
DELETE FROM invoices OF (:tenant_id, :ids);

-- name: remove_events
DELETE FROM events OF (:tenant_id, :ids);
""")
UNREAD = Tables(None, WRITTEN)  # type: ignore[arg-type]  # what a session is not asked
KEY, TENANT = "p9a-1a2b3c4d-acme-draft", "acme"


def survey_of(*columns: str) -> Survey:
    """A platform whose invoices have these columns."""
    return Survey(
        columns={"invoices": columns} if columns else {},
        tables={},
        keys_are_unique=True,
        words={},
        unhashed=frozenset(),
        places={},
    )


KEYED, KEYLESS = survey_of("id", "idempotency_key"), survey_of("id")
SEEDS = Residue(TENANT, seeds={"e1": "dryrun-one", "e2": "dryrun-two"})
DRAFT = Residue(TENANT, invoices={KEY: "DRAFT-1"}, ids=("i1",))
UNKNOWN = replace(DRAFT, keyed=False)
LATE = Residue(TENANT, invoices={KEY: ""}, late=(KEY,))
NAMELESS = replace(LATE, keyed=False)

NEXT_RUN = "The next run of the gate on the tenant removes it; so does, in psql:"
NO_RUN = (
    "No run removes it as things are, and none judges the tenant until it is gone; in psql, as the "
    "owner of the tables:"
)
ONLY_SEEDS = (
    "The next run of the gate on the tenant removes seeds and what bills nothing but seeds; it "
    "knows no other invoice for its own, for the platform stores no keys. All of it is removed, in "
    "psql, by:"
)
LOOK_FOR_IT = (
    f"The platform stores no keys of invoices, so that no run can tell this one from others: look "
    f"for an invoice of tenant acme for {PERIOD} that nobody else asked for, and cancel it."
)
IF_ANYTHING = "If anything of this run remains, the next run on the tenant removes it."
BUT_FOR_A_DRAFT = (
    f"But for a draft of the tenant's own events: the platform stores no keys, so that no run "
    f"knows it; look for one for {PERIOD} that nobody asked for."
)


@pytest.mark.parametrize(
    ("survey", "remaining", "reason", "refused", "advice"),
    [
        (KEYED, [], "", False, ()),
        (KEYED, [], "gone", False, (IF_ANYTHING,)),
        (KEYLESS, [], "gone", False, (IF_ANYTHING, BUT_FOR_A_DRAFT)),
        (KEYED, [SEEDS], "", False, (NEXT_RUN,)),
        (KEYED, [SEEDS], "kept", True, (NO_RUN,)),
        (KEYED, [], "kept", True, (IF_ANYTHING,)),
        (KEYED, [DRAFT, LATE], "", False, (NEXT_RUN,)),
        (KEYLESS, [replace(SEEDS, keyed=False)], "gone", False, (NEXT_RUN,)),
        (KEYLESS, [SEEDS, UNKNOWN], "gone", False, (ONLY_SEEDS,)),
        (KEYLESS, [NAMELESS], "gone", False, (LOOK_FOR_IT,)),
        (KEYLESS, [NAMELESS, SEEDS], "gone", False, (LOOK_FOR_IT, NEXT_RUN)),
        (KEYLESS, [NAMELESS, SEEDS], "kept", True, (LOOK_FOR_IT, NO_RUN)),
    ],
)
def test_what_remains_is_told_with_what_is_to_be_done(
    survey: Survey, remaining: list[Residue], reason: str, refused: bool, advice: tuple[str, ...]
) -> None:
    told = Look(survey, f"{PERIOD}", reason=reason, refused=refused).facts(UNREAD, remaining)
    assert (told.reason, told.advice) == (reason, advice)


def test_rows_are_named_so_that_a_query_can_be_written() -> None:
    residue = replace(LATE, seeds=SEEDS.seeds, invoices={KEY: "", "other": "DRAFT-1"})
    assert residue.names == (
        "event dryrun-one",
        "event dryrun-two",
        "invoice DRAFT-1",
        f"perhaps an invoice asked for under {KEY}",
    )
    assert [bool(one) for one in (residue, Residue(TENANT), replace(LATE, late=()))] == [
        True,
        False,
        False,
    ]


def test_what_is_gone_and_what_remains_are_told_apart_and_once() -> None:
    look = Look(KEYED, f"{PERIOD}", removed=(SEEDS, DRAFT))
    told = look.facts(UNREAD, [DRAFT, replace(SEEDS, seeds={"e2": "dryrun-two", "e3": "more"})])
    assert told.removed == ("event dryrun-one", "invoice DRAFT-1")
    assert told.remaining == ("event dryrun-two", "event more")
    twice = Look(KEYED, f"{PERIOD}").facts(UNREAD, [SEEDS, SEEDS])
    assert twice.remaining == ("event dryrun-one", "event dryrun-two")


@pytest.mark.parametrize(
    ("residue", "deletes"),
    [
        (SEEDS, ["events"]),
        (DRAFT, ["invoices"]),
        (LATE, ["invoices"]),
        (Residue(TENANT, ids=("i1",)), ["invoices"]),
        (replace(DRAFT, seeds=SEEDS.seeds), ["invoices", "events"]),
    ],
)
def test_the_command_speaks_of_what_there_may_be(residue: Residue, deletes: list[str]) -> None:
    command = residue.command(UNREAD, KEYED)
    assert (command.startswith("BEGIN; "), command.endswith("; COMMIT;")) == (True, True)
    assert [part.split()[2] for part in command.split("; ") if part.startswith("DELETE")] == deletes
    assert ("found(" in command) == ("invoices" in deletes)
    assert ";;" not in command


def test_no_command_is_written_for_what_only_a_person_can_know() -> None:
    told = Look(KEYLESS, f"{PERIOD}").facts(UNREAD, [NAMELESS])
    assert (told.command, told.remaining) == ("", NAMELESS.names)
    told = Look(KEYLESS, f"{PERIOD}").facts(UNREAD, [NAMELESS, UNKNOWN, SEEDS])
    assert told.command == " ".join(one.command(UNREAD, KEYLESS) for one in (UNKNOWN, SEEDS))


def test_a_platform_that_has_a_column_for_keys_stores_them() -> None:
    assert [stores_keys(one) for one in (KEYED, KEYLESS, survey_of())] == [True, False, False]


# What is found


@pytest.fixture
def tables(staging: Staging) -> Tables:
    """The gate's statements on the staging database."""
    return Tables(staging.connection, relations_of(staging.connection).statements)


def left(
    staging: Staging, tables: Tables, tenant_id: UUID, run: str = RUN
) -> tuple[dict[str, str], str, str]:
    """Have a run leave three seeds and a draft; return the seeds, the draft's key and number."""
    seeds = {seed.id: seed.key for seed in plant(tables, str(tenant_id), PERIOD, run)}
    key = f"p9a-{run}-{tenant_id}-draft"
    return seeds, key, staging.draft(tenant_id, key)


def test_what_runs_left_is_found_by_tenant_and_by_run(staging: Staging, tables: Tables) -> None:
    one, two, other = staging.tenant(), staging.tenant(), staging.tenant()
    expected = []
    for tenant_id, run in ((one, RUN), (two, OTHER_RUN), (other, RUN)):
        seeds, key, number = left(staging, tables, tenant_id, run)
        expected.append(Residue(str(tenant_id), seeds, {key: number}))
    asked = [str(one), str(two)]
    assert find_residue(tables, [], asked) == tuple(
        sorted(expected[:2], key=lambda residue: residue.tenant_id)
    )
    assert find_residue(tables, [], asked, RUN) == (expected[0],)
    assert find_residue(tables, ["DRAFT"], asked, RUN) == (replace(expected[0], invoices={}),)
    assert find_residue(tables, [], []) == ()


def test_an_invoice_without_a_key_is_known_by_the_seeds_that_it_bills(
    staging: Staging, tables: Tables
) -> None:
    tenant_id = staging.tenant()
    seeds, _, _ = left(staging, tables, tenant_id)
    build_in(staging, "issue_and_pay")
    staging.connection.execute("UPDATE app.billing_invoices SET idempotency_key = NULL")
    (residue,) = find_residue(tables, [], [str(tenant_id)])
    (id,) = residue.ids
    assert residue.seeds == seeds
    assert residue.invoices == {f"id {id}": f"of event {min(seeds.values())}, id {id}"}
    residue.remove(tables, relations_of(staging.connection).survey)
    assert find_residue(tables, [], [str(tenant_id)]) == ()


# What is removed


def test_only_what_is_named_is_removed(staging: Staging, tables: Tables) -> None:
    survey, tenant_id = relations_of(staging.connection).survey, staging.tenant()
    seeds, key, _ = left(staging, tables, tenant_id)
    before = rows(staging)
    for nothing in (Residue(str(tenant_id)), Residue(str(staging.tenant()), seeds, {key: ""})):
        assert nothing.remove(tables, survey) == Removed()
    assert [row for row in rows(staging) if row in before] == before
    assert Residue(str(tenant_id), seeds=seeds).remove(tables, survey, whole=False).seeds == 3
    assert Residue(str(tenant_id), invoices={key: ""}).remove(tables, survey) == Removed(0)
    assert find_residue(tables, [], [str(tenant_id)]) == ()


KEPT_AT_FIRST = """
CREATE TABLE app.seen (id uuid PRIMARY KEY);
CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.id IN (SELECT id FROM app.seen) THEN RETURN OLD; END IF;
    INSERT INTO app.seen VALUES (OLD.id);
    RETURN NULL;
END $$;
CREATE TRIGGER keep BEFORE DELETE ON {} FOR EACH ROW EXECUTE FUNCTION app.keep();
"""


@pytest.mark.parametrize("table", ["app.billing_invoices", "app.value_events"])
def test_what_is_only_marked_at_first_is_deleted_again(
    staging: Staging, tables: Tables, table: str
) -> None:
    survey, tenant_id = relations_of(staging.connection).survey, staging.tenant()
    left(staging, tables, tenant_id)
    staging.connection.execute(KEPT_AT_FIRST.format(table).encode())
    (residue,) = find_residue(tables, [], [str(tenant_id)])
    assert residue.remove(tables, survey).seeds == 3
    assert find_residue(tables, [], [str(tenant_id)]) == ()


def test_where_all_is_undone_anyway_deleting_once_is_enough(
    staging: Staging, tables: Tables
) -> None:
    survey, tenant_id = relations_of(staging.connection).survey, staging.tenant()
    left(staging, tables, tenant_id)
    staging.connection.execute(KEPT_AT_FIRST.format("app.value_events").encode())
    (residue,) = find_residue(tables, [], [str(tenant_id)])
    assert residue.remove(tables, survey, whole=False) == Removed(0)
    (stays,) = find_residue(tables, [], [str(tenant_id)])
    assert (stays.seeds, stays.invoices) == (residue.seeds, {})


NEVER = parse("""
-- name: remove_events
DELETE FROM app.value_events
WHERE id = ANY(:ids::uuid[]) AND tenant_id = :tenant_id AND starts_with(id::text, 'dryrun-');
""")


@pytest.mark.parametrize("guarded", [False, True])
def test_a_condition_that_matches_nothing_is_told_from_what_keeps_a_row(
    staging: Staging, guarded: bool
) -> None:
    relations, tenant_id = relations_of(staging.connection), staging.tenant()
    tables = Tables(staging.connection, {**relations.statements, **NEVER})
    plant(tables, str(tenant_id), PERIOD, RUN)
    if guarded:
        staging.connection.execute(KEPT_AT_FIRST.format("app.value_events").encode())
    (residue,) = find_residue(tables, [], [str(tenant_id)])
    with pytest.raises(CannotRemove) as stays:
        residue.remove(tables, relations.survey)
    alone = "is still there after remove_events: its condition does not match the row, for no"
    either = "does not match it, or trigger keep of app.value_events keeps it"
    assert (either if guarded else alone) in f"{stays.value}"


@pytest.mark.parametrize("guard", ["invoices_are_hidden", "lines_are_kept_by_a_rule"])
def test_what_stays_although_it_was_deleted_is_named_unless_part_is_enough(
    staging: Staging, tables: Tables, guard: str
) -> None:
    survey, tenant_id = relations_of(staging.connection).survey, staging.tenant()
    left(staging, tables, tenant_id)
    build_in(staging, guard)
    (residue,) = find_residue(tables, [], [str(tenant_id)])
    before = rows(staging)
    with pytest.raises(CannotRemove) as stays:
        residue.remove(tables, survey)
    assert "None" not in f"{stays.value}"
    assert rows(staging) == before


# The last look


def target_on(staging: Staging, *tenant_ids: UUID, conninfo: str = "") -> Target:
    """The assignment of the run on some tenants."""
    target = target_of(conninfo or staging.conninfo, described(), str(tenant_ids[0]))
    survey = relations_of(staging.connection).survey
    return replace(target, run=RUN, survey=survey, lock_timeout=1)


def test_a_last_look_removes_what_is_there_of_this_run_alone(
    staging: Staging, tables: Tables
) -> None:
    one, two, other = staging.tenant(), staging.tenant(), staging.tenant()
    plant(tables, str(two), PERIOD, OTHER_RUN)
    left(staging, tables, other)
    stay = rows(staging)
    names = [left(staging, tables, tenant_id) for tenant_id in (one, two)]
    target = target_on(staging, one)
    told = last_look(target, iter([str(one), str(two)]), {})
    assert sorted(told.removed) == sorted(
        name
        for seeds, _, number in names
        for name in (*(f"event {key}" for key in seeds.values()), f"invoice {number}")
    )
    assert told == ResidueFacts(removed=told.removed)
    assert rows(staging) == stay
    assert last_look(target, [str(one)], {}) == ResidueFacts()


def judged(staging: Staging, tenant_id: UUID) -> AbstractContextManager[object]:
    """Another run has the tenant."""
    return staging.held_by("p9a-gate 99999999", tenant_id)


@contextmanager
def gone(staging: Staging, _: UUID) -> Iterator[None]:
    """Nobody can connect."""
    staging.allow_connections(allowed=False)
    yield
    staging.allow_connections(allowed=True)


def hidden(staging: Staging, _: UUID) -> AbstractContextManager[object]:
    """The session may not read."""
    staging.connection.execute("REVOKE SELECT ON app.value_events FROM p9a_reader")
    return nullcontext()


@pytest.mark.parametrize(
    ("keep_off", "reason"),
    [
        (judged, "tenant .* is being judged by p9a-gate 99999999, .*"),
        (gone, "the database cannot be reached: .*"),
        (hidden, "permission denied for table value_events"),
    ],
)
def test_where_nobody_can_look_what_was_recorded_remains(
    staging: Staging,
    tables: Tables,
    keep_off: Callable[[Staging, UUID], AbstractContextManager[object]],
    reason: str,
) -> None:
    tenant_id = staging.tenant()
    seeds, key, number = left(staging, tables, tenant_id)
    recorded = Residue(str(tenant_id), seeds, {key: number})
    known = {"somebody": Residue("somebody"), str(tenant_id): recorded}
    target = target_on(staging, tenant_id, conninfo=staging.conninfo_of("reader"))
    with keep_off(staging, tenant_id):
        told = last_look(target, [str(tenant_id)], known)
    reported = recorded_facts(target, known, told.reason)
    assert re.fullmatch(reason, told.reason)
    assert (told.removed, told.remaining, told.advice) == ((), recorded.names, (NEXT_RUN,))
    assert reported == told
    assert recorded_facts(target, {}, told.reason).advice == (IF_ANYTHING,)
    staging.connection.execute(told.command.encode())
    assert find_residue(tables, [], [str(tenant_id)]) == ()


def test_what_cannot_be_removed_is_told_with_why_and_by_what_it_is(
    staging: Staging, tables: Tables
) -> None:
    tenant_id = staging.tenant()
    seeds, key, number = left(staging, tables, tenant_id)
    build_in(staging, "events_are_kept")
    told = last_look(target_on(staging, tenant_id), [str(tenant_id)], {})
    assert told.reason == "what was recorded is kept"
    assert (told.removed, told.remaining, told.advice) == (
        (),
        Residue(str(tenant_id), seeds, {key: number}).names,
        (NO_RUN,),
    )
    staging.connection.execute(told.command.encode())
    assert find_residue(tables, [], [str(tenant_id)]) == ()


ASK_FINANCE = """
CREATE FUNCTION app.forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'nobody deletes' USING ERRCODE = 'insufficient_privilege', HINT = 'ask finance';
END $$;
CREATE TRIGGER forbid BEFORE DELETE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.forbid();
"""


def test_who_may_not_delete_is_told_so(staging: Staging, tables: Tables) -> None:
    tenant_id = staging.tenant()
    left(staging, tables, tenant_id)
    target = target_on(staging, tenant_id, conninfo=staging.conninfo_of("reader"))
    told = last_look(target, [str(tenant_id)], {})
    assert told.reason == "permission denied for table value_events"
    assert told.advice == (NO_RUN,)
    staging.connection.execute(ASK_FINANCE)
    told = last_look(target_on(staging, tenant_id), [str(tenant_id)], {})
    assert told.reason == "nobody deletes"


def test_what_is_asked_for_and_not_there_may_yet_appear(staging: Staging, tables: Tables) -> None:
    tenant_id = staging.tenant()
    _, key, number = left(staging, tables, tenant_id)
    never = key.replace("draft", "first")
    asked = Residue(str(tenant_id), invoices={key: "", never: ""}, late=(key, never))
    with_gone = replace(asked, seeds={str(uuid4()): "dryrun-2026-02-001"}, ids=(str(uuid4()),))
    told = last_look(target_on(staging, tenant_id), [str(tenant_id)], {str(tenant_id): with_gone})
    assert f"invoice {number}" in told.removed
    assert told.remaining == (f"perhaps an invoice asked for under {never}",)
    assert (told.reason, told.advice) == ("", (NEXT_RUN,))
    assert with_gone.ids[0] not in told.command
    for month, late in ((3, never), (4, key)):
        staging.event(tenant_id, occurred_at=f"2026-{month:02}-10T12:00:00+00:00")
        staging.draft(tenant_id, late, month)
    staging.connection.execute(told.command.encode())
    (residue,) = find_residue(tables, [], [str(tenant_id)])
    assert list(residue.invoices) == [key]
    keyless = {str(tenant_id): replace(asked, keyed=False)}
    target = target_on(staging, tenant_id)
    told = last_look(target, [str(tenant_id)], keyless)
    assert told.advice == (LOOK_FOR_IT.replace("tenant acme", f"tenant {tenant_id}"),)
    assert recorded_facts(target, keyless, "").advice == told.advice
    trap = {str(tenant_id): replace(asked, keyed=False, periods={never: "2025-06"})}
    (advice,) = recorded_facts(target, trap, "").advice
    assert f" for {target.period} and 2025-06 that nobody" in advice
