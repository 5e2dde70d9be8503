"""The writes of a drafted ``relations.sql``: how a guest plants, spoils and removes."""

from collections.abc import Iterator, Mapping
from typing import Any

from platforms.drafting import expressions as ex
from platforms.drafting.catalogue import Column, Table
from platforms.drafting.claiming import (
    billable_words,
    claim_of,
    event_status,
    index_words,
    quoted,
)
from platforms.drafting.items import Select, ids
from platforms.drafting.lines import Line, listed, template
from platforms.drafting.reading import selects
from platforms.drafting.shape import Claim, Part, Shape, link, pointing

_FILLERS = {
    "bool": "false",
    "int8": "0",
    "int4": "0",
    "int2": "0",
    "numeric": "0",
    "float8": "0",
    "uuid": "gen_random_uuid()",
    "timestamptz": ":created_at",
    "timestamp": ":created_at::timestamptz AT TIME ZONE 'UTC'",
    "date": ":created_at::date",
    "jsonb": "'{}'",
    "json": "'{}'",
}
# The values of a seed that only a table which has such a column keeps.
_VALUES = (
    *("key", "amount", "currency", "finding_type", "occurred_at", "created_at"),
    *("source_entity_type", "source_entity_id", "reason_code"),
)


def relations(shape: Shape, name: str) -> tuple[str, list[Line]]:
    """Draft ``relations.sql``; return it, and every line of it that was drafted."""
    reading = selects(shape)
    planted, values, kept = _planted(shape)
    spoiled, restored = _spoiled(shape)
    events, invoices = shape.events, shape.invoices
    kind = ids(shape)
    of_invoices = shape.tenant_column(invoices)
    own_invoices = f"{invoices.key} = ANY(:ids::{kind['invoice']}[]) AND {of_invoices} = :tenant_id"
    source = Line(f"FROM {events.table.name}", f"catalogue ({events.table.name})")
    context: dict[str, Any] = {
        "listed": listed,
        "name": name,
        "selects": reading,
        "events": events.table.name,
        "invoices": invoices.table.name,
        "key": events.key,
        "ids": kind,
        "planted": planted,
        "values": values,
        "kept": Select(
            "planted_events",
            kept,
            [source],
            condition=f"{events.key} = ANY(:ids::{kind['event']}[])",
        ),
        "spoiled": spoiled,
        "restored": restored,
        "of_tenant": shape.tenant_column(events),
        "invoice_tenant": of_invoices,
        "invoice_key": invoices.key,
        "claim": link(events.table, invoices.table),
        "released": _released(shape),
        "hanging": list(_hanging(shape, invoices, {events.table.name})),
        "own_invoices": own_invoices,
        "own_events": f"{events.key} = ANY(:ids::{kind['event']}[])",
        "lasting": _lasting(shape),
        "pointing": [
            one
            for one in _hanging(shape, events, {invoices.table.name})
            if not _goes_with_invoices(shape, one["table"])
        ],
        "reference": events.get("key"),
    }
    text: str = template("relations.sql").make_module(context).draft()  # type: ignore[attr-defined]
    lines = [line for select in reading for line in (*select.items, *select.sources)]
    return text, [*lines, *planted, *values, *kept, *filter(None, (spoiled, restored))]


def _planted(shape: Shape) -> tuple[list[Line], list[Line], list[Line]]:
    """Return a seed's columns, their values, and how they are read back, in the table's order."""
    table = shape.events.table
    planted, values = [], []
    kept = [Line(shape.events.key if shape.events.key == "id" else f"{shape.events.key} AS id", "")]
    kept[0] = Line(kept[0].text, f"catalogue ({table.where(shape.events.key)})")
    for column in table.columns.values():
        value = _value(shape, column)
        if value is None:
            continue
        planted.append(Line(column.name, f"catalogue ({table.where(column.name)})", value.question))
        values.append(Line(value.text, value.origin))
        name = _planted_as(shape, column.name)
        if name:
            read = _read_back(shape, name, column.name)
            text = read if read == name else f"{read} AS {name}"
            kept.append(Line(text, f"catalogue ({table.where(column.name)})"))
    return planted, values, kept


def _planted_as(shape: Shape, column: str) -> str:
    """Return the name of the value that a column is planted with; nothing where it is none."""
    if column == shape.tenant_column(shape.events):
        return "tenant_id"
    return next((name for name in _VALUES if shape.events.get(name) == column), "")


def _expression(shape: Shape, name: str, column: str, alias: str = "") -> ex.Expression:
    table = shape.events.table
    if name == "amount":
        return ex.amount(table, alias, column)
    if name == "currency":
        return ex.currency(shape.catalogue, table, alias, column)
    if name in ("occurred_at", "created_at"):
        return ex.instant(table, alias, column)
    if name in ("tenant_id", "source_entity_id", "key"):
        return ex.Expression(column)
    return ex.word(table, alias, column)


def _read_back(shape: Shape, name: str, column: str) -> str:
    return _expression(shape, name, column).read.removeprefix(".")


def _value(shape: Shape, column: Column) -> Line | None:
    """Return what a column of a seed is given; None where it is left alone."""
    name = _planted_as(shape, column.name)
    if name:
        write = _expression(shape, name, column.name).write
        return Line(write.format(f":{name}"), f"the gate (:{name})")
    demanded = index_words(shape)
    if column.name in demanded:
        return Line(
            quoted(demanded[column.name]), "catalogue (the index of what is not billed yet)"
        )
    if column.name == shape.billable_flag:
        return Line("true", f"catalogue ({shape.events.table.where(column.name)})")
    if column.name == event_status(shape):
        origin = f"catalogue ({shape.events.table.where(column.name)})"
        return Line(quoted(billable_words(shape)[0]), origin)
    if column.name == shape.billed_at:
        return Line("NULL", f"catalogue ({shape.events.table.where(column.name)})")
    return _filler(shape, column) if column.needed else None


def _filler(shape: Shape, column: Column) -> Line:
    asked = f"a new row of {shape.events.table.name} needs {column.name}: what may a seed say?"
    origin = f"catalogue ({shape.events.table.where(column.name)})"
    if column.name == shape.events.key:
        made = {"uuid": "gen_random_uuid()"}.get(
            column.base, "concat('dryrun-', gen_random_uuid())"
        )
        return Line(made, origin, "" if column.base == "uuid" else asked)
    if column.words:
        return Line(quoted(column.words[0]), origin, asked)
    return Line(_FILLERS.get(column.base, "'dry run'"), origin, asked)


def _spoiled(shape: Shape) -> tuple[Line | None, Line | None]:
    """Return what makes a seed one that may not be billed, and what makes it one again."""
    table = shape.events.table
    if shape.billable_flag:
        column, wrong, right, asked = shape.billable_flag, "false", "true", ""
    elif event_status(shape):
        column, words = event_status(shape), billable_words(shape)
        others = words[1:] or ["DRY_RUN"]
        fallback = next((w for w in others if quoted(w) in table.columns[column].fallback), "")
        wrong, right = quoted(fallback or others[0]), quoted(words[0])
        asked = (
            "" if fallback or len(others) == 1 < len(words) else f"which of {', '.join(others)}?"
        )
    elif shape.deletions:
        column, asked = shape.deletions[0], ""
        flag = table.columns[column].base == "bool"
        wrong, right = ("true", "false") if flag else ("now()", "NULL")
    else:
        return None, None
    origin = f"catalogue ({table.where(column)})"
    return Line(f"{column} = {wrong}", origin, asked), Line(f"{column} = {right}", origin)


def _released(shape: Shape) -> list[Line]:
    """Return how an event lets go of its invoice, where it holds it itself."""
    if shape.claim is not Claim.COLUMN:
        return []
    column = link(shape.events.table, shape.invoices.table)
    columns = [*([shape.billed_at] if shape.billed_at else []), column]
    text = ", ".join(f"{name} = NULL" for name in columns)
    return [Line(text, f"catalogue ({shape.events.table.where(column)})")]


def _hanging(
    shape: Shape, target: Part, but: set[str], chain: tuple[Mapping[str, str], ...] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the tables whose rows point to what is to be removed, those furthest away first.

    What the database deletes along with it needs no statement.
    """
    yield from _pointing(shape, target.table, target.key, but, chain)


def _pointing(
    shape: Shape, target: Table, key: str, but: set[str], chain: tuple[Mapping[str, str], ...]
) -> Iterator[dict[str, Any]]:
    told = sorted(pointing(shape.catalogue, target), key=lambda one: _is_line(shape, one))
    for table in told:
        column = link(table, target)
        if table.name in but:
            continue
        if any(k.on_delete == "c" and k.columns == (column,) for k in table.foreign):
            continue
        steps = ({"column": column, "key": key, "table": target.name}, *chain)
        primary = table.primary[0] if len(table.primary) == 1 else ""
        if primary:
            yield from _pointing(shape, table, primary, but | {target.name}, steps)
        origin = f"catalogue ({table.where(column)})"
        yield {"table": table.name, "chain": list(steps), "origin": origin}


def _is_line(shape: Shape, table: Table) -> bool:
    return shape.lines is not None and table.name == shape.lines.table.name


def _goes_with_invoices(shape: Shape, table: str) -> bool:
    """Tell whether a table that points to events points to invoices as well."""
    return bool(link(shape.catalogue.tables[table], shape.invoices.table))


def _lasting(shape: Shape) -> dict[str, str]:
    """Return what a withdrawn invoice's lines keep from being deleted; nothing where none stay."""
    withdrawn = shape.invoice_words["withdrawn"]
    if shape.claim is not Claim.LINES or not withdrawn or not shape.invoices.get("status"):
        return {}
    told, origin = claim_of(shape)
    words = ", ".join(map(quoted, withdrawn))
    equal = f"= {words}" if len(withdrawn) == 1 else f"IN ({words})"
    return {**told, "withdrawn": equal, "origin": origin}
