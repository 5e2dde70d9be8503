"""Nothing is billed for real but seeds of this run: looked at before each issue, and right after.

Where something else is there all the same, step 4 stops, and what was billed is taken back at once.
"""

from dataclasses import dataclass

from acceptance.removing import remove_invoices
from acceptance.test_step1_dry_run import DryRun
from acceptance.test_step2_execute import stored_bills
from acceptance.test_step3_seeds import Seeding
from acceptance.workspace import Workspace
from fixtures.calls import attempt_whole
from fixtures.findings import listed
from platforms.port import Invoice
from runbook.lacks import Lack


def why_not(workspace: Workspace, seeding: Seeding) -> str:
    """Say why the period must not be billed for real, and which one may; nothing if it may."""
    period = workspace.target.period
    others = workspace.tables.value(
        "has_other_events",
        tenant_id=workspace.tenant_id,
        period_start=period.start,
        period_end=period.end,
        seed_ids=list(seeding.ids),
        invoice_ids=workspace.made.ids,
    )
    if seeding.planted and not others:
        return ""
    day = workspace.tables.value("first_free_day", tenant_id=workspace.tenant_id)
    free = f"choose a period that begins after {day}" if day else "have seeds planted"
    return f"the period has billable events that are no seeds of this run: {free}"


class Stopped(Exception):
    """Something else than seeds of this run would be billed, or was; the message says what."""


@dataclass(frozen=True)
class Guard:
    """Looks before and after an issue that nothing is billed but seeds of this run."""

    workspace: Workspace
    seeding: Seeding
    dry_run: DryRun

    def before(self, draft: Invoice) -> None:
        """Stop where the period, or the draft, holds anything else."""
        reason = why_not(self.workspace, self.seeding) or self._difference(draft)
        if reason:
            raise Stopped(reason)

    def _difference(self, draft: Invoice) -> str:
        workspace, expected = self.workspace, self.dry_run.expectation.bill
        if expected is None:
            return "nobody knows what the seeds of this run bill: see S1.4"
        wrong: list[str] = []
        if draft.bill is not None:
            answered = workspace.description.answered
            wrong += draft.bill.differences(expected, answered, workspace.keys_of)
        for bill in stored_bills(workspace, draft):
            wrong += bill.differences(expected, workspace.relations.stored, workspace.keys_of)
        words = "the draft is not what the seeds of this run bill, and was not issued"
        return f"{words}: {listed(dict.fromkeys(wrong))}" if wrong else ""

    def after(self, draft: Invoice) -> None:
        """Stop where something else was billed after all, and take it back at once."""
        reason = why_not(self.workspace, self.seeding)
        if not reason:
            return
        claimed = self.workspace.tables.rows("claimed_events", invoice_id=draft.id)
        others = [row["id"] for row in claimed if row["id"] not in self.seeding.ids]
        if others:
            names = listed(self.workspace.keys_of(others).values())
            reason += f"; {names} came after the last look and was billed: {self._take_back(draft)}"
        raise Stopped(reason)

    def _take_back(self, draft: Invoice) -> str:
        workspace = self.workspace
        if workspace.platform.shares_transaction:
            return "it is undone with the transaction"
        done = "its invoice was removed"
        if not workspace.lacks(Lack.VOID):
            told = attempt_whole(workspace.platform.void, workspace.tenant_id, draft.id)
            done = "its invoice was voided" if isinstance(told, Invoice) else done
        remove_invoices(workspace)
        return done
