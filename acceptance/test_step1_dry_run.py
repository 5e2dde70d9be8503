"""Step 1 of the runbook: a read-only dry run that must pass before anything is generated.

The server itself forbids writing while it is acted.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import Tenant, Workspace
from fixtures.calls import Refusal, attempt
from fixtures.evidence import Judge
from fixtures.findings import Finding, Judges, failed, found, listed, not_run
from fixtures.notes import Notes
from oracle.bill import Bill, Line
from oracle.expectation import Expectation
from oracle.money import exact_sum, plain
from platforms.adapters import called
from platforms.statements import Row
from runbook.lacks import Lack
from runbook.registry import STEP_1, Check
from runbook.statuses import InvoiceStatus
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.step1]
judges = Judges(STEP_1)


@dataclass(frozen=True)
class DryRun:
    """What step 1 saw. ``written`` says in words what was written while it ran.

    ``withheld`` says that no seeds were planted because what was selected only reads.
    ``perhaps_left`` says what to do if a draft in the way is a dead run's, which nobody can tell.

    ``preview`` is ``None`` where the platform has none. ``known_events`` tells which events those
    are, where others can arrive after.
    """

    workspace: Workspace
    tenant: Tenant | None
    expectation: Expectation
    preview: Bill | Refusal | None
    overlapping: tuple[str, ...]
    written: tuple[str, ...]
    hint: str
    withheld: bool = False
    perhaps_left: str = ""
    known_events: Row | None = None


def act_dry_run(workspace: Workspace, tenant: Tenant | None, seeding: Seeding) -> DryRun:
    """Ask oracle, tables and platform about the period, in a transaction that cannot write."""
    return workspace.while_quiet(lambda _: _look(workspace, tenant, seeding))


def _look(workspace: Workspace, tenant: Tenant | None, seeding: Seeding) -> DryRun:
    tables, period = workspace.tables, workspace.target.period
    with workspace.reading():
        before = tables.value("rows_written")
        expectation = workspace.expect()
        preview = None
        if not workspace.lacks(Lack.PREVIEW):
            preview = attempt(workspace.platform.preview, workspace.tenant_id, period)
        taken = tables.rows(
            "overlapping_invoices",
            tenant_id=workspace.tenant_id,
            period_start=period.start,
            period_end=period.end,
            free=_free(workspace),
        )
        rows = tables.value("rows_written") - before
    written = [f"{counted(rows, 'row')} written"] if rows else []
    if not workspace.platform.shares_transaction:
        # Another process wrote, if any did: only the tables can tell.
        written += map(str, workspace.differences(seeding.rows))
    return DryRun(
        workspace=workspace,
        tenant=tenant,
        expectation=expectation,
        preview=preview,
        overlapping=tuple(map(_describe, taken)),
        perhaps_left=_perhaps_left(workspace, taken),
        written=tuple(written),
        hint=seeding.reason,
        withheld=seeding.withheld,
        known_events=workspace.known_events(),
    )


def _free(workspace: Workspace) -> list[str]:
    """The platform's words for invoices that keep no period; a word that nobody knows keeps it."""
    blocking = workspace.description.rules.blocking
    free = [status for status in InvoiceStatus if status.lower() not in blocking]
    return workspace.description.words.words(*free)


def _perhaps_left(workspace: Workspace, taken: list[Row]) -> str:
    """Where no key tells whose a draft is, it may be one that a run left which was killed."""
    drafts = workspace.description.words.words(InvoiceStatus.DRAFT)
    ids = [row["id"] for row in taken if row["status"] in drafts]
    if not ids or workspace.made.keyed:
        return ""
    command = workspace.tables.statements["remove_invoices"].written_out(
        tenant_id=workspace.tenant_id, ids=ids
    )
    return (
        f"; the platform stores no keys, so that nobody can tell whether a run of the gate that "
        f"was killed left the draft; if so, and it is nobody's, this removes it, in psql: "
        f"BEGIN; {command} COMMIT;"
    )


def _describe(row: Row) -> str:
    name = row["number"] or f"invoice {row['id']}"
    start, end = (
        "?" if bound is None else f"{bound:%Y-%m-%d}"
        for bound in (row["period_start"], row["period_end"])
    )
    return f"{name} ({row['status'] or 'without a status'}) bills [{start}, {end})"


@judges("S1.1")
def _tenant_is_active(dry_run: DryRun) -> Finding:
    """The tenant exists and is active."""
    if dry_run.tenant is None:
        name = called(dry_run.workspace.relations.described)
        hint = f"list them with: python -m platforms tenants {name}"
        return failed("no such tenant", "an active tenant", hint)
    status = dry_run.tenant.status
    active = dry_run.workspace.description.words.tenant.active
    return found(status in active, status, " or ".join(active), dry_run.tenant.name)


@judges("S1.2")
def _events_exist(dry_run: DryRun) -> Finding:
    """Billable RECOVERED events exist in the period."""
    count, left = dry_run.expectation.event_count, dry_run.workspace.left
    if left:
        seeds = f"{counted(count, 'event')}, {len(left)} of them seeds that an earlier run left"
        return failed(seeds, "at least 1 of the tenant's own", _SWEPT + listed(left))
    if not count and dry_run.withheld:
        return not_run(_NOTHING)
    detail = f"RECOVERED, billable, not billed, in {dry_run.workspace.target.period}"
    if not count:
        detail += f"; no seeds were planted: {dry_run.hint}; "
        detail += "choose another period, or have the whole gate plant seeds with --seed=auto"
    return found(count > 0, counted(count, "event"), "at least 1", detail)


_SWEPT = "a run of the whole gate on the tenant removes them first: "
_NOTHING = (
    "the period has no billable event, and what was selected writes nothing, so that no seeds were "
    "planted: choose another period, or run the whole gate"
)


@judges("S1.3")
def _nothing_overlaps(dry_run: DryRun) -> Finding:
    """No invoice overlaps the period, be it a draft, issued, paid or of a status nobody knows."""
    taken = dry_run.overlapping
    detail = "" if not taken else "cancel the draft, or choose a period that is not billed yet"
    detail += dry_run.perhaps_left
    return found(not taken, listed(taken) or "none", "none", detail)


@judges("S1.4")
def _preview_equals_oracle(dry_run: DryRun) -> Finding:
    """The gain-share total is computed, and the platform's preview equals it, lines included."""
    expected, preview = dry_run.expectation.bill, dry_run.preview
    if expected is None and dry_run.withheld and not dry_run.expectation.flaws:
        return not_run(_NOTHING)
    if expected is None:
        why = listed(dry_run.expectation.flaws) or "there is no billable event"
        return failed(str(preview), "a total that can be worked out", why)
    facts = dry_run.workspace.description.previewed
    wanted = str(expected.told_as(facts))
    if not isinstance(preview, Bill):
        return failed(str(preview), wanted, str(dry_run.workspace.target.period))
    differences = preview.differences(expected, facts)
    return found(not differences, str(preview), wanted, listed(differences))


@judges("S1.5")
def _everything_is_billable(dry_run: DryRun) -> Finding:
    """Every amount is finite and has terms, in one currency; their total makes an invoice."""
    expectation = dry_run.expectation
    if not expectation.event_count:
        return not_run("there is no billable event")
    flaws = [*expectation.flaws, *_unbillable_total(dry_run)]
    table = dry_run.workspace.relations.survey.tables["terms"]
    return found(
        not flaws,
        got=listed(flaws)
        or f"{counted(expectation.event_count, 'event')} in {expectation.currencies[0]}",
        expected="finite amounts with terms, in one currency",
        detail=f"correct the events, or add terms to {table}" if flaws else "",
    )


def _unbillable_total(dry_run: DryRun) -> list[str]:
    bill = dry_run.expectation.bill
    if bill is None or bill.gain_share_amount is None:
        return []
    if dry_run.workspace.description.rules.bills(bill.gain_share_amount):
        return []
    return [f"a total of {bill}, of which the platform makes no invoice (rules.totals)"]


@judges("S1.6")
def _nothing_was_written(dry_run: DryRun) -> Finding:
    """The dry run wrote nothing."""
    written = list(dry_run.written)
    if isinstance(dry_run.preview, Refusal) and "read-only" in dry_run.preview.message:
        written.append(f"an attempt to write, {dry_run.preview}")
    return found(not written, listed(written) or "nothing written", "nothing written")


def judge_step_1(dry_run: DryRun) -> dict[str, Finding]:
    """Judge every check of step 1; without the tenant, nothing else can be said."""
    if dry_run.tenant is None:
        nobody = judges.all(not_run("there is no such tenant"))
        return nobody | {"S1.1": _tenant_is_active(dry_run)}
    return judges.judge(dry_run, lacks=dry_run.workspace.description.lacks)


def note_bill(notes: Notes, tenant_id: str, dry_run: DryRun, seeding: Seeding) -> None:
    """Note what the oracle says that the period bills, and whose money that is."""
    notes.add(tenant_id, event_count=dry_run.expectation.event_count)
    bill = dry_run.expectation.bill
    if bill is None or bill.currency is None:
        return
    currency = bill.currency
    notes.add(
        tenant_id,
        currency=currency,
        recovered_amount=_plain(bill.recovered_amount, currency),
        expected_gain_share=_plain(bill.gain_share_amount, currency),
        lines=[_line(line, currency) for line in bill.lines or ()],
        own=_money(own_bill(seeding, bill), currency),
        seeded=_money(bill, currency, less=own_bill(seeding, bill)) if seeding.planted else None,
    )


def own_bill(seeding: Seeding, bill: Bill | None) -> Bill | None:
    """What the tenant's own events bill: all of it, unless seeds were planted beside them."""
    if not seeding.planted:
        return bill
    return seeding.own.bill if seeding.own else None


def _money(bill: Bill | None, currency: str, less: Bill | None = None) -> dict[str, Any]:
    """What a bill amounts to, less another one that is part of it."""
    sums = [
        exact_sum(
            sign * (getattr(one, name) or Decimal())
            for sign, one in ((1, bill), (-1, less))
            if one is not None
        )
        for name in ("recovered_amount", "gain_share_amount")
    ]
    counts = [(one.event_count or 0) if one else 0 for one in (bill, less)]
    return {
        "event_count": counts[0] - counts[1],
        "recovered_amount": plain(sums[0], currency),
        "gain_share_amount": plain(sums[1], currency),
    }


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "finding_type": line.finding_type or "",
        "rate": f"{line.rate or 0:f}",
        "event_count": line.event_count or 0,
        "recovered_amount": _plain(line.recovered_amount, currency),
        "gain_share_amount": _plain(line.gain_share_amount, currency),
    }


def _plain(amount: Any, currency: str) -> str:
    return "0" if amount is None else plain(amount, currency)


@pytest.mark.parametrize("check", STEP_1.checks, ids=lambda check: check.id)
def test_step1(check: Check, step_1: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_1[check.id])
