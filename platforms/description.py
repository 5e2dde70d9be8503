"""The description of a platform: what ``platform.toml`` says, checked before anything else is done.

How the file is written is told in ``docs/platforms.md``; its JSON Schema, for editors, is published
in ``platforms/schema``. What the file does not say is never guessed.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
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
# What a call's path, query, headers and body may hold in braces.
PLACEHOLDERS = frozenset(
    {"tenant", "invoice", "start", "end", "key", "total", "currency", "number", "token"}
    | {"token_base64", "job"}
)
LINE_FACTS = frozenset(
    {"event_id", "finding_type", "rate", "event_count", "recovered_amount", "gain_share_amount"}
)


class BadDescription(Exception):
    """A description cannot be used. ``path`` leads to the key; the message says what is wrong."""

    def __init__(self, folder: Path, path: tuple[str | int, ...], message: str) -> None:
        self.folder = folder
        self.path = path
        self.message = message
        super().__init__(f"{locate(folder / FILE, path)}: {message}")


def _expression(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        raise ValueError(f"no JMESPath expression: {str(error).splitlines()[0]}") from None
    return text


def _sent(text: str) -> str:
    verb, _, path = text.partition(" ")
    if verb not in ("GET", "POST", "PUT", "PATCH", "DELETE") or not path.startswith("/"):
        raise ValueError('a verb and a path, as in "POST /v2/invoices"')
    return _filled(text)


def _filled(text: str) -> str:
    for name in re.findall(r"\{(\w*)\}", text):
        if name not in PLACEHOLDERS:
            known = ", ".join(sorted(PLACEHOLDERS))
            raise ValueError(f"{{{name}}} is none of the placeholders {known}")
    return text


def _all_filled(value: Any) -> Any:
    if isinstance(value, str):
        _filled(value)
    for part in value.values() if isinstance(value, dict) else ():
        _all_filled(part)
    for part in value if isinstance(value, list) else ():
        _all_filled(part)
    return value


Expression = Annotated[str, AfterValidator(_expression)]
Sent = Annotated[str, AfterValidator(_sent)]
Filled = Annotated[str, AfterValidator(_filled)]
Body = Annotated[dict[str, Any], AfterValidator(_all_filled)]
Status = Annotated[int, Field(ge=100, le=599)]
OneOrMore = Annotated[list[Status] | Status, Field(union_mode="left_to_right")]
IdType = Literal["uuid", "bigint", "text"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ids(_Part):
    """The types of ids in the database."""

    tenant: IdType = "uuid"
    event: IdType = "uuid"
    invoice: IdType = "uuid"


class Poll(_Part):
    """Where to ask for what was accepted and is done later, and when it is done."""

    send: Sent = Field(description="The call to repeat, e.g. GET /v2/jobs/{job}.")
    job: Expression = Field(description="Where the first answer tells {job}.")
    done: Expression = Field(description="What is true, or not empty, in the answer once it is.")
    failed: Expression | None = Field(None, description="The same where it never will be.")
    seconds: float = Field(60, gt=0, description="How long to ask at most.")
    every: float = Field(0.2, gt=0, description="Seconds between two questions.")


class Call(_Part):
    """One call of the API."""

    send: Sent = Field(description="Verb and path, e.g. POST /v2/invoices/{invoice}/send.")
    query: Body = Field({}, description="Query parameters.")
    headers: dict[str, Filled] = Field({}, description="Headers beside those of every call.")
    body: Body | None = Field(None, description="The JSON body; none is sent without.")
    ok: OneOrMore = Field(200, description="The statuses that mean it was done.")
    envelope: str | None = Field(
        None, description="Where the answer is in the body, if not in [api]."
    )
    poll: Poll | None = Field(None, description="For what is accepted with 202 and done later.")
    then: Literal["find"] | None = Field(None, description="Read the facts by another call.")

    @property
    def accepted(self) -> tuple[int, ...]:
        """The statuses that mean it was done."""
        return (self.ok,) if isinstance(self.ok, int) else tuple(self.ok)


class TokenCall(Call):
    """How a token is fetched; {token} in it is what BILLING_API_TOKEN holds."""

    at: Expression = Field(description="Where the answer tells the token.")


class CallPeriod(_Part):
    """How the bounds of a period are written in calls and answers."""

    format: str = Field(
        default="%Y-%m-%dT%H:%M:%SZ", alias="as", description="As for strftime, in UTC."
    )
    end: Literal["exclusive", "inclusive"] = Field(
        "exclusive",
        description="Whether {end} is the first instant, day or month after, or the last in.",
    )
    whole: Literal["months", "days"] | None = Field(
        None, description="What a period must be made of; none where any will do."
    )


class ErrorFacts(_Part):
    """Where a refusal tells its code and its words."""

    code: Expression | None = None
    message: Expression | None = None


class Calls(_Part):
    """The calls that the API has; those it has not are among [lacks]."""

    preview: Call | None = None
    draft: Call
    cancel: Call | None = None
    issue: Call | None = None
    mark_paid: Call | None = None
    void: Call | None = None
    find: Call | None = None


class BillFacts(_Part):
    """Where an answer tells the facts of a bill."""

    currency: Expression | None = None
    event_count: Expression | None = None
    recovered_amount: Expression | None = None
    gain_share_amount: Expression | None = None
    lines: Expression | None = Field(
        None,
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

    id: Expression
    tenant_id: Expression | None = None
    number: Expression | None = None
    status: Expression | None = None
    period_start: Expression | None = None
    period_end: Expression | None = None
    issued_at: Expression | None = None
    paid_at: Expression | None = None


class Api(_Part):
    """How a platform is spoken to over HTTP."""

    headers: dict[str, Filled] = Field(
        {}, description="Of every call, with {token} or {token_base64}."
    )
    token: TokenCall | None = Field(None, description="For a token that must be fetched first.")
    money: Literal["decimal string", "number", "minor units"] = "decimal string"
    rates: Literal["share", "percent"] = "share"
    instants: Literal[
        "RFC 3339", "RFC 3339 without zone", "epoch seconds", "epoch milliseconds"
    ] = "RFC 3339"
    period: CallPeriod = Field(default_factory=lambda: CallPeriod.model_validate({}))
    envelope: Expression | None = Field(None, description="Where in every body the answer is.")
    error: ErrorFacts = ErrorFacts()
    build: str | None = Field(None, description="A call and an expression: GET /health: version")
    adapter: str | None = Field(None, description="A class in adapter.py that overrides calls.")
    calls: Calls
    bill: BillFacts | None = Field(
        None, description="Facts of a preview, if not as in [api.invoice]."
    )
    invoice: InvoiceFacts

    @model_validator(mode="after")
    def _build_is_told(self) -> "Api":
        if self.build is not None:
            sent, colon, expression = self.build.rpartition(": ")
            if not colon:
                raise ValueError('build: a call and an expression, as in "GET /health: version"')
            _sent(sent)
            _expression(expression)
        return self


class Command(_Part):
    """How a platform without an API is spoken to: one process, JSON lines; see docs/adapters.md."""

    run: list[str] = Field(min_length=1, description="The program and its arguments.")
    environment: list[str] = Field(
        ["PATH"], description="The variables that it is given, beside DATABASE_URL."
    )
    seconds: float = Field(60, gt=0, description="How long an answer may take.")
    adapter: str | None = Field(None, description="A class in adapter.py that overrides calls.")


class InProcess(_Part):
    """How a platform in Python is judged inside the gate's transaction: by adapter.py."""

    adapter: str = Field("Adapter", description="The class in adapter.py.")


class InvoiceWords(_Part):
    """The platform's words for where an invoice stands; any other is in the way of a period."""

    draft: list[str] = Field(min_length=1)
    issued: list[str] = Field(min_length=1)
    paid: list[str] = []
    withdrawn: list[str] = []


class TenantWords(_Part):
    """The platform's words for a tenant that may be billed."""

    active: list[str] = Field(min_length=1)


class Words(_Part):
    """What the platform calls things."""

    invoice: InvoiceWords
    tenant: TenantWords

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

    mode: Mode = Mode.HALF_AWAY_FROM_ZERO
    each: Each = Each.EVENT
    digits: int | Literal["currency"] = "currency"


class Numbers(_Part):
    """How invoices are numbered."""

    drafts: Literal["own", "none", "final"] = Field(
        description="A draft has a number of its own, none, or the one it keeps when it is issued."
    )
    gapless: Literal["no", "ever", "year", "month"] = "no"
    per: Literal["tenant", "platform"] = "tenant"


class RulesPart(_Part):
    """What only a person knows."""

    rate_at: RateAt
    rounding: RoundingRule
    lines: Per | Literal["none"]
    claims: Literal["draft", "issue"] = Field(
        description="When events are taken, so that no other invoice bills them."
    )
    blocking: list[Literal["draft", "issued", "paid"]] = Field(
        description="The invoices that keep a period from being billed again."
    )
    totals: list[Literal["positive", "zero", "negative"]] = Field(
        min_length=1, description="The totals of which an invoice is made."
    )
    numbers: Numbers

    @property
    def rules(self) -> Rules:
        """The same for the oracle."""
        digits = None if self.rounding.digits == "currency" else self.rounding.digits
        rounding = Rounding(self.rounding.mode, self.rounding.each, digits)
        return Rules(self.rate_at, rounding, Per.INVOICE if self.lines == "none" else self.lines)


class Refusal(_Part):
    """What a platform answers where a rule is broken; one answer may stand for several rules."""

    status: OneOrMore | None = None
    code: list[str] | str | None = None
    calls: list[Literal["preview", "draft", "cancel", "issue", "mark_paid", "void", "find"]] = []

    def means(self, call: str, status: int | None, code: str | None) -> bool:
        """Tell whether an answer to a call may mean the rule."""
        statuses = [self.status] if isinstance(self.status, int) else self.status
        return self.fits(call, code) and (statuses is None or status is None or status in statuses)

    def fits(self, call: str, code: str | None) -> bool:
        """Tell whether it may but for its status."""
        codes = [self.code] if isinstance(self.code, str) else self.code
        return (not self.calls or call in self.calls) and (codes is None or code in codes)


class Description(_Part):
    """A platform, as its folder describes it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", title="P9-A platform", ignored_types=(cached_property,)
    )

    schema_: Literal["p9a-platform/1"] = Field(alias="schema")
    name: str = Field(min_length=1, description="What people call the platform.")
    ids: Ids = Ids()
    api: Api | None = None
    command: Command | None = None
    in_process: InProcess | None = None
    words: Words
    rules: RulesPart
    refusals: dict[Rule, Refusal] = {}
    lacks: dict[Lack | Rule, str] = Field(
        {}, description="What it has not, and why; told in verdicts."
    )
    leaves: dict[str, str] = Field({}, description="Tables that it writes to by design, and how.")

    @model_validator(mode="after")
    def _is_reached(self) -> "Description":
        if not (self.api or self.command or self.in_process):
            raise ValueError(
                "says not how the platform is reached: add [api], [command] or [in_process]"
            )
        return self

    @model_validator(mode="after")
    def _has_or_lacks_each_call(self) -> "Description":
        for name in CALLS[:-1] if self.api else ():
            has = getattr(self.api.calls if self.api else None, name) is not None
            lacks = name in self.lacks
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
        type_ = getattr(self.ids, kind)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"{value!r} is no id")  # noqa: TRY004 - one error for every bad id
        if type_ == "uuid":
            return str(UUID(str(value)))
        if type_ == "bigint":
            return str(int(value))
        if str(value) == "":
            raise ValueError("it is empty")
        return str(value)


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
        raise BadDescription(
            folder, (), f"there is no {FILE}; begin one with: python -m platforms init {folder}"
        )
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDescription(folder, (), f"cannot be read as TOML: {error}") from None
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
        if not path and (named := re.match(r"([\w.]+): ", message)):
            path = tuple(named[1].split("."))
        where = ".".join(map(str, path))
        yield BadDescription(folder, path, f"{where}: {message}" if where else message)


def locate(path: Path, keys: tuple[str | int, ...]) -> str:
    """Return file and line of a key: of the innermost part that stands in the file."""
    names = [str(key) for key in keys]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return str(path)
    table: list[str] = []
    best, found = 0, 0
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
            table = [part.strip(" \"'") for part in header[1].split(".")]
            depth = _shared(table, names) if _shared(table, names) == len(table) else 0
        elif assigned := re.match(r"\s*([\w\"'.-]+)\s*=(.*)", line):
            inner = [part.strip(" \"'") for part in assigned[1].split(".")]
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
