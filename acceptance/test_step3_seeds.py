"""Step 3 of the runbook: temporary events where the period has nothing to bill.

Seeds are planted before steps 1 and 2, which then hold on them; exactly they are taken out again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import psycopg
import pytest

from acceptance.remaining import not_as_before
from acceptance.removing import remove_made
from acceptance.workspace import Workspace
from fixtures.books import AddedRow, Difference
from fixtures.evidence import Judge
from fixtures.findings import Finding, Judges, failed, failing, found, listed, needless, not_run
from fixtures.interrupts import uninterrupted
from fixtures.seeds import Seed, alterations, plant
from fixtures.target import SeedMode
from oracle.expectation import Expectation
from platforms.knocking import knock
from platforms.obstacles import OBSTACLES, Aborted
from platforms.removing.removal import CannotRemove
from platforms.removing.removal import Removal as RemovalOfRows
from runbook.registry import STEP_3, Check
from runbook.statuses import InvoiceStatus
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.step3]
judges = Judges(STEP_3)
DRAFT, WITHDRAWN = InvoiceStatus.DRAFT, InvoiceStatus.WITHDRAWN

READ_ONLY, NEVER = "--read-only writes nothing", "--seed=never"
SEEDS_ALL_THE_SAME = {
    READ_ONLY: "or have the whole gate plant seeds: leave out --read-only",
    NEVER: "or have the whole gate plant seeds: --seed=auto",
}


@dataclass(frozen=True)
class Seeding:
    """What was planted and read back; ``reason`` says why nothing was, ``refused`` by the table.

    ``withheld`` says that they were not asked for, and would have been planted for other checks;
    ``altered`` says in words what the table keeps otherwise than it was written. ``own`` is what
    the oracle said of the period before: of the tenant's own events. ``remedy`` is how to have
    seeds all the same.
    """

    planted: tuple[Seed, ...]
    rows: tuple[AddedRow, ...]
    reason: str = ""
    refused: bool = False
    withheld: bool = False
    altered: tuple[str, ...] = ()
    own: Expectation | None = None
    remedy: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the seeds that are there."""
        return tuple(seed.id for seed in self.planted if seed.id)

    @property
    def told(self) -> str:
        """Why the period has nothing to bill, for all that was tried, and what to do."""
        another = "choose another period"
        if self.planted:
            return f"{counted(len(self.planted), 'seed')} planted, none of them billable: see S3.1"
        if self.refused:
            return f"no seeds were planted: {self.reason}: see S3.1, or {another}"
        return f"no seeds were planted: {self.reason}; {another}, {self.remedy}".rstrip(", ")

    @property
    def keys(self) -> tuple[str, ...]:
        """The seeds' keys."""
        return tuple(seed.key for seed in self.planted)


@dataclass(frozen=True)
class Removal:
    """What became of the seeds: rows deleted, keys still there, rows that differ from before.

    ``reason`` says why they could not be removed.
    """

    deleted: int
    residue: tuple[str, ...]
    differences: tuple[Difference, ...]
    reason: str = ""


def act_seeding(workspace: Workspace, tenant_exists: bool) -> Seeding:
    """Plant the runbook's three events if the run is to, and read them back."""
    reason = _why_not(workspace, tenant_exists)
    if reason:
        return Seeding((), (), reason, remedy=SEEDS_ALL_THE_SAME.get(reason, ""))
    if not workspace.may_plant:
        return Seeding((), (), "what was selected only reads", withheld=True)
    tables, target = workspace.tables, workspace.target
    if target.api is not None:
        knock(workspace.platform, workspace.description, workspace.tenant_id, target.period)
    kinds = workspace.description.words.finding_types
    planting = partial(plant, tables, workspace.tenant_id, target.period, target.run, kinds)
    refusal = workspace.rehearsal.refusal(DRAFT, WITHDRAWN, plant=planting)
    if refusal:
        return Seeding((), (), str(refusal), refused=True)
    own = workspace.oracle.expect()
    try:
        with uninterrupted(), workspace.connection.transaction():
            planted = planting()
            workspace.made.plant(planted)
    except psycopg.Error as error:
        if workspace.connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        reason = f"the database refused the seeds: {error.diag.message_primary}"
        _demand_finding_types(workspace, reason, error)
        return Seeding((), (), reason, refused=True)
    rows = workspace.added_rows([seed.id for seed in planted if seed.id])
    if not workspace.platform.shares_transaction:
        workspace.anywhere.note("events", *(row.id for row in rows))
        workspace.watch.remember("events", *(row.id for row in rows))
    return Seeding(planted, rows, altered=alterations(tables, planted), own=own)


def _demand_finding_types(workspace: Workspace, reason: str, refused: psycopg.Error) -> None:
    """Raise :class:`~platforms.obstacles.Aborted` where the description names wrong ones."""
    # Few runs are refused their seeds; the others do not pay for reading a catalogue.
    from platforms.checking.seeds import why_not_taken  # noqa: PLC0415

    why = why_not_taken(workspace.connection, workspace.relations.described, refused)
    if why:
        raise Aborted(f"{reason}; {why}")


def _why_not(workspace: Workspace, tenant_exists: bool) -> str:
    target = workspace.target
    if not tenant_exists:
        return "there is no such tenant"
    if target.read_only:
        return READ_ONLY
    if target.seed_mode is SeedMode.NEVER:
        return NEVER
    has_events = workspace.tables.value(
        "any_unbilled",
        tenant_id=workspace.tenant_id,
        period_start=target.period.start,
        period_end=target.period.end,
    )
    if has_events and target.seed_mode is SeedMode.AUTO:
        return "not needed: the period has billable events of its own"
    return ""


def act_removal(workspace: Workspace, seeding: Seeding) -> Removal:
    """Delete what the run planted, and look at what is left."""
    deleted, reason = 0, ""
    try:
        deleted = remove_made(workspace)
    except CannotRemove as error:
        reason = f"they cannot be removed: {error}"
    rows = workspace.tables.rows("seed_keys", tenant_id=workspace.tenant_id)
    keys = {row["key"] for row in rows}
    residue = tuple(key for key in seeding.keys if key in keys)
    if residue and not reason:
        removal = RemovalOfRows(workspace.tables, workspace.relations.survey)
        reason = f"{residue[0]} {removal.why_still_there('remove_events')}"
    return Removal(
        deleted=deleted,
        residue=residue,
        differences=not_as_before(workspace) if seeding.planted else (),
        reason=reason,
    )


@judges("S3.1")
def _seeds_are_there(seeding: Seeding, _: Removal, __: Mapping[str, Finding]) -> Finding:
    """The seeds are inserted and counted, and stored as they were written."""
    wanted = len(seeding.planted)
    return found(
        len(seeding.rows) == wanted and not seeding.altered,
        got=f"{counted(len(seeding.rows), 'seed')} read back",
        expected=f"{counted(wanted, 'seed')} read back",
        detail=listed(seeding.altered or seeding.keys),
    )


@judges("S3.2")
def _steps_hold_on_them(_: Seeding, __: Removal, earlier: Mapping[str, Finding]) -> Finding:
    """Steps 1 and 2 hold on the seeds."""
    earlier = {id: one for id, one in earlier.items() if not needless(id, one)}
    broken = failing(earlier)
    return found(
        not broken,
        got=f"{len(earlier) - len(broken)} of {len(earlier)} checks hold",
        expected=f"{len(earlier)} of {len(earlier)} checks hold",
        detail=f"these do not: {', '.join(broken)}" if broken else "",
    )


@judges("S3.3")
def _seeds_are_removed(seeding: Seeding, removal: Removal, _: Mapping[str, Finding]) -> Finding:
    """The seeds are removed, and only they."""
    wanted = len(seeding.planted)
    return found(
        removal.deleted == wanted and not removal.residue and not removal.differences,
        got=f"{removal.deleted} removed, {len(removal.residue)} left, "
        f"{counted(len(removal.differences), 'row')} not as before",
        expected=f"{wanted} removed, 0 left, 0 rows not as before",
        detail=listed([*filter(None, [removal.reason]), *removal.residue, *removal.differences]),
    )


def judge_step_3(
    seeding: Seeding, removal: Removal, earlier: Mapping[str, Finding]
) -> dict[str, Finding]:
    """Judge planting and removal; ``earlier`` are the findings of steps 1 and 2 on the seeds."""
    if seeding.refused:
        got = f"no seed inserted: {seeding.reason}"
        refused = failed(got, "3 seeds read back", seeding.reason)
        return judges.all(not_run("no seed was inserted: see S3.1")) | {"S3.1": refused}
    if not seeding.planted:
        return judges.all(not_run(seeding.reason))
    return judges.judge(seeding, removal, earlier)


@pytest.mark.parametrize("check", STEP_3.checks, ids=lambda check: check.id)
def test_step3(check: Check, step_3: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_3[check.id])
