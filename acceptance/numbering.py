"""Numbers of invoices: what they must be at each stage, and which of them follow one another."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

from acceptance.lifecycle import Lifecycle
from acceptance.trial import Stored
from platforms.port import Invoice
from runbook.lacks import Lack
from runbook.statuses import InvoiceStatus

Gapless = Literal["no", "ever", "year", "month"]

# Numbers that begin anew say where: R0004/2026 is the fourth of 2026, and follows R0003/2026.
_BEGINNINGS = {
    "year": re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)"),
    "month": re.compile(
        r"(?<!\d)(?:(?:19|20)\d\d\D?(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])\D(?:19|20)\d\d)(?!\d)"
    ),
}


def split(number: str, gapless: Gapless) -> tuple[str, int]:
    """Return what a number shares with those it is counted among, and its count.

    The count is its last digits but for the year, or month, in which the numbers began.
    """
    began = _BEGINNINGS[gapless].search(number) if gapless in _BEGINNINGS else None
    runs = list(re.finditer(r"\d+", number))
    counts = [run for run in runs if not (began and began.start() <= run.start() < began.end())]
    if not runs:
        return number, 0
    count = (counts or runs)[-1]
    return f"{number[: count.start()]}#{number[count.end() :]}", int(count[0])


def _splitting(lifecycle: Lifecycle) -> Callable[[str], tuple[str, int]]:
    """Return what splits the numbers of the platform that is judged."""
    return partial(split, gapless=lifecycle.workspace.description.rules.numbers.gapless)


def number_faults(
    lifecycle: Lifecycle, seen: Invoice | Stored, status: str, draft: Invoice | Stored
) -> list[str]:
    """Say why a number is not one that an invoice has in that status."""
    kind = lifecycle.workspace.description.rules.numbers.drafts
    if status == InvoiceStatus.DRAFT and kind == "none":
        return [f"number {seen.number}, although drafts have none"] if seen.number else []
    if not seen.number:
        return ["without a number"]
    if status != InvoiceStatus.DRAFT and kind == "own" and seen.number == draft.number:
        return [f"still the draft's number {seen.number}"]
    if status != InvoiceStatus.DRAFT and kind == "final" and seen.number != draft.number:
        return [f"number {seen.number}, drafted as {draft.number}"]
    return []


def numbers_are_stored(lifecycle: Lifecycle) -> Iterator[str]:
    """The number that the platform tells, and so the customer, is the one in the books.

    Where it tells none, the books alone have it.
    """
    if "number" not in lifecycle.workspace.description.told:
        for row in lifecycle.rows:
            for fault in number_faults(lifecycle, row, row.status, lifecycle.rows[0]):
                yield f"stored as {row.status}: {fault}"
        return
    answers = (lifecycle.draft, lifecycle.issued, lifecycle.paid)
    for told, row in zip(answers, lifecycle.rows, strict=False):  # a row may be missing
        if isinstance(told, Invoice) and (told.number or None) != (row.number or None):
            yield f"answered as {told.number or 'nothing'}, stored as {row.number}"


def number_is_next(lifecycle: Lifecycle) -> list[str]:
    """A final number is nobody else's, and follows the highest of its kind.

    Where a run's invoice is removed and not undone, a platform that counts has a gap by that.
    """
    number = (lifecycle.rows[-1].number or "") if lifecycle.rows else ""
    others = lifecycle.numbers
    if number in others:
        return [f"{number} is the number of another invoice"]
    if lifecycle.workspace.description.rules.numbers.gapless == "no" or lifecycle.lacks(Lack.ISSUE):
        return []
    parts = _splitting(lifecycle)
    kind, count = parts(number)
    last = max((other for other in others if parts(other)[0] == kind), key=parts, default="")
    if number and lifecycle.undone and last and count != parts(last)[1] + 1:
        return [f"{number} does not follow {last}"]
    return []


def next_faults(lifecycle: Lifecycle, number: str | None, following: str | None) -> list[str]:
    """Say what is wrong with the number of the next invoice: it is another one, and without a gap.

    Where others may be given numbers meanwhile, those between must be on invoices of theirs.
    """
    if not number or not following:
        return []
    if following == number:
        return [f"{number} was given to the next invoice too"]
    if lifecycle.workspace.description.rules.numbers.gapless == "no":
        return []
    parts = _splitting(lifecycle)
    (kind, first), (other, last) = parts(number), parts(following)
    given = {count for shared, count in map(parts, lifecycle.numbers) if shared == kind}
    gap = set(range(first + 1, last)) - given
    if kind == other and (gap or last < first):
        return [f"{following} does not follow {number}"]
    return []
