"""Step 3: plant seeds where the period has nothing to bill, and take exactly them out again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import Connection

from acceptance.workspace import Workspace
from fixtures.books import AddedRow, Difference, added_rows
from fixtures.findings import Finding, failed, failing, found, listed, not_run
from fixtures.interrupts import uninterrupted
from fixtures.queries import queries
from fixtures.seeds import ValueEvent, plant
from fixtures.target import Seeding as Mode
from platforms.obstacles import OBSTACLES
from runbook.words import counted


@dataclass(frozen=True)
class Seeding:
    """What was planted and read back; ``reason`` says why nothing was, ``refused`` by the table.

    ``altered`` says in words what the table keeps otherwise than it was written.
    """

    planted: tuple[ValueEvent, ...]
    rows: tuple[AddedRow, ...]
    reason: str = ""
    refused: bool = False
    altered: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The seeds' idempotency keys."""
        return tuple(seed.idempotency_key for seed in self.planted)


@dataclass(frozen=True)
class Removal:
    """What became of the seeds: rows deleted, keys still there, rows that differ from before."""

    deleted: int
    remaining: tuple[str, ...]
    differences: tuple[Difference, ...]


def act_seeding(workspace: Workspace, tenant_exists: bool) -> Seeding:
    """Plant the runbook's three events if the run is to, and read them back."""
    reason = _why_not(workspace, tenant_exists)
    if reason:
        return Seeding((), (), reason)
    refusal = workspace.traces.refusal(workspace.connection)
    if refusal:
        return Seeding((), (), str(refusal), refused=True)
    target = workspace.target
    try:
        with uninterrupted(), workspace.connection.transaction():
            planted = plant(workspace.connection, workspace.tenant_id, target.period, target.run)
            workspace.traces.plant(planted)
    except psycopg.Error as error:
        if workspace.connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        reason = f"the database refused the seeds: {error.diag.message_primary}"
        return Seeding((), (), reason, refused=True)
    rows = added_rows(workspace.connection, event_ids=[seed.id for seed in planted])
    return Seeding(planted, rows, altered=_alterations(workspace.connection, planted))


def _alterations(connection: Connection[Any], planted: tuple[ValueEvent, ...]) -> tuple[str, ...]:
    rows = queries.stored_seeds(connection, ids=[seed.id for seed in planted])
    written = {seed.id: seed for seed in planted}
    return tuple(
        f"{row['idempotency_key']}: {name} {row[name]}, not {value}"
        for row in rows
        for name, value in asdict(written[row["id"]]).items()
        if row[name] != value
    )


def _why_not(workspace: Workspace, tenant_exists: bool) -> str:
    target = workspace.target
    if not tenant_exists:
        return "there is no such tenant"
    if target.read_only:
        return "--read-only writes nothing"
    if target.seeding is Mode.NEVER:
        return "--seed=never"
    has_events = queries.any_unbilled(
        workspace.connection,
        tenant_id=workspace.tenant_id,
        period_start=target.period.start,
        period_end=target.period.end,
    )
    if has_events and target.seeding is Mode.AUTO:
        return "not needed: the period has billable events of its own"
    return ""


def act_removal(workspace: Workspace, seeding: Seeding) -> Removal:
    """Delete what the run planted, and look at what is left."""
    connection, tenant_id = workspace.connection, workspace.tenant_id
    deleted = workspace.remove_traces()
    rows = queries.seed_keys(connection, tenant_id=tenant_id)
    keys = {row["idempotency_key"] for row in rows}
    return Removal(
        deleted=deleted,
        remaining=tuple(key for key in seeding.keys if key in keys),
        differences=workspace.differences() if seeding.planted else (),
    )


def judge_step_3(
    seeding: Seeding, removal: Removal, earlier: Mapping[str, Finding]
) -> dict[str, Finding]:
    """Judge planting and removal; ``earlier`` are the findings of steps 1 and 2 on the seeds."""
    if seeding.refused:
        findings = {"S3.1": failed("no seed inserted", "3 seeds read back", seeding.reason)}
        return findings | {id: not_run("no seed was inserted: see S3.1") for id in ("S3.2", "S3.3")}
    if not seeding.planted:
        return {id: not_run(seeding.reason) for id in ("S3.1", "S3.2", "S3.3")}
    wanted = len(seeding.planted)
    broken = failing(earlier)
    return {
        "S3.1": found(
            len(seeding.rows) == wanted and not seeding.altered,
            got=f"{counted(len(seeding.rows), 'seed')} read back",
            expected=f"{counted(wanted, 'seed')} read back",
            detail=listed(seeding.altered or seeding.keys),
        ),
        "S3.2": found(
            not broken,
            got=f"{len(earlier) - len(broken)} of {len(earlier)} checks hold",
            expected=f"{len(earlier)} of {len(earlier)} checks hold",
            detail=f"these do not: {', '.join(broken)}" if broken else "",
        ),
        "S3.3": found(
            removal.deleted == wanted and not removal.remaining and not removal.differences,
            got=f"{removal.deleted} removed, {len(removal.remaining)} left, "
            f"{counted(len(removal.differences), 'row')} not as before",
            expected=f"{wanted} removed, 0 left, 0 rows not as before",
            detail=listed([*removal.remaining, *removal.differences]),
        ),
    }
