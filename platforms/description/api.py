"""``[api]``: how a platform is spoken to over HTTP, and where its answers tell each fact."""

import re
from typing import Literal

from pydantic import Field, model_validator

from oracle.bill import ALL_FACTS, Facts
from platforms.description.parts import (
    ANYWHERE,
    CALLS,
    INVOICE_OF,
    LINE_FACTS,
    OF_AN_INVOICE,
    PERIOD_OF,
    TOKENS,
    Call,
    CallPeriod,
    Expression,
    Filled,
    Part,
    TokenCall,
    call_of,
    demand_known,
    expression_of,
    placeholders,
)


class ErrorFacts(Part):
    """Where a refusal tells its code and its words, in its whole body."""

    code: Expression | None = Field(default=None, description="Where it tells the platform's code.")
    message: Expression | None = Field(default=None, description="Where it tells what people read.")


class Calls(Part):
    """The calls that the API has; those it has not are among [lacks]."""

    preview: Call | None = Field(
        default=None, description="What a draft would be, writing nothing."
    )
    draft: Call = Field(description="Make a draft invoice of a period.")
    cancel: Call | None = Field(default=None, description="Take a draft back.")
    issue: Call | None = Field(default=None, description="Make a draft final.")
    mark_paid: Call | None = Field(
        default=None, description="Record that an issued invoice was paid."
    )
    void: Call | None = Field(default=None, description="Take an issued invoice back.")
    find: Call | None = Field(default=None, description="Tell an invoice as it is now.")

    @model_validator(mode="after")
    def _each_knows_what_it_needs(self) -> "Calls":
        for name in CALLS:
            call: Call | None = getattr(self, name)
            if call is None:
                continue
            known = ANYWHERE | PERIOD_OF.get(name, INVOICE_OF.get(name, OF_AN_INVOICE))
            demand_known(call.placeholders, known, "in this call", name)
            if call.poll is not None:
                demand_known(
                    placeholders(call.poll.send), known | {"job"}, "in this poll", f"{name}.poll"
                )
            if call.then == "find" and self.find is None:
                raise ValueError(f"{name}.then: there is no find among the calls")
        return self


class BillFacts(Part):
    """Where an answer tells the facts of a bill."""

    currency: Expression | None = Field(default=None, description="The currency's code.")
    event_count: Expression | None = Field(default=None, description="How many events are billed.")
    recovered_amount: Expression | None = Field(
        default=None, description="What was recovered in all."
    )
    gain_share_amount: Expression | None = Field(
        default=None, description="The total: what is billed."
    )
    lines: Expression | None = Field(
        default=None,
        description="A list of objects with finding_type, rate, event_count, recovered_amount, "
        "gain_share_amount or event_id: items[].{event_id: finding, gain_share_amount: fee}",
    )

    @property
    def facts(self) -> Facts:
        """Which facts these are."""
        named = {name for name in ALL_FACTS.bill if getattr(self, name) is not None}
        keys = frozenset(re.findall(r"([a-z_]+)\s*:", self.lines or "")) & LINE_FACTS
        return Facts(frozenset(named), keys)

    @model_validator(mode="after")
    def _lines_name_facts(self) -> "BillFacts":
        known = ", ".join(sorted(LINE_FACTS))
        if self.lines is not None:
            told = re.findall(r"[{,]\s*(\w+)\s*:", self.lines)
            odd = [name for name in told if name not in LINE_FACTS]
            if odd or not told:
                raise ValueError(f"lines: {', '.join(odd) or 'no key'} is none of {known}")
        return self


class InvoiceFacts(BillFacts):
    """Where an answer tells the facts of an invoice."""

    id: Expression = Field(description="The id that its row has.")
    tenant_id: Expression | None = Field(
        default=None, description="The id of the tenant it is for."
    )
    number: Expression | None = Field(default=None, description="What people call it.")
    status: Expression | None = Field(default=None, description="The word for where it stands.")
    period_start: Expression | None = Field(default=None, description="The period's first instant.")
    period_end: Expression | None = Field(
        default=None, description="The period's end; without, the period is a month."
    )
    issued_at: Expression | None = Field(
        default=None, description="When it was issued; null before."
    )
    paid_at: Expression | None = Field(default=None, description="When it was paid; null before.")


class Api(Part):
    """How a platform is spoken to over HTTP."""

    headers: dict[str, Filled] = Field(
        default={}, description="Of every call, with {token} or {token_base64}."
    )
    token: TokenCall | None = Field(
        default=None, description="For a token that must be fetched first."
    )
    money: Literal["decimal string", "number", "minor units"] = Field(
        default="decimal string", description="How amounts are written; minor units are integers."
    )
    currency: Literal["upper case", "lower case"] = Field(
        default="upper case", description="How codes of currencies are written."
    )
    rates: Literal["share", "percent", "per mille", "basis points"] = Field(
        default="share", description="Whether a quarter is 0.25, 25, 250 or 2500."
    )
    rates_as: Literal["decimal string", "number"] | None = Field(
        default=None, description="How rates are written, where not as money is."
    )
    ids: Literal["as stored", "string"] = Field(
        default="as stored", description="How calls write ids that are bigint in the database."
    )
    instants: Literal[
        "RFC 3339", "RFC 3339 without zone", "epoch seconds", "epoch milliseconds"
    ] = Field(
        default="RFC 3339", description="How answers write instants; without a zone they are UTC."
    )
    period: CallPeriod = Field(
        default=CallPeriod(), description="How the bounds of a period are written."
    )
    envelope: Expression | None = Field(
        default=None, description="Where in every body the answer is."
    )
    error: ErrorFacts = Field(default=ErrorFacts(), description="Where a refusal tells its reason.")
    build: str | None = Field(
        default=None, description="A call and where its whole body tells it: GET /health: version"
    )
    adapter: str | None = Field(
        default=None, description="A class in adapter.py that overrides calls."
    )
    calls: Calls = Field(description="The calls that it has.")
    bill: BillFacts | None = Field(
        default=None, description="Facts of a preview, if not as in [api.invoice]."
    )
    invoice: InvoiceFacts = Field(description="Where each fact is in an answer.")

    @model_validator(mode="after")
    def _build_is_told(self) -> "Api":
        if self.build is not None:
            sent, colon, expression = self.build.rpartition(": ")
            if not colon or not sent.startswith("GET "):
                raise ValueError('build: a call and an expression, as in "GET /health: version"')
            demand_known(placeholders(call_of(sent)), TOKENS, "where the build is told", "build")
            try:
                expression_of(expression)
            except ValueError as error:
                raise ValueError(f"build: {error}") from None
        return self

    @model_validator(mode="after")
    def _headers_know_what_they_need(self) -> "Api":
        demand_known(placeholders(dict(self.headers)), ANYWHERE, "in every call", "headers")
        return self

    @model_validator(mode="after")
    def _periods_are_whole(self) -> "Api":
        start, end = self.invoice.period_start, self.invoice.period_end
        if start is None and end is not None:
            raise ValueError("invoice.period_start: it is missing, and period_end is not")
        if start is not None and end is None and self.period.whole != "months":
            raise ValueError('invoice.period_end: it is missing, and period.whole is not "months"')
        return self

    @property
    def build_call(self) -> tuple[Call, str] | None:
        """The call that tells the build, and where; None where there is none."""
        if self.build is None:
            return None
        sent, _, expression = self.build.rpartition(": ")
        return Call(send=sent), expression

    @property
    def bears_a_token(self) -> bool:
        """Whether any call shows a token."""
        every = [getattr(self.calls, name) for name in CALLS]
        used = placeholders(dict(self.headers)).union(*(one.placeholders for one in every if one))
        return bool(used & TOKENS)
