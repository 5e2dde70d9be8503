"""Bills that are worked out from raw events, rightly and in ways that are wrong."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import floats
from oracle.bill import ALL_FACTS, Bill, Facts
from oracle.cells import Cell, Traits
from oracle.fees import Rounding as FeeRounding
from oracle.known import KNOWN, OTHERS, TOLD, known, of_case
from oracle.power import power
from oracle.raw import Event, read_case
from oracle.rules import Each, Mode, Per, RateAt, Rounding, Rules
from oracle.traps import TRAPS
from oracle.variants import Workings
from oracle.ways import DAY, RIGHT, Floats, Way, wrong
from selftests import busy
from selftests.faults import tenants
from selftests.ledger import Ledger
from selftests.reference import described, expected, relations_of, tables_of
from selftests.staging import Staging
from selftests.test_oracle_rules import ISSUED_AT, PERIOD, RULES, bill_of, ledgers

WAYS = st.builds(
    Way,
    mode=st.one_of(st.none(), st.sampled_from(Mode)),
    each=st.one_of(st.none(), st.sampled_from(Each)),
    digits=st.one_of(st.none(), st.integers(0, 4)),
    rate_at=st.one_of(st.none(), st.sampled_from(RateAt)),
)


@given(ledgers(), RULES, WAYS)
@settings(deadline=None, max_examples=80)
def test_a_way_that_follows_other_rules_gives_what_the_oracle_expects_by_them(
    ledger: Ledger, rules: Rules, way: Way
) -> None:
    rounding = rules.rounding
    digits = rounding.digits if way.digits is None else way.digits
    otherwise = Rounding(way.mode or rounding.mode, way.each or rounding.each, digits)
    others = Rules(way.rate_at or rules.rate_at, otherwise, rules.lines)
    case = read_case(ledger, "acme", PERIOD, rules)
    assert case is not None
    work = Workings(replace(case, issued_at=ISSUED_AT))
    assert work.bill(way) == bill_of(ledger, others)
    assert work.bill(RIGHT) == bill_of(ledger, rules)


# What the faults of the catalogue give, which are built in SQL: count and total.
FAULTS = {
    "right": (10, "649.35"),
    "half to even": (10, "649.32"),
    "down": (10, "649.31"),
    "half up": (10, "649.36"),
    "half towards zero": (10, "649.31"),
    "floor": (10, "649.30"),
    "ceiling": (10, "649.37"),
    "round each line": (10, "649.34"),
    "round nothing": (10, "649.3325"),
    "4 digits": (10, "649.3325"),
    "end included": (11, "2149.35"),
    "start excluded": (9, "349.22"),
    "last day left out": (9, "641.02"),
    "until 23:59:59": (9, "641.02"),
    "billed too": (11, "874.35"),
    "not billable too": (11, "824.35"),
    "other categories too": (11, "849.35"),
    "no zeros": (9, "649.35"),
    "no reversals": (9, "674.36"),
    "everything twice": (20, "1298.70"),
    "DUPLICATE_CHARGE twice": (14, "924.73"),
    "newest terms": (10, "649.85"),
    "terms a day longer": (10, "649.85"),
    "clock of New York": (10, "1849.22"),
    "clock of Tokyo": (10, "1891.02"),
    "cents as units": (10, "64935.00"),
    "no fee below zero": (10, "674.36"),
    "first 10": (10, "649.35"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_way_gives_what_a_platform_gives_that_bills_so(name: str) -> None:
    bill = busy.workings().bill(RIGHT if name == "right" else busy.way(name))
    assert bill is not None
    assert (bill.event_count, bill.gain_share_amount) == (FAULTS[name][0], Decimal(FAULTS[name][1]))


def test_recorded_late_nothing_is_billed_by_the_time_of_recording() -> None:
    work = busy.workings()
    assert work.billed(busy.way("created_at")) == ()
    assert work.bill(busy.way("created_at")) is None


@pytest.mark.parametrize("trap", TRAPS, ids=range(len(TRAPS)))
def test_the_figures_of_a_bill_are_those_of_its_lines(trap: object) -> None:
    work = Workings(trap.case(Rules()))  # type: ignore[attr-defined] # a scenario
    for way in (RIGHT, *KNOWN, *OTHERS):
        bill, figures = work.bill(way), work.figures(way)
        assert (bill is None) == (figures is None), way.name
        if bill is None or figures is None:
            continue
        assert bill.event_count == figures.event_count, way.name
        assert figures.gain_share_amount in (None, Fraction(bill.gain_share_amount or 0)), way.name


DECIMAL = {
    Mode.HALF_AWAY_FROM_ZERO: ROUND_HALF_UP,
    Mode.HALF_TO_EVEN: ROUND_HALF_EVEN,
    Mode.HALF_TOWARDS_ZERO: ROUND_HALF_DOWN,
}
AMOUNTS = st.lists(
    st.one_of(st.integers(1, 400), st.integers(1, 10**6), st.integers(10**15, 10**17)), max_size=30
)
RATES = st.one_of(
    st.sampled_from([Fraction(1, 4), Fraction(3, 8), Fraction(175, 1000)]),
    st.integers(1, 10**6).map(lambda share: Fraction(share, 10**6)),
)


def cell_of(amounts: list[int], sign: int) -> Cell:
    """Return a cell of these amounts, in ten-thousandths."""
    traits = Traits("X", "USD", frozenset(), sign, 0, 0, 0, frozenset())
    return Cell(traits, 10**4, amounts=[sign * amount for amount in amounts])


@given(AMOUNTS, RATES, st.sampled_from([1, -1]), st.sampled_from(list(DECIMAL)), st.integers(1, 2))
@settings(deadline=None, max_examples=80)
def test_fees_in_all_are_rounded_twice_as_each_is(
    amounts: list[int], rate: Fraction, sign: int, mode: Mode, twice: int
) -> None:
    cell = cell_of(amounts, sign)
    with localcontext(prec=60):
        finer, cent = Decimal(1).scaleb(-2 - twice), Decimal("0.01")
        each = (
            (Decimal(one * rate.numerator) / 10**4 / rate.denominator)
            .quantize(finer, DECIMAL[mode])
            .quantize(cent, DECIMAL[mode])
            for one in cell.amounts
        )
        wanted = int(sum(each, Decimal()) * 100)
    assert cell.fees(rate, FeeRounding(mode, 100, twice)) == wanted


@given(
    AMOUNTS,
    RATES,
    st.sampled_from([1, -1]),
    st.sampled_from([Floats.SCALED, Floats.MINOR, Floats.NEAREST, Floats.FIFTEEN]),
)
@settings(deadline=None, max_examples=80)
def test_fees_in_all_are_in_binary_fractions_what_each_is(
    amounts: list[int], rate: Fraction, sign: int, how: Floats
) -> None:
    cell = cell_of(amounts, sign)
    wanted = sum(floats.fee(one, 10**4, rate, 100, how) for one in cell.amounts)
    rounding = FeeRounding(Mode.HALF_AWAY_FROM_ZERO, 100, floats=how)
    assert cell.fees(rate, rounding) == wanted


@pytest.mark.parametrize(
    ("how", "fee"),
    [(Floats.SCALED, 2), (Floats.MINOR, 3), (Floats.NEAREST, 2), (Floats.FIFTEEN, 3)],
)
def test_programs_with_binary_fractions_miss_halves_each_in_its_way(how: Floats, fee: int) -> None:
    # 1.005 is a little less in binary, unless it is counted in cents, or told in fifteen digits.
    assert floats.fee(10050, 10**4, Fraction(1), 100, how) == 98 + fee


def test_a_sum_in_binary_fractions_is_not_the_sum() -> None:
    assert floats.added_up([1000, 2000], 10**4) == Decimal("0.30000000000000004")


def test_ways_that_contradict_each_other_are_no_pair() -> None:
    even, down, billed = (busy.way(name) for name in ("half to even", "down", "billed too"))
    assert even.beside(down) is None
    both = even.beside(billed)
    assert both is not None
    assert both.beside(even) is None
    assert {one.name for one in both.parts} == {"half to even", "billed too"}
    taken = billed.beside(busy.way("not billable too"))
    assert taken is not None
    assert taken.takes == {"billed", "not billable"}


def test_every_way_has_a_name_and_words_of_its_own() -> None:
    ways = (*KNOWN, *OTHERS, *TOLD, *of_case(busy.case()))
    assert len({one.name for one in ways}) == len({one.words for one in ways}) == len(ways)
    assert all(one.deviations for one in ways)


def test_what_the_rules_demand_is_no_wrong_way() -> None:
    names = {one.name for one in known(Rules(RateAt.PERIOD_START, Rounding(Mode.DOWN)), "USD")}
    assert not {"down", "rate of the start", "round each event", "2 digits"} & names
    assert {"half away from zero", "rate of the event"} <= names
    assert known(Rules(), "JPY")[0].name == "2 digits"


def test_a_line_an_event_is_billed_as_often_as_the_event() -> None:
    rules = Rules(lines=Per.EVENT)
    work = busy.workings(busy.case(rules=rules))
    again = wrong("x", "x", again=frozenset({"id 1"}), without=frozenset({"id 2"}))
    bill = work.bill(again)
    assert bill is not None
    ids = [line.event_id for line in bill.lines or ()]
    assert (ids.count("id 1"), ids.count("id 2"), ids.count("id 3")) == (2, 0, 1)
    assert bill.gain_share_amount == Decimal("649.35")  # the two are alike


def test_an_event_that_looks_like_another_is_left_out_before_it_or_after_it() -> None:
    one = busy.event(1, "10.00", "X", busy.TENTH)
    other, third = one._replace(id="id 2"), one._replace(id="id 3", amount=Decimal(11))
    work = busy.workings(busy.case(one, other, third, rules=Rules(lines=Per.EVENT)))
    for name, kept in (
        ("alike once", {"id 1", "id 3"}),
        ("alike once, the last", {"id 2", "id 3"}),
    ):
        bill = work.bill(busy.way(name))
        assert bill is not None
        assert {line.event_id for line in bill.lines or ()} == kept


def test_an_edge_that_was_not_known_beforehand_is_no_bill() -> None:
    assert busy.workings().bill(Way(starts=DAY / 7)) is None


def test_a_currency_beside_is_no_case() -> None:
    case = busy.case(*busy.EVENTS, busy.EVENTS[4]._replace(id="cad", currency="CAD"))
    assert case.currency is None
    assert Workings(case).bill() is None


def test_the_rows_around_the_period_are_read_with_all_that_must_not_be_billed(
    staging: Staging,
) -> None:
    tenant_id = tenants.busy(staging)
    far = PERIOD.end + timedelta(hours=41)
    staging.event(tenant_id, "1.00", occurred_at=far.isoformat())
    tables = tables_of(staging.connection)
    rules = described().description.rules.rules
    case = read_case(tables, str(tenant_id), PERIOD, rules)
    assert case is not None
    decoys = {one.amount for one in case.events if not one.billable or one.billed}
    assert decoys == {700, 800, 900}
    assert {Decimal(5000), Decimal(6000)} <= {one.amount for one in case.events}
    assert Decimal(1) not in {one.amount for one in case.events}
    assert {one.category for one in case.events} == {"RECOVERED", "IDENTIFIED"}
    assert Workings(case).bill() == expected(tables, PERIOD, str(tenant_id)).bill
    assert read_case(tables, str(tenant_id), PERIOD, rules, most=14) is None
    stored = relations_of(staging.connection).stored
    assert "half to even" in power(case, [stored]).noticed


# What a run would have noticed

SEEDS = (
    busy.event(1, "1200.50", "DUPLICATE_CHARGE", TENTH := busy.TENTH),
    busy.event(2, "875.25", "ADDRESS_CORRECTION", TENTH),
    busy.event(3, "390.00", "CLASSIFICATION_ERROR", TENTH),
)


def noticed(told: Facts, *events: Event) -> tuple[str, ...]:
    """Return the ways that would have shown to who is told these facts."""
    return power(busy.case(*events, terms=busy.TERMS[:1]), [told]).noticed


def test_three_seeds_at_noon_tell_few_ways_apart_and_more_events_tell_more() -> None:
    few = noticed(ALL_FACTS, *SEEDS)
    assert {"half to even", "down", "round the invoice", "percents for shares"} <= {*few}
    assert not {"half up", "end included", "newest terms", "billed too"} & {*few}
    more = noticed(ALL_FACTS, *SEEDS, busy.event(4, "-0.06", "X", TENTH), *busy.EVENTS[-1:])
    assert {*few} | {"half up", "billed too", "no reversals"} <= {*more}


def test_what_is_not_told_is_not_noticed() -> None:
    total = Facts(frozenset({"gain_share_amount"}), frozenset())
    zero = busy.event(4, "0.00", "DUPLICATE_CHARGE", TENTH)
    assert "no zeros" in noticed(ALL_FACTS, *SEEDS, zero)
    assert "no zeros" not in noticed(total, *SEEDS, zero)


def test_noticed_and_missed_are_all_that_is_known() -> None:
    told = power(busy.case(), [ALL_FACTS])
    assert sorted(told.noticed + told.missed) == sorted(w.name for w in known(Rules(), "USD"))


def test_a_bill_of_its_own_says_nothing_of_no_events() -> None:
    assert Workings(busy.case(busy.EVENTS[-1])).right is None
    assert isinstance(Workings(busy.case()).right, Bill)


def test_what_no_binary_fraction_holds_costs_nothing_in_them() -> None:
    assert floats.fee(10**400, 1, Fraction(1, 4), 100, Floats.SCALED) == 0
