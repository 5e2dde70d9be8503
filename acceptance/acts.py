"""Fixtures that act each step once a tenant; the tests only judge what they return.

A tenant's fixtures live until its last test, in one process. A step is acted only if what comes
before it holds: nothing is generated where the dry run already says no.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from psycopg import Connection

from acceptance import test_step2_execute as step_two
from acceptance import test_step4_lifecycle as step_four
from acceptance.beside import unseen
from acceptance.diagnosing import measured
from acceptance.noting import note_bill, note_draft, note_preview, own_bill
from acceptance.opening import open_workspace
from acceptance.overlooked import act_overlooked, moved_with_drafts, not_kept
from acceptance.test_exit_criteria import Aftermath, act_aftermath, judge_criteria
from acceptance.test_maths import act_maths, has_scratch_tenants, shown_by_traps, why_no_maths
from acceptance.test_step1_dry_run import DryRun, act_dry_run, judge_step_1
from acceptance.test_step2_execute import (
    Execution,
    act_execution,
    judge_step_2,
    keep_draft,
)
from acceptance.test_step3_seeds import Removal, Seeding, act_removal, act_seeding, judge_step_3
from acceptance.test_step4_lifecycle import live_and_judge
from acceptance.workspace import Tenant, Workspace, find_tenant
from fixtures.adapters import MakePlatform, offered_by
from fixtures.database import reachable
from fixtures.findings import Finding, failing, not_run
from fixtures.notes import NOTES, Notes
from fixtures.once import once_a_run
from fixtures.room import Open
from fixtures.target import SeedMode, Target
from platforms.port import AdminApi, Invoice, Platform
from platforms.relations.composing import Relations
from platforms.sessions import plan_once
from platforms.statements import Tables
from reports.sentences import power_words

# The fixtures that act, and what each of them does.
ACTS = {
    "conninfo": "prepare the database",
    "generated": "bill generated events",
    "traps": "bill planted events",
    "api": "wait for the platform",
    "workspace": "lock tenant, take books",
    "seeding": "plant seeds",
    "dry_run": "step 1: dry run",
    "execution": "step 2: draft and clean up",
    "step_4": "step 4: live the lifecycle",
    "removal": "remove seeds and invoices",
    "aftermath": "look again",
}


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Measure an act by itself: pytest has set up what it rests on before it asks for this."""
    if fixturedef.argname not in ACTS:
        return (yield)
    with request.config.stash[NOTES].timing(ACTS[fixturedef.argname]):
        return (yield)


@pytest.fixture(scope="session")
def make_platform(
    pytestconfig: pytest.Config, api: AdminApi | None, relations: Relations
) -> MakePlatform:
    """How to get the platform that is judged, for a connection of the gate."""

    def make(connection: Connection[Any]) -> Platform:
        platform: Platform = pytestconfig.hook.pytest_p9a_platform(
            described=relations.described, connection=connection, api=api
        )
        return platform

    return make


def _tenants_with(fixture: str, session: pytest.Session) -> frozenset[str]:
    """Return the tenants of which anything was selected that asks for a fixture."""
    selected = [item for item in session.items if isinstance(item, pytest.Function)]
    return frozenset(
        str(item.callspec.params.get("tenant_id"))
        for item in selected
        if fixture in item.fixturenames and hasattr(item, "callspec")
    )


@pytest.fixture(scope="session")
def planted_for(
    request: pytest.FixtureRequest, target: Target, relations: Relations
) -> frozenset[str]:
    """The tenants for which M.1 was selected, and plants events."""
    if target.read_only or has_scratch_tenants(target, relations):
        return frozenset()
    return _tenants_with("maths", request.session)


@pytest.fixture(scope="session")
def written_to(request: pytest.FixtureRequest, planted_for: frozenset[str]) -> frozenset[str]:
    """The tenants of which anything was selected that rests on what is written, or is it."""
    return _tenants_with("execution", request.session) | planted_for


@pytest.fixture(scope="session")
def writes(target: Target, tenant_id: str, written_to: frozenset[str]) -> bool:
    """Whether the run writes for the tenant."""
    return not target.read_only and tenant_id in written_to


@pytest.fixture(scope="session")
def maths_first(request: pytest.FixtureRequest) -> None:
    """M.1 on generated events, where it is selected, whichever check comes first.

    It has a session of its own, which would wait for what a tenant's transaction has locked, as a
    row that counts. So no worker opens any before the one that acts M.1 has ended it. How it fails
    is told where it is asked for.
    """
    if any("generated" in getattr(item, "fixturenames", ()) for item in request.session.items):
        with suppress(Exception):
            request.getfixturevalue("generated")


@pytest.fixture(scope="session")
def workspace(
    conninfo: str,
    target: Target,
    relations: Relations,
    tenant_id: str,
    make_platform: MakePlatform,
    notes: Notes,
    pytestconfig: pytest.Config,
    writes: bool,
    maths_first: None,
    connect: Open,
) -> Iterator[Workspace]:
    """The tenant's connection, transaction and books, open until its last act."""
    del maths_first
    with open_workspace(
        conninfo, target, relations, tenant_id, make_platform, writes=writes, connect=connect
    ) as opened:
        notes.waited("wait for room on the database", opened.lock.waited)
        notes.add(tenant_id, books={"before": str(opened.books.before)}, swept=list(opened.swept))
        if not opened.platform.shares_transaction:
            notes.follow(tenant_id, lambda: opened.made.residue)
        notes.describe_target(opened.connection, opened.platform, offered_by(pytestconfig))
        yield opened
    notes.settle(tenant_id)


@pytest.fixture(scope="session")
def tenant(workspace: Workspace, notes: Notes) -> Tenant | None:
    """The tenant's row, if there is one."""
    with reachable(workspace.connection):
        row = find_tenant(workspace)
    if row is not None:
        notes.add(workspace.tenant_id, name=row.name, slug=row.slug, status=row.status)
    return row


@pytest.fixture(scope="session")
def seeding(workspace: Workspace, tenant: Tenant | None, notes: Notes) -> Seeding:
    """The seeds of step 3: what follows is judged on them."""
    with reachable(workspace.connection):
        planted = act_seeding(workspace, tenant_exists=tenant is not None)
    notes.add(
        workspace.tenant_id, seeds={"keys": list(planted.keys), "inserted": len(planted.rows)}
    )
    return planted


@pytest.fixture(scope="session")
def dry_run(workspace: Workspace, tenant: Tenant | None, seeding: Seeding, notes: Notes) -> DryRun:
    """Step 1, acted."""
    with reachable(workspace.connection):
        acted = act_dry_run(workspace, tenant, seeding)
        warnings = act_overlooked(workspace) if tenant is not None else []
    notes.add(workspace.tenant_id, unseen=unseen(workspace))
    note_bill(notes, workspace.tenant_id, acted, seeding)
    note_preview(notes, acted)
    notes.add(workspace.tenant_id, warnings=warnings)
    return acted


@pytest.fixture(scope="session")
def step_1(dry_run: DryRun) -> dict[str, Finding]:
    """The findings of step 1."""
    return judge_step_1(dry_run)


@pytest.fixture(scope="session")
def execution(
    workspace: Workspace,
    seeding: Seeding,
    dry_run: DryRun,
    step_1: dict[str, Finding],
    notes: Notes,
) -> Execution | None:
    """Step 2, acted; ``None`` where step 1 does not hold or nothing may be written."""
    if workspace.target.read_only or failing(step_1):
        return None
    with reachable(workspace.connection):
        acted = act_execution(workspace, seeding, dry_run)
    note_bill(notes, workspace.tenant_id, acted.dry_run, seeding)
    note_draft(notes, acted)
    draft, cleanup = acted.draft, acted.cleanup
    if cleanup is not None and cleanup.numbers.doubts:
        earlier = notes.tenants[workspace.tenant_id]["warnings"]
        told = [moved_with_drafts(words) for words in cleanup.numbers.doubts]
        notes.add(workspace.tenant_id, warnings=[*earlier, *told])
    if isinstance(draft, Invoice):
        gone = cleanup is not None and not cleanup.residue
        status = cleanup.withdrawn[0].status if cleanup and cleanup.withdrawn else draft.status
        notes.add(
            workspace.tenant_id, invoice=step_two.invoice_facts(acted, draft, status, removed=gone)
        )
    return acted


@pytest.fixture(scope="session")
def step_2(
    workspace: Workspace,
    seeding: Seeding,
    execution: Execution | None,
    step_1: dict[str, Finding],
    target: Target,
    notes: Notes,
) -> dict[str, Finding]:
    """The findings of step 2; if they hold, a draft that is to be kept will be."""
    if target.read_only:
        return step_two.judges.all(not_run("--read-only writes nothing"))
    if execution is None:
        return step_two.judges.all(
            not_run(f"step 1 does not hold: see {', '.join(failing(step_1))}")
        )
    findings = judge_step_2(execution)
    if target.keep_draft and not seeding.planted and not failing(findings):
        with reachable(workspace.connection):
            draft, why_gone = keep_draft(workspace, execution.dry_run)
        if why_gone:
            told = notes.tenants[workspace.tenant_id]["warnings"]
            notes.add(workspace.tenant_id, warnings=[*told, not_kept(why_gone)])
        if isinstance(draft, Invoice):
            removed = workspace.kept is None
            facts = step_two.invoice_facts(
                replace(execution, stored=()), draft, draft.status, removed=removed
            )
            notes.add(workspace.tenant_id, invoice=facts)
    return findings


@pytest.fixture(scope="session")
def step_4(
    workspace: Workspace,
    seeding: Seeding,
    dry_run: DryRun,
    step_2: dict[str, Finding],
    target: Target,
) -> dict[str, Finding]:
    """Step 4, acted where it was asked for and may be, and its findings."""
    if not target.lifecycle:
        return step_four.judges.all(not_run("not asked for: see --lifecycle"))
    if failing(step_2):
        return step_four.judges.all(
            not_run(f"step 2 does not hold: see {', '.join(failing(step_2))}")
        )
    with reachable(workspace.connection):
        return live_and_judge(workspace, seeding, dry_run)


@pytest.fixture(scope="session")
def removal(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    seeding: Seeding,
    step_2: dict[str, Finding],
    step_4: dict[str, Finding],
    planted_for: frozenset[str],
    notes: Notes,
) -> Removal:
    """The removal of seeds and invoices, acted after everything that needs, or makes, them."""
    if workspace.tenant_id in planted_for:
        request.getfixturevalue("traps")
    with reachable(workspace.connection):
        acted = act_removal(workspace, seeding)
    notes.add(workspace.tenant_id, seeds={"removed": acted.deleted})
    return acted


@pytest.fixture(scope="session")
def step_3(
    seeding: Seeding,
    removal: Removal,
    step_1: dict[str, Finding],
    step_2: dict[str, Finding],
) -> dict[str, Finding]:
    """The findings of step 3."""
    return judge_step_3(seeding, removal, step_1 | step_2)


@pytest.fixture(scope="session")
def traps(
    workspace: Workspace,
    seeding: Seeding,
    step_2: dict[str, Finding],
    step_4: dict[str, Finding],
    target: Target,
) -> tuple[Finding, frozenset[str]]:
    """The finding on events that are planted where the tenant has nothing, and what shows there.

    The steps come first: an invoice of the traps is in the way of none of theirs.
    """
    # Only a run that plants them pays for loading the ways to bill wrongly.
    from acceptance.trapping import act_traps  # noqa: PLC0415

    del step_4  # it only comes first
    if target.seed_mode is SeedMode.NEVER:
        return not_run("--seed=never"), frozenset()
    if failing(step_2):
        return not_run(f"step 2 does not hold: see {', '.join(failing(step_2))}"), frozenset()
    with reachable(workspace.connection):
        return act_traps(workspace, seeding)


@pytest.fixture(scope="session")
def maths(
    request: pytest.FixtureRequest,
    tenant_id: str,
    generated: Finding | None,
) -> dict[str, Finding]:
    """The findings of the maths; the tenant's own where the platform is called from outside."""
    del tenant_id  # of each tenant there is one
    return {"M.1": generated or request.getfixturevalue("traps")[0]}


@pytest.fixture(scope="session")
def generated(
    conninfo: str,
    target: Target,
    relations: Relations,
    starting_api: Callable[[], AdminApi | None],
    pytestconfig: pytest.Config,
    notes: Notes,
) -> Finding | None:
    """The finding on generated events, which holds for every tenant of the run.

    It is acted once a run, in one of its workers. It needs no server, so a rehearsal's may start
    meanwhile. ``None`` where no tenant can be generated, so that events are planted.
    """
    reason = why_no_maths(target, relations)
    if reason is not None:
        return reason
    if not has_scratch_tenants(target, relations):
        return None

    def act() -> Finding:
        with target.session(conninfo) as connection:
            plan_once(connection)
            platform = pytestconfig.hook.pytest_p9a_platform(
                described=relations.described, connection=connection, api=None
            )
            tables = Tables(connection, relations.statements)
            return act_maths(tables, platform, relations, target.period)

    waited = partial(notes.waited, "wait for the worker that acts it")
    return once_a_run(pytestconfig, act, waited)


@pytest.fixture(scope="session")
def aftermath(workspace: Workspace, removal: Removal, notes: Notes) -> Aftermath:
    """What everybody sees once the run is undone."""
    with reachable(workspace.connection):
        acted = act_aftermath(workspace)
    comparison = acted.comparison
    notes.add(
        workspace.tenant_id,
        books={"after": str(comparison.after), "unchanged": not comparison.differences},
        left_behind=acted.left_behind,
        unseen=unseen(workspace),
    )
    return acted


@pytest.fixture(scope="session")
def criteria(
    maths: dict[str, Finding],
    step_1: dict[str, Finding],
    step_2: dict[str, Finding],
    step_3: dict[str, Finding],
    step_4: dict[str, Finding],
    seeding: Seeding,
    dry_run: DryRun,
    execution: Execution | None,
    aftermath: Aftermath,
    target: Target,
    notes: Notes,
    generated: Finding | None,
    shown_by_maths: frozenset[str],
) -> dict[str, Finding]:
    """The findings on the exit criteria."""
    findings = step_1 | step_2 | step_3 | step_4 | maths
    billed = execution.dry_run if execution else dry_run
    own = own_bill(seeding, billed.expectation.bill)
    # Generated tenants are billed by the description's rules: by others they prove nothing.
    unlike = generated is not None and billed.workspace.oracle.agrees_otherwise
    shown = frozenset[str]() if unlike else shown_by_maths
    power = measured(billed.workspace, billed.case, billed.expectation, shown)
    notes.add(billed.workspace.tenant_id, power=power.model_dump(mode="json"))
    words = power_words(power, (own.event_count if own else 0) or 0)
    return judge_criteria(findings, own, aftermath, target, words)


@pytest.fixture(scope="session")
def shown_by_maths(
    request: pytest.FixtureRequest,
    maths: dict[str, Finding],
    generated: Finding | None,
    relations: Relations,
) -> frozenset[str]:
    """The known wrong ways that would have shown on the traps of M.1, if it was acted."""
    if not maths["M.1"].passed:
        return frozenset()
    if generated is not None:
        return shown_by_traps(relations)
    shown: frozenset[str] = request.getfixturevalue("traps")[1]
    return shown
