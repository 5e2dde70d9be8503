"""Every way in which platforms keep their data, and every rule of billing, as a variation.

A variation is a file of ``sql/rows`` and what a description says beside. Several that do not touch
the same statement make a platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selftests.rows.shapes import Changes


@dataclass(frozen=True)
class Variation:
    """What a description says beside, of the shape that the ``file`` of the same name builds.

    ``adapter`` is the class of :mod:`selftests.rows.adapter` that answers for it. ``wrong`` are
    faults of its words, by the check that must say no. ``values`` are built in. Where the ``file``
    is empty, nothing is built.
    """

    says: Changes = field(default_factory=dict)
    adapter: str = "Adapter"
    wrong: Mapping[str, Changes] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    file: str | None = None
    over_http: bool = False


def lacks(what: str, why: str) -> Changes:
    """Say what the platform has not, and why."""
    return {f"lacks.{what}": f'"{why}"'}


def no_scratch(why: str) -> Changes:
    """Say that generated tenants cannot be written there, and why."""
    return lacks("scratch_tenants", why)


def words(invoice: str) -> Changes:
    """Say what is called how, of where an invoice stands."""
    return {"words.invoice": invoice}


LOWER_WORDS = """{ draft = ["draft"], issued = ["issued"], paid = ["paid"] }"""
PAID_WORDS = """{ draft = ["DRAFT"], issued = ["ISSUED"], paid = ["PAID", "SETTLED"] }"""
MANY_WORDS = (
    """{ draft = ["OPEN"], issued = ["FINALIZED", "SENT", "OVERDUE", "PARTIALLY_PAID"], """
    """paid = ["SETTLED"], withdrawn = ["VOID"] }"""
)


def ids(**types: str) -> Changes:
    """Say of which types ids are."""
    return {f"ids.{name}": f'"{type_}"' for name, type_ in types.items()}


def lines(per: str) -> Changes:
    """Say what an invoice has a line for."""
    return {"rules.lines": f'"{per}"'}


def numbers(drafts: str, gapless: str, per: str = "tenant") -> Changes:
    """Say how invoices are numbered."""
    return {
        "rules.numbers": f'{{ drafts = "{drafts}", gapless = "{gapless}", per = "{per}" }}',
    }


def rounding(mode: str, each: str = "event", digits: str = '"currency"') -> Changes:
    """Say how fees are rounded."""
    return {"rules.rounding": f'{{ mode = "{mode}", each = "{each}", digits = {digits} }}'}


def rounded(mode: str, other: str) -> Variation:
    """Return a platform that rounds each event by a mode, described as by another one too."""
    return Variation(
        rounding(mode),
        values={"mode": mode, "digits": None},
        wrong={f"M.1 {other}": rounding(other)},
        file="rounding",
    )


def rate_at(instant: str) -> Variation:
    """Return a platform whose rate is that of an instant, described as the event's too."""
    return Variation(
        {"rules.rate_at": f'"{instant}"'}, wrong={"M.1 the event's": {"rules.rate_at": '"event"'}}
    )


VARIATIONS = {
    "names": Variation(),
    "ids_bigint": Variation(
        ids(tenant="bigint", event="bigint", invoice="bigint")
        | no_scratch("tenants are numbered by the database"),
        "Mapped",
    ),
    "ids_text": Variation(
        ids(tenant="text", event="text", invoice="text") | no_scratch("the platform makes ids"),
        "Mapped",
    ),
    "ids_mixed": Variation(ids(event="bigint", invoice="text"), "Mapped"),
    "tenant_words": Variation(
        {"words.tenant": '{ active = ["trial", "live"] }'},
        wrong={"S1.1 live is no word": {"words.tenant": '{ active = ["trial", "living"] }'}},
    ),
    "tenant_boolean": Variation(),
    "tenant_deleted": Variation(),
    "amounts_cents": Variation(no_scratch("amounts are whole cents")),
    "amounts_numeric": Variation(
        words(LOWER_WORDS) | no_scratch("amounts have ten digits"),
        wrong={
            "S4.4 paid is no word": {
                "words.invoice": LOWER_WORDS.replace('["paid"]', '["settled"]')
            }
        },
    ),
    "amounts_double": Variation(
        lacks("idempotency", "a month is billed once")
        | {"refusals.idempotency_key_reused": None}
        | no_scratch("sixteen digits are not exact"),
        "Keyless",
        wrong={"S4.1 that there are no keys is not said": {"lacks.idempotency": None}},
    ),
    "amounts_money": Variation(
        numbers("none", "ever") | no_scratch("amounts are whole cents"), "Numberless"
    ),
    "currency_words": Variation(),
    "currency_of_tenant": Variation(no_scratch("a tenant has one currency")),
    "currency_of_all": Variation(no_scratch("all is in one currency")),
    "instants_naive": Variation(),
    "instants_epoch": Variation(
        lacks("event_count", "not kept") | lacks("recovered_amount", "not kept")
    ),
    "terms_contracts": Variation(),
    "terms_of_tenant": Variation(no_scratch("a tenant has one rate")),
    "terms_json": Variation(),
    "terms_signed": Variation(no_scratch("terms are signed on paper")),
    "billable_words": Variation(),
    "billable_deleted": Variation(),
    "claim_table": Variation(),
    "claim_joined": Variation(
        {"rules.claims": '"draft"'}, wrong={"S4.4 at issue": {"rules.claims": '"issue"'}}
    ),
    "claim_at_draft": Variation(
        {
            "rules.claims": '"draft"',
            "lacks.stale_drafts": '"events of a draft do not change"',
        }
    ),
    "status_many": Variation(
        {"words.invoice": MANY_WORDS, "lacks.void": None},
        "Voiding",
        wrong={"S2.3 VOID is no word": {"words.invoice": MANY_WORDS.replace("VOID", "VOIDED")}},
    ),
    "number_kept": Variation(
        numbers("final", "no") | {'leaves."varied.counters"': '"one number a draft"'}
    ),
    "number_sequence": Variation(numbers("own", "no", "platform")),
    "number_of_year": Variation(numbers("own", "year")),
    "lines_of_events": Variation(
        lines("event") | lacks("preview_lines", "a total alone"), "ByEvent"
    ),
    "lines_of_type": Variation(lines("finding type"), "ByType"),
    "lines_in_one": Variation(lines("invoice"), "InOne"),
    "lines_none": Variation(lines("none") | lacks("lines", "an amount alone")),
    "totals_rate": Variation(no_scratch("an invoice has one rate")),
    "totals_positive": Variation(
        {"rules.totals": '["positive"]'},
        "Positive",
        file="",
        wrong={"S1.5 only what is negative": {"rules.totals": '["negative"]'}},
    ),
    "rate_at_start": rate_at("period start"),
    "rate_at_end": rate_at("period end"),
    "rate_at_issue": rate_at("issue"),
    "rate_newest": rate_at("newest terms"),
    "rounding_of_lines": Variation(
        rounding("half away from zero", "line"),
        "RoundedLines",
        wrong={"M.1 each event": rounding("half away from zero", "event")},
    ),
    "rounding_of_total": Variation(
        rounding("half away from zero", "invoice"),
        "RoundedTotal",
        wrong={"M.1 each line": rounding("half away from zero", "line")},
    ),
    "blocking": Variation(
        {
            "words.invoice": PAID_WORDS,
            "rules.blocking": '["draft", "issued"]',
        },
        wrong={"S1.3 it may not": {"rules.blocking": '["draft", "issued", "paid"]'}},
    ),
    "rounding to even": rounded("half to even", "half away from zero"),
    "rounding towards zero": rounded("half towards zero", "half to even"),
    "rounding halves up": rounded("half up", "half away from zero"),
    "rounding down": rounded("down", "floor"),
    "rounding up": rounded("up", "ceiling"),
    "rounding to the floor": rounded("floor", "down"),
    "rounding to the ceiling": rounded("ceiling", "up"),
    "rounding to whole units": Variation(
        rounding("half away from zero", digits="0"),
        values={"mode": "half away from zero", "digits": 0},
        wrong={"S1.4 to cents": rounding("half away from zero")},
        file="rounding",
    ),
    "beside": Variation(
        {
            'leaves."varied.audit_log"': '"one row a call"',
            'leaves."varied.outbox"': '"one row a call"',
            'leaves."varied.webhooks"': '"one row a call"',
            'leaves."varied.counters"': '"drafts are counted"',
        },
        over_http=True,
    ),
}

# Every row of the table of platforms, and each of its columns, as the variations that show it; what
# is not here is the reference platform's own.
ROWS: Mapping[str, Mapping[str, str]] = {
    "schema and names": {
        "another schema, other names": "names",
        "the names of the gate's own relations": "currency_of_tenant",
    },
    "ids": {"bigint": "ids_bigint", "text, prefixed": "ids_text", "mixed": "ids_mixed"},
    "tenant status": {
        "several words": "tenant_words",
        "boolean": "tenant_boolean",
        "deleted_at": "tenant_deleted",
    },
    "amounts": {
        "bigint minor units": "amounts_cents",
        "numeric(12, 2)": "amounts_numeric",
        "double precision": "amounts_double",
        "money": "amounts_money",
    },
    "currency": {
        "lower case": "currency_words",
        "char(3)": "currency_words",
        "an enum": "currency_words",
        "on the tenant only": "currency_of_tenant",
        "one for all": "currency_of_all",
    },
    "instants": {
        "without zone": "instants_naive",
        "dates": "terms_contracts",
        "epoch milliseconds": "instants_epoch",
    },
    "terms": {
        "contracts with a validity": "terms_contracts",
        "a column of the tenant": "terms_of_tenant",
        "JSON": "terms_json",
        "a signed contract only": "terms_signed",
    },
    "rate that applies": {
        "at the first day of the period": "rate_at_start",
        "at its last instant": "rate_at_end",
        "at issue": "rate_at_issue",
        "the newest": "rate_newest",
    },
    "billable": {
        "status words": "billable_words",
        "soft deletion": "billable_deleted",
        "a claim table": "claim_table",
    },
    "claim": {
        "only through the lines": "lines_of_events",
        "a join table": "claim_joined",
        "at draft": "claim_at_draft",
    },
    "invoice status": {
        "lower case": "amounts_numeric",
        "OPEN, FINALIZED, SENT, OVERDUE, PARTIALLY_PAID": "status_many",
        "VOID kept on record": "status_many",
        "an enum": "status_many",
    },
    "period columns": {
        "dates, half-open": "currency_words",
        "dates, closed": "amounts_cents",
        "a month": "currency_of_tenant",
        "none": "lines_of_events",
    },
    "number": {
        "NULL until issued": "amounts_money",
        "kept, from a counter row": "number_kept",
        "from a sequence": "number_sequence",
        "gapless per year": "number_of_year",
    },
    "lines": {
        "one per event": "lines_of_events",
        "by finding type": "lines_of_type",
        "one in all": "lines_in_one",
        "none": "lines_none",
    },
    "totals": {"fee only": "instants_epoch", "the rate on the invoice": "totals_rate"},
    "idempotency": {"none": "amounts_double", "a table of keys": "instants_naive"},
    "beside": {"logs, rows, counters, triggers, keys that forbid deletion": "beside"},
    "rules.rounding": {
        "half to even": "rounding to even",
        "half towards zero": "rounding towards zero",
        "half up": "rounding halves up",
        "down": "rounding down",
        "up": "rounding up",
        "floor": "rounding to the floor",
        "ceiling": "rounding to the ceiling",
        "each line": "rounding_of_lines",
        "each invoice": "rounding_of_total",
        "digits": "rounding to whole units",
    },
    "rules.blocking": {"not what is paid": "blocking"},
    "rules.totals": {"positive ones": "totals_positive"},
}

# Variations that make a platform together.
PLATFORMS = (
    ("names", "number_kept", "rounding to even"),
    ("ids_bigint", "number_sequence", "rounding to whole units"),
    ("ids_text",),
    ("ids_mixed", "tenant_words", "rate_at_start"),
    ("amounts_cents", "tenant_boolean", "terms_signed"),
    ("amounts_numeric", "terms_of_tenant"),
    ("amounts_double", "tenant_deleted"),
    ("amounts_money",),
    ("currency_words", "rate_at_end"),
    ("currency_of_tenant",),
    ("currency_of_all", "totals_rate", "blocking"),
    ("instants_naive", "rate_at_issue"),
    ("instants_epoch", "rate_newest"),
    ("billable_words", "terms_json", "status_many", "rounding down"),
    ("billable_deleted", "terms_contracts", "rounding_of_lines"),
    ("claim_table", "rounding_of_total"),
    ("claim_joined", "lines_of_type", "rounding halves up"),
    ("claim_at_draft", "lines_in_one", "rounding to the floor"),
    ("lines_of_events", "rounding to the ceiling"),
    ("lines_none", "totals_positive", "rounding up"),
    ("number_of_year", "rounding towards zero"),
)
