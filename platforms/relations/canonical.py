"""The canonical relations: which columns each of them has, and which values each write is given.

A description's ``relations.sql`` has a SELECT for each relation and a statement for each write.
"""

from collections.abc import Mapping
from typing import NamedTuple

from platforms.relations.columns import OWN_TYPE
from runbook.lacks import Lack

INSTANT = ("timestamptz", "timestamp", "date")
NUMBER = ("numeric", "int8", "int4", "int2")
COUNT = ("int8", "int4", "int2")
WORD = ("text", "varchar", "bpchar")
ENTITY = (*WORD, "uuid", *COUNT)
FLAG = ("bool",)
DIGEST = ("int8", "numeric")
FLOATS = ("float8", "float4")
ANY: tuple[str, ...] = ()
LABEL = (*WORD, OWN_TYPE)  # a word that is read as text, whatever it is kept as


class Column(NamedTuple):
    """A column of a relation: the types it may have, and what a platform without it lacks."""

    types: tuple[str, ...]
    lack: str = ""
    optional: bool = False


# What every description has; the books are of it.
RELATION_COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "tenants": {
        "id": Column(("tenant",)),
        "name": Column(LABEL),
        "slug": Column(LABEL, optional=True),
        "status": Column(LABEL),
        "digest": Column(DIGEST),
    },
    "events": {
        "id": Column(("event",)),
        "tenant_id": Column(("tenant",)),
        "key": Column(LABEL),
        "amount": Column(("numeric",)),
        "currency": Column(WORD),
        "finding_type": Column(LABEL),
        "entity": Column(ENTITY, optional=True),
        "occurred_at": Column(INSTANT),
        "created_at": Column(INSTANT, optional=True),
        "category": Column(LABEL, optional=True),
        "billable": Column(FLAG),
        "billed": Column(FLAG),
        "invoice_id": Column(("invoice",)),
        "digest": Column(DIGEST),
    },
    "terms": {
        "id": Column(ANY),
        "tenant_id": Column(("tenant",)),
        "finding_type": Column(LABEL),
        "currency": Column(WORD),
        "rate": Column(NUMBER),
        "valid_from": Column(INSTANT),
        "valid_to": Column(INSTANT),
        "digest": Column(DIGEST),
    },
    "invoices": {
        "id": Column(("invoice",)),
        "tenant_id": Column(("tenant",)),
        "number": Column(LABEL),
        "status": Column(LABEL),
        "currency": Column(WORD),
        "period_start": Column(INSTANT),
        "period_end": Column(INSTANT),
        "event_count": Column(COUNT, lack=Lack.EVENT_COUNT),
        "recovered_amount": Column(("numeric",), lack=Lack.RECOVERED_AMOUNT),
        "gain_share_amount": Column(("numeric",)),
        "idempotency_key": Column(LABEL, optional=True),
        "created_at": Column(INSTANT, lack=Lack.CREATED_AT),
        "issued_at": Column(INSTANT, lack=Lack.ISSUED_AT),
        "paid_at": Column(INSTANT, lack=Lack.PAID_AT),
        "digest": Column(DIGEST),
    },
    "lines": {
        "id": Column(ANY),
        "invoice_id": Column(("invoice",)),
        "event_id": Column(("event",), optional=True),
        "finding_type": Column(LABEL, optional=True),
        "rate": Column(NUMBER, optional=True),
        "event_count": Column(COUNT, optional=True),
        "recovered_amount": Column(("numeric",), optional=True),
        "gain_share_amount": Column(("numeric",)),
        "digest": Column(DIGEST),
    },
}

# What was agreed beside rates, as far as the platform's tables tell: what has no column is not kept
# there, and NULL is nothing that was agreed.
AGREED_COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "agreed": {
        "tenant_id": Column(("tenant",)),
        "currency": Column(WORD, optional=True),
        "valid_from": Column(INSTANT, optional=True),
        "valid_to": Column(INSTANT, optional=True),
        "begins": Column(INSTANT, optional=True),
        "cap_per_event": Column(("numeric",), optional=True),
        "cap_per_invoice": Column(("numeric",), optional=True),
        "cap_per_contract_year": Column(("numeric",), optional=True),
        "minimum_per_invoice": Column(("numeric",), optional=True),
        "negative_total": Column(LABEL, optional=True),
        "rate_at": Column(LABEL, optional=True),
        "rounding_mode": Column(LABEL, optional=True),
        "rounding_each": Column(LABEL, optional=True),
        "rounding_digits": Column(COUNT, optional=True),
    },
    "tiers": {
        "terms_id": Column(ANY),
        "tiers_of": Column(LABEL),
        "begins": Column(INSTANT, optional=True),
        "above": Column(("numeric",), optional=True),
        "up_to": Column(("numeric",)),
        "rate": Column(NUMBER),
    },
}
READ_COLUMNS: Mapping[str, Mapping[str, Column]] = {**RELATION_COLUMNS, **AGREED_COLUMNS}

SEED_VALUES = frozenset(
    {"tenant_id", "amount", "currency", "source_entity_type", "source_entity_id"}
    | {"finding_type", "reason_code", "key", "occurred_at", "created_at"}
)
# The values that the gate gives to each write.
WRITES: Mapping[str, frozenset[str]] = {
    "plant_event": SEED_VALUES,
    "planted_events": frozenset({"ids"}),
    "spoil_event": frozenset({"id", "tenant_id"}),
    "restore_event": frozenset({"id", "tenant_id"}),
    "remove_events": frozenset({"ids", "tenant_id"}),
    "remove_invoices": frozenset({"ids", "tenant_id"}),
}
SCRATCH: Mapping[str, frozenset[str]] = {
    "scratch_tenant": frozenset({"tenant_id", "name", "slug"}),
    "scratch_terms": frozenset(
        {"tenant_ids", "finding_types", "currencies", "rates", "valid_froms", "valid_tos"}
    ),
    "scratch_invoices": frozenset(
        {"invoice_ids", "tenant_ids", "period_starts", "period_ends", "currency"}
    ),
    "scratch_events": frozenset(
        {"tenant_ids", "categories", "amounts", "currencies", "finding_types", "billables"}
        | {"invoice_ids", "occurred_ats", "created_ats", "source_entity_ids"}
    ),
}
# Further ways in which an event is none that may be billed: each a write of that beginning.
DECOY = "decoy_"
DECOY_VALUES = frozenset({"id", "tenant_id"})


def values_of_write(name: str) -> frozenset[str] | None:
    """Return the values that the gate gives to a write of that name; ``None`` where it has none."""
    if name.startswith(DECOY):
        return DECOY_VALUES
    return WRITES.get(name) or SCRATCH.get(name)
