"""Events are planned so that every way of rounding wrongly shows that any amount could show.

Goal: no known way is missed that could be told at a rate, in a currency, by what the tables keep.
Method: whether any amount shows a way is worked out for all remainders that there are; what is
planned must show it too. Months are looked for among terms and events of hand-made tenants.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from oracle.amounts import Place, Share
from oracle.bill import Facts
from oracle.known import known
from oracle.lines import units
from oracle.months import Almanac, Month, holds_nothing
from oracle.period import Period
from oracle.planned import OUTSIDE, Planner, Shares, Trap
from oracle.power import noticed
from oracle.raw import Case, Event
from oracle.rules import Each, Mode, Per, RateAt, Rounding, Rules, rounded
from oracle.terms import Terms

JUDGED = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
KINDS = ("DUPLICATE_CHARGE", "ADDRESS_CORRECTION", "CLASSIFICATION_ERROR")
DECOYS = ("spoil_event", "decoy_category")
RATES = ("0.2", "0.225", "0.25", "0.275", "0.3", "0.33333", "0.5", "0.15", "1", "0")
KEPT = (("USD", 2), ("USD", 4), ("JPY", 0), ("KWD", 3))
BY_EVENT = Rules(lines=Per.EVENT)
TOTAL_ALONE = Facts(frozenset({"gain_share_amount"}), frozenset())
EVERY_LINE = Facts(
    frozenset({"event_count", "gain_share_amount"}), frozenset({"event_id", "gain_share_amount"})
)
MOST_REMAINDERS = 4_000


def terms(
    *rates: tuple[str, datetime, datetime | None], currency: str = "USD"
) -> tuple[Terms, ...]:
    """Return general terms, one after the other."""
    return tuple(Terms(None, currency, Decimal(rate), starts, ends) for rate, starts, ends in rates)


def almanac(rules: Rules, *own: Terms) -> Almanac:
    return Almanac(own, rules, own[0].currency, KINDS)


def planned(rules: Rules, own: tuple[Terms, ...], scale: int = 2) -> list[tuple[Trap, Month]]:
    """Plan the months that a tenant of these terms needs."""
    currency = own[0].currency
    planner = Planner(rules, currency, NOW, decoys=DECOYS, negative=True)
    share = Shares(units(currency, rules), scale, 14)
    month = next(almanac(rules, *own).around(JUDGED, NOW))
    return [
        (planner.decoyed(planner.whole(month, nth, share), month, share, [JUDGED]), month)
        for nth in range(planner.samples(month))
    ]


def case_of(trap: Trap, own: tuple[Terms, ...], rules: Rules) -> Case:
    """Return what the oracle would read, were the events planted."""
    events = [
        Event(
            id=f"{number:03}",
            key=f"dryrun-{number:03}",
            finding_type=event.finding_type,
            currency=event.currency,
            amount=event.amount,
            occurred_at=event.occurred_at,
            created_at=event.created_at,
            category="IDENTIFIED" if event.decoy == "decoy_category" else "RECOVERED",
            billable=event.decoy in ("", OUTSIDE),
        )
        for number, event in enumerate(trap.events)
    ]
    events.sort(key=lambda event: (event.occurred_at, event.id))
    return Case(tuple(events), own, trap.period, rules)


def names(rules: Rules, own: tuple[Terms, ...], scale: int, facts: Iterable[Facts]) -> set[str]:
    """Name the ways that show on what is planned."""
    told, facts = set[str](), tuple(facts)
    for trap, _ in planned(rules, own, scale):
        case = case_of(trap, own, rules)
        told |= {way.name for way in noticed(case, facts, known(rules, case.currency))}
    return told


def can_show(fee: Fraction, mode: Mode) -> bool:
    """Tell whether any amount has another fee by a mode of rounding than half away from zero."""
    numerator, denominator = fee.numerator, fee.denominator
    return any(
        rounded(amount * numerator, denominator, mode)
        != rounded(amount * numerator, denominator, Mode.HALF_AWAY_FROM_ZERO)
        for amount in range(-2 * denominator, 2 * denominator + 1)
    )


@pytest.mark.parametrize(("currency", "scale"), KEPT)
@pytest.mark.parametrize("rate", RATES)
def test_what_any_amount_could_show_shows_in_the_total_alone(
    rate: str, currency: str, scale: int
) -> None:
    own = terms((rate, LONG_AGO, None), currency=currency)
    told = names(BY_EVENT, own, scale, [TOTAL_ALONE])
    fee = Share(Decimal(rate), units(currency, BY_EVENT), scale, 14).fee
    modes = [mode for mode in Mode if mode is not Mode.HALF_AWAY_FROM_ZERO]
    if fee.denominator > MOST_REMAINDERS:
        assert set(modes) <= told
    else:
        assert {mode for mode in modes if can_show(fee, mode)} == {m for m in modes if m in told}


@pytest.mark.parametrize("rate", ["0.2", "0.225", "0.25", "0.275", "0.3", "0.33333"])
def test_edges_signs_and_selections_show_at_every_rate(rate: str) -> None:
    own = terms((rate, LONG_AGO, None))
    wanted = {"end included", "start excluded", "until 23:59:59", "created_at", "alike once"}
    wanted |= {"round the invoice", "round nothing", "no zeros", "no reversals", "down"}
    wanted |= {"percents for shares", "not billable too", "other categories too"}
    wanted |= {"fees without sign", "no fee below zero", "clock of New York", "clock of Berlin"}
    assert wanted <= names(BY_EVENT, own, 2, [EVERY_LINE])


def test_where_a_total_is_rounded_each_way_has_a_month_of_its_own() -> None:
    rules = Rules(rounding=Rounding(each=Each.INVOICE, digits=2), lines=Per.INVOICE)
    own = terms(("0.225", LONG_AGO, None))
    assert len(planned(rules, own)) == 3
    told = names(rules, own, 2, [TOTAL_ALONE])
    modes = {mode for mode in Mode if mode is not Mode.HALF_AWAY_FROM_ZERO}
    assert modes | {"round each event"} <= told


def test_where_lines_are_rounded_three_finding_types_make_one_month() -> None:
    rules = Rules(rounding=Rounding(each=Each.LINE))
    own = terms(("0.25", LONG_AGO, None))
    assert len(planned(rules, own)) == 1
    facts = Facts(
        frozenset({"gain_share_amount"}), frozenset({"finding_type", "gain_share_amount"})
    )
    told = names(rules, own, 2, [facts])
    assert {mode for mode in Mode if mode is not Mode.HALF_AWAY_FROM_ZERO} <= told
    assert {"round each event", "round the invoice", "no line below zero"} <= told


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("rate", ["0.225", "0.33333", "0.125"])
def test_a_fee_lies_where_it_is_asked_to(rate: str, place: Place) -> None:
    share = Share(Decimal(rate), 100, 2, 14)
    for nth in (1, 2, 3):
        amount = share.at(place, nth)
        assert amount is not None
        floor, rest = divmod(Fraction(amount) * Fraction(rate) * 100, 1)
        middle = Fraction(1, 2)
        lies = {
            Place.EVEN: rest == middle and floor % 2 == 0,
            Place.ODD: rest == middle and floor % 2 == 1,
            Place.BELOW: 0 < rest < middle,
            Place.ABOVE: rest > middle,
            Place.WHOLE: rest == 0,
        }
        assert lies[place], (amount, rest)


# Months


def test_a_month_has_terms_at_every_instant() -> None:
    middle = datetime(2025, 6, 15, tzinfo=UTC)
    found = almanac(Rules(), *terms(("0.25", middle, datetime(2025, 8, 10, tzinfo=UTC))))
    held = [month.period.month for month in found.around(JUDGED, NOW)]
    assert held == ["2025-07"]


def test_months_on_both_sides_of_a_change_come_first_and_have_their_own_rates() -> None:
    change = datetime(2025, 12, 1, tzinfo=UTC)
    found = almanac(Rules(), *terms(("0.2", LONG_AGO, change), ("0.25", change, None)))
    months = {month.period.month: month.rates for month in found.about_changes(JUDGED)}
    assert months == {"2025-11": {Decimal("0.2")}, "2025-12": {Decimal("0.25")}}


@pytest.mark.parametrize(
    ("rate_at", "rates"),
    [(RateAt.EVENT, {"0.2", "0.25"}), (RateAt.PERIOD_START, {"0.2"}), (RateAt.NEWEST, {"0.25"})],
)
def test_a_month_in_which_a_rate_changes_has_the_rates_of_the_rules(
    rate_at: RateAt, rates: set[str]
) -> None:
    change = datetime(2025, 12, 15, tzinfo=UTC)
    own = terms(("0.2", LONG_AGO, change), ("0.25", change, None))
    (month,) = almanac(Rules(rate_at=rate_at), *own).about_changes(JUDGED)
    assert {f"{rate}" for rate in month.rates} == rates


def test_what_has_ended_comes_before_what_has_not_and_neighbours_come_last() -> None:
    found = almanac(Rules(), *terms(("0.25", datetime(2025, 12, 1, tzinfo=UTC), None)))
    held = [month.period.month for month in found.around(JUDGED, datetime(2026, 5, 2, tzinfo=UTC))]
    assert held[:2] == ["2026-04", "2025-12"]
    assert set(held[2:5]) == {"2026-01", "2026-02", "2026-03"}
    assert held[5:7] == ["2026-05", "2026-06"]


@pytest.mark.parametrize(
    ("first", "days", "free"),
    [(-2, 1, True), (-1, 1, False), (0, 1, False), (27, 1, False), (28, 1, False), (29, 1, True)],
)
def test_a_month_holds_nothing_where_the_days_around_it_do_not_either(
    first: int, days: int, free: bool
) -> None:
    starts = JUDGED.start + timedelta(days=first)
    assert holds_nothing(JUDGED, [(starts, starts + timedelta(days=days))]) is free
