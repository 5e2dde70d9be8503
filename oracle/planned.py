"""Events to be planted where nothing is, so that known ways of billing wrongly show there.

Which amounts these are follows from the rate of each month; what is rounded decides how many months
they need: where only a total is rounded, one month shows one of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle

from oracle.amounts import Place, Share
from oracle.months import Month, Piece
from oracle.period import Period
from oracle.rules import Each, Per, Rules

LATE = timedelta(days=40)  # after it occurred an event is recorded: never in the same month
OUTSIDE = "outside"
BELOW_ZERO = 2  # which of the sums that are wanted is below zero


@dataclass(frozen=True)
class Planned:
    """An event to be planted.

    A ``decoy`` must not be billed: for its instant, or by the write of that name, which takes from
    an event that it may be.
    """

    amount: Decimal
    currency: str
    finding_type: str
    occurred_at: datetime
    created_at: datetime
    decoy: str = ""


@dataclass(frozen=True)
class Trap:
    """A month and what is planted for it; ``refused`` where no invoice of it may be made."""

    period: Period
    events: tuple[Planned, ...]
    refused: bool = False


@dataclass(frozen=True)
class Planner:
    """Plans what is planted, in one currency.

    ``resolution`` is the smallest time that the tables tell apart. ``decoys`` are the writes that
    take from an event that it may be billed. ``negative`` tells whether there are invoices of
    negative totals.
    """

    rules: Rules
    currency: str
    now: datetime
    resolution: timedelta = timedelta(microseconds=1)
    decoys: tuple[str, ...] = ()
    negative: bool = False

    def samples(self, month: Month) -> int:
        """Return how many months like this are needed to show every way of rounding."""
        if self._each_event:
            return 1
        slots = len(_first_scope(month.pieces[0])[1]) if self._each_line else 1
        return -(-(3 if self.negative or self._each_line else 2) // slots)

    @property
    def _each_event(self) -> bool:
        return self.rules.rounding.each is Each.EVENT or (
            self.rules.rounding.each is Each.LINE and self.rules.lines is Per.EVENT
        )

    @property
    def _each_line(self) -> bool:
        return self.rules.rounding.each is Each.LINE and self.rules.lines is not Per.INVOICE

    def whole(self, month: Month, nth: int, share: "Shares") -> Trap:
        """Plan what must be billed in the nth month of those that are needed."""
        events: list[Planned] = []
        for number, piece in enumerate(month.pieces):
            for rate, finding_types in piece.scopes().items():
                chosen = share(rate)
                if self._each_event:
                    amounts = _of_events(chosen)
                    events += self._placed(amounts, finding_types, piece)
                else:
                    first = number == 0 and rate == _first_scope(piece)[0]
                    events += self._summed(chosen, finding_types, piece, nth if first else None)
        return Trap(month.period, tuple(events))

    def _placed(
        self, amounts: Sequence[Decimal], finding_types: list[str], piece: Piece
    ) -> Iterator[Planned]:
        """Let the first and the last of the amounts occur at the piece's edges."""
        middle = [_middle(piece)] * (len(amounts) - 2)
        instants = [piece.starts, *middle, piece.ends - self.resolution]
        # Reversals are of a finding type of their own, if they can be: a line below zero. Two that
        # are alike are of the same one.
        kinds = cycle(finding_types[:-1] or finding_types)
        kind_of = {amount: next(kinds) for amount in dict.fromkeys(amounts)}
        for amount, instant in zip(amounts, instants, strict=True):
            kind = finding_types[-1] if amount < 0 else kind_of[amount]
            yield self.event(amount, kind, instant)

    def _summed(
        self, share: Share, finding_types: list[str], piece: Piece, nth: int | None
    ) -> Iterator[Planned]:
        """Let what is rounded, a line or the total, lie where ways of rounding differ."""
        edge = share.at(Place.WHOLE, 2) or Decimal(100)  # of an even fee, which changes no half
        half = share.at(Place.EVEN, 2) or share.at(Place.ABOVE, 2)
        missed = (one for one in share.missed_by_floats() if share.is_even(one))
        wanted = (next(missed, half), share.at(Place.BELOW, 2), half)  # the last is a reversal's
        kinds = finding_types if self._each_line else finding_types[:1]
        sign = 1
        for slot, kind in enumerate(kinds):
            number = None if nth is None else nth * len(kinds) + slot
            if number is not None and number < len(wanted):
                one, sought = share.at(Place.BELOW) or share.at(Place.EVEN), wanted[number]
                other = share.adding(one, sought) if one and sought else None
                sign = -1 if number == BELOW_ZERO else 1
                for amount in filter(None, (one, other)):
                    yield self.event(sign * amount, kind, _middle(piece))
        # A total below zero has nothing beside it that would lift it.
        sign = 1 if self._each_line else sign
        yield self.event(sign * edge, finding_types[0], piece.starts)
        yield self.event(sign * edge * 2, finding_types[-1], piece.ends - self.resolution)
        yield self.event(sign * edge * 3, finding_types[0], _middle(piece))
        yield self.event(sign * edge * 3, finding_types[0], _middle(piece))
        yield self.event(-sign * edge, finding_types[-1], _middle(piece))
        yield self.event(Decimal(), finding_types[0], _middle(piece))

    def decoyed(self, trap: Trap, month: Month, share: "Shares", taken: Iterable[Period]) -> Trap:
        """Add what must not be billed; at an edge only where no other month that is planned is."""
        rate, finding_types = _first_scope(month.pieces[0])
        kinds = cycle(finding_types)
        size = share(rate).at(Place.WHOLE, 5) or Decimal(500)
        period = trap.period
        outside = (period.start - self.resolution, period.end)
        free = [at for at in outside if not any(one.start <= at < one.end for one in taken)]
        instants = [(at, OUTSIDE) for at in free]
        instants += [(_middle(month.pieces[0]), name) for name in self.decoys]
        decoys = [
            replace(self.event(size * nth, next(kinds), at), decoy=name)
            for nth, (at, name) in enumerate(instants, start=1)
        ]
        return replace(trap, events=(*trap.events, *decoys))

    def refused(self, month: Month, currency: str, share: "Shares") -> Trap:
        """Plan a month that has an event in another currency, so that nothing of it is billed."""
        rate, finding_types = _first_scope(month.pieces[0])
        amount = share(rate).at(Place.WHOLE) or Decimal(100)
        own = self.event(amount, finding_types[0], _middle(month.pieces[0]))
        return Trap(month.period, (own, replace(own, currency=currency)), refused=True)

    def any_event(self, month: Month) -> Planned:
        """Plan one like others of a month."""
        piece = month.pieces[0]
        return self.event(Decimal(1), piece.rates[0][0], _middle(piece))

    def event(self, amount: Decimal, finding_type: str, occurred_at: datetime) -> Planned:
        """Plan an event that is recorded late, so that its month is not that of the recording."""
        created_at = min(occurred_at + LATE, self.now)
        return Planned(amount, self.currency, finding_type, occurred_at, created_at)


@dataclass(frozen=True)
class Shares:
    """Gives each rate its share; ``Share`` tells of which amounts fees lie where."""

    units: int
    scale: int
    whole: int

    def __call__(self, rate: Decimal) -> Share:
        """Return the share of a rate."""
        return Share(rate, self.units, self.scale, self.whole)


def _first_scope(piece: Piece) -> tuple[Decimal, list[str]]:
    return next(iter(piece.scopes().items()))


def _middle(piece: Piece) -> datetime:
    """Return the middle of a piece, in whole seconds: not every column keeps a fraction."""
    middle = piece.starts + (piece.ends - piece.starts) / 2
    return middle.replace(microsecond=0)


@cache
def _of_events(share: Share) -> tuple[Decimal, ...]:
    """Return amounts of which each is rounded by itself.

    Of a kind there are more above zero than below, so that what a wrong way does to both does not
    cancel out in a total.
    """
    edge = share.at(Place.WHOLE, 1) or Decimal(100)
    inner = [Decimal()]
    for place in (Place.EVEN, Place.ODD, Place.BELOW, Place.ABOVE):
        amount = share.at(place)
        if amount is not None:
            inner += [amount, amount, -(share.at(place, 2) or amount)]
    small = list(share.missed_by_floats())
    large = share.of_many_digits(small)
    inner += small if large is None else [*small, large]
    return (edge, *share.not_cancelling(inner), edge * 2)
