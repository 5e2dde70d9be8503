"""What final numbers are counted in, where they have no gap, and whether a draft moves it.

A draft that takes a final number leaves a gap once it is taken back: a sequence is not rolled back,
and a row that counts is not either, where the platform commits. Which table or sequence counts, the
description may say (``rules.numbers.counter``). Else a sequence that nobody declares may, and a
declared table or sequence might: then it is a warning, for it may count anything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from acceptance.numbering import Gapless, split
from acceptance.workspace import Workspace
from fixtures.causes import causes
from fixtures.sequences import Sequences, look_at_sequences, moved
from platforms.description.model import Numbers
from platforms.port import Invoice
from platforms.statements import Row

A_FEW = 100  # rows, of which no more are read
REPLACED = "rows of it that were there before are others"


@dataclass(frozen=True)
class Counted:
    """What drafts that were taken back have moved: in words, what is a fault, and what may be.

    ``changed`` are the tables and sequences that may be, by name with what is known of them.
    """

    faults: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass
class Counting:
    """Where everything that may count stood before a draft."""

    workspace: Workspace
    since: str = ""
    before: Sequences = field(default_factory=lambda: Sequences({}, ()))
    replaced: set[tuple[str, str]] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    of_drafts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.is_needed:
            return
        self.before = self._sequences()
        shared = self.workspace.platform.shares_transaction
        self.since = self.workspace.began if shared else self.workspace.anywhere.now()
        if shared:
            self.replaced = {(name, row["said"]) for name, row in self._replaced()}

    @property
    def is_needed(self) -> bool:
        """Whether a gap among final numbers is a fault."""
        return self._numbers.gapless != "no"

    @property
    def _numbers(self) -> Numbers:
        return self.workspace.description.rules.numbers

    def _may_count(self, name: str) -> bool:
        """Tell whether a sequence may count final numbers, by what is declared."""
        counter = self._numbers.counter
        return counter is None or self.before.declared.get(name, counter) == counter

    def seen_with(self, draft: Invoice) -> None:
        """Look which sequences moved with a draft, while it is there."""
        if not self.is_needed:
            return
        anywhere, now = self.workspace.anywhere, self._sequences()
        for name in filter(self._may_count, now.unreadable):
            anywhere.unseen[name] = "a sequence that may not be read"
        for name, drawn in self._drawn_ahead(now).items():
            anywhere.unseen[name] = f"{drawn}, so that whether drafts take any does not show"
        suspects = set(moved(self.before, now))
        if not suspects:
            return
        ids = [row.id for row in self.workspace.added_rows(invoice_ids=[draft.id])]
        self.taken = {name for name in suspects if not now.known[name].counts(ids)}
        if self._numbers.drafts == "own" and draft.number:
            count = count_of(draft.number, self._numbers.gapless)
            stands = {name: now.known[name].stands for name in self.taken}
            self.of_drafts = {n: draft.number for n, at in stands.items() if at == count}

    def _drawn_ahead(self, now: Sequences) -> dict[str, str]:
        """Say of the sequences that nobody declared which are drawn from for later drafts too."""
        return {
            name: f"a session draws {one.at_once} numbers of it at once"
            for name, one in now.known.items()
            if one.at_once > 1 and name not in self.before.declared and self._may_count(name)
        }

    def moved(self, again: Callable[[], object]) -> Counted:
        """Say what has moved once the draft was taken back; more are made to see what drafts do."""
        if not self.is_needed:
            return Counted()
        faults, doubts = list(self._sequences_gone(again)), dict[str, str]()
        counter, leaves = self._numbers.counter, self.workspace.description.leaves
        for name in self._declared_sequences(again):
            doubts[name] = leaves[self.before.declared[name]]
        for name, declared in self._tables(again).items():
            if declared == counter:
                faults.append(
                    f"a final number is gone: {name} counts them (rules.numbers.counter), and "
                    f"{REPLACED} with drafts that were taken back"
                )
            else:
                doubts[name] = leaves[declared]
        ahead = {
            name: drawn
            for name, drawn in self._drawn_ahead(self._sequences()).items()
            if name in self.taken and not any(f" {name} " in fault for fault in faults)
        }
        told = [self._doubt(name, why) for name, why in doubts.items()]
        told += [
            f"a final number may be gone: the sequence {name} moved with a draft that was taken "
            f"back, and {drawn}; if it counts no final numbers, declare it in [leaves]"
            for name, drawn in ahead.items()
        ]
        changed = [f"{name} (declared: {why})" for name, why in doubts.items()]
        changed += [f"{name} ({drawn})" for name, drawn in ahead.items()]
        return Counted(tuple(faults), tuple(told), tuple(changed))

    @staticmethod
    def _doubt(name: str, why: str) -> str:
        return (
            f"final numbers may be gone: drafts that were taken back moved {name}, which [leaves] "
            f"declares as {why!r}; if it counts final numbers, which have no gap, one is gone with "
            f"every draft: say in [rules] what counts them, numbers.counter, and it is judged"
        )

    def _sequences_gone(self, again: Callable[[], object]) -> Iterator[str]:
        """Say which sequences that are not declared move with every draft."""
        workspace, counter = self.workspace, self._numbers.counter
        suspects = {n for n in self.taken if self.before.declared.get(n, counter) == counter}
        if not suspects:
            return
        seen = causes(suspects, again, self._look, self._rest)
        for name in seen.untold:
            why = "others draw from it all the time: whether drafts do cannot be told"
            workspace.anywhere.unseen[name] = why
        now = self._sequences()
        for name, (earlier, later) in moved(self.before, now).items():
            if name in seen.moved:
                yield self._gone(name, f"went from {earlier or 'its beginning'} to {later}")

    def _gone(self, name: str, went: str) -> str:
        how = f"the sequence {name} {went} with drafts that were taken back"
        is_counter = name in self.before.declared or self._numbers.counter == name
        if is_counter or self._numbers.drafts != "own":
            return f"a final number is gone: {how}"
        declare = f'in [leaves]: "{name}" = "numbers of drafts"'
        if name in self.of_drafts:
            return (
                f"{how}, one of which was called {self.of_drafts[name]}: it numbers drafts; if "
                f"nothing else, declare it {declare}"
            )
        return f"a final number is gone: {how}; if it numbers drafts alone, declare it {declare}"

    def _declared_sequences(self, again: Callable[[], object]) -> list[str]:
        """Return the declared ones that move with every draft, where nothing says what counts."""
        if self._numbers.counter is not None:
            return []
        suspects = (self.taken & self.before.declared.keys()) - self.of_drafts.keys()
        return sorted(causes(suspects, again, self._look, self._rest).moved) if suspects else []

    def _tables(self, again: Callable[[], object]) -> dict[str, str]:
        """Return the declared tables of which drafts change rows, with the names of declarations.

        A row that the first draft of a tenant adds shows only once another one changes it: there
        are no more of them then. Where a draft adds rows, there are.
        """
        anywhere, ids = self.workspace.anywhere, self.workspace.ids
        looked_at = {row["name"]: row for row in self._looked_at()}
        found = {name for name, row in self._replaced() if self._is_own(name, row)}
        rest = [row for name, row in looked_at.items() if name not in found]
        young = _by_number(anywhere.nameless(rest, self.since, ids))
        if young:
            again()
            now = _by_number(anywhere.nameless(rest, self.since, ids))
            found |= {
                rest[number]["name"]
                for number, rows in young.items()
                if len(now.get(number, ())) <= len(rows) < A_FEW
                and not anywhere.are_there(rest[number], rows)
            }
        return {name: looked_at[name]["declared"] for name in sorted(found)}

    def _is_own(self, name: str, row: Row) -> bool:
        if self.workspace.platform.shares_transaction:
            return (name, row["said"]) not in self.replaced
        return row["transaction"] in self.workspace.anywhere.known

    def _replaced(self) -> Iterator[tuple[str, Row]]:
        tables = self._looked_at()
        for row in self.workspace.anywhere.replaced(tables, self.since):
            yield tables[row["number"]]["name"], row

    def _looked_at(self) -> list[Row]:
        counter, leaves = self._numbers.counter, self.workspace.description.leaves
        names = [counter] if counter is not None else list(leaves)
        return self.workspace.anywhere.declared(names) if names else []

    def _look(self) -> dict[str, int | None]:
        return {name: one.stands for name, one in self._sequences().known.items()}

    def _rest(self, seconds: float) -> None:
        self.workspace.tables.value("rest", seconds=seconds)

    def _sequences(self) -> Sequences:
        workspace = self.workspace
        counter = (self._numbers.counter,) if self._numbers.counter is not None else ()
        declared = [*workspace.description.leaves, *counter]
        return look_at_sequences(workspace.tables, workspace.anywhere.grounds, declared)


def count_of(number: str, gapless: Gapless) -> int | None:
    """Return the count in a draft's number; None where its digits are of a word by chance."""
    _, count = split(number, gapless)
    # Letters may stand before it, as in D0007; in 8c85a4e1 nothing counts.
    is_word = re.search(rf"(?<![^\W_])[^\W\d_]*0*{count}(?![^\W_])", number)
    return count if is_word else None


def _by_number(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["number"], []).append(row)
    return found
