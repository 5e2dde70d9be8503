"""The record of a run, ``p9a-evidence/2``. Everything that people read is rendered from it.

Amounts are decimal strings in major units; instants are UTC; a period is half-open.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import Status

SCHEMA: Literal["p9a-evidence/2"] = "p9a-evidence/2"
# How the first gates called their records, which knew nothing of platforms.
FIRST_SCHEMA: Literal["p9a-evidence/1"] = "p9a-evidence/1"


class Verdict(StrEnum):
    """The answer to "may we switch it on?"."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PARTIAL = "PARTIAL"
    ABORTED = "ABORTED"


# The detail of a check that the run was not asked for, and of one that it never heard of again.
NOT_SELECTED = "not selected"
NEVER_REPORTED = "never reported"

# As a decimal string in full, never with an exponent: finance reads it.
Amount = Annotated[
    Decimal,
    Field(allow_inf_nan=False),
    PlainSerializer(lambda amount: f"{amount:f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, mode="serialization"),
]
# A share from 0 to 1, written the same way.
Rate = Amount
# Names and values, ordered by name: one record has one spelling.
Named = Annotated[dict[str, str], AfterValidator(lambda named: dict(sorted(named.items())))]
Count = Annotated[int, Field(ge=0)]


class _Record(BaseModel):
    # A record is written in full, so its published schema asks for every field.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        serialize_by_alias=True,
        json_schema_serialization_defaults_required=True,
    )


class Check(_Record):
    """One check: what was seen, what should have been seen, and how long it took."""

    id: str
    title: str
    status: Status
    got: str = ""
    expected: str = ""
    detail: str = ""
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class Criterion(Check):
    """An exit criterion and the checks it rests on."""

    checks: tuple[str, ...]


class InvoiceFacts(_Record):
    """The draft of step 2; ``removed`` tells whether it is gone again."""

    id: str
    number: str
    status: str
    amount: Amount
    removed: bool


class SeedFacts(_Record):
    """The seeds of the run: their keys, and how many went in and came out."""

    keys: tuple[str, ...] = ()
    inserted: int = 0
    removed: int = 0


class MoneyFacts(_Record):
    """What some of the tenant's events amount to, as the oracle says."""

    event_count: Count
    recovered_amount: Amount
    gain_share_amount: Amount


class LeftBehind(_Record):
    """Rows that the run left in a table; ``declared`` if the platform leaves them by design.

    ``words`` are the description's, or say whose rows they are.
    """

    table: str
    rows: Count
    declared: bool
    words: str = ""


class PowerFacts(_Record):
    """Which known wrong ways of billing the run would have noticed, as the oracle works them out.

    ``noticed`` would have shown on the ``event_count`` events that were judged, ``by_maths`` on
    what check M.1 tried beside, ``missed`` on neither. ``why`` says why it was not measured.
    """

    event_count: Count = 0
    noticed: tuple[str, ...] = ()
    by_maths: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    why: str = ""


class Warned(_Record):
    """Something that no check judges, told by name and amount; it changes no verdict.

    ``event_count`` and ``amount`` are those of the events that it is about, in ``currency``.
    """

    kind: str
    words: str
    event_count: Count = 0
    amount: Amount | None = None
    currency: str = ""


class Unseen(_Record):
    """A table, or sequence, of which the run could not tell what it left there, and why."""

    table: str
    why: str


class LineFacts(_Record):
    """What the oracle says that one finding type earns at one rate."""

    finding_type: str
    rate: Rate
    event_count: int
    recovered_amount: Amount
    gain_share_amount: Amount


class EventFacts(_Record):
    """What the oracle says that one event earns; exact where rounding comes later."""

    key: str
    occurred_at: AwareDatetime
    finding_type: str
    rate: Rate
    recovered_amount: Amount
    gain_share_amount: Amount


class OddEvent(_Record):
    """An event that cannot be billed, and why; ``amount`` is as it is stored, number or not."""

    key: str
    occurred_at: AwareDatetime
    finding_type: str
    currency: str
    amount: str
    why: str


class LineBeside(_Record):
    """A line of the platform's bill, beside the oracle's that is about the same; either may lack.

    ``words`` say in what they differ, where they do.
    """

    about: str
    platform_amount: Amount | None
    oracle_amount: Amount | None
    words: str = ""


class PlatformBill(_Record):
    """What the platform bills, where that is not what the oracle bills.

    ``source`` says how it was told; what was not is missing. ``equal_lines`` counts lines that are
    the same in both, and not among ``lines``.
    """

    source: str
    currency: str = ""
    event_count: int | None = None
    recovered_amount: Amount | None = None
    gain_share_amount: Amount | None = None
    lines: tuple[LineBeside, ...] = ()
    equal_lines: Count = 0


class Span(_Record):
    """An act of the run: when it began, and how long it took by itself."""

    act: str
    started_at: AwareDatetime
    seconds: float = Field(ge=0)


class BooksFacts(_Record):
    """The fingerprints of the tenant's rows before and after the run."""

    before: str = ""
    after: str = ""
    unchanged: bool = False


class TenantEvidence(_Record):
    """All that was seen of one tenant. Unknown facts are empty, never guessed.

    ``swept`` names the rows that a dead run had left and this one removed before it began. ``own``
    and ``seeded`` tell the money of the tenant's events from that of the gate's seeds.
    ``unseen``, ``odd_events``, ``platform_bill`` and, where it was asked for each of them,
    ``events`` are written only where there is some. ``diagnosis`` names known ways of billing
    wrongly that give what was seen, ``power`` those that would have shown, ``warnings`` what no
    check judges.
    """

    id: str
    name: str = ""
    slug: str = ""
    status: str = ""
    verdict: Verdict
    reason: str = ""
    swept: tuple[str, ...] = ()
    currency: str = ""
    event_count: int | None = None
    recovered_amount: Amount | None = None
    expected_gain_share: Amount | None = None
    own: MoneyFacts | None = None
    seeded: MoneyFacts | None = None
    lines: tuple[LineFacts, ...] = ()
    events: tuple[EventFacts, ...] = Field(default=(), exclude_if=lambda told: not told)
    odd_events: tuple[OddEvent, ...] = Field(default=(), exclude_if=lambda told: not told)
    platform_bill: PlatformBill | None = Field(default=None, exclude_if=lambda told: told is None)
    invoice: InvoiceFacts | None = None
    seeds: SeedFacts = SeedFacts()
    checks: tuple[Check, ...]
    exit_criteria: tuple[Criterion, ...]
    books: BooksFacts = BooksFacts()
    left_behind: tuple[LeftBehind, ...] = ()
    unseen: tuple[Unseen, ...] = Field(default=(), exclude_if=lambda told: not told)
    diagnosis: tuple[str, ...] = ()
    power: PowerFacts | None = Field(default=None, exclude_if=lambda told: told is None)
    warnings: tuple[Warned, ...] = ()
    timeline: tuple[Span, ...] = ()

    @property
    def results(self) -> tuple[Check, ...]:
        """The checks, and the exit criteria after them."""
        return (*self.checks, *self.exit_criteria)


class ToolFacts(_Record):
    """Which gate judged: its version, its commit, and whether files were changed since.

    ``renderer_sha256`` identifies what rendered the record; ``dependencies`` are the versions of
    the packages that have a part in the verdict, ``plugins`` those of the plugins of pytest that
    the run loaded and that are not the gate's own.
    """

    version: str
    commit: str = ""
    dirty: bool | None = None
    renderer_sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    dependencies: Named = Field(default_factory=dict)
    plugins: Named = Field(default_factory=dict, exclude_if=lambda told: not told)


class TargetFacts(_Record):
    """Where it was judged: database, cluster and server, and how the platform was reached.

    ``host`` is the server's, with its port, or the folder of its socket; no user, no password.
    """

    database: str = ""
    system_identifier: str = ""
    server_version: str = ""
    billing: str = ""
    host: str = Field(default="", exclude_if=lambda told: not told)


class LackFacts(_Record):
    """What the platform has not, why, and the checks that rest on it alone."""

    what: Lack | Rule
    why: str
    checks: tuple[str, ...] = ()


class PlatformFacts(_Record):
    """What was judged: a platform, as the description with this digest says.

    ``build`` is empty where the platform tells none. ``declared`` is what it says it has not.
    """

    name: str = ""
    kind: Literal["", "HTTP", "command", "in process"] = ""
    description_sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    build: str = ""
    declared: tuple[LackFacts, ...] = ()


class Listed(_Record):
    """How many tenants ``--tenant=all`` found in one shard, and the digest of their ids."""

    tenants: Count
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class ShardFacts(_Record):
    """Which part of all tenants was judged: the ``number``, from 1, ``of`` so many shards.

    ``listed`` tells of every shard whom the run found there, so that none can be lost unseen.
    """

    number: int = Field(ge=1)
    of: int = Field(ge=1)
    listed: tuple[Listed, ...]

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if not self.number <= self.of == len(self.listed):
            raise ValueError(f"shard {self.number} of {self.of} tells of {len(self.listed)} shards")
        return self


class MergedFrom(_Record):
    """A record that this one was made of: the digest of its bytes, and what it says."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    shard: str = ""
    verdict: Verdict
    finished_at: AwareDatetime


class PeriodFacts(_Record):
    """[``start``, ``end``) in UTC dates."""

    start: date
    end: date


class ResidueFacts(_Record):
    """A last look at the database, taken where a tenant's own was not: rows of this run.

    ``reason`` says why nothing could be seen; ``remaining`` is then what is known to have been
    written. ``command`` removes it; ``advice`` says for what it is, and what else is to be done.
    """

    removed: tuple[str, ...] = ()
    remaining: tuple[str, ...] = ()
    command: str = ""
    reason: str = ""
    advice: tuple[str, ...] = Field(default=(), exclude_if=lambda told: not told)


class Evidence(_Record):
    """A whole run. ``residue`` is missing where every tenant was seen to be as before.

    ``options`` are those that the run was given, without any secret. ``not_judged`` is what the
    platform declares not to have, as the verdict tells it. ``shard`` is missing where tenants were
    named; ``merged`` are the records that this one was made of.
    """

    schema_: Literal["p9a-evidence/1", "p9a-evidence/2"] = Field(default=SCHEMA, alias="schema")
    verdict: Verdict
    reason: str = ""
    rehearsal: bool
    started_at: AwareDatetime
    finished_at: AwareDatetime
    tool: ToolFacts
    target: TargetFacts
    platform: PlatformFacts = PlatformFacts()
    options: Named = Field(default_factory=dict)
    period: PeriodFacts
    not_judged: tuple[LackFacts, ...] = ()
    shard: ShardFacts | None = Field(default=None, exclude_if=lambda told: told is None)
    merged: tuple[MergedFrom, ...] = Field(default=(), exclude_if=lambda told: not told)
    tenants: tuple[TenantEvidence, ...]
    residue: ResidueFacts | None = None
