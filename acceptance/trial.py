"""One invoice on trial: called rightly, wrongly, and twice at the same moment."""

from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal
from uuid import uuid4

from acceptance.drafts import cancel, generate_draft, generate_rival_drafts, note
from acceptance.removing import remove_invoices
from acceptance.workspace import Workspace
from fixtures.calls import Refusal, attempt_at_once, attempt_whole
from fixtures.interrupts import uninterrupted
from fixtures.seeds import Seed
from platforms.port import Invoice, Platform
from runbook.lacks import Lack
from runbook.refusals import Rule

NOT_LET_IN = (401, 403)
LARGEST_ID = 2**53 - 1  # of those that every reader of JSON takes as they are

Transition = Callable[[str, str], Any]


@dataclass(frozen=True)
class Stored:
    """The invoice's row at one moment of its life."""

    number: str | None
    status: str
    event_count: int | None
    gain_share_amount: Decimal
    created_at: datetime | None
    issued_at: datetime | None
    paid_at: datetime | None


class Trial:
    """One invoice, called rightly and wrongly, with its row after each right call.

    ``wrong`` says which wrong calls were not refused as they must be; ``accepted`` are those of
    them that were not refused at all, so that the invoice may not be what it was.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._invoice_id = ""
        self._at_once = 1 if workspace.platform.shares_transaction else 2
        self._seen: Hashable = None
        self.rows: list[Stored] = []
        self.wrong: list[str] = []
        self.accepted: list[str] = []
        self.tried = 0

    def begins(self, invoice_id: str) -> None:
        """Follow this invoice."""
        self._invoice_id = invoice_id
        self._remember()

    def _remember(self) -> None:
        self._seen = None
        row = self._workspace.tables.row(
            "invoice_life", tenant_id=self._workspace.tenant_id, invoice_id=self._invoice_id
        )
        note(self._workspace, self._invoice_id)
        if row is not None:
            self._workspace.watch.remember("invoices", self._invoice_id)
            words = self._workspace.description.words
            self.rows.append(Stored(**row | {"status": words.status(row["status"])}))

    def drafts_once_and_takes_it_back(self) -> None:
        """Demand one draft where several are asked for at once, and room for the next after it."""
        workspace = self._workspace
        asked = generate_rival_drafts(workspace, *("first", "rival")[: self._at_once])
        self._once(asked, Rule.PERIOD_OVERLAPS_INVOICE, "a draft of the period")
        for draft in asked:
            if isinstance(draft, Invoice):
                self.takes_back(draft)

    def takes_back(self, draft: Invoice) -> None:
        """Have a draft gone, by the platform if it can."""
        workspace = self._workspace
        if workspace.lacks(Lack.CANCEL):
            remove_invoices(workspace)
        else:
            attempt_whole(cancel, workspace, workspace.tenant_id, draft.id)

    def moves(self, transition: Transition, rule: Rule) -> Invoice | Refusal:
        """Make a transition, twice at once where that can be done, and look at the row."""
        call = partial(transition, self._workspace.tenant_id, self._invoice_id)
        with uninterrupted():
            told = attempt_at_once(*[call] * self._at_once)
        self._remember()
        return self._once(told, rule, transition.__name__)

    def _once(self, told: list[Invoice | Refusal], rule: Rule, what: str) -> Invoice | Refusal:
        """Demand that one of several calls was answered, and the others were refused by that name.

        Where none was, the refusal tells why that is not for the others.
        """
        done = [answer for answer in told if isinstance(answer, Invoice)]
        refused = [answer for answer in told if isinstance(answer, Refusal)]
        if not done:
            return next((refusal for refusal in refused if rule not in refusal.rules), refused[0])
        self.tried += len(told) - 1
        what += ", asked for twice at once"
        if len(done) > 1:
            self.wrong.append(f"{what}, was done twice")
            if self.rows:  # it was done to the invoice, of which more is told later
                self.accepted.append(self.wrong[-1])
        for refusal in refused:
            self._demand(refusal, rule, what)
        return done[0]

    def _demand(self, refusal: Refusal, rule: Rule, what: str) -> None:
        if rule not in refusal.rules and not self._workspace.lacks(rule):
            self.wrong.append(f"{what}: {refusal}, not {rule}")

    def refuses_strangers(self, *transitions: Transition) -> None:
        """Demand that a tenant that does not own the invoice does not find it."""
        kind = self._workspace.description.ids.tenant
        for transition in transitions:
            self.refuses(transition, Rule.INVOICE_NOT_FOUND, stranger(kind))

    def refuses_intruders(self, platform: Platform | None) -> None:
        """Demand that a wrong token is not let in, by a call that would change nothing anyway."""
        if platform is None:
            return
        self.tried += 1
        with closing(platform):
            told = attempt_whole(platform.mark_paid, self._workspace.tenant_id, self._invoice_id)
        if not isinstance(told, Refusal) or told.status not in NOT_LET_IN:
            got = told if isinstance(told, Refusal) else told.status
            self.wrong.append(f"mark_paid with a wrong token, not refused with 401 or 403: {got}")

    def refuses_a_second_draft(self) -> None:
        """Demand that nobody gets another draft of the period, under another key."""

        def generate(_: str, __: str) -> Invoice | Refusal:
            return generate_draft(self._workspace, "second")[1]

        self.refuses(generate, Rule.PERIOD_OVERLAPS_INVOICE, words="a second draft, beside")

    def refuses_to_issue_without(self, seed: Seed) -> None:
        """Demand that a draft is not issued while one of the events is none that it may bill."""
        workspace = self._workspace
        needed = (Lack.ISSUE, Lack.STALE_DRAFTS, Rule.DRAFT_IS_STALE)
        if any(workspace.lacks(what) for what in needed):
            return
        one = {"id": seed.id, "tenant_id": workspace.tenant_id}
        with uninterrupted():
            self._seen = None
            workspace.tables.act("spoil_event", **one)
            words = "issue, although an event of it is gone, of"
            self.refuses(workspace.platform.issue, Rule.DRAFT_IS_STALE, words=words)
            workspace.tables.act("restore_event", **one)
            self._seen = self._look()

    def refuses(
        self, transition: Transition, rule: Rule, tenant_id: str | None = None, words: str = ""
    ) -> None:
        """Demand a refusal by that name, with its status, that writes nothing.

        What was seen after one refusal is what is there before the next.
        """
        if self._workspace.lacks(rule):
            return
        self.tried += 1
        before = self._seen or self._look()
        told = attempt_whole(transition, tenant_id or self._workspace.tenant_id, self._invoice_id)
        name = getattr(transition, "__name__", "call")
        scope = words or (f"{name} as another tenant of" if tenant_id else f"{name} of")
        stage = self.rows[-1].status if self.rows else "missing"
        what = f"{scope} an invoice that is {stage}"
        if isinstance(told, Refusal):
            self._demand(told, rule, what)
        else:
            self.accepted.append(f"{what} was not refused")
            self.wrong.append(self.accepted[-1])
        self._seen = self._look()
        if self._seen != before:
            self.wrong.append(f"{what} wrote something")

    def _look(self) -> Hashable:
        """The tenant's rows; of its events only the period's where others may arrive meanwhile."""
        workspace = self._workspace
        if workspace.platform.shares_transaction:
            return workspace.books.now(workspace.tables)
        made, period = workspace.made, workspace.target.period
        return workspace.books.at_hand(workspace.tables, period, made.ids)


def stranger(kind: Literal["uuid", "bigint", "text"]) -> str:
    """Return an id that no tenant has."""
    if kind == "uuid":
        return str(uuid4())
    return str(LARGEST_ID - uuid4().int % 10**9) if kind == "bigint" else f"p9a-{uuid4().hex}"
