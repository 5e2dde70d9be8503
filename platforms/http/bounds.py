"""The bounds of a period, as a platform writes them: instants, months, dates, with a closed end.

What a call would say must be the period that is asked for, and no other: a period that cannot be
written so is refused before anything is sent.
"""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from oracle.period import Period
from platforms.description import EPOCHS, Bounds, CallPeriod
from platforms.http.values import EPOCH, instant, text
from platforms.parsing import shown

DAY = timedelta(days=1)
ZONED = re.compile("(Z|%z|[+-]00:?00)$")


def written(period: Period, how: Bounds) -> dict[str, str | int]:
    """Return what stands for {start} and {end} in a call."""
    closed = how.end == "inclusive"
    last = period.end - how.step if closed else period.end
    return {"start": _written(period.start, how), "end": _written(last, how)}


def why_not(period: Period, how: CallPeriod, *, end_is_told: bool) -> str:
    """Say why a platform cannot be asked for a period; nothing if it can.

    Where a call tells no end, a period is one month, or one day.
    """
    if how.whole is not None:
        whole = all(_begins(bound, how.whole) for bound in (period.start, period.end))
        single = end_is_told or period.end == _next(period.start, how.whole)
        if not whole or not single:
            one = how.whole if end_is_told else f"one of its {how.whole}"
            return f"the platform bills whole {how.whole}, and {period} is not {one}"
    told = written(period, how)
    end = told["end"] if end_is_told else None
    if read_bound(told["start"], how, "RFC 3339") != period.start or (
        end is not None and read_end(end, how, "RFC 3339") != period.end
    ):
        return f"{period} cannot be written as {how.format}"
    return ""


def read_bound(value: Any, how: Bounds, instants: str) -> datetime:
    """Read a bound as it is written; ``instants`` is the description's word for other instants."""
    if how.format in EPOCHS:
        return instant(value, how.format)
    if "%H" in how.format:
        naive = "without zone" in instants or not ZONED.search(how.format)
        return instant(value, "RFC 3339 without zone" if naive else "RFC 3339")
    layout, told = how.format, text(value)
    try:
        bound = datetime.strptime(told, layout).replace(tzinfo=UTC)
    except ValueError:
        bound = None
    if bound is None or bound.strftime(layout) != told:
        raise ValueError(f"{shown(value)} is not written as {layout}; see api.period")
    return bound


def read_end(value: Any, how: Bounds, instants: str) -> datetime:
    """Read the end of a period, as the first instant after it."""
    bound = read_bound(value, how, instants)
    if how.end == "exclusive":
        return bound
    return next_month(bound) if how.names_months else bound + how.step


def next_month(instant: datetime) -> datetime:
    """Return the first instant of the next month."""
    first = instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + 31 * DAY).replace(day=1)


def _written(instant: datetime, how: Bounds) -> str | int:
    if how.format in EPOCHS:
        return (instant - EPOCH) // EPOCHS[how.format]
    milliseconds = f"{instant.microsecond // 1000:03}"
    return instant.strftime(how.format.replace("%L", milliseconds))


def _begins(instant: datetime, what: str) -> bool:
    return instant.time() == time.min and (what == "days" or instant.day == 1)


def _next(instant: datetime, what: str) -> datetime:
    return next_month(instant) if what == "months" else instant + DAY
