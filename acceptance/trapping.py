"""Check M.1 where the platform is called from outside: events planted where the tenant has nothing.

In months that hold nothing, known ways of billing wrongly show on events of the right amounts and
instants, beside others that must not be billed. Each month is previewed, drafted, compared, taken
back, and previewed again; then all of it is removed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, partial

import psycopg

from acceptance.diagnosing import diagnosed
from acceptance.drafts import generate_draft
from acceptance.laying import Laying, Untried
from acceptance.quiet import while_quiet
from acceptance.remaining import not_as_before
from acceptance.test_maths import difference
from acceptance.test_step2_execute import stored_bills, take_back
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import Workspace
from fixtures.books import fingerprint
from fixtures.calls import Refusal, attempt
from fixtures.findings import Finding, failed, listed, not_run, passed
from fixtures.interrupts import uninterrupted
from fixtures.planting import Planting
from fixtures.seeds import Seed
from oracle.bill import Bill, Facts
from oracle.expectation import Expectation
from oracle.known import known
from oracle.power import shown
from oracle.raw import FEW, Case
from oracle.ways import Taken
from platforms.obstacles import OBSTACLES, first_line
from platforms.port import Invoice
from platforms.removing.removal import CannotRemove
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus
from runbook.words import counted

DRAFT, WITHDRAWN = InvoiceStatus.DRAFT, InvoiceStatus.WITHDRAWN
NOT_MIXED = frozenset({Rule.EVENT_HAS_NO_TERMS, Rule.EVENTS_IN_SEVERAL_CURRENCIES})
PREVIEW = "preview"
NAME_ANOTHER = "name another month with --trap-period=YYYY-MM"


@dataclass(frozen=True)
class Seen:
    """What became of one trap: what it must bill, and what the platform told, stored and undid."""

    expectation: Expectation
    case: Case | None
    preview: Bill | Refusal | None
    draft: Invoice | Refusal
    stored: tuple[Bill, ...] = ()
    refusal: Refusal | None = None
    again: Bill | Refusal | None = None

    @property
    def refused(self) -> bool:
        """Whether the platform bills nothing of it, and shows nothing either."""
        return isinstance(self.draft, Refusal) and not isinstance(self.preview, Bill)


@dataclass
class Trapping:
    """The traps of one tenant; ``cases`` are what the oracle read of those that were billed right.

    ``diagnosis`` says what explains the others; ``refused`` tells of two currencies that they were.
    """

    workspace: Workspace
    laid: Laying
    seeds: tuple[Seed, ...] = ()
    keys: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    refused: bool = False
    diagnosis: list[str] = field(default_factory=list)

    @property
    def expected(self) -> str:
        """What the finding says that should be."""
        count = sum(len(trap.events) for trap in self.laid.traps)
        months = ", ".join(trap.period.month for trap in self.laid.traps)
        events = counted(count, "planted event")
        how = (
            "draft and oracle"
            if self.workspace.lacks(Lack.PREVIEW)
            else "preview, draft and oracle"
        )
        return f"{how} agree on {events} in {months}"

    @cached_property
    def shown(self) -> frozenset[str]:
        """The names of the known wrong ways of billing that would have shown."""
        names = shown(self.cases, self.workspace.told)
        if not self.refused:
            return names
        # Whoever bills other currencies too does not refuse what has two.
        rules = self.workspace.description.rules.rules
        return names | {way.name for way in known(rules) if way.takes == {Taken.CURRENCIES}}

    @property
    def detail(self) -> str:
        """Which wrong ways would have shown, which not, and what was left out."""
        ways = {w.name: 0 for one in self.cases for w in known(one.rules, one.currency)}
        seen = [name for name in ways if name in self.shown]
        unshown = [name for name in ways if name not in self.shown]
        told = f"{len(seen)} of {counted(len(ways), 'known wrong way')} would have shown"
        told += f": {', '.join(seen)}" if seen else ""
        told = told if ways else "which known wrong ways would have shown was not measured"
        if unshown:
            told += f"; these bill the same here: {', '.join(unshown)}"
        out = [*self.laid.planting.left_out, *self.laid.spared]
        return told + (f"; left out: {listed(dict.fromkeys(out))}" if out else "")

    def plant(self) -> None:
        """Plant everything, in one transaction; it is recorded before it is committed."""
        workspace = self.workspace
        events = [event for trap in self.laid.traps for event in trap.events]
        with uninterrupted(), workspace.connection.transaction():
            self.seeds = self.laid.planting.plant(events)
            workspace.made.plant(self.seeds)
        ids = [seed.id for seed in self.seeds]
        workspace.anywhere.note("events", *ids)
        workspace.watch.remember("events", *ids)

    def wrong(self) -> Iterator[str]:
        """Try one trap after the other, and say in what the platform is wrong, if it is."""
        for trap in self.laid.traps:
            here = self.workspace.of(trap.period)
            seen = while_quiet(here, partial(self._act, here), partial(self._doubted, here))
            if seen.refused and trap.period.end > datetime.now(UTC) and not trap.refused:
                raise Untried(
                    f"{trap.period.month} has not ended, and the platform bills nothing of it: "
                    f"{seen.draft}; {NAME_ANOTHER}"
                )
            wrong = list(self._differences(here, seen))
            if not wrong and seen.case is not None and not trap.refused:
                self.cases.append(seen.case)
            self.diagnosis += diagnosed(here, seen.case, seen.expectation, *_told(here, seen))
            if trap.refused and seen.refused:
                wrong += _not_named(here, seen)
                self.refused |= not wrong
            elif not wrong:
                wrong += self._left(here, seen)
            yield from (f"{trap.period.month}: {words}" for words in wrong)

    def _act(self, here: Workspace, *_: object) -> Seen:
        expectation, case = here.oracle.expect(), here.oracle.case(FEW)
        preview = self._preview(here)
        key, draft = generate_draft(here, f"trap-{len(self.keys) + 1}")
        self.keys.append(key)
        if isinstance(draft, Refusal):
            return Seen(expectation, case, preview, draft, again=preview)
        stored = tuple(stored_bills(here, draft))
        refusal = take_back(here, draft)
        return Seen(expectation, case, preview, draft, stored, refusal, self._preview(here))

    def _preview(self, here: Workspace) -> Bill | Refusal | None:
        if here.lacks(Lack.PREVIEW):
            return None
        return attempt(here.platform.preview, here.tenant_id, here.target.period)

    def _doubted(self, here: Workspace, seen: Seen) -> Expectation | None:
        """What is not billed as expected: somebody may have changed terms or an event meanwhile.

        A draft that takes its events, and is not taken back, leaves nothing to be asked again.
        """
        taken = here.description.rules.claims == "draft" and seen.refusal is not None
        told = not isinstance(seen.draft, Refusal) and not taken
        return seen.expectation if told and any(self._differences(here, seen)) else None

    def _differences(self, here: Workspace, seen: Seen) -> Iterator[str]:
        """Say in what preview, draft and what is stored are not what the oracle expects."""
        description, bill = here.description, seen.expectation.bill
        total = (bill and bill.gain_share_amount) or Decimal()
        invoiced = bill if description.rules.bills(total) else None
        # A preview may show a total of which no invoice is made.
        shown = invoiced if isinstance(seen.preview, Refusal) else bill
        for name, got, facts in _told(here, seen):
            wanted = shown if name == PREVIEW else invoiced
            if got is not None and (wrong := difference(got, wanted, facts, here.keys_of)):
                yield f"{name}{wrong}"

    def _left(self, here: Workspace, seen: Seen) -> Iterator[str]:
        """Say in what a draft that was taken back has left another preview."""
        before, again = seen.preview, seen.again
        same = before == again
        if isinstance(before, Bill) and isinstance(again, Bill):
            same = not again.differences(before, here.description.previewed)
        if seen.refusal is not None:
            yield f"its draft was not taken back: {seen.refusal}"
        elif not same:
            yield f"preview after its draft was taken back: {again}, not {before}"

    def remove(self) -> None:
        """Remove what was planted, and what was made of it, and nothing else."""
        workspace = self.workspace
        with uninterrupted(), workspace.watch.noted():
            workspace.made.adopt(workspace.tables)
            ids = [seed.id for seed in self.seeds if seed.id]
            workspace.made.remove_some(workspace.tables, ids, self.keys)


def _told(here: Workspace, seen: Seen) -> list[tuple[str, Bill | Refusal | None, Facts]]:
    """Return what was told of a trap: where, the bill or why there is none, and which facts.

    A draft that is not stored tells of another bill than the trap's.
    """
    description = here.description
    told: list[tuple[str, Bill | Refusal | None, Facts]] = [
        (PREVIEW, seen.preview, description.previewed)
    ]
    if isinstance(seen.draft, Refusal):
        told.append(("draft", seen.draft, description.answered))
    elif seen.stored:
        told.append(("draft", seen.draft.bill, description.answered))
    return told + [("stored", one, here.relations.stored) for one in seen.stored]


def act_traps(workspace: Workspace, seeding: Seeding) -> tuple[Finding, frozenset[str]]:
    """M.1: events that are planted where nothing is are billed right, by preview and draft.

    Return the finding, and the names of the known wrong ways that would have shown.
    """
    tables, target = workspace.tables, workspace.target
    planting = Planting(tables, workspace.relations, workspace.tenant_id, target.run)
    laying = Laying(workspace, planting)
    refusal = workspace.rehearsal.refusal(DRAFT, WITHDRAWN, plant=laying.planted)
    if refusal or laying.why_not:
        return not_run(f"nothing was planted: {refusal or laying.why_not}"), frozenset()
    if not laying.traps:
        why = listed(planting.left_out) or "nothing fits"
        return not_run(f"nothing was planted: {why}"), frozenset()
    trapping = Trapping(workspace, laying)
    finding = _tried(trapping, seeding)
    return finding, trapping.shown if finding.passed else frozenset()


def _tried(trapping: Trapping, seeding: Seeding) -> Finding:
    workspace, period = trapping.workspace, trapping.laid.traps[0].period
    before = fingerprint(workspace.tables, workspace.tenant_id, period)
    try:
        trapping.plant()
    except psycopg.Error as error:
        if workspace.connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        return not_run(f"nothing was planted: the database refused: {first_line(error)}")
    wrong: list[str] = []
    why_not = ""
    try:
        wrong += trapping.wrong()
    except Untried as untried:
        why_not = str(untried)
    try:
        trapping.remove()
    except CannotRemove as error:
        wrong.append(f"what was planted cannot be removed: {error}")
    if not wrong and fingerprint(workspace.tables, workspace.tenant_id, period) != before:
        wrong += map(str, not_as_before(workspace, seeding.rows))
    if wrong:
        left_out = listed(trapping.laid.spared)
        return failed(listed(wrong), trapping.expected, left_out, tuple(trapping.diagnosis))
    if why_not:
        return not_run(why_not)
    return passed(trapping.expected, trapping.expected, trapping.detail)


def _not_named(here: Workspace, seen: Seen) -> Iterator[str]:
    """Say of a refusal of two currencies that it is none, where the platform has a name for it."""
    if all(here.lacks(rule) for rule in NOT_MIXED):
        return
    for name, told in (("preview", seen.preview), ("draft", seen.draft)):
        if isinstance(told, Refusal) and not told.rules & NOT_MIXED:
            yield f"{name} of events in two currencies: {told}"
