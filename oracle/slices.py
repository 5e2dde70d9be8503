"""A piece of the period cut into slices of so many events as are held at once, however many it has.

Time parts them. Events that it does not, since they all happened within one instant, say, are told
in shares.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

MOST = 1_000_000  # events
FINEST = timedelta(microseconds=1)

# How many events there are from one instant to before another.
Count = Callable[[datetime, datetime], int]


class Slice(NamedTuple):
    """One of so many ``shares`` of what happened from ``starts`` to before ``ends``."""

    starts: datetime
    ends: datetime
    shares: int = 1
    share: int = 0


def slices(
    count: Count, starts: datetime, ends: datetime, at_most: int | None = None
) -> Iterator[Slice]:
    """Cut what happened in a time; a slice is of about ``MOST`` events at most.

    Where it is known that there are ``at_most`` so few as one slice holds, nothing is counted: a
    few that arrived since do no harm. No slice is empty otherwise.
    """
    if at_most is not None and at_most <= MOST:
        return iter([Slice(starts, ends)])
    return _cut(count, starts, ends, count(starts, ends))


def _cut(count: Count, starts: datetime, ends: datetime, number: int) -> Iterator[Slice]:
    if number <= MOST:
        yield from [Slice(starts, ends)] if number else []
        return
    parts = -(-number // MOST)
    within = [(*bounds, count(*bounds)) for bounds in pairwise(_edges(starts, ends, 2 * parts))]
    if any(inside == number for _, _, inside in within):
        yield from (Slice(starts, ends, parts, share) for share in range(parts))
        return
    for first, last, inside in within:
        yield from _cut(count, first, last, inside)


def _edges(starts: datetime, ends: datetime, parts: int) -> list[datetime]:
    step = max((ends - starts) / parts, FINEST)
    inner = (starts + step * number for number in range(1, parts))
    return [starts, *(edge for edge in inner if edge < ends), ends]
