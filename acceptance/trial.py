"""One invoice on trial: called rightly, wrongly, and twice at the same moment."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from acceptance.workspace import Workspace
from fixtures.books import fingerprint
from fixtures.database import NOBODY
from fixtures.interrupts import uninterrupted
from fixtures.queries import queries
from fixtures.seeds import ValueEvent
from platforms.port import Invoice, Platform, Refusal, attempt, attempt_at_once

# How each refusal must come where it comes over HTTP (RFC 9110).
STATUS = {
    "invoice_not_found": 404,
    "invoice_is_not_draft": 409,
    "invoice_is_not_issued": 409,
    "period_overlaps_invoice": 409,
    "draft_is_stale": 409,
}
NOT_LET_IN = (401, 403)

Transition = Callable[[UUID, UUID], Any]


@dataclass(frozen=True)
class Stored:
    """The invoice's row at one moment of its life."""

    invoice_number: str
    status: str
    event_count: int
    gain_share_amount: Decimal
    created_at: datetime
    issued_at: datetime | None
    paid_at: datetime | None


class Trial:
    """One invoice, called rightly and wrongly, with its row after each right call."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._invoice_id = NOBODY
        self._at_once = 1 if workspace.platform.shares_transaction else 2
        self.rows: list[Stored] = []
        self.wrong: list[str] = []
        self.tried = 0

    def begins(self, invoice_id: UUID) -> None:
        """Follow this invoice."""
        self._invoice_id = invoice_id
        self._remember()

    def _remember(self) -> None:
        row = queries.invoice_life(
            self._workspace.connection,
            tenant_id=self._workspace.tenant_id,
            invoice_id=self._invoice_id,
        )
        if row is not None:
            self.rows.append(Stored(**row))

    def drafts_once_and_takes_it_back(self) -> None:
        """Demand one draft where several are asked for at once, and room for the next after it."""
        workspace = self._workspace
        asked = workspace.generate_rival_drafts(*("first", "rival")[: self._at_once])
        self._once(asked, "period_overlaps_invoice", "a draft of the period")
        for draft in asked:
            if isinstance(draft, Invoice):
                attempt(workspace.platform.cancel, workspace.tenant_id, draft.id)

    def moves(self, transition: Transition, code: str) -> Invoice | Refusal:
        """Make a transition, twice at once where that can be done, and look at the row."""
        call = partial(transition, self._workspace.tenant_id, self._invoice_id)
        with uninterrupted():
            told = attempt_at_once(*[call] * self._at_once)
        self._remember()
        return self._once(told, code, transition.__name__)

    def _once(self, told: list[Invoice | Refusal], code: str, what: str) -> Invoice | Refusal:
        """Demand that one of several calls was answered, and the others were refused by that name.

        Where none was, the refusal tells why that is not for the others.
        """
        done = [answer for answer in told if isinstance(answer, Invoice)]
        refused = [answer for answer in told if isinstance(answer, Refusal)]
        if not done:
            return next((refusal for refusal in refused if refusal.code != code), refused[0])
        self.tried += len(told) - 1
        what += ", asked for twice at once"
        if len(done) > 1:
            self.wrong.append(f"{what}, was done twice")
        for refusal in refused:
            self._demand(refusal, code, what)
        return done[0]

    def _demand(self, refusal: Refusal, code: str, what: str) -> None:
        if refusal.code != code:
            self.wrong.append(f"{what}: {refusal}, not {code}")
        elif refusal.status not in (None, STATUS[code]):
            self.wrong.append(f"{what}: {code} came with {refusal.status}, not {STATUS[code]}")

    def refuses_strangers(self, *transitions: Transition) -> None:
        """Demand that a tenant that does not own the invoice does not find it."""
        for transition in transitions:
            self.refuses(transition, "invoice_not_found", uuid4())

    def refuses_intruders(self, platform: Platform | None) -> None:
        """Demand that a wrong token is not let in, by a call that would change nothing anyway."""
        if platform is None:
            return
        self.tried += 1
        with closing(platform):
            told = attempt(platform.mark_paid, self._workspace.tenant_id, self._invoice_id)
        if not isinstance(told, Refusal) or told.status not in NOT_LET_IN:
            got = told if isinstance(told, Refusal) else told.status
            self.wrong.append(f"mark_paid with a wrong token, not refused with 401 or 403: {got}")

    def refuses_a_second_draft(self) -> None:
        """Demand that nobody gets another draft of the period, under another key."""

        def generate(_: UUID, __: UUID) -> Invoice | Refusal:
            return self._workspace.generate_draft("second")[1]

        self.refuses(generate, "period_overlaps_invoice", words="a second draft, beside")

    def refuses_to_issue_without(self, seed: ValueEvent) -> None:
        """Demand that a draft is not issued while one of the events is gone that it bills."""
        workspace = self._workspace
        connection, tenant_id = workspace.connection, str(workspace.tenant_id)
        with uninterrupted():
            queries.delete_seeds(connection, tenant_id=tenant_id, ids=[str(seed.id)])
            words = "issue, although an event of it is gone, of"
            self.refuses(workspace.platform.issue, "draft_is_stale", words=words)
            queries.insert_seed(connection, **asdict(seed))

    def refuses(
        self, transition: Transition, code: str, tenant_id: UUID | None = None, words: str = ""
    ) -> None:
        """Demand a refusal by that name, with its status, that writes nothing."""
        self.tried += 1
        before = self._fingerprint()
        told = attempt(transition, tenant_id or self._workspace.tenant_id, self._invoice_id)
        name = getattr(transition, "__name__", "call")
        scope = words or (f"{name} as another tenant of" if tenant_id else f"{name} of")
        stage = self.rows[-1].status if self.rows else "missing"
        what = f"{scope} an invoice that is {stage}"
        if isinstance(told, Refusal):
            self._demand(told, code, what)
        else:
            self.wrong.append(f"{what} was not refused")
        if self._fingerprint() != before:
            self.wrong.append(f"{what} wrote something")

    def _fingerprint(self) -> object:
        """The tenant's rows; of its events only the period's where others may arrive meanwhile."""
        workspace = self._workspace
        period = None if workspace.platform.shares_transaction else workspace.target.period
        return fingerprint(workspace.connection, workspace.tenant_id, period)
