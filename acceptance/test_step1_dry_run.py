"""Step 1 of the runbook: a read-only dry run that must pass before anything is generated.

The server itself forbids writing while it is acted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from acceptance import elsewhere
from acceptance.beside import Beside
from acceptance.diagnosing import diagnosed
from acceptance.overlooked import free_words
from acceptance.quiet import Known, taken_events, while_quiet
from acceptance.remaining import left_since, not_as_before
from acceptance.signed import Comparison, compare, judge_terms, read_stored
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import Tenant, Workspace
from fixtures.calls import Refusal, attempt
from fixtures.evidence import Judge
from fixtures.findings import Finding, Judges, failed, found, listed, not_run, passed
from fixtures.watching import confirmed, is_younger
from oracle.bill import Bill
from oracle.expectation import Expectation
from oracle.itemised import Item
from oracle.raw import FEW, Case
from platforms.adapters import called
from platforms.description.model import Words, kind_of
from platforms.obstacles import Aborted
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

    ``perhaps_left`` says what to do if a draft in the way is a dead run's, which nobody can tell.

    ``items`` are the events one by one, where that was asked for or some cannot be billed.
    ``preview`` is ``None`` where the platform has none. ``known_events`` tells which events those
    are, where others can arrive after, and a draft takes them. ``seeding`` says whose the events
    are. ``comparison`` holds what is stored against what was signed. ``case`` holds the raw events,
    and those around them, unless they are many. ``declared`` are the tables that the description
    says are written to, with the rows that came meanwhile.
    """

    workspace: Workspace
    tenant: Tenant | None
    expectation: Expectation
    preview: Bill | Refusal | None
    overlapping: tuple[Row, ...]
    written: tuple[str, ...]
    seeding: Seeding
    perhaps_left: str = ""
    known_events: Known = None
    comparison: Comparison | None = None
    items: tuple[Item, ...] = ()
    case: Case | None = None
    declared: tuple[Row, ...] = ()


def act_dry_run(workspace: Workspace, tenant: Tenant | None, seeding: Seeding) -> DryRun:
    """Ask oracle, tables and platform about the period, in a transaction that cannot write."""
    look = partial(_look, workspace, tenant, seeding)
    return while_quiet(workspace, look, _doubted, taken_events)


def _doubted(dry_run: DryRun) -> Expectation | None:
    """What the preview does not say too: somebody may have changed an event between the two."""
    expected, preview = dry_run.expectation.bill, dry_run.preview
    facts = dry_run.workspace.description.previewed
    agreed = expected and isinstance(preview, Bill) and not preview.differences(expected, facts)
    return None if agreed or preview is None else dry_run.expectation


def _look(
    workspace: Workspace, tenant: Tenant | None, seeding: Seeding, _: int, known: Known
) -> DryRun:
    tables, period = workspace.tables, workspace.target.period
    beside = Beside(workspace)
    with workspace.reading():
        before = tables.value("rows_written")
        expectation = workspace.oracle.expect()
        stored = None
        if workspace.contract is not None:
            stored = read_stored(tables, workspace.relations.survey, workspace.tenant_id)
        items = workspace.oracle.itemise(expectation)
        few = expectation.bill is not None and expectation.event_count <= FEW
        case = workspace.oracle.case(FEW) if few else None
        taken = tables.rows(
            "overlapping_invoices",
            tenant_id=workspace.tenant_id,
            period_start=period.start,
            period_end=period.end,
            free=free_words(workspace),
        )
        preview = None
        if not workspace.lacks(Lack.PREVIEW) and not any(map(_is_boundless, taken)):
            preview = attempt(workspace.platform.preview, workspace.tenant_id, period)
            _demand_same_database(workspace, tenant, preview)
        rows = tables.value("rows_written") - before
    written = [f"{counted(rows, 'row')} written"] if rows else []
    if not workspace.platform.shares_transaction:
        # Another process wrote, if any did: only the tables can tell.
        told = not_as_before(workspace, seeding.rows, to_confirm=True)
        previewing = partial(attempt, workspace.platform.preview, workspace.tenant_id, period)
        written += map(str, confirmed(workspace.watch, told, previewing, writes=False))
        written += beside.by_previews()
    lacks_preview = workspace.lacks(Lack.PREVIEW)
    return DryRun(
        workspace=workspace,
        tenant=tenant,
        expectation=expectation,
        preview=preview,
        overlapping=tuple(taken),
        perhaps_left=_perhaps_left(workspace, taken),
        written=tuple(written),
        declared=() if lacks_preview else tuple(left_since(workspace, beside.since)),
        seeding=seeding,
        known_events=known,
        comparison=compare(workspace.contract, stored, workspace.description.rules.rules),
        items=items,
        case=case,
    )


def _demand_same_database(
    workspace: Workspace, tenant: Tenant | None, preview: Bill | Refusal
) -> None:
    """Raise :class:`~platforms.obstacles.Aborted` where the platform works on another one."""
    active = workspace.description.words.tenant.active
    why = elsewhere.unknown_there(workspace.platform, workspace.tenant_id, preview)
    if why and tenant is not None and tenant.status in active:
        raise Aborted(why)


def _perhaps_left(workspace: Workspace, taken: list[Row]) -> str:
    """Where no key tells whose a draft is, it may be one that a run left which was killed."""
    drafts = workspace.description.words.words(InvoiceStatus.DRAFT)
    ids = [row["id"] for row in taken if row["status"] in drafts]
    if not ids or workspace.made.keyed:
        return ""
    command = workspace.tables.statements["remove_invoices"].written_out(
        tenant_id=workspace.tenant_id, ids=ids
    )
    made = workspace.watch.writers("invoices", ids).values()
    if any(is_younger(one, other) for one in made for other in workspace.planted_by):
        why = (
            "the draft was made while a run of the gate that was killed had seeds here, which are "
            "gone now; the platform stores no keys, so that nobody can tell whose it is; if it is "
            "nobody else's"
        )
    else:
        why = (
            "the platform stores no keys, so that nobody can tell whether a run of the gate that "
            "was killed left the draft; if so, and it is nobody's"
        )
    return f"; {why}, this removes it, in psql: BEGIN; {command} COMMIT;"


def _describe(row: Row, words: Words) -> str:
    name = row["number"] or f"invoice {row['id']}"
    bounds = {"starts": row["period_start"], "ends": row["period_end"]}
    start, end = (
        row[word] if bound is None else f"{bound:%Y-%m-%d}" for word, bound in bounds.items()
    )
    status = row["status"] or "without a status"
    if row["status"] and not _stands(row, words):
        status = f"{status!r}, which no description names"
    return f"{name} ({status}) bills [{start}, {end})"


def _is_boundless(row: Row) -> bool:
    """Tell whether an invoice does not say which period it bills: a platform may break on it."""
    return row["period_start"] is None or row["period_end"] is None


def _stands(row: Row, words: Words) -> InvoiceStatus | None:
    """Where an invoice stands; None for a word that the description does not know."""
    status = words.status(row["status"])
    return status if isinstance(status, InvoiceStatus) else None


def _make_room(rows: Sequence[Row], words: Words) -> Iterator[str]:
    """Say what can be done about invoices that are in the way: once for each kind of them."""
    kinds = {row["status"]: _stands(row, words) for row in rows}
    if InvoiceStatus.DRAFT in kinds.values():
        yield "cancel the draft"
    if {InvoiceStatus.ISSUED, InvoiceStatus.PAID} & set(kinds.values()):
        yield "void what has billed the period, if it was a mistake"
    odd = sorted(repr(word) for word, stands in kinds.items() if word and not stands)
    if odd:
        yield f"say in platform.toml, words.invoice, what {' and '.join(odd)} means"
    if any(map(_is_boundless, rows)):
        yield "have the period written that it bills, or withdraw what bills none"
    if None in kinds or "" in kinds:
        yield "find out what the invoice without a status is"
    yield "or choose a period that is not billed yet"


@judges("S1.1")
def _tenant_is_active(dry_run: DryRun) -> Finding:
    """The tenant exists and is active."""
    if dry_run.tenant is None:
        name = called(dry_run.workspace.relations.described)
        hint = f"list them with: python -m platforms tenants {name}"
        return failed("no such tenant", "an active tenant", hint)
    status = dry_run.tenant.status
    active = dry_run.workspace.description.words.tenant.active
    return found(status in active, status or "no status", " or ".join(active), dry_run.tenant.name)


@judges("S1.2")
def _events_exist(dry_run: DryRun) -> Finding:
    """Billable RECOVERED events exist in the period."""
    count, left = dry_run.expectation.event_count, dry_run.workspace.left
    if left:
        seeds = f"{counted(count, 'event')}, {len(left)} of them seeds that an earlier run left"
        return failed(seeds, "at least 1 of the tenant's own", _SWEPT + listed(left))
    if not count and dry_run.seeding.withheld:
        return not_run(_NOTHING)
    detail = f"RECOVERED, billable, not billed, in {dry_run.workspace.target.period}"
    if not count:
        detail += f"; {dry_run.seeding.told}"
    return found(count > 0, counted(count, "event"), "at least 1", detail)


_SWEPT = "a run of the whole gate on the tenant removes them first: "
_NOTHING = (
    "the period has no billable event, and what was selected writes nothing, so that no seeds were "
    "planted: choose another period, or run the whole gate"
)


@judges("S1.3")
def _nothing_overlaps(dry_run: DryRun) -> Finding:
    """No invoice overlaps the period, be it a draft, issued, paid or of a status nobody knows."""
    taken, words = dry_run.overlapping, dry_run.workspace.description.words
    detail = ", ".join(_make_room(taken, words)) if taken else ""
    detail += dry_run.perhaps_left
    seen = listed(_describe(row, words) for row in taken)
    return found(not taken, seen or "none", "none", detail)


@judges("S1.4")
def _preview_equals_oracle(dry_run: DryRun) -> Finding:
    """The gain-share total is computed, and the platform's preview equals it, lines included."""
    expected, preview = dry_run.expectation.bill, dry_run.preview
    if expected is None and dry_run.seeding.withheld and not dry_run.expectation.flaws:
        return not_run(_NOTHING)
    if expected is None:
        why = listed(dry_run.expectation.flaws) or "there is no billable event"
        return failed(str(preview), "a total that can be worked out", why)
    facts = dry_run.workspace.description.previewed
    wanted = str(expected.told_as(facts))
    hint = elsewhere.hint(dry_run.workspace.platform, preview, expected)
    if preview is None:
        return not_run("no preview was asked for, beside an invoice without a period: see S1.3")
    if not isinstance(preview, Bill):
        period = str(dry_run.workspace.target.period)
        detail = "; ".join(filter(None, (period, hint)))
        return failed(str(preview), wanted, detail, _diagnosis(dry_run))
    differences = preview.differences(expected, facts, dry_run.workspace.keys_of)
    detail = "; ".join(filter(None, (listed(differences), hint)))
    return found(not differences, str(preview), wanted, detail, _diagnosis(dry_run))


def _diagnosis(dry_run: DryRun) -> tuple[str, ...]:
    workspace, told = dry_run.workspace, ("previewed", dry_run.preview)
    seen = (*told, workspace.description.previewed)
    return diagnosed(workspace, dry_run.case, dry_run.expectation, seen)


@judges("S1.7")
def _terms_are_signed(dry_run: DryRun) -> Finding:
    """The terms that are stored are those that were signed."""
    return judge_terms(dry_run.comparison, dry_run.workspace.relations.survey.tables)


@judges("S1.5")
def _everything_is_billable(dry_run: DryRun) -> Finding:
    """Every amount is finite and has terms, in one currency; their total makes an invoice."""
    expectation = dry_run.expectation
    if not expectation.event_count:
        return not_run("there is no billable event")
    flaws, unusual = expectation.flaws, list(_unusual_totals(dry_run))
    table = dry_run.workspace.relations.survey.tables["terms"]
    terms = "the contract" if dry_run.workspace.contract else f"add terms to {table}"
    remedies = [f"correct the events, or {terms}"] if flaws else []
    remedies += [remedy for _, remedy in unusual]
    wrong = [*flaws, *(words for words, _ in unusual)]
    return found(
        not wrong,
        got=listed(wrong)
        or f"{counted(expectation.event_count, 'event')} in {expectation.currencies[0]}",
        expected="finite amounts with terms, in one currency"
        + (", and a total that makes an invoice" if unusual else ""),
        detail="; ".join(dict.fromkeys(remedies)),
    )


def _unusual_totals(dry_run: DryRun) -> Iterator[tuple[str, str]]:
    """Name the totals of which no invoice can, or should, be made, each with its remedy.

    Seeds may hide that what the tenant's own events bill is none.
    """
    seeding, own = dry_run.seeding, dry_run.seeding.own
    totals = {"a total": dry_run.expectation.bill}
    if seeding.planted and own is not None and own.event_count:
        totals["the tenant's own events: a total"] = own.bill
    rules, target = dry_run.workspace.description.rules, dry_run.workspace.target
    contract = dry_run.workspace.contract
    signed = contract.allowed_totals if contract else frozenset[str]()
    allowed = {"positive", *rules.allowed_totals, *target.allowed_totals, *signed}
    for whose, bill in totals.items():
        if bill is None or bill.gain_share_amount is None:
            continue
        kind, words = kind_of(bill.gain_share_amount), f"{whose} of {bill}"
        if not rules.bills(bill.gain_share_amount):
            remedy = "choose a period with more to bill"
            yield f"{words}, of which the platform makes no invoice (rules.totals)", remedy
        elif kind not in allowed:
            remedy = f"if such an invoice is meant to go out: --allow-total={kind}, or "
            remedy += "rules.allowed_totals in platform.toml"
            yield f"{words}, and nothing says that {kind} totals are no mistake", remedy


@judges("S1.6")
def _nothing_was_written(dry_run: DryRun) -> Finding:
    """The dry run wrote nothing."""
    written = list(dry_run.written)
    if isinstance(dry_run.preview, Refusal) and "read-only" in dry_run.preview.message:
        written.append(f"an attempt to write, {dry_run.preview}")
    if written or not dry_run.declared:
        return found(not written, listed(written) or "nothing written", "nothing written")
    told = [f"{counted(left['rows'], 'row')} in {left['table']}" for left in dry_run.declared]
    return passed(f"nothing written but, as declared, {listed(told)}", "nothing written")


def judge_step_1(dry_run: DryRun) -> dict[str, Finding]:
    """Judge every check of step 1; without the tenant, nothing else can be said."""
    if dry_run.tenant is None:
        nobody = judges.all(not_run("there is no such tenant"))
        return nobody | {"S1.1": _tenant_is_active(dry_run)}
    return judges.judge(dry_run, lacks=dry_run.workspace.description.lacks)


@pytest.mark.parametrize("check", STEP_1.checks, ids=lambda check: check.id)
def test_step1(check: Check, step_1: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_1[check.id])
