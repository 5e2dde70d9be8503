"""What ``platform.toml`` may say; what it does not say is never guessed."""

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from oracle.bill import ALL_FACTS, Facts
from oracle.rules import Each, Mode, Per, RateAt, Rounding, Rules
from platforms.description.api import Api
from platforms.description.parts import CALLS, LINE_FACTS, Ids, OneOrMore, Part, several
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus

MOST_DIGITS = 12
# Statuses that say no by themselves; any other may as well be a call that broke, or that somebody
# before the platform turned away.
REFUSALS = frozenset(range(400, 500)) - {401, 407, 408, 429}


class Command(Part):
    """How a platform without an API is spoken to: one process, JSON lines; see docs/adapters.md."""

    run: list[str] = Field(min_length=1, description="The program and its arguments.")
    environment: list[str] = Field(
        default=["PATH"], description="The variables that it is given, beside DATABASE_URL."
    )
    seconds: float = Field(default=60, gt=0, description="How long an answer may take.")
    adapter: str | None = Field(
        default=None, description="A class in adapter.py that overrides calls."
    )


class InProcess(Part):
    """How a platform in Python is judged inside the gate's transaction: by adapter.py."""

    adapter: str = Field(default="Adapter", description="The class in adapter.py.")


class InvoiceWords(Part):
    """The platform's words for where an invoice stands; any other is in the way of a period."""

    draft: list[str] = Field(min_length=1, description="It may still be changed or cancelled.")
    issued: list[str] = Field(min_length=1, description="It is final, and not paid.")
    paid: list[str] = Field(default=[], description="It is paid.")
    withdrawn: list[str] = Field(default=[], description="It counts no more, and stays on record.")


class TenantWords(Part):
    """The platform's words for a tenant that may be billed."""

    active: list[str] = Field(min_length=1, description="It may be billed.")


class Words(Part):
    """What the platform calls things."""

    invoice: InvoiceWords = Field(description="Where an invoice stands.")
    tenant: TenantWords = Field(description="Where a tenant stands.")
    finding_types: list[str] = Field(
        default=["DUPLICATE_CHARGE", "ADDRESS_CORRECTION", "CLASSIFICATION_ERROR"],
        min_length=1,
        description="Finding types that the seeds have, in turn: the platform's own, where its "
        "table takes no others.",
    )

    def status(self, word: str) -> str:
        """Return where an invoice of that word stands, or the word where none is known.

        A word that is none of the platform's, and by chance one of the gate's, is told in quotes.
        """
        for status in InvoiceStatus:
            if word in getattr(self.invoice, status.lower()):
                return status
        return repr(word) if word in set(InvoiceStatus) else word

    def words(self, *statuses: InvoiceStatus) -> list[str]:
        """Return the platform's words for some statuses."""
        return [word for status in statuses for word in getattr(self.invoice, status.lower())]


class RoundingRule(Part):
    """How fees are rounded."""

    mode: Mode = Field(
        default=Mode.HALF_AWAY_FROM_ZERO, description="Where what lies between goes."
    )
    each: Each = Field(
        default=Each.EVENT, description="What is rounded: each event, each line, the total."
    )
    digits: Annotated[int, Field(ge=0, le=MOST_DIGITS)] | Literal["currency"] = Field(
        default="currency",
        description="After the point; those of the currency's minor unit by ISO 4217.",
    )


class Numbers(Part):
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
    counter: str | None = Field(
        default=None,
        description="The table, or sequence, that counts the final ones: no draft moves it.",
    )


class RulesPart(Part):
    """What only a person knows."""

    rate_at: RateAt = Field(description="The instant that chooses an event's rate.")
    rounding: RoundingRule = Field(description="How fees are rounded.")
    per_contract: list[Literal["rate_at", "rounding"]] = Field(
        default=[],
        description="Of these, what it keeps for each tenant as its contract agrees; what is said "
        "here holds for all others.",
    )
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
    allowed_totals: list[Literal["zero", "negative"]] = Field(
        default=[],
        description="Of these, what is no mistake beside positive ones: else it is not READY.",
    )
    numbers: Numbers = Field(description="How invoices are numbered.")
    voids: list[Literal["draft", "issued", "paid"]] = Field(
        default=["issued"],
        description="The invoices that may be voided, if there is a way; a draft, where to cancel "
        "it and to void it is one call.",
    )

    @model_validator(mode="after")
    def _allows_what_is_made(self) -> "RulesPart":
        for kind in self.allowed_totals:
            if kind not in self.totals:
                raise ValueError(f"allowed_totals: no invoice is made of {kind} ones, says totals")
        return self

    def bills(self, total: Decimal) -> bool:
        """Tell whether an invoice is made of such a total."""
        return kind_of(total) in self.totals

    @property
    def rules(self) -> Rules:
        """The same for the oracle."""
        digits = None if self.rounding.digits == "currency" else self.rounding.digits
        rounding = Rounding(self.rounding.mode, self.rounding.each, digits)
        lines = Per.INVOICE if self.lines == "none" else self.lines
        per_contract, credits_ = frozenset(self.per_contract), "negative" in self.totals
        return Rules(self.rate_at, rounding, lines, per_contract, credits_)


def kind_of(total: Decimal) -> Literal["positive", "zero", "negative"]:
    """Say on which side of nothing a total is."""
    if total == 0:
        return "zero"
    return "positive" if total > 0 else "negative"


class Refusal(Part):
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
        for status in self.statuses:
            if not self.code and status not in REFUSALS:
                raise ValueError(
                    f"status: {status} alone does not tell a refusal from a call that broke or was "
                    f"not let in: say its code too"
                )
        return self

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses it comes with; none where any will do."""
        return () if self.status is None else several(self.status)

    def means(self, call: str, status: int | None, code: str | None) -> bool:
        """Tell whether an answer to a call may mean the rule."""
        known = status is None or not self.statuses or status in self.statuses
        return known and self.fits(call, code)

    def fits(self, call: str, code: str | None) -> bool:
        """Tell whether it may but for its status."""
        codes = [self.code] if isinstance(self.code, str) else self.code
        return (not self.calls or call in self.calls) and (codes is None or code in codes)


class Description(Part):
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
        if type_ == "bigint":
            number = int(text)
            if not -(2**63) <= number < 2**63:
                raise ValueError(f"{value!r} is no bigint")
            return str(number)
        try:
            return str(UUID(text)) if type_ == "uuid" else text
        except ValueError:
            raise ValueError(f"{value!r} is no uuid") from None
