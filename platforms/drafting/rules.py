"""What only a person knows, drafted all the same: the likeliest answer to each rule."""

import re
from collections.abc import Callable, Iterator

from platforms.drafting.lines import GUESS, Line
from platforms.drafting.reading import selects
from platforms.drafting.shape import Claim, Shape

MakeLine = Callable[..., Line]


def rules(shape: Shape, line: MakeLine, *, voids: bool) -> Iterator[Line]:
    """Yield the lines of ``[rules]``; ``voids`` tells whether there is a call that voids."""
    rate_at, origin = _rate_at(shape)
    asked = "which instant chooses the rate: event, period start, period end, issue, newest terms?"
    yield line("rate_at", rate_at, origin, asked)
    rounding = {"mode": "half away from zero", "each": "event", "digits": "currency"}
    asked = "how are fees rounded, and what: each event, each line, or the total (invoice)?"
    yield line("rounding", rounding, GUESS, asked)
    per, origin = _lines(shape)
    yield line("lines", per, origin)
    claims = "issue" if shape.claim in (Claim.COLUMN, Claim.NOWHERE) else "draft"
    asked = "when are events taken, so that no other invoice bills them: at draft or at issue?"
    yield line("claims", claims, f"catalogue ({_claim_words(shape)})", asked)
    yield _blocking(shape, line)
    totals, origin, asked = _totals(shape)
    yield line("totals", totals, origin, asked)
    yield _numbers(shape, line)
    if voids:
        asked = "which invoices may be voided: issued, paid?"
        yield line("voids", ["issued"], GUESS, asked)


def _rate_at(shape: Shape) -> tuple[str, str]:
    rate = shape.invoices.get("rate")
    if shape.terms is not None and not shape.terms.get("valid_from"):
        return "issue", f"catalogue ({shape.terms.table.name}: no rate has a date)"
    if rate:
        return "period start", f"catalogue ({shape.invoices.table.where(rate)}: one an invoice)"
    return "event", GUESS


def _lines(shape: Shape) -> tuple[str, str]:
    """Return what an invoice has a line for."""
    lines = next((one for one in selects(shape) if one.name == "lines"), None)
    if lines is None or shape.lines is None:
        return "none", "catalogue (no table of lines)"
    where = f"catalogue ({shape.lines.table.name})"
    if "event_id" in lines.columns:
        return "event", where
    if "finding_type" in lines.columns:
        return ("finding type and rate" if "rate" in lines.columns else "finding type"), where
    return "invoice", where


def _claim_words(shape: Shape) -> str:
    return {
        Claim.COLUMN: f"{shape.events.table.name} points to its invoice",
        Claim.LINES: "an event is on a line",
        Claim.TABLE: f"{shape.claims.name if shape.claims else ''} joins events and invoices",
        Claim.NOWHERE: "no event tells its invoice",
    }[shape.claim]


def _blocking(shape: Shape, line: MakeLine) -> Line:
    """A period that is kept free by the table itself is blocked by all that are not left out."""
    table, status = shape.invoices.table, shape.invoices.get("status")
    every = ["draft", "issued", "paid"]
    period = {shape.invoices.get(name) for name in ("period_start", "month")} - {""}
    kept = [unique for unique in table.uniques if period & set(unique.columns)]
    predicates = [unique.predicate for unique in kept]
    predicates += [
        held.partition(" WHERE ")[2] for held in table.excludes if any(p in held for p in period)
    ]
    if not predicates:
        asked = "which invoices keep a period from being billed again: draft, issued, paid?"
        return line("blocking", every, GUESS, asked)
    words = shape.invoice_words
    free = {
        stands
        for stands in every
        for word in words[stands]
        if status and all(f"'{word}'" in told for told in predicates)
    }
    blocking = [stands for stands in every if stands not in free]
    return line("blocking", blocking or every, f"catalogue ({table.name}: its periods are unique)")


def _totals(shape: Shape) -> tuple[list[str], str, str]:
    """Return of which totals an invoice may be, as far as a check says so."""
    table, total = shape.invoices.table, shape.invoices.get("gain_share_amount")
    asked = "of which totals is an invoice made: positive, zero, negative?"
    for check in table.checks:
        found = re.fullmatch(rf"CHECK \(+{re.escape(total)}\)? (>=?) \(?'?0'?\)?(::\w+)?\)+", check)
        if total and found:
            told = ["positive", "zero"] if found[1] == ">=" else ["positive"]
            return told, f"catalogue ({table.name}: {check})", ""
    return ["positive", "zero", "negative"], GUESS, asked


def _numbers(shape: Shape, line: MakeLine) -> Line:
    """Return how invoices are numbered: by what a column allows, and by what counts."""
    part, number = shape.invoices, shape.invoices.get("number")
    asked = "are numbers without a gap: no, ever, year, month? And per tenant or platform?"
    counters = [one for one in shape.beside if re.search(r"counter|sequence|number", one.plain)]
    only = {"counter": counters[0].name} if len(counters) == 1 else {}
    if not number:
        told = {"drafts": "own", "gapless": "no", "per": "tenant"} | only
        return line("numbers", told, GUESS, asked)
    nullable = part.table.columns[number].nullable
    tenant = shape.tenant_column(part)
    alone = any(unique.columns == (number,) for unique in part.table.uniques)
    within = any(set(unique.columns) == {number, tenant} for unique in part.table.uniques)
    gapless = "no"
    for counter in counters:
        names = set(counter.columns)
        gapless = next((unit for unit in ("month", "year") if unit in names), "ever")
    told = {
        "drafts": "none" if nullable else "own",
        "gapless": gapless,
        "per": "platform" if alone and not within else "tenant",
    } | only
    origin = f"catalogue ({part.table.where(number)}"
    origin += f", {counters[0].name})" if counters else ")"
    return line("numbers", told, origin, asked)
