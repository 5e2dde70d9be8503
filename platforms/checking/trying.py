"""``check --try``: one draft through the adapter, its facts beside those stored, and its removal.

Whatever happens, what was made is removed again; what could not be is told, with the statements
that remove it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import Connection

from oracle.period import Period
from platforms import adapters
from platforms.checking.endings import ended_as_by_ctrl_c, patient
from platforms.checking.findings import Finding, Level, ok, wrong
from platforms.checking.movement import Moved, look, moved_since
from platforms.checking.trial import Tell, Trial
from platforms.description import RELATIONS, Described
from platforms.insisting import Insistence, heeded
from platforms.obstacles import Aborted, first_line
from platforms.port import Invoice, PlatformRefused
from platforms.reaching import Surroundings
from platforms.relations.canonical import RELATION_COLUMNS
from platforms.relations.composing import load
from platforms.removing.removal import CannotRemove
from platforms.roles.deriving import accesses
from platforms.statements import Row, Tables
from runbook.lacks import Lack

UNTOLD = "-"
STDERR, UNKNOWN = 2, 2  # a descriptor, and the exit code where nothing can be said


def try_draft(
    described: Described, around: Surroundings, tenant_id: str, period: Period, tell: Tell
) -> Iterator[Finding]:
    """Make one draft, show it, take it back; yield what was found.

    Raises :class:`~platforms.reaching.WronglyCalled` for a tenant or period that will not do, and
    :class:`~platforms.obstacles.Aborted` where nothing can be tried.
    """
    with around.session(read_only=False) as connection, ExitStack() as stack:
        relations = load(connection, described)
        platform = adapters.adapter(described, connection, around.api, around.children)
        stack.enter_context(closing(platform))
        platform.build()
        if platform.shares_transaction:
            stack.enter_context(connection.transaction(force_rollback=True))
        tables = Tables(connection, relations.statements)
        trial = Trial(described, tables, relations.survey, platform, tenant_id, period, tell)
        tenant = trial.demand_room()
        tell(f"tenant    {tenant_id} {tenant['name']}, {period}, {platform.name}")
        trial.rehearse_removal()
        books = _books(tables, tenant_id)
        insistence = Insistence(
            STDERR, lambda: _may_be_left(trial, "it was not looked for"), UNKNOWN
        )
        with heeded(insistence), ended_as_by_ctrl_c(), _cleaned_up(trial, around):
            yield from _tried(connection, trial)
        yield _as_before(trial, books)


def _tried(connection: Connection[Any], trial: Trial) -> Iterator[Finding]:
    try:
        trial.seed()
    except psycopg.Error as error:
        yield _wrong_write(trial, "plant_event", first_line(error))
        return
    except CannotRemove as error:
        yield _wrong_write(trial, "remove_events", str(error))
        return
    before = look(connection)
    try:
        draft = trial.draft()
    except PlatformRefused as refused:
        yield Finding(Level.WRONG, f"the draft was refused: {refused}")
        return
    yield from _facts(trial, draft)
    try:
        how = trial.take_back()
    except PlatformRefused as refused:
        yield Finding(Level.WRONG, f"the draft could not be taken back: {refused}")
        return
    trial.tell(f"back      {how}")
    yield from _declared(trial, moved_since(connection, before))
    for name in before.unreadable:
        yield Finding(Level.WARN, f"{name} may not be read: whether it moved cannot be told")


def _wrong_write(trial: Trial, name: str, words: str) -> Finding:
    line = trial.tables.statements[name].lines[0]
    return Finding(Level.WRONG, f"{name}: {words}", trial.described.folder / RELATIONS, line)


def _facts(trial: Trial, draft: Invoice) -> Iterator[Finding]:
    """Show what was answered beside what is stored."""
    row = trial.stored()
    if row is None:
        words = f"invoices: the draft {draft.id} is not among those of tenant {trial.tenant_id}"
        line = _line_of(trial, "invoices")
        yield Finding(Level.WRONG, words, trial.described.folder / RELATIONS, line)
        return
    lines = trial.tables.rows("stored_lines", invoice_id=draft.id)
    pairs = list(_pairs(trial, draft, row, len(lines)))
    width = max(len(_shown(answered)) for _, answered, _ in pairs)
    trial.tell(f"{'':<18}  {'answered':<{width}}  stored")
    for fact, answered, stored in pairs:
        trial.tell(f"{fact:<18}  {_shown(answered):<{width}}  {_shown(stored)}")
        if answered is not None and stored is not None and answered != stored:
            words = f"the answer says {_shown(answered)}, the table {_shown(stored)}"
            yield wrong(trial.described.folder, ("api", "invoice", fact), words)


def _line_of(trial: Trial, relation: str) -> int:
    text = trial.described.text(RELATIONS)
    place = text.find(f"-- name: {relation}\n")
    return text.count("\n", 0, max(place, 0)) + 1


def _pairs(
    trial: Trial, draft: Invoice, row: Row, line_count: int
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each fact as it was answered and as it is stored; None where it is not told."""
    bill, period = draft.bill, draft.period
    words = trial.described.description.words
    yield "id", draft.id, row["id"]
    yield "tenant_id", draft.tenant_id, row["tenant_id"]
    yield "number", draft.number, row["number"]
    yield "status", draft.status, words.status(str(row["status"]))
    yield "period_start", period and period.start, _utc(row["period_start"])
    yield "period_end", period and period.end, _utc(row["period_end"])
    yield "issued_at", draft.issued_at, _utc(row["issued_at"])
    yield "paid_at", draft.paid_at, _utc(row["paid_at"])
    yield "currency", bill and bill.currency, row["currency"]
    yield "event_count", bill and bill.event_count, row["event_count"]
    yield "recovered_amount", bill and bill.recovered_amount, row["recovered_amount"]
    yield "gain_share_amount", bill and bill.gain_share_amount, row["gain_share_amount"]
    lacks = Lack.LINES in trial.described.description.lacks
    told = None if bill is None or bill.lines is None else len(bill.lines)
    yield "lines", told, None if lacks else line_count


def _utc(told: Any) -> Any:
    return told.astimezone(UTC) if isinstance(told, datetime) else told


def _shown(value: Any) -> str:
    if value is None:
        return UNTOLD
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _declared(trial: Trial, moved: list[Moved]) -> Iterator[Finding]:
    """Say of everything that moved whether the description declares it."""
    leaves = trial.described.description.leaves
    status = trial.status()
    own = set(_own_tables(trial))
    for one in moved:
        stays = status in trial.withdrawn and not one.gone
        if one.name in leaves:
            yield ok(f"{one.name}: {one.words}; declared: {leaves[one.name]}")
        elif one.of_table and one.of_table in own | leaves.keys():
            yield ok(f"{one.name}: {one.words}, of the ids of {one.of_table}")
        elif one.name in own and not one.new and not one.gone:
            yield ok(f"{one.name}: {one.words}")
        elif one.name in own and stays:
            yield ok(f"{one.name}: {one.words}; kept on record as {status}")
        else:
            words = f"{one.name} moved ({one.words}), and is not declared here"
            yield wrong(trial.described.folder, ("leaves",), words)


def _own_tables(trial: Trial) -> Iterator[str]:
    """Yield the tables that events, invoices and their lines are in."""
    names = ("remove_invoices", "remove_events", "plant_event")
    yield from accesses(trial.described, [trial.tables.statements[name] for name in names])


def _books(tables: Tables, tenant_id: str) -> dict[str, Row]:
    relations = sorted(RELATION_COLUMNS)
    rows = tables.rows(
        "fingerprint", tenant_id=tenant_id, starts=None, ends=None, relations=relations
    )
    return {row["relation"]: row for row in rows}


def _as_before(trial: Trial, books: dict[str, Row]) -> Finding:
    """See that the tenant's rows are as they were, once everything is removed."""
    now = _books(trial.tables, trial.tenant_id)
    changed = [name for name, row in now.items() if row != books.get(name)]
    if changed:
        return Finding(Level.WRONG, f"not as before: {', '.join(changed)} of the tenant")
    return ok("every row of the tenant is as it was before")


@contextmanager
def _cleaned_up(trial: Trial, around: Surroundings) -> Iterator[None]:
    """Remove what the block made, however it ends."""
    try:
        yield
    finally:
        with patient():
            _clean_up(trial, around)


def _clean_up(trial: Trial, around: Surroundings) -> None:
    connection = trial.tables.connection
    try:
        if connection.broken and not trial.platform.shares_transaction:
            with around.session(read_only=False) as another:
                trial.tables = Tables(another, trial.tables.statements)
                removed = trial.remove()
        else:
            removed = trial.remove()
    except (psycopg.Error, Aborted, CannotRemove) as error:
        if trial.platform.shares_transaction:
            return  # all of it is rolled back
        reason = first_line(error) if isinstance(error, psycopg.Error) else str(error)
        for words in _may_be_left(trial, reason):
            trial.tell(words)
        return
    if removed:
        trial.tell(f"removed   {', '.join(removed)}")


def _may_be_left(trial: Trial, reason: str) -> Iterator[str]:
    """Say that what was made may be left, and what removes it."""
    if trial.platform.shares_transaction:
        return
    command = trial.command()
    told = f"; remove it with: {command}" if command else ""
    yield f"STAYED    what was made may be left: {reason}{told}"
