"""The rules of billing that differ between platforms, and that no catalogue tells.

Only a person knows them: a description, or a contract, says which hold.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class RateAt(StrEnum):
    """Which instant chooses the rate of an event among the tenant's terms."""

    EVENT = "event"
    PERIOD_START = "period start"
    PERIOD_END = "period end"  # its last instant
    ISSUE = "issue"  # whenever it is: the moment that the bill is worked out
    NEWEST = "newest terms"  # those that begin last, whenever the event was


class Mode(StrEnum):
    """Where a fee goes that lies between two amounts; the halves: where one in the middle goes."""

    HALF_AWAY_FROM_ZERO = "half away from zero"
    HALF_TO_EVEN = "half to even"
    HALF_TOWARDS_ZERO = "half towards zero"
    HALF_UP = "half up"  # towards plus infinity
    DOWN = "down"  # towards zero
    UP = "up"  # away from zero
    FLOOR = "floor"
    CEILING = "ceiling"


class Each(StrEnum):
    """What is rounded: the fee of an event, of a line, or the total alone."""

    EVENT = "event"
    LINE = "line"
    INVOICE = "invoice"


class Per(StrEnum):
    """What an invoice has a line for."""

    EVENT = "event"
    FINDING_TYPE_AND_RATE = "finding type and rate"
    FINDING_TYPE = "finding type"
    INVOICE = "invoice"


@dataclass(frozen=True)
class Rounding:
    """``digits`` after the point; ``None`` is the currency's own number of them (ISO 4217)."""

    mode: Mode = Mode.HALF_AWAY_FROM_ZERO
    each: Each = Each.EVENT
    digits: int | None = None


@dataclass(frozen=True)
class Rules:
    """How a bill is worked out; what is said here by default is the reference platform's.

    ``per_contract`` names those that a platform keeps for each tenant as its contract agrees;
    ``credits`` says that it makes invoices of totals below zero where nothing else was agreed.
    """

    rate_at: RateAt = RateAt.EVENT
    rounding: Rounding = field(default_factory=Rounding)
    lines: Per = Per.FINDING_TYPE_AND_RATE
    per_contract: frozenset[str] = frozenset()
    credits: bool = True


def rounded(numerator: int, denominator: int, mode: Mode) -> int:
    """Round a ratio to a whole number; the denominator is positive."""
    floor, rest = divmod(numerator, denominator)
    if rest == 0:
        return floor
    return floor + _GOES_UP[mode](2 * rest - denominator, numerator > 0, floor)


# Whether what lies between two whole numbers goes up: by how far it is beyond the middle, whether
# it is positive, and the number below it.
_GOES_UP: dict[Mode, Callable[[int, bool, int], bool]] = {
    Mode.FLOOR: lambda _, __, ___: False,
    Mode.CEILING: lambda _, __, ___: True,
    Mode.DOWN: lambda _, positive, __: not positive,
    Mode.UP: lambda _, positive, __: positive,
    Mode.HALF_AWAY_FROM_ZERO: lambda beyond, positive, _: beyond > 0 or (beyond == 0 and positive),
    Mode.HALF_TOWARDS_ZERO: lambda beyond, positive, _: (
        beyond > 0 or (beyond == 0 and not positive)
    ),
    Mode.HALF_UP: lambda beyond, _, __: beyond >= 0,
    Mode.HALF_TO_EVEN: lambda beyond, _, floor: beyond > 0 or (beyond == 0 and floor % 2 == 1),
}
