"""What a drafted SELECT is made of: columns and where they come from, tables, joins, digests."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from platforms.drafting import expressions as ex
from platforms.drafting.catalogue import Table, literals
from platforms.drafting.expressions import Expression
from platforms.drafting.lines import GUESS, Line
from platforms.drafting.naming import SOFT_DELETION, snake
from platforms.drafting.shape import LIKELY, Part, Shape
from platforms.relations.canonical import RELATION_COLUMNS

# Types that PostgreSQL has no hash for, so that a row with one is hashed as text.
NO_HASH = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})
NOT_HASHED = NO_HASH | {"money", "tsvector", "bit", "varbit", "txid_snapshot"}
ID_TYPES = {"uuid": "uuid", "int8": "bigint", "int4": "bigint", "int2": "bigint"}


@dataclass(frozen=True)
class Select:
    """One relation: what is selected, from where, and under which condition."""

    name: str
    items: list[Line]
    sources: list[Line]
    comments: list[str] = field(default_factory=list)
    condition: str = ""

    @property
    def columns(self) -> set[str]:
        """The names of its columns."""
        return {item.text.rpartition(" AS ")[2].rpartition(".")[2] for item in self.items}


def ids(shape: Shape) -> Mapping[str, str]:
    """Return the types of ids, in the description's words."""
    told = {"tenant": shape.tenants, "event": shape.events, "invoice": shape.invoices}
    return {name: ID_TYPES.get(_base(part), "text") for name, part in told.items()}


def _base(part: Part) -> str:
    column = part.table.columns.get(part.key)
    return column.base if column else "text"


def item(table: Table, column: str, expression: Expression, name: str) -> Line:
    """Return one column of a relation, and where it comes from."""
    plain = expression.read.rpartition(".")[2] == name
    text = expression.read if plain else f"{expression.read} AS {name}"
    return Line(text, f"catalogue ({table.where(column)})", expression.question)


def plain(part: Part, column: str, name: str) -> Line:
    """Return a column as it is."""
    return item(part.table, column, Expression(f"{part.alias}.{column}"), name)


def digest(part: Part) -> Line:
    """Return the hash of a whole row."""
    unhashed = [
        c.name for c in part.table.columns.values() if c.base.removeprefix("_") in NOT_HASHED
    ]
    row = f"hash_record_extended({part.alias}, 0)"
    if unhashed:
        row = f"hashtextextended({part.alias}::text, 0)"
    why = f"; {unhashed[0]} has no hash" if unhashed else ""
    return Line(f"{row} AS digest", f"catalogue ({part.table.name}: the whole row{why})")


def source(part: Part) -> Line:
    """Return the table that a relation is read from."""
    asked = "" if part.score >= LIKELY else f"is {part.table.name} the table of {part.role}?"
    return Line(f"FROM {part.table.name} AS {part.alias}", f"catalogue ({part.table.name})", asked)


def join(part: Part, target: Part, column: str) -> Line:
    """Join another part's table, to whose key a column points."""
    text = (
        f"JOIN {target.table.name} AS {target.alias} "
        f"ON {target.alias}.{target.key} = {part.alias}.{column}"
    )
    return Line(text, f"catalogue ({part.table.where(column)})")


def remaining(part: Part) -> list[str]:
    """Return under which conditions a row is none that was deleted and stays."""
    deletions = [name for name in part.table.columns if SOFT_DELETION.fullmatch(snake(name))]
    flags = {name for name in deletions if part.table.columns[name].base == "bool"}
    named = ((name, f"{part.alias}.{name}") for name in deletions)
    return [f"NOT {told}" if name in flags else f"{told} IS NULL" for name, told in named]


def after(table: Table, column: str, read: Expression) -> Expression:
    """Return the first instant after some time: a last day may be meant to be in it."""
    if table.columns[column].base != "date":
        return read
    ranges = [one for one in (*table.excludes, *table.checks) if column in one]
    if any("'[]'" in one for one in ranges):
        return Expression(f"{read.read} + 1")
    if any("daterange(" in one for one in ranges):
        return read
    asked = f"is {column} the first day after? If it is the last day in, write + 1"
    return Expression(read.read, question=asked)


def id_of(part: Part) -> Line:
    """Return the ids of a part: its key, or what is made of several columns."""
    if part.key in part.table.columns:
        return plain(part, part.key, "id")
    keys = part.table.primary or tuple(part.table.columns)[:1]
    told = ", ' ', ".join(f"{part.alias}.{column}" for column in keys)
    return Line(f"concat({told}) AS id", f"catalogue ({part.table.name}: its key)")


def tenant_of(shape: Shape, part: Part) -> Line:
    """Return whose a row is."""
    column = shape.tenant_column(part)
    if column:
        return plain(part, column, "tenant_id")
    kind = ids(shape)["tenant"]
    asked = f"how does a row of {part.table.name} tell its tenant?"
    return Line(f"NULL::{kind} AS tenant_id", GUESS, asked)


def fact(part: Part, name: str, read: Any, asked: str) -> Line:
    """Return what a column tells, or NULL and a question where no column does."""
    column = part.get(name)
    if column:
        return item(part.table, column, read(part.table, part.alias, column), name)
    known = RELATION_COLUMNS[part.role][name].types
    kind = {"tenant": "text"}.get(known[0], known[0]) if known else "text"
    return Line(f"NULL::{kind} AS {name}", GUESS, asked)


def currency(shape: Shape, part: Part) -> tuple[Line, bool]:
    """Return the currency of a part's rows, and whether it is the tenant's."""
    owners = [part, *shape.parts]
    for owner in (part, shape.tenants):
        column = next((c for c in owner.table.columns if _is_currency(owner, c)), "")
        if column:
            read = ex.currency(shape.catalogue, owner.table, owner.alias, column)
            return item(owner.table, column, read, "currency"), owner is not part
    code = next((one for owner in owners for one in _codes(shape, owner)), "USD")
    return Line(f"'{code}' AS currency", GUESS, "which currency is this, always?"), False


def _codes(shape: Shape, part: Part) -> Iterator[str]:
    """Yield the currencies that a part's rows have, the commonest first, or have by default."""
    for name, column in part.table.columns.items():
        if _is_currency(part, name):
            told = [*shape.catalogue.words(part.table, name), *literals(column.fallback)]
            yield from (code.upper() for code in told if re.fullmatch("[A-Za-z]{3}", code))


def _is_currency(part: Part, column: str) -> bool:
    wanted = {"currency", "currency_code", "ccy", "iso_currency"}
    wanted |= {"default_currency", "billing_currency"}
    return snake(column) in wanted or column == part.get("currency")


def with_tenant(
    shape: Shape, part: Part, of_tenant: bool, sources: list[Line] | None = None
) -> list[Line]:
    """Return a part's table, and the tenants' where something of them is told."""
    column = shape.tenant_column(part)
    joins = [join(part, shape.tenants, column)] if of_tenant and column else []
    return [source(part), *joins, *(sources or [])]
