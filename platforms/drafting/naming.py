"""What people call things in billing: how likely a name is that of a tenant, an amount, a draft.

Numbers are scores: the higher, the likelier; nothing is known, so everything is compared.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

Scores = Mapping[str, int]

# Words of a table's name, in the singular; the last word of a name counts most.
TABLES: Mapping[str, Scores] = {
    "tenants": {
        "tenant": 10,
        "account": 8,
        "customer": 8,
        "organization": 8,
        "organisation": 8,
        "org": 7,
        "client": 6,
        "company": 6,
        "merchant": 6,
        "workspace": 5,
        "shop": 4,
    },
    "events": {
        "event": 7,
        "finding": 9,
        "recovery": 9,
        "saving": 8,
        "usage": 7,
        "refund": 5,
        "adjustment": 5,
        "transaction": 4,
        "claim": 4,
        "record": 3,
        "charge": 3,
        "value": 2,
    },
    "terms": {
        "term": 9,
        "terms": 9,
        "contract": 8,
        "rate": 8,
        "agreement": 7,
        "pricing": 7,
        "tariff": 7,
        "price": 5,
        "share": 5,
        "plan": 4,
        "subscription": 4,
        "fee": 3,
    },
    "invoices": {"invoice": 10, "bill": 8, "statement": 5},
    "lines": {"line": 9, "item": 8, "position": 6, "detail": 4},
}
# What stands beside billing, and is none of the five.
BESIDE = frozenset(
    {"audit", "log", "history", "outbox", "inbox", "key", "counter", "sequence", "payment"}
    | {"archive", "queue", "job", "message", "webhook", "notification", "setting", "user"}
    | {"token", "session", "delivery", "attachment", "currency", "country", "email", "idempotency"}
)


class Wanted(NamedTuple):
    """How a column may be called, with a score each, and which types it may have."""

    names: tuple[tuple[str, int], ...]
    types: frozenset[str]


_WORD = frozenset({"text", "varchar", "bpchar", "citext", "name"})
_ANY_WORD = _WORD | {"enum"}
_KEY = _WORD | {"uuid", "int8", "int4"}
_COUNT = frozenset({"int8", "int4", "int2"})
_MONEY = frozenset({"numeric", "int8", "int4", "money", "float8"})
_RATE = frozenset({"numeric", "float8", "int4", "int2", "int8"})
_DAY = frozenset({"timestamptz", "timestamp", "date"})
_INSTANT = _DAY | {"int8"}
_UNIT = r"(_(cents?|minor|pence|micros?|amount|usd|eur))?"

_CURRENCY = Wanted(((r"currency(_code)?", 10), (r"ccy|iso_currency", 8)), _ANY_WORD)
_KIND = Wanted(
    (
        *(("finding_type", 12), ("(event|item|line)_type", 10), ("kind", 9), ("type", 8)),
        *(("category|class", 5), ("reason(_code)?", 2)),
    ),
    _ANY_WORD,
)
_STATUS = Wanted(
    ((r"status", 10), (r"(\w+_)?status", 9), (r"state", 9), (r"\w+_state|stage|phase", 7)),
    _ANY_WORD,
)
_CREATED = Wanted(
    ((r"created(_at|_on)?", 10), (r"(opened|drafted|recorded|inserted)(_at|_on)?", 8)), _INSTANT
)
_RATE_NAMES = (
    *((r"rate", 10), (r"(gain_)?share(_rate)?", 9), (r"(gain_share|fee|share)_rate", 10)),
    (r"(rate|share|fee|commission)_(percent|pct|bps?|basis_points|per_?mille?)", 10),
    (r"percent(age)?|pct|bps?|basis_points|per_?mille?", 8),
    (r"commission", 6),
)
_MINIMUM = r"(invoice_|monthly_)?min(imum)?(_fee|_charge)?(_per_(invoice|month))?" + _UNIT
_STARTS = Wanted(
    (
        *((r"valid_from", 10), (r"(starts?|begins?)(_at|_on|_date)?", 9)),
        *((r"effective_(from|at|on|date)", 9), (r"from(_date)?|since", 6)),
    ),
    _DAY,
)
_ENDS = Wanted(
    (
        *((r"valid_(to|until)", 10), (r"(ends?|expires?)(_at|_on|_date)?", 9)),
        *((r"effective_(to|until)", 9), (r"to(_date)?|until", 6)),
    ),
    _DAY,
)


def _cap(per: str) -> Wanted:
    """Return how the most that is charged for something is called."""
    names = (rf"(cap|max(imum)?(_fee)?)_per_({per}){_UNIT}", 10), (rf"({per})_cap{_UNIT}", 9)
    return Wanted(names, _MONEY)


COLUMNS: Mapping[str, Mapping[str, Wanted]] = {
    "tenants": {
        "name": Wanted(
            (
                *((r"name", 10), (r"title", 9), (r"(display|legal|company|full)_name", 8)),
                (r"\w+_name|label", 4),
            ),
            _WORD,
        ),
        "slug": Wanted(
            ((r"slug", 10), (r"handle", 9), (r"subdomain|short_name", 7), (r"code", 5)), _WORD
        ),
        "status": _STATUS,
    },
    "events": {
        "key": Wanted(
            (
                *((r"idempotency_key", 10), (r"dedupe?_?key|dedup_key|unique_key", 10)),
                *((r"reference|external_(id|key|ref|reference)", 8), (r"\w*_?key", 6)),
                (r"\w+_(ref|reference|number)", 4),
            ),
            _WORD,  # a seed's begins with "dryrun-"
        ),
        "amount": Wanted(
            (
                *((r"(recovered_)?amount" + _UNIT, 10), (r"recovered" + _UNIT, 9)),
                *((r"(savings?|value|refund(ed)?)" + _UNIT, 7), (r"total" + _UNIT, 5)),
            ),
            _MONEY,
        ),
        "currency": _CURRENCY,
        "finding_type": _KIND,
        "occurred_at": Wanted(
            (
                *((r"(occurred|happened)(_at|_on)?", 10), (r"event_(at|time|date|ms)", 9)),
                *((r"recovered(_at|_on)", 9), (r"(occurred|happened)_(ms|epoch\w*)", 9)),
                *((r"(found|effective|booked)(_at|_on)", 6), (r"at|date|time", 4)),
                (r"created(_at|_on)?", 1),
            ),
            _INSTANT,
        ),
        "created_at": _CREATED,
        "source_entity_type": Wanted(((r"source(_entity)?_type", 10),), _ANY_WORD),
        "source_entity_id": Wanted(((r"source(_entity)?_id", 10),), _KEY),
        "reason_code": Wanted(((r"reason(_code)?", 10),), _ANY_WORD),
    },
    "terms": {
        "finding_type": _KIND,
        "currency": _CURRENCY,
        "rate": Wanted(_RATE_NAMES, _RATE),
        "valid_from": _STARTS,
        "valid_to": _ENDS,
    },
    "invoices": {
        "number": Wanted(
            (
                *((r"invoice_(number|no|num)", 10), (r"number", 10), (r"bill_(number|no)", 9)),
                (r"reference|code", 4),
            ),
            _KEY,
        ),
        "status": _STATUS,
        "currency": _CURRENCY,
        "period_start": Wanted(
            (
                *((r"(billing_)?period_(start|from|begin)(_at|_on|s_at|s_on)?", 10),),
                *((r"starts?(_at|_on|_date)?", 8), (r"from(_date)?", 6)),
            ),
            _INSTANT,
        ),
        "period_end": Wanted(
            (
                *((r"(billing_)?period_(end|to|until)(_at|_on|s_at|s_on)?", 10),),
                *((r"ends?(_at|_on|_date)?", 8), (r"to(_date)?|until", 6)),
            ),
            _INSTANT,
        ),
        "month": Wanted(
            ((r"(billing_|invoice_)?month", 10), (r"(billing_)?period", 6)),
            _DAY | _WORD,
        ),
        "event_count": Wanted(
            ((r"(event|finding|item|line)s?_count", 10), (r"count|quantity", 6)), _COUNT
        ),
        "recovered_amount": Wanted(
            ((r"(total_)?recovered(_total)?" + _UNIT, 10), (r"(base|gross|savings?)" + _UNIT, 5)),
            _MONEY,
        ),
        "gain_share_amount": Wanted(
            (
                *((r"gain_share" + _UNIT, 11), (r"(grand_)?total" + _UNIT, 10)),
                *((r"(total_)?fees?(_total)?" + _UNIT, 9), (r"amount(_due)?" + _UNIT, 8)),
            ),
            _MONEY,
        ),
        "idempotency_key": Wanted(((r"idempotency_key", 10), (r"(request|dedupe?)_key", 8)), _KEY),
        "created_at": _CREATED,
        "issued_at": Wanted(
            (
                *((r"issued(_at|_on)?", 10), (r"(sent|finali[sz]ed)(_at|_on)", 9)),
                (r"(approved|invoiced|posted|opened)(_at|_on)", 6),
            ),
            _INSTANT,
        ),
        "paid_at": Wanted(((r"paid(_at|_on)?", 10), (r"settled(_at|_on)", 9)), _INSTANT),
        "rate": Wanted(_RATE_NAMES, _RATE),
    },
    "lines": {
        "finding_type": _KIND,
        "rate": Wanted(_RATE_NAMES, _RATE),
        "event_count": Wanted(
            ((r"(event|finding|item)s?_count", 10), (r"count|quantity", 8)), _COUNT
        ),
        "recovered_amount": Wanted(
            ((r"recovered" + _UNIT, 10), (r"(base|gross|savings?)" + _UNIT, 6)), _MONEY
        ),
        "gain_share_amount": Wanted(
            (
                *((r"gain_share" + _UNIT, 11), (r"fees?" + _UNIT, 10), (r"total" + _UNIT, 9)),
                (r"amount" + _UNIT, 8),
            ),
            _MONEY,
        ),
    },
    "agreed": {
        "currency": _CURRENCY,
        "valid_from": _STARTS,
        "valid_to": _ENDS,
        "begins": Wanted(((r"begins(_on)?|contract_(year_)?(start|begins?)(s_on)?", 11),), _DAY),
        "cap_per_event": _cap(r"event|finding|item|transaction"),
        "cap_per_invoice": _cap(r"invoice|bill|month"),
        "cap_per_contract_year": _cap(r"(contract_)?year|annual|yearly"),
        "minimum_per_invoice": Wanted(((_MINIMUM, 9),), _MONEY),
        "negative_total": Wanted(((r"negative_totals?", 10),), _ANY_WORD),
        "rate_at": Wanted(((r"rate_at", 10),), _ANY_WORD),
        "rounding_mode": Wanted(((r"rounding(_mode)?", 10),), _ANY_WORD),
        "rounding_each": Wanted(((r"rounding_(each|level)", 10),), _ANY_WORD),
        "rounding_digits": Wanted(((r"rounding_(digits|decimals)", 10),), _COUNT),
    },
}
# Columns that are no fact of their own, whatever they are called.
BILLED_AT = re.compile(r"(billed|claimed|invoiced)(_at|_on)")
SOFT_DELETION = re.compile(r"(deleted|archived|removed|discarded)(_at|_on)?|is_(deleted|archived)")
BILLABLE_FLAG = re.compile(r"(is_)?(billable|chargeable|invoiceable)")
ACTIVE_FLAG = re.compile(r"(is_)?(active|enabled|live)")

# Words of an invoice's status; "open" is a draft only where nothing else is one.
INVOICE_WORDS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"draft", "drafted", "new", "proforma", "preliminary", "unfinalized"}),
    "issued": frozenset(
        {"issued", "sent", "open", "finalized", "finalised", "final", "overdue", "due"}
        | {"past_due", "partially_paid", "unpaid", "outstanding", "posted", "invoiced", "billed"}
    ),
    "paid": frozenset({"paid", "settled", "completed", "closed"}),
    "withdrawn": frozenset(
        {"void", "voided", "cancelled", "canceled", "withdrawn", "deleted", "discarded"}
        | {"reversed", "credited", "annulled"}
    ),
}
ACTIVE_WORDS = frozenset(
    {"active", "live", "trial", "trialing", "enabled", "current", "onboarded", "ok"}
)
INACTIVE_WORDS = frozenset(
    {"suspended", "frozen", "closed", "inactive", "disabled", "archived", "deleted", "blocked"}
    | {"churned", "cancelled", "canceled", "terminated", "paused", "pending", "expired"}
)
BILLABLE_WORDS = frozenset(
    {"recovered", "confirmed", "approved", "realized", "realised", "verified", "accepted"}
    | {"billable", "collected", "completed", "settled"}
)


def singular(word: str) -> str:
    """Return a word in the singular, as far as endings tell."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "terms")):
        return word[:-1]
    return word


def snake(name: str) -> str:
    """Write a name in snake case, whatever its case, and without the quotes of SQL."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip('"'))
    return apart.lower().replace("-", "_").replace(".", "_").replace(" ", "_")


def parts(name: str) -> list[str]:
    """Split a name in snake or camel case into words, in lower case and in the singular."""
    return [singular(word) for word in snake(name).split("_") if word]


def table_score(name: str, role: str) -> int:
    """Say how much a table's name is that of a role."""
    words = parts(name)
    scores = TABLES[role]
    last = scores.get(words[-1], 0)
    others = max((scores.get(word, 0) for word in words[:-1]), default=0)
    return max(last, others // 3) - (12 if any(word in BESIDE for word in words) else 0)


def column_score(name: str, base: str, wanted: Wanted) -> int:
    """Say how much a column is what is wanted; 0 where it cannot be."""
    if base not in wanted.types:
        return 0
    told = snake(name)
    return max((score for named, score in wanted.names if re.fullmatch(named, told)), default=0)


def sorted_words(words: Iterable[str]) -> dict[str, list[str]]:
    """Sort the words of invoices by where such an invoice stands; ``""`` holds those not known."""
    found: dict[str, list[str]] = {"draft": [], "issued": [], "paid": [], "withdrawn": [], "": []}
    words = list(words)
    has_draft = any(word.lower() in INVOICE_WORDS["draft"] for word in words)
    for word in words:
        plain = snake(word)
        stands = next((place for place, known in INVOICE_WORDS.items() if plain in known), "")
        if plain in ("open", "pending") and not has_draft:
            stands = "draft"
        found[stands].append(word)
    return found
