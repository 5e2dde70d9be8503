"""Where in an answer each fact of an invoice is, and how a refusal tells its reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from platforms.drafting.calls import CURRENCY, TENANT
from platforms.drafting.expressions import rate_unit
from platforms.drafting.naming import COLUMNS, snake
from platforms.openapi import Document, Schema, kind_of

LINES = re.compile(r"(invoice_)?(lines?|items?|line_items|entries|positions|details)")
LINE_ORDER = (
    *("event_id", "finding_type", "rate", "event_count", "recovered_amount", "gain_share_amount"),
)
FACTS = (
    *("id", "tenant_id", "number", "status", "period_start", "period_end", "issued_at", "paid_at"),
    *("currency", "event_count", "recovered_amount", "gain_share_amount", "lines"),
)
CODE = (("code", 10), ("error_code", 9), ("rule", 8), ("reason", 7), ("key", 5), ("type", 4))
MESSAGE = (("message", 10), ("detail", 9), ("description", 6), ("error", 5), ("title", 4))


@dataclass
class AnsweredFacts:
    """What was found of an answer: the envelope, each fact's place, and how amounts are written."""

    envelope: str = ""
    places: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, Schema] = field(default_factory=dict)
    line_schemas: dict[str, Schema] = field(default_factory=dict)
    line_places: dict[str, str] = field(default_factory=dict)

    @property
    def money(self) -> str:
        """How amounts are written, in the description's words."""
        name = self.places.get("gain_share_amount", "")
        kind = kind_of(self.schemas.get("gain_share_amount", {}))
        if re.search(r"_?(cents|minor)$", snake(name)) or kind == "integer":
            return "minor units"
        return "number" if kind == "number" else "decimal string"

    @property
    def instants(self) -> str:
        """How instants are written, in the description's words."""
        kind = kind_of(self.schemas.get("issued_at", {}))
        return "epoch milliseconds" if kind in ("integer", "number") else "RFC 3339"

    @property
    def rates(self) -> str:
        """In which unit rates are written, as far as the name tells."""
        return rate_unit(self.line_places.get("rate", ""))


def find_facts(document: Document, schema: Schema, event: str) -> AnsweredFacts:
    """Find an invoice's facts in the schema of an answer; ``event`` is what an event is called."""
    facts = AnsweredFacts()
    members = document.properties(schema)
    if "id" not in members:
        inner = [
            name
            for name, told in members.items()
            if kind_of(told) == "object" and "id" in document.properties(told)
        ]
        if inner:
            facts.envelope = inner[0]
            members = document.properties(members[inner[0]])
    flat = dict(_flat(document, members))
    for fact in FACTS:
        place = _best(flat, fact, "invoices")
        if fact == "lines":
            place = next((n for n, told in members.items() if _is_list(n, told)), "")
        if place and place not in facts.places.values():
            facts.places[fact], facts.schemas[fact] = place, flat.get(place, {})
    if "lines" in facts.places:
        _add_lines(document, facts, members[facts.places["lines"]], event)
    return facts


def _flat(document: Document, members: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """Yield the place of every member, those of objects inside with a point."""
    for name, told in members.items():
        inner = document.properties(told) if kind_of(told) == "object" else {}
        if not inner:
            yield name, told
        for part, schema in inner.items():
            yield f"{name}.{part}", schema


def _is_list(name: str, schema: Schema) -> bool:
    return kind_of(schema) == "array" and bool(LINES.fullmatch(snake(name)))


def _best(flat: Mapping[str, Schema], fact: str, role: str) -> str:
    scored = [(_score(place, fact, role), place) for place in flat]
    best, place = max(scored, key=lambda one: one[0], default=(0, ""))
    return place if best > 0 else ""


def _score(place: str, fact: str, role: str) -> int:
    """Say how much a place's name is that of a fact."""
    name = snake(place)
    if fact == "id":
        return {"id": 10, "invoice_id": 9, "uuid": 8}.get(name, 0)
    if fact == "tenant_id":
        return 10 if TENANT.fullmatch(name) or TENANT.fullmatch(name.removesuffix("_id")) else 0
    if fact == "currency":
        return 10 if CURRENCY.fullmatch(name) else 6 * name.endswith("_currency")
    wanted = COLUMNS[role].get(fact)
    if wanted is None:
        return 0
    named = (*wanted.names, *(COLUMNS[role]["month"].names if fact == "period_start" else ()))
    return max((score for told, score in named if re.fullmatch(told, name)), default=0)


def _add_lines(document: Document, facts: AnsweredFacts, schema: Schema, event: str) -> None:
    flat = dict(_flat(document, document.properties(document.resolved(schema).get("items"))))
    known = {f"{event}_id", event, "event_id"}
    taken: dict[str, str] = {}
    for fact in LINE_ORDER:
        if fact == "event_id":
            place = next((one for one in flat if snake(one) in known), "")
        else:
            place = _best(flat, fact, "lines")
        if place and place not in taken.values():
            taken[fact] = place
            facts.line_schemas[fact] = flat[place]
    facts.line_places = taken
    if not taken:
        del facts.places["lines"]
        return
    told = ", ".join(f"{fact}: {quoted(place)}" for fact, place in taken.items())
    facts.places["lines"] = f"{quoted(facts.places['lines'])}[].{{{told}}}"


def quoted(place: str) -> str:
    """Write a place as JMESPath reads it: a name that is no plain word in quotes."""
    return ".".join(
        name if re.fullmatch(r"[A-Za-z_]\w*", name) else f'"{name}"' for name in place.split(".")
    )


def find_error(told: Any) -> tuple[str, str]:
    """Find where a refusal's body tells its code and its words; ``told`` is a sample of one."""
    flat = dict(_leaves(told))
    return _named(flat, CODE), _named(flat, MESSAGE)


def _leaves(told: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(told, dict):
        for name, value in told.items():
            yield from _leaves(value, f"{before}.{name}" if before else name)
    elif isinstance(told, list) and told:
        yield from _leaves(told[0], f"{before}[0]")
    elif before:
        yield before, told


def _named(flat: Mapping[str, Any], names: tuple[tuple[str, int], ...]) -> str:
    scored = [
        (score, place)
        for place, value in flat.items()
        for name, score in names
        if isinstance(value, str) and snake(place.rpartition(".")[2]) == name
    ]
    return max(scored, key=lambda one: one[0], default=(0, ""))[1]
