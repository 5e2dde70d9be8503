"""The drafted ``platform.toml``: what a database and an API say, and what is to be asked."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platforms.drafting.api import FoundApi
from platforms.drafting.calls import ORDER
from platforms.drafting.expressions import is_lower_case
from platforms.drafting.items import Select, currency, ids
from platforms.drafting.lines import GUESS, Line, listed, template
from platforms.drafting.naming import ACTIVE_WORDS, INACTIVE_WORDS, snake
from platforms.drafting.reading import selects, tenant_words
from platforms.drafting.refusing import Told, likely
from platforms.drafting.rules import rules
from platforms.drafting.shape import Part, Shape, pointing
from runbook.refusals import Rule

BARE = re.compile(r"[A-Za-z0-9_-]+")
# How tables beside billing are called, and what a call leaves in them.
LEFT = (
    (r"(audit|log|history|trail|activity|activities)", "one row a call"),
    (r"(outbox|message|webhook|notification|queue|job|delivery|deliveries)", "one message a call"),
    (r"(counter|sequence|number)", "one number an issue"),
)


@dataclass(frozen=True)
class Section:
    """A table of the file; the first has no name."""

    name: str
    lines: Sequence[Line]


def toml(value: Any) -> str:
    """Write a value as TOML, in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key_of(name)} = {toml(part)}" for name, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def key_of(name: str) -> str:
    """Write a key, in quotes where it must be."""
    return name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def line(name: str, value: Any, origin: str, question: str = "") -> Line:
    """Return one key with its value."""
    return Line(f"{key_of(name)} = {toml(value)}", origin, question)


def draft(shape: Shape, api: FoundApi | None, name: str, schema: str) -> tuple[str, list[Line]]:
    """Draft ``platform.toml``; return it, and every line of it."""
    told = [
        Section("", list(_head(name, api))),
        Section("ids", list(_ids(shape))),
        *_reached(shape, api),
        Section("words", list(_words(shape))),
        Section("rules", list(rules(shape, line, voids=api is not None and "void" in api.calls))),
        Section("refusals", list(_refusals(shape, api))),
        Section("lacks", list(_lacks(shape, api))),
        Section("leaves", list(_leaves(shape))),
    ]
    sections = [section for section in told if section.lines]
    text = template("platform.toml.jinja").render(schema=schema, sections=sections, listed=listed)
    return text, [one for section in sections for one in section.lines]


def _head(name: str, api: FoundApi | None) -> Iterator[Line]:
    titled = api is not None and api.document is not None and api.document.title == name
    yield line("schema", "p9a-platform/1", "the gate")
    yield line("name", name, "OpenAPI (info.title)" if titled else "the command line")


def _ids(shape: Shape) -> Iterator[Line]:
    told = ids(shape)
    if set(told.values()) == {"uuid"}:
        return
    for name, part in (
        ("tenant", shape.tenants),
        ("event", shape.events),
        ("invoice", shape.invoices),
    ):
        where = part.table.where(part.key) if part.key in part.table.columns else part.table.name
        yield line(name, told[name], f"catalogue ({where})")


def _reached(shape: Shape, api: FoundApi | None) -> Iterator[Section]:
    if api is None:
        asked = "which program bills? See docs/adapters.md; or describe its [api]"
        yield Section("command", [line("run", ["./bill"], GUESS, asked)])
        return
    yield Section("api", list(_api(shape, api)))
    yield Section("api.calls", list(_calls(api)))
    yield Section("api.invoice", list(_facts(shape, api)))


def _api(shape: Shape, api: FoundApi) -> Iterator[Line]:
    yield line("headers", api.headers.value, api.headers.origin, api.headers.question)
    facts, answered = api.facts, api.answered
    if facts.money != "decimal string" or not facts.places:
        asked = "" if facts.places else "how are amounts written?"
        yield line("money", facts.money, answered, asked)
    if _lower_case(shape):
        yield line("currency", "lower case", "catalogue (its codes are so)")
    if facts.rates != "share":
        yield line("rates", facts.rates, answered)
    if facts.instants != "RFC 3339":
        yield line("instants", facts.instants, answered, "milliseconds or seconds?")
    if api.ids_are_strings and "bigint" in ids(shape).values():
        yield line("ids", "string", answered)
    yield from _period(api)
    if facts.envelope:
        yield line("envelope", facts.envelope, answered)
    if api.error.value:
        yield line("error", api.error.value, api.error.origin, api.error.question)
    if api.build.value:
        yield line("build", api.build.value, api.build.origin)


def _period(api: FoundApi) -> Iterator[Line]:
    layout = api.period
    if layout in ("%Y-%m", "%Y%m"):
        yield line("period", {"as": layout, "whole": "months"}, api.period_origin)
    elif layout == "%Y-%m-%d":
        asked = 'is {end} the first day after? If it is the last day in: end = "inclusive"'
        yield line("period", {"as": layout, "whole": "days"}, api.period_origin, asked)


def _lower_case(shape: Shape) -> bool:
    for part in (shape.events, shape.tenants, shape.invoices):
        for column in part.table.columns:
            if snake(column) in ("currency", "currency_code"):
                return is_lower_case(shape.catalogue, part.table, column)
    return False


def _calls(api: FoundApi) -> Iterator[Line]:
    for name in ORDER:
        call = api.calls.get(name)
        if call is not None:
            origin = f"OpenAPI ({call.operation.said})" if api.document else GUESS
            yield line(name, call.described(), origin, "; ".join(call.asked))


def _facts(shape: Shape, api: FoundApi) -> Iterator[Line]:
    if not api.facts.places:
        asked = "where in an answer is each fact? An expression of JMESPath each"
        yield line("id", "id", GUESS, asked)
        return
    for fact, place in api.facts.places.items():
        yield line(fact, place, api.answered)


def _words(shape: Shape) -> Iterator[Line]:
    invoices, status = shape.invoices, shape.invoices.get("status")
    sorted_ = shape.invoice_words
    told: dict[str, list[str]] = {}
    for stands in ("draft", "issued", "paid", "withdrawn"):
        if sorted_[stands] or stands in ("draft", "issued"):
            told[stands] = sorted_[stands] or [{"draft": "DRAFT", "issued": "ISSUED"}[stands]]
    asked = [f"where does an invoice stand that is {word}?" for word in sorted_[""]]
    asked += [f"which word is {stands}?" for stands in ("draft", "issued") if not sorted_[stands]]
    origin = f"catalogue ({invoices.table.where(status)})" if status else GUESS
    yield line("invoice", told, origin, " ".join(asked))
    words, origin = tenant_words(shape)
    active = [word for word in words if word.lower() in ACTIVE_WORDS]
    unclear = [w for w in words if w.lower() not in ACTIVE_WORDS | INACTIVE_WORDS]
    question = f"is a tenant that is {' or '.join(unclear)} billed?" if unclear else ""
    if not active:
        question = question or "which tenants are billed?"
    yield line("tenant", {"active": active or unclear or ["active"]}, origin, question)
    yield from _finding_types(shape.events)


def _finding_types(events: Part) -> Iterator[Line]:
    """Name finding types for seeds, where the table takes its own alone."""
    column = events.get("finding_type")
    words = events.table.columns[column].words if column else ()
    if words:
        yield line("finding_types", list(words[:3]), f"catalogue ({events.table.where(column)})")


def _refusals(shape: Shape, api: FoundApi | None) -> Iterator[Line]:
    if api is None:
        return
    for rule in Rule:
        if _cannot_be(rule, shape, api):
            continue
        told = api.refusals.get(rule)
        if told is not None:
            yield line(rule, told.described(), told.origin, _asked(told))
            continue
        guess = likely(rule, api.calls, api.refusals.values())
        asked = "what does it answer: which status, which code?"
        yield line(rule, guess.described(), GUESS, asked)


def _asked(told: Told) -> str:
    return "is this its code, too?" if told.origin == GUESS else ""


def _cannot_be(rule: Rule, shape: Shape, api: FoundApi) -> bool:
    """Tell whether no call can break a rule, so that no answer to it need be known."""
    if rule in api.refusals:
        return False
    amount = shape.events.table.columns.get(shape.events.get("amount"))
    whole = amount is not None and amount.base in ("int8", "int4", "int2")
    return {
        Rule.PERIOD_IS_EMPTY: api.period in ("%Y-%m", "%Y%m"),
        Rule.IDEMPOTENCY_KEY_REUSED: not api.takes_keys,
        Rule.EVENTS_IN_SEVERAL_CURRENCIES: currency(shape, shape.events)[1],
        Rule.EVENT_AMOUNT_IS_NOT_FINITE: whole,
        Rule.TOTAL_IS_NEGATIVE: True,  # the gate never asks for such a bill
        Rule.INVOICE_IS_NOT_ISSUED: not {"mark_paid", "void"} & api.calls.keys(),
    }.get(rule, False)


def _lacks(shape: Shape, api: FoundApi | None) -> Iterator[Line]:
    if api is not None:
        for name in ORDER[:-1]:
            if name not in api.calls:
                origin = "OpenAPI (no such call)" if api.document else GUESS
                yield line(name, "the API has none", origin, api.asked_for(name))
        if not api.takes_keys:
            what = "month" if api.period in ("%Y-%m", "%Y%m") else "period"
            why = f"none: a lost answer is looked for by its {what}"
            known = "OpenAPI (no call takes a key)" if api.document else GUESS
            question = "" if api.document else "does a draft take a key?"
            yield line("idempotency", why, known, question)
        if not api.headers.value:
            yield line("token", "callers show none", api.headers.origin)
    drafted = {select.name: select for select in selects(shape)}
    invoices = drafted["invoices"]
    for name, why in (
        ("event_count", "an invoice does not say how many events it bills"),
        ("recovered_amount", "an invoice does not say what was recovered"),
        ("created_at", "an invoice does not say when it was made"),
        ("issued_at", "an invoice does not say when it was issued"),
        ("paid_at", "an invoice does not say when it was paid"),
    ):
        if name not in invoices.columns:
            asked = f"does no column of {shape.invoices.table.name} say it?"
            origin = f"catalogue ({shape.invoices.table.name}: none by that name)"
            yield line(name, why, origin, asked)
    yield from _lacking_lines(shape, drafted.get("lines"))


def _lacking_lines(shape: Shape, lines: Select | None) -> Iterator[Line]:
    if lines is None:
        others = [table.name for table in pointing(shape.catalogue, shape.invoices.table)]
        named = ", ".join(name for name in others if name != shape.events.table.name)
        asked = f"are its lines in one of {named}?" if named else ""
        yield line("lines", "an invoice is one amount", "catalogue (no table of lines)", asked)
    elif "rate" not in lines.columns and "event_id" not in lines.columns:
        origin = f"catalogue ({lines.sources[0].text.split()[1]}: no such column)"
        yield line("line_rates", "a line does not say its rate", origin)


def _leaves(shape: Shape) -> Iterator[Line]:
    for table in shape.beside:
        if any(key.target == shape.invoices.table.name for key in table.foreign):
            continue  # it goes with its invoice
        for words, what in LEFT:
            if re.search(rf"(^|_){words}s?($|_)", snake(table.plain)):
                yield line(table.name, what, f"catalogue ({table.name})")
                break
