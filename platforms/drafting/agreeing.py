"""The drafted relation of what was agreed beside rates: limits, and how fees are rounded."""

from collections.abc import Iterator
from dataclasses import replace

from platforms.drafting import expressions as ex
from platforms.drafting.expressions import Expression
from platforms.drafting.items import Select, after, item, plain, remaining, source, tenant_of
from platforms.drafting.lines import Line
from platforms.drafting.naming import COLUMNS, parts
from platforms.drafting.shape import LIKELY, Part, Shape, link, part_of
from platforms.relations.agreed import WORDS

ROLE = "agreed"
LIMITS = ("cap_per_event", "cap_per_invoice", "cap_per_contract_year", "minimum_per_invoice")


def agreed(shape: Shape) -> Iterator[Select]:
    """Draft the relation, where a table of tenants, or of theirs, has columns like limits."""
    tables = [table for table in shape.catalogue.tables.values() if not table.is_view]
    theirs = [part_of(ROLE, table, LIKELY) for table in tables if _is_theirs(shape, table.name)]
    best = max(theirs, key=_limits, default=None)
    if best is not None and _limits(best):
        items = [_tenant(shape, best), *_items(shape, best)]
        wanted = [] if best.table.name == shape.tenants.table.name else remaining(best)
        yield Select(ROLE, items, [source(best)], condition=" AND ".join(wanted))


def _is_theirs(shape: Shape, name: str) -> bool:
    others = {part.table.name for part in shape.parts} - {shape.tenants.table.name}
    others -= {shape.terms.table.name} if shape.terms else set()
    table, tenants = shape.catalogue.tables[name], shape.tenants.table
    return name not in others and (name == tenants.name or bool(link(table, tenants)))


def _limits(part: Part) -> int:
    return sum(bool(part.get(name)) for name in LIMITS)


def _tenant(shape: Shape, part: Part) -> Line:
    if part.table.name == shape.tenants.table.name:
        return plain(part, part.key, "tenant_id")
    return tenant_of(shape, part)


def _items(shape: Shape, part: Part) -> Iterator[Line]:
    for name in COLUMNS[ROLE]:
        if column := part.get(name):
            yield item(part.table, column, _read(shape, part, name, column), name)


def _asked(part: Part, name: str) -> Iterator[str]:
    """Ask what the name of a limit leaves open."""
    column = part.get(name)
    words, plain_name = parts(column), column.strip('"')
    if name == "minimum_per_invoice" and not {"invoice", "month", "monthly"} & set(words):
        yield f"is {plain_name} the least that an invoice amounts to?"
    if name == "cap_per_contract_year" and "contract" not in words:
        yield f"is {plain_name} about years that begin with the contract?"
    if not part.table.columns[column].nullable:
        without = f"nullif({part.alias}.{column}, 0)"
        yield f"which {plain_name} says that there is none? {without} leaves 0 out"


def _read(shape: Shape, part: Part, name: str, column: str) -> Expression:
    if name == "currency":
        return ex.currency(shape.catalogue, part.table, part.alias, column)
    if name in LIMITS:
        told = ex.amount(part.table, part.alias, column)
        return replace(told, question=" ".join(filter(None, (told.question, *_asked(part, name)))))
    if name in ("valid_from", "valid_to", "begins"):
        told = ex.instant(part.table, part.alias, column)
        return after(part.table, column, told) if name == "valid_to" else told
    known = WORDS[ROLE].get(name)
    if known is None:
        return Expression(f"{part.alias}.{column}")
    told = ex.word(part.table, part.alias, column)
    held = shape.catalogue.words(part.table, column)
    if held and held.keys() <= set(known):
        return told
    return Expression(told.read, question=f"which is it? CASE ... of {', '.join(known)}")
