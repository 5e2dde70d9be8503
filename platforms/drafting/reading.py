"""The SELECTs of a drafted ``relations.sql``: a canonical relation each, column by column."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from platforms.drafting import expressions as ex
from platforms.drafting.catalogue import Table, literals
from platforms.drafting.expressions import Expression
from platforms.drafting.lines import GUESS, Line, template
from platforms.drafting.naming import ACTIVE_FLAG, BILLABLE_WORDS, SOFT_DELETION, snake
from platforms.drafting.shape import LIKELY, Claim, Part, Shape, link
from platforms.relations import RELATION_COLUMNS

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


def selects(shape: Shape) -> list[Select]:
    """Draft every relation that the platform has, in the order in which the gate names them."""
    drafted = [_tenants(shape), _events(shape), *_terms(shape), _invoices(shape)]
    return [*drafted, _lines(shape)] if shape.lines else drafted


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


def _plain(part: Part, column: str, name: str) -> Line:
    return item(part.table, column, Expression(f"{part.alias}.{column}"), name)


def digest(part: Part) -> Line:
    """Return the hash of a whole row."""
    unhashed = [c.name for c in part.table.columns.values() if c.base in NOT_HASHED]
    row = f"hash_record_extended({part.alias}, 0)"
    if unhashed:
        row = f"hashtextextended({part.alias}::text, 0)"
    why = f"; {unhashed[0]} has no hash" if unhashed else ""
    return Line(f"{row} AS digest", f"catalogue ({part.table.name}: the whole row{why})")


def _from(part: Part) -> Line:
    asked = "" if part.score >= LIKELY else f"is {part.table.name} the table of {part.role}?"
    return Line(f"FROM {part.table.name} AS {part.alias}", f"catalogue ({part.table.name})", asked)


def _join(part: Part, target: Part, column: str) -> Line:
    text = (
        f"JOIN {target.table.name} AS {target.alias} "
        f"ON {target.alias}.{target.key} = {part.alias}.{column}"
    )
    return Line(text, f"catalogue ({part.table.where(column)})")


def _id(part: Part) -> Line:
    if part.key in part.table.columns:
        return _plain(part, part.key, "id")
    keys = part.table.primary or tuple(part.table.columns)[:1]
    told = ", ' ', ".join(f"{part.alias}.{column}" for column in keys)
    return Line(f"concat({told}) AS id", f"catalogue ({part.table.name}: its key)")


def _tenant(shape: Shape, part: Part) -> Line:
    column = shape.tenant_column(part)
    if column:
        return _plain(part, column, "tenant_id")
    kind = ids(shape)["tenant"]
    asked = f"how does a row of {part.table.name} tell its tenant?"
    return Line(f"NULL::{kind} AS tenant_id", GUESS, asked)


def _tenants(shape: Shape) -> Select:
    part = shape.tenants
    name = part.get("name") or part.key
    read = ex.word(part.table, part.alias, name)
    items = [_id(part), item(part.table, name, read, "name")]
    if part.get("slug"):
        slug = part.get("slug")
        items.append(item(part.table, slug, ex.word(part.table, part.alias, slug), "slug"))
    return Select("tenants", [*items, _tenant_status(part), digest(part)], [_from(part)])


def _tenant_status(part: Part) -> Line:
    """Return a tenant's status: a word, a flag, or that it is deleted and stays."""
    table, column = part.table, part.get("status")
    if column:
        return item(table, column, ex.word(table, part.alias, column), "status")
    for name, told in table.columns.items():
        if ACTIVE_FLAG.fullmatch(snake(name)) and told.base == "bool":
            text = f"CASE WHEN {part.alias}.{name} THEN 'active' ELSE 'inactive' END AS status"
            return Line(text, f"catalogue ({table.where(name)})")
        if SOFT_DELETION.fullmatch(snake(name)) and told.base != "bool":
            gone = f"{part.alias}.{name} IS NULL"
            text = f"CASE WHEN {gone} THEN 'active' ELSE 'deleted' END AS status"
            return Line(text, f"catalogue ({table.where(name)})")
    return Line("'active' AS status", GUESS, f"which rows of {table.name} may not be billed?")


def tenant_words(shape: Shape) -> tuple[list[str], str]:
    """Return the words that a tenant's status may be, and where they come from."""
    part, column = shape.tenants, shape.tenants.get("status")
    if column:
        words = shape.catalogue.words(part.table, column)
        return list(words), f"catalogue ({part.table.where(column)})"
    return ["active"], _tenant_status(part).origin


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


def _with_tenant(
    shape: Shape, part: Part, of_tenant: bool, sources: list[Line] | None = None
) -> list[Line]:
    column = shape.tenant_column(part)
    joins = [_join(part, shape.tenants, column)] if of_tenant and column else []
    return [_from(part), *joins, *(sources or [])]


def _events(shape: Shape) -> Select:
    part = shape.events
    money, of_tenant = currency(shape, part)
    facts = [
        ("key", ex.word, "what names an event, and is new for each?"),
        ("amount", ex.amount, "which column holds what was recovered?"),
    ]
    items = [_id(part), _tenant(shape, part)]
    items += [_fact(part, name, read, asked) for name, read, asked in facts]
    items += [
        money,
        _fact(part, "finding_type", ex.word, "what kind of recovery is an event?"),
        _fact(part, "occurred_at", ex.instant, "when did an event happen?"),
        billable(shape),
        *_claimed(shape),
        digest(part),
    ]
    return Select("events", items, _with_tenant(shape, part, of_tenant))


def _fact(part: Part, name: str, read: Any, asked: str) -> Line:
    column = part.get(name)
    if column:
        return item(part.table, column, read(part.table, part.alias, column), name)
    known = RELATION_COLUMNS[part.role][name].types
    kind = {"tenant": "text"}.get(known[0], known[0]) if known else "text"
    return Line(f"NULL::{kind} AS {name}", GUESS, asked)


def billable(shape: Shape) -> Line:
    """Return what of an event may be billed: as an index has it, or by its words and flags."""
    part = shape.events
    partial = _billable_by_index(shape)
    if partial:
        return partial
    wanted, origins, asked = [], [], ""
    if shape.billable_flag:
        wanted.append(f"{part.alias}.{shape.billable_flag}")
        origins.append(part.table.where(shape.billable_flag))
    column = event_status(shape)
    if column and not shape.billable_flag:
        told = billable_words(shape)
        read = ex.word(part.table, part.alias, column).read
        wanted.append(f"{read} = {quoted(told[0])}")
        origins.append(part.table.where(column))
        if told[0].lower() not in BILLABLE_WORDS:
            asked = f"which words of {column} may be billed: {', '.join(told)}?"
    for name in shape.deletions:
        flag = part.table.columns[name].base == "bool"
        wanted.append(f"NOT {part.alias}.{name}" if flag else f"{part.alias}.{name} IS NULL")
        origins.append(part.table.where(name))
    if not wanted:
        return Line("true AS billable", GUESS, "which events may not be billed?")
    text = wanted[0] if len(wanted) == 1 and "=" not in wanted[0] else f"({' AND '.join(wanted)})"
    return Line(f"{text} AS billable", f"catalogue ({', '.join(origins)})", asked)


def _billable_by_index(shape: Shape) -> Line | None:
    part = shape.events
    claim = link(part.table, shape.invoices.table)
    for predicate in part.table.predicates:
        told = ex.conjuncts(predicate)
        free = [one for one in told if one in (f"{shape.billed_at} IS NULL", f"{claim} IS NULL")]
        rest = [one for one in told if one not in free]
        if free and rest:
            named = [ex.qualified(one, part.table, part.alias) for one in rest]
            origin = f"catalogue ({part.table.name}: the index of what is not billed yet)"
            return Line(f"({' AND '.join(named)}) AS billable", origin)
    return None


def index_words(shape: Shape) -> dict[str, str]:
    """Return the words that the index of what is not billed yet demands, by their columns."""
    found = {}
    for predicate in shape.events.table.predicates:
        for one in ex.conjuncts(predicate):
            name, equals, value = one.partition(" = ")
            if equals and literals(value) and name in shape.events.table.columns:
                found[name] = literals(value)[0]
    return found


def event_status(shape: Shape) -> str:
    """Return the column that tells where an event stands; nothing where none does."""
    taken = set(shape.events.columns.values())
    told = {snake(name): name for name in shape.events.table.columns if name not in taken}
    wanted = ("status", "state", "category", "stage", "phase")
    return next((told[name] for name in wanted if name in told), "")


def billable_words(shape: Shape) -> list[str]:
    """Return the words of events' status, the likeliest to be billed first."""
    column = event_status(shape)
    words = list(shape.catalogue.words(shape.events.table, column)) if column else []
    return sorted(words, key=lambda word: word.lower() not in BILLABLE_WORDS) or ["RECOVERED"]


def quoted(word: str) -> str:
    """Write a word as an SQL literal."""
    return "'" + word.replace("'", "''") + "'"


def _claimed(shape: Shape) -> list[Line]:
    """Return whether an event is billed, and by which invoice."""
    part, table = shape.events, shape.events.table
    column = link(table, shape.invoices.table)
    if shape.claim is Claim.COLUMN:
        mark = shape.billed_at or column
        return [
            Line(
                f"({part.alias}.{mark} IS NOT NULL) AS billed", f"catalogue ({table.where(mark)})"
            ),
            _plain(part, column, "invoice_id"),
        ]
    if shape.claim is Claim.NOWHERE:
        asked = "how does an event tell that it is billed, and by which invoice?"
        kind = ids(shape)["invoice"]
        return [
            Line("false AS billed", GUESS, asked),
            Line(f"NULL::{kind} AS invoice_id", GUESS),
        ]
    claiming, origin = claim_of(shape)
    module: Any = template("relations.sql").module
    told = (module.billed_by(claiming), module.billing_invoice(claiming))
    return [Line(text.strip(), origin) for text in told]


def claim_of(shape: Shape) -> tuple[dict[str, str], str]:
    """Return what a template needs to look for an event's invoice, and where that comes from."""
    claims, invoice = shape.lines or shape.invoices, shape.invoices
    table = claims.table
    if shape.claim is Claim.TABLE and shape.claims is not None:
        table = shape.claims
    alias = Part("claims", table, 0).alias
    alias = "claim" if alias in (shape.events.alias, invoice.alias) else alias
    of_invoice, of_event = link(table, invoice.table), link(table, shape.events.table)
    free = shape.invoice_words["withdrawn"] if shape.claim is Claim.LINES else []
    uuid = ids(shape)["invoice"] == "uuid"
    named = f"{alias}.{of_invoice}"
    status = invoice.get("status") if free else ""
    told = ", ".join(map(quoted, free))
    unequal = f"<> {told}" if len(free) == 1 else f"NOT IN ({told})"
    context = {
        "table": table.name,
        "alias": alias,
        "invoices": invoice.table.name,
        "invoice": invoice.alias,
        "invoice_key": invoice.key,
        "of_invoice": of_invoice,
        "of_event": of_event,
        "event": f"{shape.events.alias}.{shape.events.key}",
        "status": status,
        "counting": f" AND {invoice.alias}.{status} {unequal}" if free and status else "",
        "one": named if uuid else f"max({named})",
        "limit": "1" if uuid else "",
    }
    return context, f"catalogue ({table.where(of_event)})"


def _terms(shape: Shape) -> Iterator[Select]:
    part = shape.terms
    if part is None:
        items = [
            Line("NULL::text AS id", GUESS, "where do rates stand? Here: a quarter, for all"),
            Line(f"{shape.tenants.alias}.{shape.tenants.key} AS tenant_id", GUESS),
            Line("NULL::text AS finding_type", GUESS),
            currency(shape, shape.tenants)[0],
            Line("0.25 AS rate", GUESS),
            Line("'-infinity'::timestamptz AS valid_from", GUESS),
            Line("NULL::timestamptz AS valid_to", GUESS),
            digest(shape.tenants),
        ]
        yield Select("terms", items, [_from(shape.tenants)])
        return
    own = part.table.name == shape.tenants.table.name
    money, of_tenant = currency(shape, part)
    tenant = _plain(part, part.key, "tenant_id") if own else _tenant(shape, part)
    column = part.get("rate")
    read = ex.rate(part.table, part.alias, column)
    items = [_id(part), tenant, _terms_kind(part), money, item(part.table, column, read, "rate")]
    items += [*_validity(part), digest(part)]
    nullable = part.table.columns[column].nullable
    condition = f"{part.alias}.{column} IS NOT NULL" if nullable else ""
    yield Select(
        "terms", items, _with_tenant(shape, part, of_tenant and not own), condition=condition
    )


def _terms_kind(part: Part) -> Line:
    column = part.get("finding_type")
    if column:
        return item(part.table, column, ex.word(part.table, part.alias, column), "finding_type")
    return Line("NULL::text AS finding_type", f"catalogue ({part.table.name}: for all kinds alike)")


def _validity(part: Part) -> Iterator[Line]:
    for name, without in (
        ("valid_from", "'-infinity'::timestamptz"),
        ("valid_to", "NULL::timestamptz"),
    ):
        column = part.get(name)
        if column:
            read = ex.instant(part.table, part.alias, column)
            yield item(part.table, column, read, name)
        else:
            yield Line(f"{without} AS {name}", f"catalogue ({part.table.name}: it has none)")


def _invoices(shape: Shape) -> Select:
    part = shape.invoices
    money, of_tenant = currency(shape, part)
    items = [
        _id(part),
        _tenant(shape, part),
        _fact(part, "number", ex.word, "what do people call an invoice?"),
        _fact(part, "status", ex.word, "how does an invoice tell where it stands?"),
        money,
        *_period(shape),
    ]
    for name, read in (
        ("event_count", None),
        ("recovered_amount", ex.amount),
        ("gain_share_amount", ex.amount),
        ("idempotency_key", ex.word),
        ("created_at", ex.instant),
        ("issued_at", ex.instant),
        ("paid_at", ex.instant),
    ):
        column = part.get(name)
        if column:
            told = (
                read(part.table, part.alias, column)
                if read
                else Expression(f"{part.alias}.{column}")
            )
            items.append(item(part.table, column, told, name))
        elif name == "gain_share_amount":
            items.append(_fact(part, name, ex.amount, "which column holds the total?"))
    sources: list[Line] = []
    if shape.request_keys and not part.get("idempotency_key"):
        items.append(_request_key(shape, sources))
    return Select("invoices", [*items, digest(part)], _with_tenant(shape, part, of_tenant, sources))


def _request_key(shape: Shape, sources: list[Line]) -> Line:
    """Join the table of keys, and return the key."""
    assert shape.request_keys is not None  # noqa: S101 - the caller has looked
    table, column = shape.request_keys
    alias = Part("keys", table, 0).alias
    alias = "request" if alias == "key" else alias
    of_invoice = link(table, shape.invoices.table)
    key = f"{shape.invoices.alias}.{shape.invoices.key}"
    origin = f"catalogue ({table.where(of_invoice)})"
    text = f"LEFT JOIN {table.name} AS {alias} ON {alias}.{of_invoice} = {key}"
    sources.append(Line(text, origin))
    return item(table, column, ex.word(table, alias, column), "idempotency_key")


def _period(shape: Shape) -> list[Line]:
    """Return the first instant of an invoice's period, and the first after it."""
    part, table = shape.invoices, shape.invoices.table
    start, end, month = (part.get(name) for name in ("period_start", "period_end", "month"))
    if start and end:
        first, last = (ex.instant(table, part.alias, column) for column in (start, end))
        return [
            item(table, start, first, "period_start"),
            item(table, end, _after(table, end, last), "period_end"),
        ]
    if month or start:
        column = month or start
        if table.columns[column].base in ("text", "varchar", "bpchar"):
            first = f"to_date({part.alias}.{column}, 'YYYY-MM')"
        else:
            first = ex.instant(table, part.alias, column).read
        origin = f"catalogue ({table.where(column)})"
        return [
            Line(f"{first} AS period_start", origin),
            Line(f"{first} + interval '1 month' AS period_end", origin),
        ]
    made = part.get("created_at")
    asked = "which period does an invoice bill? Here: the month before it was made"
    told = ex.instant(table, part.alias, made).read if made else "NULL::timestamptz"
    first = f"date_trunc('month', {told})"
    return [
        Line(f"{first} - interval '1 month' AS period_start", GUESS, asked),
        Line(f"{first} AS period_end", GUESS),
    ]


def _after(table: Table, column: str, read: Expression) -> Expression:
    """Return the first instant after a period: a last day may be meant to be in it."""
    if table.columns[column].base != "date":
        return read
    if any("'[]'" in one and column in one for one in (*table.excludes, *table.checks)):
        return Expression(f"{read.read} + 1")
    asked = f"is {column} the first day after? If it is the last day in, write + 1"
    return Expression(read.read, question=asked)


def _lines(shape: Shape) -> Select:
    part = shape.lines
    assert part is not None  # noqa: S101 - the caller has looked
    of_invoice = link(part.table, shape.invoices.table)
    of_event = link(part.table, shape.events.table)
    items = [_id(part), _plain(part, of_invoice, "invoice_id")]
    if of_event:
        items.append(_plain(part, of_event, "event_id"))
    sources = [_from(part)]
    if part.get("finding_type"):
        items.append(_fact(part, "finding_type", ex.word, ""))
    if part.get("rate"):
        items.append(_fact(part, "rate", ex.rate, ""))
    elif column := shape.invoices.get("rate"):
        table, alias = shape.invoices.table, shape.invoices.alias
        items.append(item(table, column, ex.rate(table, alias, column), "rate"))
        sources.append(_join(part, shape.invoices, of_invoice))
    if column := part.get("event_count"):
        items.append(_plain(part, column, "event_count"))
    if part.get("recovered_amount"):
        items.append(_fact(part, "recovered_amount", ex.amount, ""))
    items.append(_fact(part, "gain_share_amount", ex.amount, "which column holds the fee?"))
    return Select("lines", [*items, digest(part)], sources)
