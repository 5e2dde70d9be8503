"""The oracle by a contract: each rule by hand, then against a slow reference, then how they meet.

The reference shares nothing with the oracle: it never cuts an amount, but takes what all that was
recovered is worth from what all but the event is.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.bill import Line
from oracle.contract import Contract, read
from oracle.paper import Paper, read_events
from oracle.period import Period
from oracle.rules import Per
from selftests.contracts import EVENTS, EXAMPLE, FEBRUARY, ask, contract, tiered, total
from selftests.ledger import Event, Ledger, Term

JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), FEBRUARY.start)
MARCH = Period(FEBRUARY.end, datetime(2026, 4, 1, tzinfo=UTC))
STEPS = (("25 %", "100"), ("20 %", "500"), ("10 %", None))
STORED = (Term(Decimal("0.99")),)  # what no bill by a contract may use


def ledger(*amounts: str, since: datetime = FEBRUARY.start, **more: Any) -> Ledger:
    """Return events of these amounts, an hour apart, and terms that must not matter."""
    events = tuple(
        Event(f"e{n}", amount, since + timedelta(hours=n), key=f"k{n}")
        for n, amount in enumerate(amounts)
    )
    return Ledger(events, STORED, **more)


def fees(signed: Contract, *amounts: str) -> list[Decimal | None]:
    """Return what each event is charged, in order."""
    bill = ask(ledger(*amounts), signed, lines=Per.EVENT).bill
    assert bill is not None
    lines = sorted(bill.lines or (), key=lambda line: str(line.event_id))
    return [line.gain_share_amount for line in lines]


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


# By hand


def test_the_worked_example_of_the_page() -> None:
    march = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    signed = read(EXAMPLE)
    paper = Paper(read_events(EVENTS, "USD"), Decimal("24500.00"))
    bill = ask(paper, signed, Period(*march)).bill
    assert bill is not None
    assert bill.gain_share_amount == Decimal("5500.00")
    assert bill.event_count == 4
    assert {
        (line.finding_type, f"{line.rate:.2f}"): line.gain_share_amount for line in bill.lines or ()
    } == {
        ("ADDRESS_CORRECTION", "0.25"): Decimal("740.11"),
        ("ADDRESS_CORRECTION", "0.20"): Decimal("-100.00"),
        ("DUPLICATE_CHARGE", "0.30"): Decimal("5000.00"),
    }


def test_what_is_stored_does_not_matter() -> None:
    assert total(ledger("100.00"), contract()) == Decimal("25.00")


@pytest.mark.parametrize(
    ("first", "day", "wanted"),
    [("2026-02-02", 1, None), ("2026-02-02", 2, "25.00"), ("2026-02-01", 1, "25.00")],
)
def test_a_term_begins_on_its_first_day(first: str, day: int, wanted: str | None) -> None:
    signed = contract({"from": first, "rate": "25 %"})
    bill = ask(ledger("100.00", since=FEBRUARY.start.replace(day=day)), signed)
    assert (bill.bill and bill.bill.gain_share_amount) == (wanted and Decimal(wanted))
    assert bool(bill.flaws) == (wanted is None)


def test_until_is_exclusive_and_a_gap_is_no_bill() -> None:
    signed = contract({"until": "2026-02-15", "rate": "25 %"}, {"from": "2026-02-16", "rate": 0})
    last = FEBRUARY.start.replace(day=15) - timedelta(microseconds=1)
    assert total(ledger("100.00", since=last), signed) == Decimal("25.00")
    flaws = ask(ledger("100.00", since=FEBRUARY.start.replace(day=15)), signed).flaws
    assert flaws == ("1 DUPLICATE event in USD without terms on the date (k0)",)


def test_an_event_in_another_currency_has_no_terms() -> None:
    told = ask(ledger("100.00"), contract(currency="EUR"))
    assert told.bill is None
    assert "without terms" in told.flaws[0]


def test_a_free_month_is_free_whatever_the_terms_and_fills_no_tier() -> None:
    signed = contract(
        tiered("contract", *STEPS),
        {"finding_type": "DUPLICATE", "rate": "30 %", "until": "2026-01-02"},
        free_months=["2026-01"],
    )
    for day in (1, 10):
        early = ledger("100.00", since=JANUARY.start.replace(day=day))
        assert total(early, signed, JANUARY) == 0
    both = Ledger(
        (Event("a", "100.00", JANUARY.start), Event("b", "60.00", FEBRUARY.start)), STORED
    )
    assert total(both, signed, JANUARY) == 0
    assert total(both, signed) == Decimal("15.00")
    assert "zero" in signed.allowed_totals


@pytest.mark.parametrize(
    ("rate_at", "wanted"), [("event", "20.00"), ("period start", "25.00"), ("period end", "15.00")]
)
def test_the_instant_that_was_agreed_chooses_the_rate(rate_at: str, wanted: str) -> None:
    signed = contract(
        {"until": "2026-02-10", "rate": "25 %"},
        {"from": "2026-02-10", "until": "2026-02-20", "rate": "20 %"},
        {"from": "2026-02-20", "rate": "15 %"},
        rate_at=rate_at,
    )
    assert total(ledger("100.00", since=FEBRUARY.start.replace(day=14)), signed) == Decimal(wanted)


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [
        (["100.00"], ["25.00"]),  # up to the bound and no further
        (["100.01"], ["25.00"]),  # a cent at 20 % is 0.002
        (["100.05"], ["25.01"]),
        (["60.00", "60.00"], ["15.00", "14.00"]),  # 40 at 25 %, 20 at 20 %
        (["600.00"], ["115.00"]),  # 25 + 80 + 10
        (["600.00", "-600.00"], ["115.00", "-115.00"]),  # a reversal empties what was filled last
        (["120.00", "-30.00", "10.00"], ["29.00", "-6.50", "2.50"]),
        (["-50.00", "100.00"], ["-12.50", "25.00"]),  # below nothing the first rate holds
        (["0.00", "100.00", "0.00"], ["0", "25.00", "0"]),
    ],
)
def test_tiers_are_marginal(amounts: list[str], wanted: list[str]) -> None:
    signed = contract(tiered("invoice", *STEPS), negative_total="credited")
    assert fees(signed, *amounts) == decimals(*wanted)


def test_an_event_that_a_bound_cuts_is_told_at_the_rate_where_it_begins() -> None:
    bill = ask(ledger("60.00", "60.00", "-20.00", "1.00"), contract(tiered("invoice", *STEPS))).bill
    assert bill is not None
    rates = {line.rate: (line.event_count, line.gain_share_amount) for line in bill.lines or ()}
    # -20 begins at 120 and ends exactly at the bound: 20 %; 1 begins at the bound, above it
    assert rates == {
        Decimal("0.25"): (2, Decimal("29.00")),
        Decimal("0.2"): (2, Decimal("-3.80")),
    }


@pytest.mark.parametrize(
    ("of", "january", "february"),
    [
        ("invoice", "29.00", "29.00"),
        ("contract year", "29.00", "24.00"),
        ("contract", "29.00", "24.00"),
    ],
)
def test_tiers_are_filled_by_what_was_agreed(of: str, january: str, february: str) -> None:
    signed = contract(tiered(of, *STEPS))
    early, late = (replace(Event("a", "120.00", p.start), id=str(p)) for p in (JANUARY, FEBRUARY))
    for billed in (True, False):
        both = Ledger((replace(early, billed=billed), late), STORED)
        assert total(both, signed) == Decimal(february)
    assert total(Ledger((early, late), STORED), signed, JANUARY) == Decimal(january)


def test_a_contract_year_begins_in_the_middle_of_a_month_and_the_tiers_are_empty() -> None:
    year = contract(tiered("contract year", *STEPS), begins="2025-02-15")
    ever = contract(tiered("contract", *STEPS), begins="2025-02-15")
    amounts = ledger("120.00", "120.00", since=datetime(2026, 2, 14, 23, tzinfo=UTC))
    assert total(amounts, year) == Decimal("58.00")
    assert total(amounts, ever) == Decimal("53.00")


def test_what_the_period_has_billed_already_fills_tiers_but_those_of_the_invoice() -> None:
    first, second = ledger("120.00", "120.00").events
    amounts = Ledger((replace(first, billed=True), second), STORED)
    assert total(amounts, contract(tiered("invoice", *STEPS))) == Decimal("29.00")
    assert total(amounts, contract(tiered("contract", *STEPS))) == Decimal("24.00")


def test_each_term_has_tiers_of_its_own() -> None:
    signed = contract(
        tiered("invoice", *STEPS), tiered("invoice", *STEPS, finding_type="DUPLICATE")
    )
    mixed = ledger("120.00", "120.00").events
    other = replace(mixed[1], finding_type="ADDRESS")
    assert total(Ledger((mixed[0], other), STORED), signed) == Decimal("58.00")
    assert total(Ledger(mixed, STORED), signed) == Decimal("53.00")


def test_events_of_one_instant_fill_tiers_in_the_order_of_their_keys() -> None:
    one, two = ledger("100.00", "100.10").events
    at_once = [replace(one, key="b", id="1"), replace(two, key="a", id="2")]
    at_once = [replace(event, occurred_at=FEBRUARY.start) for event in at_once]
    signed = contract(tiered("invoice", *STEPS))
    lines = ask(Ledger(tuple(at_once), STORED), signed, lines=Per.EVENT).bill
    assert lines is not None
    assert {line.event_id: line.rate for line in lines.lines or ()} == {
        "2": Decimal("0.25"),
        "1": Decimal("0.2"),
    }


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [
        ("40.00", "10.00"),
        ("44.00", "10.00"),
        ("39.98", "10.00"),
        ("39.96", "9.99"),
        ("-44.00", "-10.00"),
        ("-39.94", "-9.99"),
    ],
)
def test_the_cap_per_event_comes_before_rounding_and_holds_for_reversals(
    amount: str, wanted: str
) -> None:
    signed = contract(caps={"per_event": 10}, negative_total="credited")
    assert total(ledger(amount), signed) == Decimal(wanted)


def test_the_cap_per_event_is_of_each_event() -> None:
    assert fees(contract(caps={"per_event": 10}), "44.00", "44.00", "4.00") == decimals(
        "10", "10", "1"
    )


@pytest.mark.parametrize(
    ("rounding", "wanted"),
    [
        ({}, "0.38"),  # 0.125 three times and -0.005: 0.13 + 0.13 + 0.13 - 0.01
        ({"mode": "half to even"}, "0.36"),  # 0.12 + 0.12 + 0.12 - 0.00
        ({"each": "line"}, "0.37"),  # of 0.370
        ({"each": "invoice", "mode": "up", "digits": 1}, "0.4"),
        ({"digits": 1}, "0.3"),  # 0.1 + 0.1 + 0.1 - 0.0
        ({"digits": 3}, "0.370"),
        ({"digits": "currency"}, "0.38"),
    ],
)
def test_rounding_is_as_agreed(rounding: dict[str, Any], wanted: str) -> None:
    signed = contract(rounding=rounding)
    assert total(ledger("0.50", "0.50", "0.50", "-0.02"), signed) == Decimal(wanted)


def test_caps_of_the_total_come_in_order_and_the_minimum_last() -> None:
    amounts = ledger("400.00", invoices=((JANUARY.start, Decimal("60.00")),))
    assert total(amounts, contract(caps={"per_invoice": 90})) == Decimal("90.00")
    assert total(amounts, contract(caps={"per_invoice": 101})) == Decimal("100.00")
    assert total(amounts, contract(caps={"per_contract_year": 100})) == Decimal("40.00")
    both = contract(caps={"per_invoice": 90, "per_contract_year": 200})
    assert total(amounts, both) == Decimal("90.00")
    for used_up in (60, 59):
        assert total(amounts, contract(caps={"per_contract_year": used_up})) == 0
    floored = contract(caps={"per_contract_year": 60}, minimum_per_invoice=50)
    assert total(amounts, floored) == Decimal("50.00")


def test_the_cap_of_the_year_counts_the_invoices_of_its_year_alone() -> None:
    invoices = (
        (datetime(2025, 12, 1, tzinfo=UTC), Decimal("70.00")),
        (JANUARY.start, Decimal("30.00")),
        (FEBRUARY.start, Decimal("11.00")),  # the period's own is not before it
    )
    amounts = ledger("400.00", invoices=invoices)
    capped = {"per_contract_year": 100}
    assert total(amounts, contract(caps=capped)) == Decimal("70.00")
    assert total(amounts, contract(caps=capped, begins="2025-02-10")) == 0


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [("396.00", "100.00"), ("400.00", "100.00"), ("404.00", "101.00"), ("-400.00", "100.00")],
)
def test_the_minimum_is_a_floor_and_not_added(amount: str, wanted: str) -> None:
    assert total(ledger(amount), contract(minimum_per_invoice=100)) == Decimal(wanted)


def test_without_events_there_is_no_invoice_and_no_minimum() -> None:
    told = ask(ledger(), contract(minimum_per_invoice=100))
    assert (told.event_count, told.bill, told.flaws) == (0, None, ())


def test_what_becomes_of_a_negative_total() -> None:
    below = ledger("-100.00")
    refused = ask(below, contract())
    assert refused.bill is None
    assert refused.flaws == (
        "a total of -25.00 USD, of which the contract makes no invoice (negative_total)",
    )
    credited = contract(negative_total="credited")
    assert total(below, credited) == Decimal("-25.00")
    assert "negative" in credited.allowed_totals
    capped = contract(negative_total="credited", caps={"per_invoice": 10})
    assert total(below, capped) == Decimal("-25.00")
    carried = contract(negative_total="carried forward")
    assert total(below, carried) == 0
    assert "zero" in carried.allowed_totals


def test_what_was_brought_forward_is_part_of_the_total() -> None:
    carried = {"negative_total": "carried forward"}
    signed = contract(**carried, brought_forward={"2026-02": "-25.00"})
    assert total(ledger("200.00"), signed) == Decimal("25.00")
    assert total(ledger("80.00"), signed) == 0
    later = ledger("200.00", invoices=((JANUARY.start, Decimal()),))
    assert total(later, signed) == Decimal("25.00")
    unknown = ask(later, contract(**carried))
    assert unknown.bill is None
    assert "is not in brought_forward" in unknown.flaws[0]
    assert total(later, contract(**carried, brought_forward={"2026-02": 0})) == Decimal("50.00")


# Against a slow reference

CENT = Decimal("0.01")
HALVES = {"half away from zero": ROUND_HALF_UP, "half to even": ROUND_HALF_EVEN}


def worth(steps: Iterable[tuple[str, str | None]], filled: Decimal) -> Decimal:
    """What all that was recovered earns together."""
    earned, floor = Decimal(), Decimal()
    for number, (rate, up_to) in enumerate(steps):
        ceiling = filled if up_to is None else min(filled, Decimal(up_to))
        if number == 0 or ceiling > floor:
            earned += (ceiling - floor) * Decimal(rate.removesuffix("%").strip()) / 100
        floor = floor if up_to is None else Decimal(up_to)
    return earned


def slowly(signed: Contract, amounts: list[Decimal], steps: Any) -> Decimal:
    """Bill one event after the other, in ``decimal``."""
    with localcontext() as context:
        context.prec = 60
        filled, sum_ = Decimal(), Decimal()
        for amount in amounts:
            fee = worth(steps, filled + amount) - worth(steps, filled)
            filled += amount
            if (cap := signed.caps.per_event) is not None:
                fee = max(-cap, min(cap, fee))
            sum_ += fee.quantize(CENT, HALVES[signed.rounding.mode])
        if (cap := signed.caps.per_invoice) is not None:
            sum_ = min(sum_, cap)
        if (minimum := signed.minimum_per_invoice) is not None:
            sum_ = max(sum_, minimum)
        return sum_


amounts_ = st.lists(
    st.builds(
        lambda units: Decimal(units).scaleb(-2),
        st.one_of(st.integers(-300, 300), st.integers(-60_000, 200_000)),
    ),
    min_size=1,
    max_size=8,
)
bounds_ = st.lists(st.integers(1, 60_000), min_size=1, max_size=3, unique=True).map(sorted)
rates_ = st.lists(st.integers(0, 1000), min_size=4, max_size=4)


@st.composite
def agreements(draw: st.DrawFn) -> tuple[Contract, Any]:
    """A contract in tiers, with a cap, a cap of the invoice and a minimum, or without."""
    bounds, rates = draw(bounds_), draw(rates_)
    ends = [f"{Decimal(bound).scaleb(-2)}" for bound in bounds]
    steps = [(f"{Decimal(r).scaleb(-1)} %", e) for r, e in zip(rates, [*ends, None], strict=False)]
    more: dict[str, Any] = {"rounding": {"mode": draw(st.sampled_from(sorted(HALVES)))}}
    caps = {}
    for name in ("per_event", "per_invoice"):
        if draw(st.booleans()):
            caps[name] = f"{Decimal(draw(st.integers(100, 20_000))).scaleb(-2)}"
    more["caps"] = caps
    if draw(st.booleans()):
        more["minimum_per_invoice"] = "1.00"
    else:
        more["negative_total"] = "credited"
    return contract(tiered("invoice", *steps), **more), steps


@settings(max_examples=30, deadline=None)
@given(agreements(), amounts_)
def test_the_oracle_bills_as_one_event_after_the_other(
    agreed: tuple[Contract, Any], amounts: list[Decimal]
) -> None:
    signed, steps = agreed
    assert total(ledger(*map(str, amounts)), signed) == slowly(signed, amounts, steps)


# What must hold between two bills


@settings(max_examples=12, deadline=None)
@given(agreements(), amounts_, st.integers(0, 8))
def test_a_bound_moved_over_no_event_changes_nothing(
    agreed: tuple[Contract, Any], amounts: list[Decimal], number: int
) -> None:
    """Between two events nothing is filled: a bound at what all of them fill can go anywhere up."""
    signed, steps = agreed
    highest = max(Decimal("0.01"), *(sum(amounts[:n], Decimal()) for n in range(len(amounts) + 1)))
    more = {"caps": signed.caps, "rounding": signed.rounding, "negative_total": "credited"}
    (first, _), *_ = steps
    moved = [highest, highest + CENT, highest + number + 1]
    terms = [tiered("invoice", (first, str(bound)), ("0 %", None)) for bound in moved]
    told = [total(ledger(*map(str, amounts)), contract(term, **more)) for term in terms]
    assert len(set(told)) == 1


@settings(max_examples=12, deadline=None)
@given(agreements(), amounts_)
def test_a_cap_above_the_total_changes_nothing(
    agreed: tuple[Contract, Any], amounts: list[Decimal]
) -> None:
    signed, _ = agreed
    before = total(ledger(*map(str, amounts)), signed)
    caps = signed.caps.model_copy(update={"per_contract_year": max(before, Decimal(1)) + CENT})
    if signed.caps.per_invoice is None:
        caps = caps.model_copy(update={"per_invoice": max(before, Decimal(1)) + CENT})
    assert total(ledger(*map(str, amounts)), signed.model_copy(update={"caps": caps})) == before


@settings(max_examples=12, deadline=None)
@given(agreements(), amounts_, st.integers(0, 8), st.sampled_from(["contract", "contract year"]))
def test_a_month_split_in_two_adds_up_where_nothing_is_per_invoice(
    agreed: tuple[Contract, Any], amounts: list[Decimal], hours: int, of: str
) -> None:
    signed, steps = agreed
    caps = {"per_event": signed.caps.per_event} if signed.caps.per_event else {}
    whole = contract(tiered(of, *steps), caps=caps, negative_total="credited")
    rows = ledger(*map(str, amounts), since=FEBRUARY.start.replace(day=10))
    cut = FEBRUARY.start.replace(day=10) + timedelta(hours=hours)
    halves = [Period(FEBRUARY.start, cut), Period(cut, FEBRUARY.end)]
    bills = [ask(rows, whole, half).bill for half in halves]
    parts = [bill.gain_share_amount for bill in bills if bill is not None]
    assert sum(filter(None, parts), Decimal()) == total(rows, whole)


@pytest.mark.parametrize("each", ["event", "line", "invoice"])
def test_tiers_of_one_rate_are_that_rate(each: str) -> None:
    amounts = ledger("0.50", "0.50", "4.02", "-0.06", "1.005", "88888888888888.88")
    same = tiered("contract", ("25 %", "3"), ("25 %", None))
    rounding = {"each": each}
    flat, cut = (contract(*terms, rounding=rounding) for terms in ((), (same,)))
    assert ask(amounts, flat) == ask(amounts, cut)


def test_a_line_an_event_names_the_event() -> None:
    bill = ask(ledger("60.00", "60.00"), contract(tiered("invoice", *STEPS)), lines=Per.EVENT).bill
    assert bill is not None
    assert isinstance((bill.lines or ())[0], Line)
    assert [line.event_id for line in bill.lines or ()] == ["e0", "e1"]
