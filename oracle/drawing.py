"""How tenants are generated: strategies for terms and events at the edges.

Every value is made from a few integers, and strategies are built once: that is fast, and it
shrinks to what people can read.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from operator import mul

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from oracle.generated import (
    BUSY_DAYS,
    CURRENCIES,
    DAY,
    FAR_PAST,
    FINDING_TYPES,
    MICROSECOND,
    MINOR_UNITS,
    PERIOD,
    REASONS,
    Event,
    Rate,
    Scenario,
)
from oracle.period import Period

SEED = 9


def odd(number: int) -> int:
    """Return an odd number for every number; 0 gives 1."""
    return 2 * number + 1


@cache
def amounts(currency: str) -> st.SearchStrategy[Decimal]:
    """Amounts of four decimals: zero, ties at half a minor unit, reversals, up to 10 ** 12."""
    minor_unit = MINOR_UNITS[currency]
    # Half a minor unit is left by odd multiples of 5 at odd tenths, of 10 at odd twentieths.
    steps = st.sampled_from([5 * minor_unit, 10 * minor_unit, 0])
    odd_numbers = st.one_of(st.integers(-5, 5), st.integers(-(10**9), 10**9)).map(odd)
    units = st.one_of(
        st.builds(mul, steps, odd_numbers),
        st.integers(-1_000_000, 1_000_000),
        st.integers(-(10**16), 10**16),
        st.builds(mul, st.integers(10**16 - 10**12, 10**16), st.sampled_from([1, -1])),
    )
    return units.map(lambda ten_thousandths: Decimal(f"{ten_thousandths}E-4"))


@cache
def shares() -> st.SearchStrategy[Decimal]:
    """Rates from 0 to 1 with up to six decimals; the round ones make ties."""
    millionths = st.one_of(
        st.sampled_from([500_000, 250_000]),
        st.sampled_from([100_000, 150_000]),
        st.sampled_from([1_000_000, 0]),
        st.integers(0, 1_000_000),
    )
    return millionths.map(lambda share: Decimal(f"{share}E-6"))


@cache
def instants(period: Period = PERIOD) -> st.SearchStrategy[datetime]:
    """Instants within microseconds of both edges and of busy midnights, and anywhere near."""
    length = period.end - period.start
    nudges = st.integers(-2, 2)
    edges = st.builds(
        lambda edge, nudge: edge + nudge * MICROSECOND,
        st.sampled_from([period.start, period.end]),
        nudges,
    )
    midnights = st.builds(
        lambda day, nudge: period.start + day * DAY + nudge * MICROSECOND,
        st.sampled_from(BUSY_DAYS),
        nudges,
    )
    anywhere = st.integers(-2 * DAY // MICROSECOND, (length + 2 * DAY) // MICROSECOND).map(
        lambda microseconds: period.start + microseconds * MICROSECOND
    )
    return st.one_of(edges, midnights, anywhere)


@cache
def moments(period: Period = PERIOD) -> st.SearchStrategy[datetime]:
    """Instants that belong to the period."""
    return instants(period).filter(lambda instant: period.start <= instant < period.end)


@cache
def events(currency: str, *, inside: bool = False) -> st.SearchStrategy[Event]:
    """Events that are billed wherever the period holds their instant; all are with ``inside``."""
    return st.builds(
        Event,
        amount=amounts(currency),
        finding_type=st.sampled_from(FINDING_TYPES),
        occurred_at=moments() if inside else instants(),
        created_late=st.sampled_from([timedelta(), DAY, 40 * DAY]),
    )


@cache
def unbillable(currency: str) -> st.SearchStrategy[Event]:
    """Events that no bill of the period may hold, for one reason each; in any currency."""
    return st.builds(
        lambda event, reason, other: replace(event, currency=other, **reason),
        events(currency, inside=True),
        st.sampled_from(REASONS),
        st.sampled_from([None, *CURRENCIES, "XXX"]),
    )


@st.composite
def rates_of(draw: st.DrawFn, finding_type: str | None, whole: bool) -> list[Rate]:
    """Terms of one scope, changing at up to three dates; with every date covered if ``whole``."""
    days = draw(st.lists(st.sampled_from(BUSY_DAYS), max_size=3, unique=True))
    cuts = [PERIOD.start.date() + day * DAY for day in sorted(days)]
    bounds = [FAR_PAST, *cuts, None]
    return [
        Rate(finding_type, draw(shares()), start, end)
        for start, end in pairwise(bounds)
        if start is not None and (whole or draw(st.booleans()))
    ]


@st.composite
def rates(draw: st.DrawFn) -> tuple[Rate, ...]:
    """Terms for every event: general ones, or else a finding type's own without a gap."""
    scopes: dict[str | None, bool]
    if draw(st.sampled_from([True, True, True, False])):
        own = draw(st.lists(st.sampled_from(FINDING_TYPES), max_size=2, unique=True))
        scopes = {None: True, **dict.fromkeys(own, False)}
    else:
        scopes = dict.fromkeys(FINDING_TYPES, True)
    return tuple(rate for scope, whole in scopes.items() for rate in draw(rates_of(scope, whole)))


@st.composite
def scenarios(draw: st.DrawFn, max_events: int = 10) -> Scenario:
    """A tenant whose every billable event has terms, with rows among them that are not billable."""
    currency = draw(st.sampled_from(CURRENCIES))
    least = draw(st.sampled_from([0, 1, max_events // 2, max_events // 2]))
    own = draw(st.lists(events(currency), min_size=least, max_size=max_events))
    others = draw(st.lists(unbillable(currency), max_size=1))
    # At best, for every reason an event that would be billed without it.
    for event in draw(st.lists(events(currency, inside=True), max_size=1)):
        others += [replace(event, **reason) for reason in REASONS]
    return Scenario(currency=currency, rates=draw(rates()), events=(*own, *others))


def drawn(count: int) -> tuple[Scenario, ...]:
    """Return tenants that one version of Hypothesis draws the same at any time."""
    found: list[Scenario] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def draw(scenario: Scenario) -> None:
        found.append(scenario)

    draw()
    return tuple(found)
