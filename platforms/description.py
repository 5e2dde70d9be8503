"""The description of a platform: what ``platform.toml`` says, checked before anything else is done.

How the file is written is told in ``docs/platforms.md``; its JSON Schema, for editors, is published
in ``platforms/schema``. What the file does not say is never guessed.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from oracle.bill import ALL_FACTS, Facts
from oracle.rules import Each, Mode, Per, RateAt, Rounding, Rules
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus

PLATFORMS = Path(__file__).parent
FILE = "platform.toml"
RELATIONS = "relations.sql"
ADAPTER = "adapter.py"
CALLS = ("preview", "draft", "cancel", "issue", "mark_paid", "void", "find")
# What a call's path, query, headers and body may hold in braces, wherever it stands,
ANYWHERE = frozenset({"tenant", "key", "currency", "token", "token_base64"})
# and what is known only in some calls.
PERIOD_OF = {"preview": {"start", "end"}, "draft": {"start", "end"}}
INVOICE_OF = {"find": {"invoice"}}
OF_AN_INVOICE = {"invoice", "total", "number"}
TOKENS = frozenset({"token", "token_base64"})
PLACEHOLDERS = ANYWHERE | {"start", "end", "invoice", "total", "number", "job"}
PLACEHOLDER = re.compile(r"\{(\w*)\}")
# Ways to write an instant that strftime has no letters for.
EPOCHS = {"epoch seconds": timedelta(seconds=1), "epoch milliseconds": timedelta(milliseconds=1)}
LINE_FACTS = frozenset(
    {"event_id", "finding_type", "rate", "event_count", "recovered_amount", "gain_share_amount"}
)


class BadDescription(Exception):
    """A description cannot be used. ``path`` leads to the key; the message says what is wrong.

    ``where`` is file and line: of the key, unless the line is known.
    """

    def __init__(
        self, folder: Path, path: tuple[str | int, ...], message: str, line: int | None = None
    ) -> None:
        self.folder = folder
        self.path = path
        self.message = message
        self.where = f"{folder / FILE}:{line}" if line else locate(folder / FILE, path)
        super().__init__(f"{self.where}: {message}")


def _expression(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        raise ValueError(f"no JMESPath expression: {str(error).splitlines()[0]}") from None
    return text


def _expression_or_nothing(text: str) -> str:
    return _expression(text) if text else text


def _sent(text: str) -> str:
    verb, _, path = text.partition(" ")
    if verb not in ("GET", "POST", "PUT", "PATCH", "DELETE") or not path.startswith("/"):
        raise ValueError('a verb and a path, as in "POST /v2/invoices"')
    return _filled(text)


def _filled(text: str) -> str:
    for name in PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(sorted(PLACEHOLDERS))
            raise ValueError(f"{{{name}}} is none of the placeholders {known}")
    return text


def _all_filled(value: Any) -> Any:
    for name in placeholders(value):
        _filled(f"{{{name}}}")
    return value


def placeholders(part: object) -> set[str]:
    """Return what a text holds in braces, and each text inside a table or a list."""
    if isinstance(part, str):
        return set(PLACEHOLDER.findall(part))
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return {name for value in inner for name in placeholders(value)}


def _several(one_or_more: list[int] | int) -> tuple[int, ...]:
    return (one_or_more,) if isinstance(one_or_more, int) else tuple(one_or_more)


VERB_AND_PATH = {"pattern": "^(GET|POST|PUT|PATCH|DELETE) /"}
Expression = Annotated[str, AfterValidator(_expression)]
Envelope = Annotated[str, AfterValidator(_expression_or_nothing)]
Sent = Annotated[str, AfterValidator(_sent), Field(json_schema_extra=VERB_AND_PATH)]
Filled = Annotated[str, AfterValidator(_filled)]
Body = Annotated[dict[str, Any], AfterValidator(_all_filled)]
Status = Annotated[int, Field(ge=100, le=599)]
OneOrMore = Annotated[list[Status] | Status, Field(union_mode="left_to_right")]
IdType = Literal["uuid", "bigint", "text"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ids(_Part):
    """The types of ids in the database."""

    tenant: IdType = Field(default="uuid", description="The type of tenants' ids.")
    event: IdType = Field(default="uuid", description="The type of events' ids.")
    invoice: IdType = Field(default="uuid", description="The type of invoices' ids.")


class Poll(_Part):
    """Where to ask for what was accepted and is done later, and when it is done.

    Its expressions look at the whole body, whatever the envelope.
    """

    send: Sent = Field(description="The call to repeat, e.g. GET /v2/jobs/{job}.")
    job: Expression | None = Field(
        default=None,
        description="Where the first answer tells {job}; the end of its Location without.",
    )
    done: Expression = Field(description="What is true, or not empty, in the answer once it is.")
    failed: Expression | None = Field(default=None, description="The same where it never will be.")
    seconds: float = Field(default=60, gt=0, description="How long to ask at most.")
    every: float = Field(default=0.2, gt=0, description="Seconds between two questions.")


class Call(_Part):
    """One call of the API."""

    send: Sent = Field(description="Verb and path, e.g. POST /v2/invoices/{invoice}/send.")
    query: Body = Field(default={}, description="Query parameters.")
    headers: dict[str, Filled] = Field(
        default={}, description="Headers beside those of every call."
    )
    body: Body | None = Field(default=None, description="The JSON body; none is sent without.")
    form: Body | None = Field(
        default=None, description="In place of a JSON body: the fields of a form."
    )
    ok: OneOrMore = Field(default=200, description="The statuses that mean it was done.")
    envelope: Envelope | None = Field(
        default=None,
        description='Where the answer is in the body, if not as in [api]; "" is all of it.',
    )
    poll: Poll | None = Field(
        default=None, description="For what is accepted with 202 and done later."
    )
    then: Literal["find"] | None = Field(
        default=None, description="Read the facts by another call."
    )

    @model_validator(mode="after")
    def _has_one_body(self) -> "Call":
        if self.body is not None and self.form is not None:
            raise ValueError("form: there is a body already")
        return self

    @property
    def accepted(self) -> tuple[int, ...]:
        """The statuses that mean it was done."""
        return _several(self.ok)

    @property
    def placeholders(self) -> set[str]:
        """What it holds in braces, its poll left out."""
        return placeholders([self.send, self.query, dict(self.headers), self.body, self.form])


class TokenCall(Call):
    """How a token is fetched; {token} in it is what BILLING_API_TOKEN holds."""

    at: Expression = Field(description="Where the answer tells the token.")

    @model_validator(mode="after")
    def _needs_no_more_than_the_token(self) -> "TokenCall":
        _know(self.placeholders, TOKENS, "while a token is fetched")
        return self


class Bounds(_Part):
    """How the bounds of a period are written."""

    format: str = Field(
        default="%Y-%m-%dT%H:%M:%SZ",
        alias="as",
        description="As for strftime, in UTC; %L is milliseconds. Or: epoch seconds, epoch "
        "milliseconds.",
    )
    end: Literal["exclusive", "inclusive"] = Field(
        default="exclusive",
        description="Whether the end is the first instant, day or month after, or the last in.",
    )

    @model_validator(mode="after")
    def _tells_months_at_least(self) -> "Bounds":
        if self.format not in EPOCHS:
            written = datetime(2026, 11, 1, tzinfo=UTC).strftime(self.format.replace("%L", "%f"))
            try:
                read = datetime.strptime(written, self.format.replace("%L", "%f"))  # noqa: DTZ007
            except ValueError:
                read = None
            if read is None or (read.year, read.month, read.day) != (2026, 11, 1):
                raise ValueError(f"as: November 2026 becomes {written}, which does not say it")
        return self

    @property
    def step(self) -> timedelta:
        """The smallest difference that can be written; a day stands for a month, too."""
        if self.format in EPOCHS:
            return EPOCHS[self.format]
        steps = {
            "%f": timedelta(microseconds=1),
            "%L": timedelta(milliseconds=1),
            "%S": timedelta(seconds=1),
            "%M": timedelta(minutes=1),
            "%H": timedelta(hours=1),
        }
        return next((steps[part] for part in steps if part in self.format), timedelta(days=1))

    @property
    def names_months(self) -> bool:
        """Whether days cannot be told apart."""
        return self.step == timedelta(days=1) and not re.search("%[djeDFxc]", self.format)


class CallPeriod(Bounds):
    """How the bounds of a period are written in calls and answers."""

    whole: Literal["months", "days"] | None = Field(
        default=None, description="What a period must be made of; none where any will do."
    )
    answers: Bounds | None = Field(
        default=None, description="How answers write them, where not alike."
    )

    @property
    def answered(self) -> Bounds:
        """How answers write them."""
        return self.answers or self


class ErrorFacts(_Part):
    """Where a refusal tells its code and its words, in its whole body."""

    code: Expression | None = Field(default=None, description="Where it tells the platform's code.")
    message: Expression | None = Field(default=None, description="Where it tells what people read.")


class Calls(_Part):
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
            _know(call.placeholders, known, "in this call", name)
            if call.poll is not None:
                _know(placeholders(call.poll.send), known | {"job"}, "in this poll", f"{name}.poll")
            if call.then == "find" and self.find is None:
                raise ValueError(f"{name}.then: there is no find among the calls")
        return self


def _know(used: set[str], known: frozenset[str] | set[str], where: str, key: str = "") -> None:
    for name in sorted(used - known):
        begin, told = f"{key}: " if key else "", ", ".join(sorted(known))
        raise ValueError(f"{begin}{{{name}}} is not known {where}; these are: {told}")


class BillFacts(_Part):
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


class Api(_Part):
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
    rates: Literal["share", "percent"] = Field(
        default="share", description="Whether a quarter is 0.25 or 25."
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
            _know(placeholders(_sent(sent)), TOKENS, "where the build is told", "build")
            try:
                _expression(expression)
            except ValueError as error:
                raise ValueError(f"build: {error}") from None
        return self

    @model_validator(mode="after")
    def _headers_know_what_they_need(self) -> "Api":
        _know(placeholders(dict(self.headers)), ANYWHERE, "in every call", "headers")
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


class Command(_Part):
    """How a platform without an API is spoken to: one process, JSON lines; see docs/adapters.md."""

    run: list[str] = Field(min_length=1, description="The program and its arguments.")
    environment: list[str] = Field(
        default=["PATH"], description="The variables that it is given, beside DATABASE_URL."
    )
    seconds: float = Field(default=60, gt=0, description="How long an answer may take.")
    adapter: str | None = Field(
        default=None, description="A class in adapter.py that overrides calls."
    )


class InProcess(_Part):
    """How a platform in Python is judged inside the gate's transaction: by adapter.py."""

    adapter: str = Field(default="Adapter", description="The class in adapter.py.")


class InvoiceWords(_Part):
    """The platform's words for where an invoice stands; any other is in the way of a period."""

    draft: list[str] = Field(min_length=1, description="It may still be changed or cancelled.")
    issued: list[str] = Field(min_length=1, description="It is final, and not paid.")
    paid: list[str] = Field(default=[], description="It is paid.")
    withdrawn: list[str] = Field(default=[], description="It counts no more, and stays on record.")


class TenantWords(_Part):
    """The platform's words for a tenant that may be billed."""

    active: list[str] = Field(min_length=1, description="It may be billed.")


class Words(_Part):
    """What the platform calls things."""

    invoice: InvoiceWords = Field(description="Where an invoice stands.")
    tenant: TenantWords = Field(description="Where a tenant stands.")

    def status(self, word: str) -> str:
        """Return where an invoice of that word stands, or the word where none is known."""
        for status in InvoiceStatus:
            if word in getattr(self.invoice, status.lower()):
                return status
        return word

    def words(self, *statuses: InvoiceStatus) -> list[str]:
        """Return the platform's words for some statuses."""
        return [word for status in statuses for word in getattr(self.invoice, status.lower())]


class RoundingRule(_Part):
    """How fees are rounded."""

    mode: Mode = Field(
        default=Mode.HALF_AWAY_FROM_ZERO, description="Where what lies between goes."
    )
    each: Each = Field(
        default=Each.EVENT, description="What is rounded: each event, each line, the total."
    )
    digits: int | Literal["currency"] = Field(
        default="currency",
        description="After the point; those of the currency's minor unit by ISO 4217.",
    )


class Numbers(_Part):
    """How invoices are numbered."""

    drafts: Literal["own", "none", "final"] = Field(
        description="A draft has a number of its own, none, or the one it keeps when it is issued."
    )
    gapless: Literal["no", "ever", "year", "month"] = Field(
        default="no", description="Whether issued numbers have no gap, and when they begin anew."
    )
    per: Literal["tenant", "platform"] = Field(
        default="tenant", description="Whose numbers are one row."
    )


class RulesPart(_Part):
    """What only a person knows."""

    rate_at: RateAt = Field(description="The instant that chooses an event's rate.")
    rounding: RoundingRule = Field(description="How fees are rounded.")
    lines: Per | Literal["none"] = Field(description="What an invoice has a line for.")
    claims: Literal["draft", "issue"] = Field(
        description="When events are taken, so that no other invoice bills them."
    )
    blocking: list[Literal["draft", "issued", "paid"]] = Field(
        description="The invoices that keep a period from being billed again."
    )
    totals: list[Literal["positive", "zero", "negative"]] = Field(
        min_length=1, description="The totals of which an invoice is made."
    )
    numbers: Numbers = Field(description="How invoices are numbered.")
    voids: list[Literal["issued", "paid"]] = Field(
        default=["issued"], description="The invoices that may be voided, if there is a way."
    )

    @property
    def rules(self) -> Rules:
        """The same for the oracle."""
        digits = None if self.rounding.digits == "currency" else self.rounding.digits
        rounding = Rounding(self.rounding.mode, self.rounding.each, digits)
        return Rules(self.rate_at, rounding, Per.INVOICE if self.lines == "none" else self.lines)


class Refusal(_Part):
    """What a platform answers where a rule is broken; one answer may stand for several rules."""

    status: OneOrMore | None = Field(default=None, description="The statuses it comes with.")
    code: list[str] | str | None = Field(
        default=None, description="The platform's codes for it; without, its status says it all."
    )
    calls: list[Literal["preview", "draft", "cancel", "issue", "mark_paid", "void", "find"]] = (
        Field(default=[], description="The calls that are refused so; any without.")
    )

    @model_validator(mode="after")
    def _tells_something(self) -> "Refusal":
        if self.status is None and not self.code:
            raise ValueError("say the status, the code, or both")
        return self

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses it comes with; none where any will do."""
        return () if self.status is None else _several(self.status)

    def means(self, call: str, status: int | None, code: str | None) -> bool:
        """Tell whether an answer to a call may mean the rule."""
        known = status is None or not self.statuses or status in self.statuses
        return known and self.fits(call, code)

    def fits(self, call: str, code: str | None) -> bool:
        """Tell whether it may but for its status."""
        codes = [self.code] if isinstance(self.code, str) else self.code
        return (not self.calls or call in self.calls) and (codes is None or code in codes)


class Description(_Part):
    """A platform, as its folder describes it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", title="P9-A platform", ignored_types=(cached_property,)
    )

    schema_: Literal["p9a-platform/1"] = Field(
        alias="schema", description="The form of this file, so that it can change."
    )
    name: str = Field(min_length=1, description="What people call the platform.")
    ids: Ids = Field(default=Ids(), description="The types of ids in the database.")
    api: Api | None = Field(default=None, description="How it is spoken to over HTTP.")
    command: Command | None = Field(default=None, description="How it is spoken to without an API.")
    in_process: InProcess | None = Field(default=None, description="How it is called in Python.")
    words: Words = Field(description="What it calls things.")
    rules: RulesPart = Field(description="What only a person knows.")
    refusals: dict[Rule, Refusal] = Field(
        default={}, description="What it answers where a rule is broken: status, code, calls."
    )
    lacks: dict[Lack | Rule, str] = Field(
        default={},
        description="What it has not, and why; told in verdicts.",
        json_schema_extra={"propertyNames": {"enum": [*Lack, *Rule]}},
    )
    leaves: dict[str, str] = Field(
        default={}, description="Tables that it writes to by design, and how."
    )

    @model_validator(mode="after")
    def _is_reached(self) -> "Description":
        if not (self.api or self.command or self.in_process):
            raise ValueError("nothing says how it is reached: add [api], [command] or [in_process]")
        return self

    @model_validator(mode="after")
    def _has_or_lacks_each_call(self) -> "Description":
        calls = self.api and self.api.calls
        for name in CALLS if calls else ():
            has, lacks = getattr(calls, name) is not None, name in self.lacks
            if name == "find":
                continue
            if has and lacks:
                raise ValueError(f"lacks.{name}: but [api.calls] has it")
            if not has and not lacks:
                raise ValueError(f"api.calls: {name} is missing: write it, or say in [lacks] why")
        return self

    @model_validator(mode="after")
    def _lines_are_told_or_lacking(self) -> "Description":
        if (self.rules.lines == "none") != (Lack.LINES in self.lacks):
            raise ValueError('rules.lines = "none" and lacks.lines go together')
        return self

    def lacks_rule(self, rule: Rule) -> bool:
        """Tell whether the platform has no such refusal."""
        return rule in self.lacks

    @property
    def answered(self) -> Facts:
        """Which facts of a bill its answers tell about an invoice."""
        if self.api is not None:
            return self.api.invoice.facts
        return self._facts_but_for_lacks()

    @property
    def previewed(self) -> Facts:
        """Which facts of a bill a preview tells."""
        facts = self.api.bill.facts if self.api and self.api.bill else self.answered
        return Facts(facts.bill, frozenset()) if Lack.PREVIEW_LINES in self.lacks else facts

    @property
    def told(self) -> frozenset[str]:
        """Which facts of an invoice its answers tell, those of the bill left out."""
        names = {"tenant_id", "number", "status", "period_start", "issued_at", "paid_at"}
        if self.api is None:
            return frozenset(names - self.lacks.keys())
        return frozenset(name for name in names if getattr(self.api.invoice, name) is not None)

    def _facts_but_for_lacks(self) -> Facts:
        bill = ALL_FACTS.bill - self.lacks.keys()
        line = set(LINE_FACTS)
        per = self.rules.lines
        if per != Per.EVENT:
            line.discard("event_id")
        if per in (Per.FINDING_TYPE, Per.INVOICE) or Lack.LINE_RATES in self.lacks:
            line.discard("rate")
        if per == Per.INVOICE:
            line.discard("finding_type")
        if per == Per.EVENT:
            line.discard("event_count")
        return Facts(frozenset(bill), frozenset() if per == "none" else frozenset(line))

    def read_id(self, kind: Literal["tenant", "event", "invoice"], value: object) -> str:
        """Return an id as the database writes it. Raises ValueError for what is no such id."""
        type_, text = getattr(self.ids, kind), str(value)
        if isinstance(value, bool) or not isinstance(value, str | int) or not text:
            raise ValueError(f"{value!r} is no id")
        if type_ == "bigint" and not re.fullmatch("-?[0-9]+", text):
            raise ValueError(f"{value!r} is no bigint")
        try:
            return str(UUID(text)) if type_ == "uuid" else text
        except ValueError:
            raise ValueError(f"{value!r} is no uuid") from None


@dataclass(frozen=True)
class Described:
    """A description with the folder it was read from."""

    folder: Path
    description: Description
    sha256: str

    def text(self, name: str) -> str:
        """Return a file of the folder; nothing where there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


def read(folder: Path) -> Described:
    """Read a description. Raises :class:`BadDescription` naming file and line."""
    path = folder / FILE
    if not path.exists():
        begin = f"python -m platforms init {folder}"
        raise BadDescription(folder, (), f"there is no {FILE}; begin one with: {begin}")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else len(path.read_bytes().splitlines())
        raise BadDescription(folder, (), f"cannot be read as TOML: {error}", line) from None
    try:
        description = Description.model_validate(told)
    except ValidationError as error:
        raise next(_bad(folder, error)) from None
    if not (folder / RELATIONS).exists():
        raise BadDescription(folder, (), f"there is no {RELATIONS} beside it")
    return Described(folder, description, digest(folder))


def problems(folder: Path) -> list[BadDescription]:
    """Return everything that is wrong with the file, not only the first thing."""
    try:
        Description.model_validate(tomllib.loads((folder / FILE).read_text(encoding="utf-8")))
    except ValidationError as error:
        return list(_bad(folder, error))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        pass
    try:
        read(folder)
    except BadDescription as bad:
        return [bad]
    return []


def _bad(folder: Path, error: ValidationError) -> Iterator[BadDescription]:
    for one in error.errors(include_url=False, include_context=False):
        path = tuple(part for part in one["loc"] if part != "[key]")
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = "no such key; see platforms/schema/p9a-platform-1.json"
        elif one["type"] == "value_error" and (named := re.match(r"([\w.]+): ", message)):
            path, message = (*path, *named[1].split(".")), message[named.end() :]
        where = ".".join(map(str, path))
        yield BadDescription(folder, path, f"{where}: {message}" if where else message)


def locate(path: Path, keys: tuple[str | int, ...]) -> str:
    """Return file and line of a key: of the innermost part that stands in the file."""
    names = [str(key) for key in keys]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{path}:1"
    table: list[str] = []
    best, found = 0, 0
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
            table = _key_parts(header[1])
            depth = _shared(table, names) if _shared(table, names) == len(table) else 0
        elif assigned := re.match(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=(.*)""", line):
            inner = _key_parts(assigned[1])
            depth = _shared([*table, *inner], names)
            depth = depth if depth >= len(table) + len(inner) else 0
            depth += bool(depth) * sum(
                bool(re.search(rf"\b{re.escape(name)}\b", assigned[2])) for name in names[depth:]
            )
        else:
            continue
        if depth > best:
            best, found = depth, number
    return f"{path}:{found or 1}"


def _key_parts(key: str) -> list[str]:
    """Split a key at its points, but for those in quotes."""
    return [part.strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", key)]


def _shared(ours: list[str], theirs: list[str]) -> int:
    """How many parts two paths begin with alike."""
    count = 0
    for our, their in zip(ours, theirs, strict=False):
        if our != their:
            break
        count += 1
    return count


def digest(folder: Path) -> str:
    """Return the SHA-256 of the description's files, which the evidence names."""
    sha256 = hashlib.sha256()
    for name in (FILE, RELATIONS, ADAPTER):
        path = folder / name
        content = path.read_bytes() if path.exists() else b""
        sha256.update(f"{name} {len(content)}\n".encode() + content)
    return sha256.hexdigest()
