"""What calls write beside the judged rows: in other tables, and in sequences of numbers."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from acceptance.workspace import Workspace
from fixtures.anywhere import Stray, Written
from fixtures.calls import attempt
from fixtures.causes import causes
from fixtures.hidden import Hidden, written_unseen
from fixtures.sequences import Sequences, look_at_sequences, moved
from fixtures.taken import WHY, emptied, taken_here
from runbook.lacks import Lack


@dataclass
class Beside:
    """Where everything stood before a call; says afterwards what the call moved."""

    workspace: Workspace
    since: str = ""
    sequences: Sequences = field(default_factory=lambda: Sequences({}, ()))
    written: frozenset[tuple[str, str]] = frozenset()
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    taken: list[Stray] = field(default_factory=list)

    def __post_init__(self) -> None:
        workspace = self.workspace
        self.sequences = _sequences(workspace)
        self.since = workspace.anywhere.now()
        if workspace.platform.shares_transaction:
            self.written = frozenset(_written_here(workspace))
            self.hidden = written_unseen(workspace.anywhere)
            self.taken = taken_here(workspace.anywhere, workspace.stored)

    def by_previews(self) -> list[str]:
        """Say which tables and sequences every preview moves; for another process did it."""
        workspace = self.workspace
        if workspace.lacks(Lack.PREVIEW):
            return []
        first = self._since()
        suspects = {one.table for one in first} | set(self._moved())
        if not suspects:
            return []
        seen = causes(suspects, self._preview, self._look, partial(_rest, workspace))
        for table in seen.untold:
            why = "others write to it all the time: what the preview did there cannot be told"
            workspace.anywhere.unseen.setdefault(table, why)
        for one in first:
            if one.table in seen.not_moved and one.kind == "tenant":
                why = "a row of the tenant came while the preview was asked for, and none when it "
                why += "was asked for again: who wrote it cannot be told"
                workspace.anywhere.unseen.setdefault(one.table, why)
        return [f"{name} is written to by every preview" for name in sorted(seen.moved)]

    def _preview(self) -> None:
        workspace = self.workspace
        attempt(workspace.platform.preview, workspace.tenant_id, workspace.target.period)

    def _since(self) -> list[Written]:
        """What was written since; where no transaction began, nothing can have been."""
        anywhere = self.workspace.anywhere
        if anywhere.now() == self.since:
            return []
        return anywhere.written(self.since, self.workspace.ids)

    def _look(self) -> Mapping[str, Hashable]:
        found: dict[str, set[Written]] = {}
        for one in self._since():
            found.setdefault(one.table, set()).add(one)
        stands = {n: one.stands for n, one in _sequences(self.workspace).known.items()}
        return {**stands, **{table: frozenset(rows) for table, rows in found.items()}}

    def by_the_draft(self, draft_again: Callable[[], object] | None) -> list[str]:
        """Say what a draft that was taken back has left in tables that nobody declared.

        Where rows may be anybody's, drafts are made again, unless they stay on record.
        """
        found = self._strays()
        suspects = self.workspace.anywhere.untold - {one.table for one in found}
        if suspects and draft_again is not None:
            seen = causes(suspects, draft_again, self._look, partial(_rest, self.workspace))
            found += [Stray(table, 1, "written with every draft") for table in sorted(seen.moved)]
        return list(map(self._told, found))

    def _told(self, stray: Stray) -> str:
        gapless = self.workspace.description.rules.numbers.gapless != "no"
        perhaps = gapless and stray.words.startswith("written")
        return f"{stray}{' (if it counts invoices, a final number is gone)' if perhaps else ''}"

    def _strays(self) -> list[Stray]:
        workspace = self.workspace
        if not workspace.platform.shares_transaction:
            return strays(workspace, self.since)
        found: dict[str, int] = {}
        for (table, transaction), rows in _written_here(workspace).items():
            if (table, transaction) not in self.written:
                found[table] = found.get(table, 0) + rows
        told = [Stray(table, rows, "written by the draft") for table, rows in sorted(found.items())]
        taken = taken_here(workspace.anywhere, workspace.stored)
        told += [one for one in taken if one.table not in found and one not in self.taken]
        return told + self._hidden()

    def _hidden(self) -> list[Stray]:
        """Say what the draft left in tables that cannot be looked at: the server counts it."""
        told = []
        for table, now in sorted(written_unseen(self.workspace.anywhere).items()):
            rows = now.since(self.hidden.get(table, Hidden()))
            words = f"written by the draft that the gate cannot look at ({now.obstacle})"
            told += [Stray(table, rows, words)] if rows else []
        return told

    def _moved(self) -> set[str]:
        now = _sequences(self.workspace)
        return set(moved(self.sequences, now)) - now.declared.keys()


def strays(workspace: Workspace, since: str) -> list[Stray]:
    """Return the rows of the run that were written since, and left, where nobody declared them."""
    found = {one.table: one for one in workspace.anywhere.strays(since, workspace.ids)}
    for one in emptied(workspace.anywhere, workspace.stored):
        if one.by_run:
            found.setdefault(one.table, one.stray)
        else:
            workspace.anywhere.unseen.setdefault(one.table, WHY)
    return [_named(workspace, found[table]) for table in sorted(found)]


def _named(workspace: Workspace, stray: Stray) -> Stray:
    """Say of events which they are, and whose."""
    table, ids = workspace.anywhere.some_of_run("events")
    if stray.table != table:
        return stray
    rows = workspace.tables.rows("events_by_id", ids=ids)
    names = ", ".join(f"{row['key']} of tenant {row['tenant_id']}" for row in rows)
    return replace(stray, words=f"{stray.words} ({names})") if names else stray


def strays_in_the_end(workspace: Workspace) -> list[Stray]:
    """Return what is left of the run; what came meanwhile, and may be anybody's, is told.

    Where something is said of a table already, that says more.
    """
    found = strays(workspace, workspace.began)
    why = "rows came while the run was under way that name nothing of it: they may be anybody's"
    for table in workspace.anywhere.untold:
        workspace.anywhere.unseen.setdefault(table, why)
    return found


def unseen(workspace: Workspace) -> list[dict[str, str]]:
    """Return what could not be looked at, or told, so far, in plain JSON types."""
    found = sorted(workspace.anywhere.unseen.items())
    return [{"table": table, "why": why} for table, why in found]


def _sequences(workspace: Workspace) -> Sequences:
    grounds, leaves = workspace.anywhere.grounds, workspace.description.leaves
    return look_at_sequences(workspace.tables, grounds, leaves)


def _rest(workspace: Workspace, seconds: float) -> None:
    workspace.tables.value("rest", seconds=seconds)


def _written_here(workspace: Workspace) -> dict[tuple[str, str], int]:
    """Count what the open transaction has left so far, by table and savepoint."""
    here = workspace.anywhere.written_here(workspace.ids.seeds)
    found: dict[tuple[str, str], int] = {}
    for one in workspace.anywhere.written(workspace.began, workspace.ids, here) if here else ():
        place = (one.table, one.transaction)
        found[place] = found.get(place, 0) + one.rows
    return found
