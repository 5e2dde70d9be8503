"""Which events may be billed, and how one tells the invoice that bills it."""

from typing import Any

from platforms.drafting import expressions as ex
from platforms.drafting.catalogue import literals
from platforms.drafting.items import ids, plain, remaining
from platforms.drafting.lines import GUESS, Line, template
from platforms.drafting.naming import BILLABLE_WORDS, snake
from platforms.drafting.shape import Claim, Part, Shape, link


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
    if column and (not shape.billable_flag or _says_recovered(shape)):
        told = billable_words(shape)
        read = ex.word(part.table, part.alias, column).read
        wanted.append(f"{read} = {quoted(told[0])}")
        origins.append(part.table.where(column))
        if told[0].lower() not in BILLABLE_WORDS:
            asked = f"which words of {column} may be billed: {', '.join(told)}?"
    wanted += remaining(part)
    origins += [part.table.where(name) for name in shape.deletions]
    if not wanted:
        return Line("true AS billable", GUESS, "which events may not be billed?")
    text = wanted[0] if len(wanted) == 1 and "=" not in wanted[0] else f"({' AND '.join(wanted)})"
    return Line(f"{text} AS billable", f"catalogue ({', '.join(origins)})", asked)


def _says_recovered(shape: Shape) -> bool:
    """Tell whether events have words that say so, beside a flag: what is open bills nothing."""
    return billable_words(shape)[0].lower() in BILLABLE_WORDS and bool(_known_words(shape))


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


def _known_words(shape: Shape) -> list[str]:
    column = event_status(shape)
    return list(shape.catalogue.words(shape.events.table, column)) if column else []


def billable_words(shape: Shape) -> list[str]:
    """Return the words of events' status, the likeliest to be billed first."""
    words = _known_words(shape)
    return sorted(words, key=lambda word: word.lower() not in BILLABLE_WORDS) or ["RECOVERED"]


def quoted(word: str) -> str:
    """Write a word as an SQL literal."""
    return "'" + word.replace("'", "''") + "'"


def claimed(shape: Shape) -> list[Line]:
    """Return whether an event is billed, and by which invoice."""
    part, table = shape.events, shape.events.table
    column = link(table, shape.invoices.table)
    if shape.claim is Claim.COLUMN:
        mark = shape.billed_at or column
        return [
            Line(
                f"({part.alias}.{mark} IS NOT NULL) AS billed", f"catalogue ({table.where(mark)})"
            ),
            plain(part, column, "invoice_id"),
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
