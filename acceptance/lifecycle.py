"""An invoice's life as step 4 saw it."""

from dataclasses import dataclass

from acceptance.test_step1_dry_run import DryRun
from acceptance.test_step3_seeds import Seeding
from acceptance.trial import Stored
from acceptance.workspace import Workspace
from fixtures.calls import Refusal
from platforms.port import Invoice
from runbook.lacks import Lack
from runbook.refusals import Rule


@dataclass(frozen=True)
class TakenBack:
    """What became of an invoice that was issued and voided, before the one that is paid.

    ``billable`` tells whether its events were billable again.
    """

    draft: Invoice | Refusal
    issued: Invoice | Refusal | None = None
    voided: Invoice | Refusal | None = None
    row: Stored | None = None
    billable: bool = False


@dataclass(frozen=True)
class Lifecycle:
    """What step 4 saw: the platform's answers, the row after each, and refusals gone wrong.

    ``again`` is the answer to the repeat of the creation under its key. ``claimed`` are the ids of
    the events that then said they were billed by the invoice, ``drafted`` of those that said so of
    the draft; ``amiss`` says of others that are billed by it whose they are. ``numbers`` are those
    of other invoices; ``undone`` says that the run leaves no gap among them. ``stopped`` says why
    nothing more was issued, if something else was there to be billed.
    """

    workspace: Workspace
    seeding: Seeding
    dry_run: DryRun
    draft: Invoice | Refusal
    again: Invoice | Refusal | None = None
    taken_back: TakenBack | None = None
    issued: Invoice | Refusal | None = None
    paid: Invoice | Refusal | None = None
    rows: tuple[Stored, ...] = ()
    claimed: tuple[str, ...] = ()
    drafted: tuple[str, ...] = ()
    amiss: tuple[str, ...] = ()
    refusals: int = 0
    wrong_refusals: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    undone: bool = False
    stopped: str = ""

    def lacks(self, what: Lack | Rule) -> bool:
        """Tell whether the platform has not got something, as it declares."""
        return self.workspace.lacks(what)
