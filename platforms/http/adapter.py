"""Any platform that is spoken to over HTTP, as its description says.

Only calls that are safe to repeat are repeated: those that write nothing, and creating a draft
under its key, if the platform knows keys; that the latter had to be is told with the draft. What
the platform answers is taken strictly (:mod:`~platforms.http.answers`), and nothing is waited for
without end (:mod:`~platforms.http.wire`). An ``adapter.py`` may subclass :class:`HttpAdapter` and
override any method: ``self.speaker`` sends what it writes.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, Literal, TypeVar
from uuid import uuid4

from oracle.bill import Bill
from oracle.period import Period
from platforms.description import Call, Described, placeholders
from platforms.http import bounds, values
from platforms.http.answers import Reader, Told, end_of_location
from platforms.http.speaking import DONE, Speaker
from platforms.http.wire import Answer
from platforms.port import AdminApi, Invoice, PlatformRefused
from runbook.lacks import Lack

T = TypeVar("T")


class HttpAdapter:
    """Speaks to the API of a described platform; see :class:`~platforms.port.Platform`.

    ``currency_of`` tells the currency of a tenant by its id, for minor units and calls that need
    one where no answer tells it. ``last`` holds each invoice as it was last told, by its id.
    """

    kind = "HTTP"
    shares_transaction = False

    def __init__(
        self,
        described: Described,
        api: AdminApi,
        currency_of: Callable[[str], str | None] | None = None,
    ) -> None:
        if described.description.api is None:
            raise ValueError(f"{described.folder}: no [api] is described")
        self.name = f"admin API at {api.url}"
        self._given = described, api, currency_of
        self._description = described.description
        self._api = described.description.api
        self._token = api.token if self._api.bears_a_token else None
        self.currency_of = currency_of
        self.speaker = Speaker(self._description, self._api, api)
        self._reader = Reader(self._description, self._api)
        self.last: dict[str, Invoice] = {}

    def build(self) -> str:
        """See :class:`~platforms.port.Platform`.

        Raises :class:`~platforms.obstacles.Aborted` where nobody answers, or lets us in.
        """
        call, where = self._api.build_call or (None, "")
        answer = self.speaker.reach(call)
        if answer is None or answer.status not in DONE:
            return ""
        try:
            with self.speaker.discreet():
                return Told.by(answer).get("build", where, values.name)
        except PlatformRefused:
            return ""

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            call = self._call("preview")
            answer, _ = self.speaker.repeat("preview", call, self._order(call, tenant_id, period))
            return self._read_bill(self._reader.told(answer, call), tenant_id)

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            call = self._call("draft")
            order = self._order(call, tenant_id, period) | {"key": idempotency_key}
            if Lack.IDEMPOTENCY in self._description.lacks:
                answer, stutter = self.speaker.ask("draft", call, order), ""
            else:
                answer, stutter = self.speaker.repeat("draft", call, order)
            try:
                draft = self._answered("draft", answer, tenant_id, self._new_id)
            except PlatformRefused as refused:
                refused.lost = True  # it was made, or will be, whatever is wrong with the answer
                raise
            return replace(draft, stutter=stutter)

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            self._moved("cancel", tenant_id, invoice_id)

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            answer = self._moved("issue", tenant_id, invoice_id)
            return self._answered("issue", answer, tenant_id, lambda _: invoice_id)

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            answer = self._moved("mark_paid", tenant_id, invoice_id)
            return self._answered("mark_paid", answer, tenant_id, lambda _: invoice_id)

    def void(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            answer = self._moved("void", tenant_id, invoice_id)
            return self._answered("void", answer, tenant_id, lambda _: invoice_id)

    def find(self, tenant_id: str, invoice_id: str) -> Invoice:
        """See :class:`~platforms.port.Platform`."""
        with self.speaker.discreet():
            call = self._call("find")
            about = self._anywhere(call, tenant_id, self.last.get(invoice_id))
            about["invoice"] = self._typed("invoice", invoice_id)
            answer, _ = self.speaker.repeat("find", call, about)
            return self._answered("find", answer, tenant_id, lambda _: invoice_id)

    def for_intruders(self) -> "HttpAdapter | None":
        """See :class:`~platforms.port.Platform`."""
        if self._token is None or Lack.TOKEN in self._description.lacks:
            return None
        met = type(self)(*self._given)
        met.speaker.intrude()
        met.last = self.last
        return met

    def close(self) -> None:
        """See :class:`~platforms.port.Platform`."""
        self.speaker.close()

    # What an answer tells.

    def _read_bill(self, told: Told, tenant_id: str) -> Bill:
        """Read what a preview tells."""
        return self._reader.preview(told, partial(self._currency, tenant_id))

    def _read_invoice(self, told: Told, call: str, tenant_id: str) -> Invoice:
        """Read the invoice that the answer to a call of that name tells."""
        return self._reader.invoice(told, call, partial(self._currency, tenant_id))

    def _answered(
        self, name: str, answer: Answer, tenant_id: str, id_of: Callable[[Answer], str]
    ) -> Invoice:
        """Read an invoice, and remember it: a later call may have to say what it came to."""
        call = self._call(name)
        if call.then == "find" and name != "find":
            return self._found_after(answer, tenant_id, id_of(answer))
        invoice = self._read_invoice(self._reader.told(answer, call), name, tenant_id)
        self.last[invoice.id] = invoice
        return invoice

    def _found_after(self, answer: Answer, tenant_id: str, invoice_id: str) -> Invoice:
        """Find what was made or moved. Whatever is said to that, the call itself was done."""
        try:
            return self.find(tenant_id, invoice_id)
        except PlatformRefused as refused:
            reason = f"{answer.said} was done, and cannot be read: {refused.message}"
            raise PlatformRefused("platform_error", reason, refused.status) from None

    def _new_id(self, answer: Answer) -> str:
        """Return the id of what was made; without a body, it is the end of its address."""
        read = partial(self._description.read_id, "invoice")
        if not answer.content and "location" in answer.headers:
            told = Told(answer.said, end_of_location(answer))
            return told.get("id", "@", read, where="Location")
        told = self._reader.told(answer, self._api.calls.draft)
        return told.get("id", self._api.invoice.id, read)

    # What a call says.

    def _call(self, name: str) -> Call:
        call: Call | None = getattr(self._api.calls, name)
        if call is None:
            raise PlatformRefused("platform_error", f"the API has no call for {name}")
        return call

    def _moved(self, name: str, tenant_id: str, invoice_id: str) -> Answer:
        """Make a call about an invoice, once; what it came to is said as it was last told."""
        call = self._call(name)
        invoice = self.last.get(invoice_id)
        if invoice is None and call.placeholders & {"total", "currency", "number"}:
            invoice = self.find(tenant_id, invoice_id)
        about = self._anywhere(call, tenant_id, invoice)
        about["invoice"] = self._typed("invoice", invoice_id)
        return self.speaker.ask(name, call, about)

    def _order(self, call: Call, tenant_id: str, period: Period) -> dict[str, Any]:
        """Return the values of a call about a period."""
        how, end_is_told = self._api.period, "end" in call.placeholders
        if wrong := bounds.why_not(period, how, end_is_told=end_is_told):
            raise PlatformRefused("platform_error", f"{call.send} cannot be asked for: {wrong}")
        return self._anywhere(call, tenant_id, None) | bounds.written(period, how)

    def _anywhere(self, call: Call, tenant_id: str, invoice: Invoice | None) -> dict[str, Any]:
        """Return the values that are known of a tenant, and of its invoice as it was last told.

        A key that nobody gave is new for each call.
        """
        used = call.placeholders | placeholders(dict(self._api.headers))
        known: dict[str, Any] = {
            "tenant": self._typed("tenant", tenant_id),
            "key": f"p9a-{uuid4()}",
        }
        bill = invoice.bill if invoice else None
        code = bill.currency if bill else None
        if used & {"currency", "total"}:
            code = code or self._currency(tenant_id)
        if "currency" in used:
            told = _needed(call, "currency", code)
            known["currency"] = told.lower() if self._api.currency == "lower case" else told
        if "number" in used:
            known["number"] = _needed(call, "number", invoice.number if invoice else None)
        if "total" in used:
            amount = _needed(call, "total", invoice.amount if invoice else None)
            known["total"] = self._total(call, amount, code)
        return known

    def _total(self, call: Call, amount: Decimal, currency: str | None) -> str | int | Decimal:
        try:
            return values.written_amount(amount, self._api.money, currency)
        except ValueError as error:
            raise PlatformRefused("platform_error", f"{call.send}: {error}") from None

    def _currency(self, tenant_id: str) -> str | None:
        return None if self.currency_of is None else self.currency_of(tenant_id)

    def _typed(self, kind: Literal["tenant", "invoice"], id_: str) -> str | int:
        """Return an id as a JSON body has it."""
        is_number = getattr(self._description.ids, kind) == "bigint"
        return int(id_) if is_number and self._api.ids == "as stored" else id_


def _needed(call: Call, name: str, value: T | None) -> T:
    if value is None:
        reason = f"{call.send} needs {{{name}}}, which is not known: no answer told it"
        raise PlatformRefused("platform_error", reason)
    return value
