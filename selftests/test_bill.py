"""Bills as the gate compares them: what is told is compared to the last cent, and nothing else is.

Each acceptance stands beside its refusal, and the words of every difference are those that finance
reads.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.bill import ALL_FACTS, Bill, Facts, Line

BY_EVENT = Facts(ALL_FACTS.bill, ALL_FACTS.line - {"event_count"} | {"event_id"})
TOTALS_ALONE = Facts(ALL_FACTS.bill, frozenset())
NOTHING = Facts(frozenset(), frozenset())


def line(finding_type: str = "DUPLICATE", fee: str = "25.00", **facts: Any) -> Line:
    """Return a line of one event at 25 %, four times its fee recovered."""
    told: dict[str, Any] = {
        "rate": Decimal("0.25"),
        "event_count": 1,
        "recovered_amount": 4 * Decimal(fee),
        "gain_share_amount": Decimal(fee),
    }
    return Line(finding_type=finding_type, **(told | facts))


def bill(*lines: Line, **facts: Any) -> Bill:
    """Return a bill in dollars of these lines, its totals their sums."""
    told: dict[str, Any] = {
        "currency": "USD",
        "event_count": sum(one.event_count or 0 for one in lines),
        "recovered_amount": sum((one.recovered_amount or Decimal() for one in lines), Decimal()),
        "gain_share_amount": sum((one.gain_share_amount or Decimal() for one in lines), Decimal()),
    }
    return Bill(**(told | facts), lines=lines)


def facts_without(*names: str) -> Facts:
    """Return every fact but some, of bill and line alike."""
    return Facts(ALL_FACTS.bill - set(names), ALL_FACTS.line - set(names))


TWO = bill(line(), line("ADDRESS", "10.00"))

# What is compared


def test_the_same_bill_has_no_difference_whatever_the_order_of_its_lines() -> None:
    assert TWO.lines is not None
    other = replace(TWO, lines=TWO.lines[::-1])
    assert other.differences(TWO, ALL_FACTS) == ()


def test_amounts_are_compared_by_their_value_not_by_how_they_are_written() -> None:
    other = bill(line(fee="25", rate=Decimal("0.250000")), line("ADDRESS", "10.0000"))
    assert other.differences(TWO, ALL_FACTS) == ()


@pytest.mark.parametrize(
    ("wrong", "difference"),
    [
        ({"currency": "EUR"}, "currency EUR, not USD"),
        ({"event_count": 3}, "event count 3, not 2"),
        ({"recovered_amount": Decimal("140.01")}, "recovered amount 140.01, not 140.00"),
    ],
)
def test_each_total_that_differs_is_told(wrong: dict[str, Any], difference: str) -> None:
    assert replace(TWO, **wrong).differences(TWO, ALL_FACTS) == (difference,)


def test_a_fee_that_differs_is_told_and_that_the_lines_do_not_add_up_to_it() -> None:
    other = replace(TWO, gain_share_amount=Decimal("35.01"))
    assert other.differences(TWO, ALL_FACTS) == (
        "gain share 35.01, not 35.00",
        "the lines add up to 35.00, not to the total 35.01",
    )


def test_lines_need_not_add_up_where_the_total_alone_is_rounded() -> None:
    expected = replace(bill(line(fee="0.125")), gain_share_amount=Decimal("0.13"))
    assert expected.differences(expected, ALL_FACTS) == ()


@pytest.mark.parametrize("name", sorted(ALL_FACTS.bill))
def test_a_total_that_is_described_and_not_there_is_a_difference(name: str) -> None:
    other = replace(TWO, **{name: None})
    (difference,) = other.differences(TWO, ALL_FACTS)
    assert difference.endswith(f"None, not {getattr(TWO, name)}")


WITHOUT = {
    "finding_type": "unexpected line: one line at 25 %: 1 event, 100.00 recovered, 25.00 to bill",
    "rate": "DUPLICATE: at no rate, not at 25 %",
    "event_count": "DUPLICATE at 25 %: no count of events, not 1 event",
    "recovered_amount": "DUPLICATE at 25 %: nothing recovered, not 100.00 recovered",
    "gain_share_amount": "DUPLICATE at 25 %: nothing, not 25.00",
}


@pytest.mark.parametrize("name", sorted(ALL_FACTS.line))
def test_a_fact_of_a_line_that_is_described_and_not_there_is_a_difference(name: str) -> None:
    assert TWO.lines is not None
    first, second = TWO.lines
    other = replace(TWO, lines=(replace(first, **{name: None}), second))
    differences = other.differences(TWO, ALL_FACTS)
    assert differences[0] == WITHOUT[name]
    also = {
        "finding_type": f"missing line: {first}",
        "gain_share_amount": "the lines add up to 10.00, not to the total 35.00",
    }
    assert differences[1:] == tuple(filter(None, [also.get(name)]))


def test_lines_that_are_described_and_not_there_are_a_difference() -> None:
    for none in (None, ()):
        differences = replace(TWO, lines=none).differences(TWO, ALL_FACTS)
        assert differences[:2] == (
            "missing line: DUPLICATE at 25 %: 1 event, 100.00 recovered, 25.00 to bill",
            "missing line: ADDRESS at 25 %: 1 event, 40.00 recovered, 10.00 to bill",
        )


# Lines are consumed as they match


def test_two_equal_lines_do_not_hide_a_wrong_one() -> None:
    expected = bill(line(), line(), line("ADDRESS"))
    other = replace(expected, lines=(line(), line("ADDRESS"), line("ADDRESS")))
    assert other.differences(expected, ALL_FACTS) == (
        "unexpected line: ADDRESS at 25 %: 1 event, 100.00 recovered, 25.00 to bill",
        "missing line: DUPLICATE at 25 %: 1 event, 100.00 recovered, 25.00 to bill",
    )


def test_a_line_too_many_is_told_as_often_as_it_is_there() -> None:
    other = replace(TWO, lines=(*(TWO.lines or ()), line(), line()))
    differences = other.differences(TWO, ALL_FACTS)
    unexpected = [text for text in differences if text.startswith("unexpected line: DUPLICATE")]
    assert len(unexpected) == 2
    assert differences[-1] == "the lines add up to 85.00, not to the total 35.00"


def test_lines_that_the_platform_should_have_put_together_are_wrong() -> None:
    expected = bill(line(fee="50.00", event_count=2))
    differences = replace(expected, lines=(line(), line())).differences(expected, ALL_FACTS)
    assert [text.partition(":")[0] for text in differences] == [
        "unexpected line",
        "unexpected line",
        "missing line",
    ]


# Event by event

EVENTS = bill(line(event_id="a"), line(event_id="b"), line("ADDRESS", "10.00", event_id="c"))


def told_by_event(expected: Bill) -> Bill:
    """Return a bill as a platform tells it that has a line an event."""
    return expected.told_as(BY_EVENT)


def test_lines_of_events_are_compared_event_by_event() -> None:
    assert told_by_event(EVENTS).differences(EVENTS, BY_EVENT) == ()


def test_fees_that_two_events_have_exchanged_are_told_although_every_sum_is_right() -> None:
    a, b, c = told_by_event(EVENTS).lines or ()
    exchanged = (
        replace(a, gain_share_amount=Decimal(24)),
        replace(b, gain_share_amount=Decimal(26)),
    )
    other = replace(told_by_event(EVENTS), lines=(*exchanged, c))
    assert other.differences(EVENTS, BY_EVENT) == (
        "event a DUPLICATE at 25 %: 24.00, not 25.00",
        "event b DUPLICATE at 25 %: 26.00, not 25.00",
    )


def test_events_are_told_by_their_keys_where_those_are_known() -> None:
    a, *others = told_by_event(EVENTS).lines or ()
    wrong = replace(
        told_by_event(EVENTS), lines=(replace(a, gain_share_amount=Decimal(24)), *others)
    )
    asked: list[list[str]] = []

    def keys(ids: list[str]) -> dict[str, str]:
        asked.append(ids)
        return {"a": "audit-1"}

    told = wrong.differences(EVENTS, BY_EVENT, keys)
    assert told[0] == "event audit-1 DUPLICATE at 25 %: 24.00, not 25.00"
    assert asked == [["a"]]
    assert told_by_event(EVENTS).differences(EVENTS, BY_EVENT, keys) == ()
    assert asked == [["a"]], "where nothing differs nobody looks"


# Lines beside what they are about


def test_a_line_that_differs_by_a_cent_is_told_in_one_sentence() -> None:
    assert TWO.lines is not None
    _, other = TWO.lines
    wrong = replace(TWO, lines=(line(fee="24.99", recovered_amount=Decimal(100)), other))
    assert wrong.differences(TWO, ALL_FACTS) == (
        "DUPLICATE at 25 %: 24.99, not 25.00",
        "the lines add up to 34.99, not to the total 35.00",
    )


def test_a_line_at_another_rate_is_about_the_same_finding_type() -> None:
    assert TWO.lines is not None
    _, other = TWO.lines
    cheaper = line(fee="20.00", rate=Decimal("0.2"), recovered_amount=Decimal(100))
    assert replace(TWO, lines=(cheaper, other)).differences(TWO, ALL_FACTS)[0] == (
        "DUPLICATE: at 20 %, not at 25 %, and 20.00 to bill, not 25.00 to bill"
    )


def test_a_line_in_another_currency_is_told_in_its_digits() -> None:
    expected = bill(line(fee="2500"), line("ADDRESS", "10"), currency="JPY")
    other = replace(expected, lines=(line(fee="2501"), line("OTHER", "10")))
    recovered = "DUPLICATE at 25 %: 10004 recovered, not 10000 recovered, and "
    assert other.differences(expected, ALL_FACTS)[:3] == (
        f"{recovered}2501 to bill, not 2500 to bill",
        "unexpected line: OTHER at 25 %: 1 event, 40 recovered, 10 to bill",
        "missing line: ADDRESS at 25 %: 1 event, 40 recovered, 10 to bill",
    )
    other = replace(expected, gain_share_amount=Decimal(2511))
    assert other.differences(expected, ALL_FACTS)[-1] == (
        "the lines add up to 2510, not to the total 2511"
    )


@pytest.mark.parametrize(("mine", "theirs"), [("JPY", None), (None, "JPY")])
def test_a_currency_that_only_one_bill_tells_is_that_of_both(
    mine: str | None, theirs: str | None
) -> None:
    facts = Facts(frozenset({"gain_share_amount"}), frozenset())
    one = Bill(mine, None, None, Decimal("617.00"), None)
    other = Bill(theirs, None, None, Decimal(618), None)
    assert one.differences(other, facts) == ("gain share 617, not 618",)


def test_a_line_of_no_event_is_told_beside_one_of_an_event() -> None:
    other = replace(bill(line()), lines=(line(event_count=0),))
    assert other.differences(bill(line()), ALL_FACTS) == (
        "DUPLICATE at 25 %: 0 events, not 1 event",
    )


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ("OTHER", "DUPLICATE", "OTHER, not DUPLICATE"),
        (None, "DUPLICATE", "no finding type, not DUPLICATE"),
        ("OTHER", None, "OTHER, not no finding type"),
    ],
)
def test_an_event_of_another_finding_type_is_told_as_one(
    mine: str | None, theirs: str | None, words: str
) -> None:
    one, other = (
        told_by_event(bill(replace(line(event_id="a"), finding_type=finding_type)))
        for finding_type in (mine, theirs)
    )
    assert one.differences(other, BY_EVENT) == (f"event a at 25 %: {words}",)


def test_lines_are_paired_only_where_nothing_else_could_be_meant() -> None:
    expected = bill(line(), line(fee="20.00", rate=Decimal("0.2")))
    other = replace(expected, lines=(line(fee="1.00"), line(fee="2.00")))
    told = [text.partition(":")[0] for text in other.differences(expected, ALL_FACTS)]
    assert told[:-1] == ["unexpected line", "unexpected line", "missing line", "missing line"]


@pytest.mark.parametrize(
    ("currency", "got", "wanted", "told"),
    [
        ("USD", "276.45000000000000000000", "276.49", "276.45, not 276.49"),
        ("USD", "276.4512345", "276.4", "276.45, not 276.40"),
        ("USD", "649.350001", "649.35", "649.350001, not 649.35"),
        ("USD", "0.125", "0.13", "0.12, not 0.13"),
        ("JPY", "617.00", "618", "617, not 618"),
        ("JPY", "300.25", "300", "300.25, not 300"),
        ("KWD", "616.4", "616.438", "616.400, not 616.438"),
        ("XXX", "1", "2.5", "1.00, not 2.50"),
        ("KWD", "616.4", "616.4000001", "616.400, not 616.4000001"),
        ("XXX", "1.0011", "1.0044", "1.0011, not 1.0044"),
        ("USD", "NaN", "1", "NaN, not 1.00"),
        ("USD", "-Infinity", "1", "-Infinity, not 1.00"),
    ],
)
def test_amounts_that_differ_are_told_in_the_digits_of_their_currency(
    currency: str, got: str, wanted: str, told: str
) -> None:
    facts = Facts(frozenset({"gain_share_amount"}), frozenset())
    bills = [Bill(currency, None, None, Decimal(amount), None) for amount in (got, wanted)]
    assert bills[0].differences(bills[1], facts) == (f"gain share {told}",)


def test_another_event_of_the_same_worth_is_another() -> None:
    a, b, c = told_by_event(EVENTS).lines or ()
    other = replace(told_by_event(EVENTS), lines=(replace(a, event_id="x"), b, c))
    assert [text.partition(" D")[0] for text in other.differences(EVENTS, BY_EVENT)] == [
        "unexpected line: event x",
        "missing line: event a",
    ]


# What is not told is not compared


@pytest.mark.parametrize("name", sorted(ALL_FACTS.bill))
@pytest.mark.parametrize("told", [None, Decimal(77)])
def test_a_total_that_is_not_told_is_not_compared(name: str, told: Any) -> None:
    other = replace(TWO, lines=None, **{name: told})
    assert other.differences(TWO, Facts(ALL_FACTS.bill - {name}, frozenset())) == ()


@pytest.mark.parametrize("name", sorted(ALL_FACTS.line - {"gain_share_amount"}))
@pytest.mark.parametrize("told", [None, Decimal(77)])
def test_a_fact_of_a_line_that_is_not_told_is_not_compared(name: str, told: Any) -> None:
    """Whether the source has it all the same, or not, makes no difference."""
    other = replace(TWO, lines=tuple(replace(one, **{name: told}) for one in TWO.lines or ()))
    assert other.differences(TWO, Facts(ALL_FACTS.bill, ALL_FACTS.line - {name})) == ()


AMOUNTS_ALONE = Facts(ALL_FACTS.bill, frozenset({"gain_share_amount"}))


def test_lines_that_nothing_tells_apart_may_stand_for_themselves_or_be_one() -> None:
    """Some have a line an event, and tell of it a text for people and an amount."""
    apart = [Line(gain_share_amount=Decimal(amount)) for amount in ("10", "25", "25")]
    together = [Line(gain_share_amount=Decimal(60))]
    for lines in (apart, together):
        assert replace(EVENTS, lines=tuple(lines)).differences(EVENTS, AMOUNTS_ALONE) == ()


@pytest.mark.parametrize("amounts", [("10", "24", "26"), ("35", "25"), ("59",), ("60", "0", "0")])
def test_lines_that_nothing_tells_apart_are_compared_all_the_same(amounts: tuple[str, ...]) -> None:
    lines = tuple(Line(gain_share_amount=Decimal(amount)) for amount in amounts)
    assert replace(EVENTS, lines=lines).differences(EVENTS, AMOUNTS_ALONE) != ()


def test_lines_that_are_not_told_are_not_compared() -> None:
    assert replace(TWO, lines=(line("X"),)).differences(TWO, TOTALS_ALONE) == ()


def test_nothing_told_is_no_difference() -> None:
    empty = Bill(None, None, None, None, None)
    assert empty.differences(TWO, NOTHING) == ()
    assert TWO.told_as(NOTHING) == empty


# A bill as a source tells it


def test_everything_is_told_as_it_is() -> None:
    assert TWO.told_as(ALL_FACTS) == TWO


def test_lines_that_differ_in_nothing_told_are_one_of_their_sum() -> None:
    rates = (line(), line(fee="20.00", rate=Decimal("0.20"), event_count=2))
    told = bill(*rates).told_as(facts_without("rate"))
    assert told.lines == (
        Line(
            finding_type="DUPLICATE",
            event_count=3,
            recovered_amount=Decimal("180.00"),
            gain_share_amount=Decimal("45.00"),
        ),
    )


def test_a_line_that_tells_no_count_adds_none() -> None:
    told = bill(line(), line(event_count=None)).told_as(ALL_FACTS)
    assert [one.event_count for one in told.lines or ()] == [1]


def test_one_line_in_all_is_the_sum_of_all() -> None:
    told = TWO.told_as(Facts(ALL_FACTS.bill, frozenset({"gain_share_amount"})))
    assert told.lines == (Line(gain_share_amount=Decimal("35.00")),)


def test_lines_of_equal_events_stay_apart_where_each_event_is_told() -> None:
    assert len(told_by_event(EVENTS).lines or ()) == 3
    assert len(EVENTS.told_as(ALL_FACTS).lines or ()) == 2


def test_a_bill_without_lines_has_none_however_many_facts_are_told() -> None:
    assert replace(TWO, lines=None).told_as(ALL_FACTS).lines is None


AMOUNTS = st.integers(-(10**30), 10**30).map(lambda number: Decimal(number).scaleb(-4))
LINES = st.builds(
    Line,
    finding_type=st.sampled_from(["DUPLICATE", "ADDRESS"]),
    rate=st.sampled_from([Decimal("0.25"), Decimal("0.2")]),
    event_count=st.integers(1, 3),
    recovered_amount=AMOUNTS,
    gain_share_amount=AMOUNTS,
    event_id=st.sampled_from(["a", "b", "c"]),
)
FACTS = st.builds(
    Facts,
    st.frozensets(st.sampled_from(sorted(ALL_FACTS.bill))),
    st.frozensets(st.sampled_from(sorted(BY_EVENT.line | ALL_FACTS.line))),
)


def bill_exactly(lines: Iterable[Line]) -> Bill:
    """Return a bill whose totals are told, whatever its lines."""
    return Bill("USD", 1, Decimal(2), Decimal(3), tuple(lines))


@given(st.lists(LINES, max_size=5), FACTS)
@settings(deadline=None, max_examples=150)
def test_a_bill_is_what_a_source_tells_of_it(lines: list[Line], facts: Facts) -> None:
    whole = bill_exactly(lines)
    told = whole.told_as(facts)
    assert told.told_as(facts) == told
    assert [d for d in told.differences(whole, facts) if "add up" not in d] == []


@given(st.lists(LINES, min_size=1, max_size=5, unique_by=lambda one: one.event_id), FACTS, AMOUNTS)
@settings(deadline=None, max_examples=150)
def test_an_amount_that_is_told_never_changes_unseen(
    lines: list[Line], facts: Facts, by: Decimal
) -> None:
    told = bill_exactly(lines).told_as(facts)
    if not by or "gain_share_amount" not in facts.line or told.lines is None:
        return
    first, *others = told.lines
    fee = (first.gain_share_amount or Decimal()) + by
    other = replace(told, lines=(replace(first, gain_share_amount=fee), *others))
    if fee != first.gain_share_amount:
        assert other.differences(bill_exactly(lines), facts) != ()


# In words


def test_bills_and_lines_read_as_people_say_them() -> None:
    assert str(TWO) == "35.00 USD on 2 events in 2 lines"
    assert str(TWO.told_as(Facts(frozenset({"gain_share_amount"}), frozenset()))) == "35.00 "
    assert str(Bill("USD", None, None, None, None)) == "a bill without a total"
    assert str(line()) == "DUPLICATE at 25 %: 1 event, 100.00 recovered, 25.00 to bill"
    assert str(Line(gain_share_amount=Decimal("1.5"))) == "one line: 1.50 to bill"
    assert str(Line(event_id="a", event_count=2)) == "event a: 2 events"
