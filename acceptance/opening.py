"""Opening the place where one tenant is judged, and leaving it as it was found."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from acceptance.made import Made
from acceptance.removing import remove_what_can_be
from acceptance.sweeping import Swept, seeds_left, sweep
from acceptance.workspace import Workspace
from fixtures.adapters import MakePlatform
from fixtures.anywhere import Anywhere
from fixtures.books import Books
from fixtures.database import snapshot
from fixtures.grounds import grounds_of
from fixtures.lock import LockedPlatform, locked
from fixtures.room import Open
from fixtures.taken import stored
from fixtures.target import Target
from fixtures.watching import Watch, watched
from fixtures.writes import Writes
from fixtures.younger import Younger
from platforms.relations.composing import Relations
from platforms.statements import Tables
from runbook.lacks import Lack


@contextmanager
def open_workspace(
    conninfo: str,
    target: Target,
    relations: Relations,
    tenant_id: str,
    make_platform: MakePlatform,
    *,
    writes: bool = True,
    connect: Open | None = None,
) -> Iterator[Workspace]:
    """Lock the tenant, sweep what a dead run left if the run ``writes``, and take the books.

    In process, the transaction begins that is rolled back in the end. The witness
    is a session that keeps on seeing the rows as they are now. ``connect`` opens sessions, where
    it is not the run that does.
    """
    connect = connect or partial(target.session, conninfo)
    with (
        locked(target, connect, tenant_id) as lock,
        connect() as witness,
        connect() as connection,
    ):
        lock.guard(connection)
        tables = Tables(connection, relations.statements)
        seen = Tables(witness, relations.statements)
        swept = sweep(tables, relations, lock) if writes else Swept()
        left = () if writes else seeds_left(tables, relations, tenant_id, target.period)
        known = frozenset(row["id"] for row in tables.rows("invoice_ids", tenant_id=tenant_id))
        made = Made(tenant_id, target.run, relations.survey, witness, known)
        made.keyed &= Lack.IDEMPOTENCY not in relations.described.description.lacks
        watch = Watch(tables, relations)
        with (
            closing(LockedPlatform(make_platform(connection), lock)) as called,
            snapshot(witness, read_only=True),
            ExitStack() as stack,
        ):
            names = relations.survey.tables
            platform = called if called.shares_transaction else watched(called, watch)
            followed = None
            moment = None
            if platform.shares_transaction:
                moment = stack.enter_context(snapshot(connection, read_only=target.read_only))
                followed = Writes(tables, relations)
            books = Books(
                seen if followed is None else tables,
                seen,
                tenant_id,
                names,
                followed,
                Younger(seen, relations, tenant_id),
                made.seeds,
            )
            began = tables.value("current_transaction")
            anywhere = Anywhere(
                tables,
                seen,
                grounds_of(tables, relations),
                tenant_id,
                began,
                tuple(relations.described.description.leaves),
                max(len(target.tenants), 1),
            )
            workspace = Workspace(
                target=target,
                tenant_id=tenant_id,
                relations=relations,
                tables=tables,
                platform=platform,
                books=books,
                made=made,
                swept=swept.gone,
                planted_by=swept.planted_by,
                left=left,
                writes=writes,
                began=began,
                lock=lock,
                watch=watch,
                anywhere=anywhere,
                stored=stored(tables),
                _moment=moment,
                _stack=stack,
            )
            shared = platform.shares_transaction
            stack.callback(
                workspace.demand_right_to_keep if shared else partial(remove_what_can_be, workspace)
            )
            yield workspace
