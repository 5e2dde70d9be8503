"""What descriptions are made of: expressions, placeholders, calls, and bounds of periods."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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
DONE = range(200, 400)
LINE_FACTS = frozenset(
    {"event_id", "finding_type", "rate", "event_count", "recovered_amount", "gain_share_amount"}
)


def expression_of(text: str) -> str:
    """Return a JMESPath expression; ValueError says what is wrong with what is none."""
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        raise ValueError(f"no JMESPath expression: {str(error).splitlines()[0]}") from None
    return text


def _expression_or_nothing(text: str) -> str:
    return expression_of(text) if text else text


def call_of(text: str) -> str:
    """Return a verb and a path; ValueError says what is wrong with what is none."""
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


def demand_known(
    used: set[str], known: frozenset[str] | set[str], where: str, key: str = ""
) -> None:
    """Raise ValueError for a placeholder that is not known where it is used."""
    for name in sorted(used - known):
        begin, told = f"{key}: " if key else "", ", ".join(sorted(known))
        raise ValueError(f"{begin}{{{name}}} is not known {where}; these are: {told}")


def several(one_or_more: list[int] | int) -> tuple[int, ...]:
    """Return the one or the more, in one form."""
    return (one_or_more,) if isinstance(one_or_more, int) else tuple(one_or_more)


VERB_AND_PATH = {"pattern": "^(GET|POST|PUT|PATCH|DELETE) /"}
Expression = Annotated[str, AfterValidator(expression_of)]
Envelope = Annotated[str, AfterValidator(_expression_or_nothing)]
Sent = Annotated[str, AfterValidator(call_of), Field(json_schema_extra=VERB_AND_PATH)]
Filled = Annotated[str, AfterValidator(_filled)]
Body = Annotated[dict[str, Any], AfterValidator(_all_filled)]
Status = Annotated[int, Field(ge=100, le=599)]
OneOrMore = Annotated[list[Status] | Status, Field(union_mode="left_to_right")]
IdType = Literal["uuid", "bigint", "text"]


class Part(BaseModel):
    """A table of the file: what it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Ids(Part):
    """The types of ids in the database."""

    tenant: IdType = Field(default="uuid", description="The type of tenants' ids.")
    event: IdType = Field(default="uuid", description="The type of events' ids.")
    invoice: IdType = Field(default="uuid", description="The type of invoices' ids.")


class Poll(Part):
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


class Call(Part):
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
    def _is_done_by_what_says_so(self) -> "Call":
        for status in self.accepted:
            if status not in DONE:
                raise ValueError(f"ok: {status} never means that a call was done")
        return self

    @model_validator(mode="after")
    def _has_one_body(self) -> "Call":
        if self.body is not None and self.form is not None:
            raise ValueError("form: there is a body already")
        return self

    @property
    def accepted(self) -> tuple[int, ...]:
        """The statuses that mean it was done."""
        return several(self.ok)

    @property
    def placeholders(self) -> set[str]:
        """What it holds in braces, its poll left out."""
        return placeholders([self.send, self.query, dict(self.headers), self.body, self.form])


class TokenCall(Call):
    """How a token is fetched; {token} in it is what BILLING_API_TOKEN holds."""

    at: Expression = Field(description="Where the answer tells the token.")

    @model_validator(mode="after")
    def _needs_no_more_than_the_token(self) -> "TokenCall":
        demand_known(self.placeholders, TOKENS, "while a token is fetched")
        return self


class Bounds(Part):
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
