"""The SELECTs of a drafted ``relations.sql``: a canonical relation each, column by column."""

from collections.abc import Iterator

from platforms.drafting import expressions as ex
from platforms.drafting.agreeing import agreed
from platforms.drafting.claiming import billable, claimed
from platforms.drafting.expressions import Expression
from platforms.drafting.items import (
    Select,
    after,
    currency,
    digest,
    fact,
    id_of,
    item,
    join,
    plain,
    remaining,
    source,
    tenant_of,
    with_tenant,
)
from platforms.drafting.lines import GUESS, Line
from platforms.drafting.naming import ACTIVE_FLAG, SOFT_DELETION, snake
from platforms.drafting.shape import Part, Shape, link


def selects(shape: Shape) -> list[Select]:
    """Draft every relation that the platform has, in the order in which the gate names them."""
    drafted = [_tenants(shape), _events(shape), *_terms(shape), _invoices(shape)]
    lines = [_lines(shape)] if shape.lines else []
    return [*drafted, *lines, *agreed(shape)]


def _tenants(shape: Shape) -> Select:
    part = shape.tenants
    name = part.get("name") or part.key
    read = ex.word(part.table, part.alias, name)
    items = [id_of(part), item(part.table, name, read, "name")]
    if part.get("slug"):
        slug = part.get("slug")
        items.append(item(part.table, slug, ex.word(part.table, part.alias, slug), "slug"))
    return Select("tenants", [*items, _tenant_status(part), digest(part)], [source(part)])


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


def _events(shape: Shape) -> Select:
    part = shape.events
    money, of_tenant = currency(shape, part)
    facts = [
        ("key", ex.word, "what names an event, and is new for each?"),
        ("amount", ex.amount, "which column holds what was recovered?"),
    ]
    items = [id_of(part), tenant_of(shape, part)]
    items += [fact(part, name, read, asked) for name, read, asked in facts]
    items += [
        money,
        fact(part, "finding_type", ex.word, "what kind of recovery is an event?"),
        *(plain(part, entity, "entity") for entity in filter(None, [part.get("source_entity_id")])),
        fact(part, "occurred_at", ex.instant, "when did an event happen?"),
        *([fact(part, "created_at", ex.instant, "")] if part.get("created_at") else []),
        billable(shape),
        *claimed(shape),
        digest(part),
    ]
    return Select("events", items, with_tenant(shape, part, of_tenant))


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
        yield Select("terms", items, [source(shape.tenants)])
        return
    own = part.table.name == shape.tenants.table.name
    money, of_tenant = currency(shape, part)
    tenant = plain(part, part.key, "tenant_id") if own else tenant_of(shape, part)
    column = part.get("rate")
    read = ex.rate(part.table, part.alias, column)
    items = [id_of(part), tenant, _terms_kind(part), money, item(part.table, column, read, "rate")]
    items += [*_validity(part), digest(part)]
    nullable = part.table.columns[column].nullable
    wanted = [f"{part.alias}.{column} IS NOT NULL"] if nullable else []
    wanted += [] if own else remaining(part)
    sources = with_tenant(shape, part, of_tenant and not own)
    yield Select("terms", items, sources, condition=" AND ".join(wanted))


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
            read = after(part.table, column, read) if name == "valid_to" else read
            yield item(part.table, column, read, name)
        else:
            yield Line(f"{without} AS {name}", f"catalogue ({part.table.name}: it has none)")


def _invoices(shape: Shape) -> Select:
    part = shape.invoices
    money, of_tenant = currency(shape, part)
    items = [
        id_of(part),
        tenant_of(shape, part),
        fact(part, "number", ex.word, "what do people call an invoice?"),
        fact(part, "status", ex.word, "how does an invoice tell where it stands?"),
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
            items.append(fact(part, name, ex.amount, "which column holds the total?"))
    sources: list[Line] = []
    if shape.request_keys and not part.get("idempotency_key"):
        items.append(_request_key(shape, sources))
    return Select("invoices", [*items, digest(part)], with_tenant(shape, part, of_tenant, sources))


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
            item(table, end, after(table, end, last), "period_end"),
        ]
    if month or start:
        begin = _month(part, month or start)
        origin = f"catalogue ({table.where(month or start)})"
        return [
            Line(f"{begin} AS period_start", origin),
            Line(f"{begin} + interval '1 month' AS period_end", origin),
        ]
    made = part.get("created_at")
    asked = "which period does an invoice bill? Here: the month before it was made"
    told = ex.instant(table, part.alias, made).read if made else "NULL::timestamptz"
    begin = f"date_trunc('month', {told})"
    return [
        Line(f"{begin} - interval '1 month' AS period_start", GUESS, asked),
        Line(f"{begin} AS period_end", GUESS),
    ]


def _month(part: Part, column: str) -> str:
    """Return the first day of a month that is told as a day, or as text."""
    if part.table.columns[column].base in ("text", "varchar", "bpchar"):
        return f"to_date({part.alias}.{column}, 'YYYY-MM')"
    return ex.instant(part.table, part.alias, column).read


def _lines(shape: Shape) -> Select:
    part = shape.lines
    assert part is not None  # noqa: S101 - the caller has looked
    of_invoice = link(part.table, shape.invoices.table)
    of_event = link(part.table, shape.events.table)
    items = [id_of(part), plain(part, of_invoice, "invoice_id")]
    if of_event:
        items.append(plain(part, of_event, "event_id"))
    sources = [source(part)]
    if part.get("finding_type"):
        items.append(fact(part, "finding_type", ex.word, ""))
    if part.get("rate"):
        items.append(fact(part, "rate", ex.rate, ""))
    elif column := shape.invoices.get("rate"):
        table, alias = shape.invoices.table, shape.invoices.alias
        items.append(item(table, column, ex.rate(table, alias, column), "rate"))
        sources.append(join(part, shape.invoices, of_invoice))
    if column := part.get("event_count"):
        items.append(plain(part, column, "event_count"))
    if part.get("recovered_amount"):
        items.append(fact(part, "recovered_amount", ex.amount, ""))
    items.append(fact(part, "gain_share_amount", ex.amount, "which column holds the fee?"))
    return Select("lines", [*items, digest(part)], sources)
