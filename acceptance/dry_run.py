"""Step 1: the read-only dry run. The server itself forbids writing while it is acted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from acceptance.seeding import Seeding
from acceptance.workspace import Workspace
from fixtures.findings import Finding, failed, found, listed, not_run
from fixtures.queries import Row, queries
from fixtures.target import LIST_TENANTS, Target
from oracle.expectation import Expectation, expect
from oracle.money import Statement
from platforms.port import Refusal, attempt
from runbook.registry import STEP_1
from runbook.words import counted


@dataclass(frozen=True)
class Tenant:
    """A row of ``app.tenants``."""

    name: str
    slug: str
    status: str


@dataclass(frozen=True)
class DryRun:
    """What step 1 saw. ``traces`` says in words what was written while it ran.

    ``known_events`` tells which events those are, where others can arrive after.
    """

    tenant: Tenant | None
    expectation: Expectation
    preview: Statement | Refusal
    overlapping: tuple[str, ...]
    traces: tuple[str, ...]
    hint: str
    known_events: Row | None = None


def find_tenant(workspace: Workspace) -> Tenant | None:
    """Read the tenant's row, if it has one."""
    row = queries.tenant(workspace.connection, tenant_id=workspace.tenant_id)
    return None if row is None else Tenant(row["name"], row["slug"], row["status"])


def act_dry_run(workspace: Workspace, tenant: Tenant | None, seeding: Seeding) -> DryRun:
    """Ask oracle, tables and platform about the period, in a transaction that cannot write."""
    return workspace.while_quiet(lambda _: _look(workspace, tenant, seeding))


def _look(workspace: Workspace, tenant: Tenant | None, seeding: Seeding) -> DryRun:
    connection, period = workspace.connection, workspace.target.period
    with workspace.reading():
        before = queries.rows_written(connection)
        expectation = expect(connection, workspace.tenant_id, period)
        preview = attempt(workspace.platform.preview, workspace.tenant_id, period)
        overlapping = queries.overlapping_invoices(
            connection,
            tenant_id=workspace.tenant_id,
            period_start=period.start,
            period_end=period.end,
        )
        taken = tuple(_describe(row) for row in overlapping)
        written = queries.rows_written(connection) - before
    traces = [f"{counted(written, 'row')} written"] if written else []
    if not workspace.platform.shares_transaction:
        # Another process wrote, if any did: only the tables can tell.
        traces += map(str, workspace.differences(seeding.rows))
    return DryRun(
        tenant,
        expectation,
        preview,
        taken,
        tuple(traces),
        seeding.reason,
        workspace.known_events(),
    )


def _describe(row: Row) -> str:
    return (
        f"{row['invoice_number']} ({row['status']}) bills "
        f"[{row['period_start']:%Y-%m-%d}, {row['period_end']:%Y-%m-%d})"
    )


def judge_step_1(dry_run: DryRun, target: Target) -> dict[str, Finding]:
    """Judge every check of step 1; without the tenant, nothing else can be said."""
    judges: Mapping[str, Callable[[DryRun, Target], Finding]] = {
        "S1.1": _tenant_is_active,
        "S1.2": _events_exist,
        "S1.3": _nothing_overlaps,
        "S1.4": _preview_equals_oracle,
        "S1.5": _everything_is_billable,
        "S1.6": _nothing_was_written,
    }
    findings = {check.id: judges[check.id](dry_run, target) for check in STEP_1.checks}
    if dry_run.tenant is None:
        findings |= {id: not_run("there is no such tenant") for id in findings if id != "S1.1"}
    return findings


def _tenant_is_active(dry_run: DryRun, target: Target) -> Finding:
    if dry_run.tenant is None:
        return failed("no such tenant", "an active tenant", f"list them with: {LIST_TENANTS}")
    status = dry_run.tenant.status
    return found(status == "active", status, "active", dry_run.tenant.name)


def _events_exist(dry_run: DryRun, target: Target) -> Finding:
    count = dry_run.expectation.event_count
    detail = f"RECOVERED, billable, not billed, in {target.period}"
    if not count:
        detail += f"; no seeds were planted: {dry_run.hint}; "
        detail += "choose another period, or have the whole gate plant seeds with --seed=auto"
    return found(count > 0, counted(count, "event"), "at least 1", detail)


def _nothing_overlaps(dry_run: DryRun, target: Target) -> Finding:
    taken = dry_run.overlapping
    detail = "" if not taken else "cancel the draft, or choose a period that is not billed yet"
    return found(not taken, listed(taken) or "none", "none", detail)


def _preview_equals_oracle(dry_run: DryRun, target: Target) -> Finding:
    expected, preview = dry_run.expectation.statement, dry_run.preview
    if expected is None:
        why = listed(dry_run.expectation.flaws) or "there is no billable event"
        return failed(str(preview), "a total that can be worked out", why)
    if isinstance(preview, Refusal):
        return failed(str(preview), str(expected), str(target.period))
    differences = preview.differences(expected)
    return found(not differences, str(preview), str(expected), listed(differences))


def _everything_is_billable(dry_run: DryRun, target: Target) -> Finding:
    expectation = dry_run.expectation
    if not expectation.event_count:
        return not_run("there is no billable event")
    flaws = expectation.flaws
    return found(
        not flaws,
        got=listed(flaws)
        or f"{counted(expectation.event_count, 'event')} in {expectation.currencies[0]}",
        expected="finite amounts with terms, in one currency",
        detail="correct the events, or add terms to app.gain_share_terms" if flaws else "",
    )


def _nothing_was_written(dry_run: DryRun, target: Target) -> Finding:
    traces = list(dry_run.traces)
    if isinstance(dry_run.preview, Refusal) and "read-only" in dry_run.preview.message:
        traces.append(f"an attempt to write, {dry_run.preview}")
    return found(not traces, listed(traces) or "nothing written", "nothing written")
