"""The oracle under every rule that a description can tell.

Examples worked out by hand stand first, with ties of both signs. Then the oracle is held against a
slow reference that shares nothing with it: one event after the other, in ``decimal``. What must
hold between two bills, whatever the numbers, comes last.
"""

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    localcontext,
)
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.bill import Bill, Line
from oracle.expectation import Expectation, expect
from oracle.period import Period
from oracle.rules import Each, Mode, Per, RateAt, Rounding, Rules, rounded
from oracle.terms import Choose, Terms, choosing
from selftests.ledger import FAR_PAST, Event, Ledger, Term

PERIOD = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
ISSUED_AT = datetime(2026, 3, 20, 9, tzinfo=UTC)
TENANT = "acme"
KOLKATA = timezone(timedelta(hours=5, minutes=30))
QUARTER = (Term(Decimal("0.25")),)


def day(day: int, month: int = 2) -> datetime:
    """Return a midnight of 2026, in UTC."""
    return datetime(2026, month, day, tzinfo=UTC)


def events(*amounts: str, finding_type: str = "DUPLICATE") -> tuple[Event, ...]:
    """Return events of these amounts in the middle of the period."""
    return tuple(
        Event(f"{finding_type} {number}", amount, day(14), finding_type)
        for number, amount in enumerate(amounts)
    )


def ask(ledger: Ledger, rules: Rules) -> Expectation:
    """Ask the oracle what the period bills."""
    return expect(ledger, TENANT, PERIOD, rules, issued_at=ISSUED_AT)


def bill_of(ledger: Ledger, rules: Rules) -> Bill:
    """Return the bill that the oracle works out."""
    expectation = ask(ledger, rules)
    assert expectation.bill is not None, expectation.flaws
    return expectation.bill


def total(ledger: Ledger, rules: Rules) -> Decimal:
    """Return the total that the oracle works out."""
    amount = bill_of(ledger, rules).gain_share_amount
    assert amount is not None
    return amount


def fees(bill: Bill) -> list[Decimal | None]:
    """Return the fee of each line, in order."""
    return [line.gain_share_amount for line in bill.lines or ()]


# By hand: which terms apply


@dataclass
class Agreement:
    """What was signed, with the lines that its events earn by themselves, if they do."""

    terms: list[Terms]
    earned: list[Line] | None = None
    chosen: Terms | None = None

    def lines(self, choose: Choose) -> list[Line] | None:
        """Remember which terms an event of the period would have had."""
        self.chosen = choose("DUPLICATE", "USD", day(14))
        return self.earned


@pytest.mark.parametrize(
    ("earned", "wanted"),
    [
        (None, "40.00"),
        (
            [
                Line("DUPLICATE", Decimal("0.4"), 1, Decimal("60.00"), Decimal("24.00")),
                Line("DUPLICATE", Decimal("0.5"), 1, Decimal("40.00"), Decimal("20.00")),
            ],
            "44.00",
        ),
    ],
    ids=["by rates", "by its own lines"],
)
def test_what_was_signed_holds_whatever_is_stored(earned: list[Line] | None, wanted: str) -> None:
    before = Terms(None, "USD", Decimal("0.30"), FAR_PAST, day(15, month=3))
    at_issue = Terms(None, "USD", Decimal("0.40"), day(15, month=3), None)
    signed = Agreement([before, at_issue], earned)
    rules, ledger = Rules(RateAt.ISSUE), Ledger(events("100.00"), QUARTER)
    told = expect(ledger, TENANT, PERIOD, rules, issued_at=ISSUED_AT, signed=signed)
    assert told.bill is not None
    assert told.bill.gain_share_amount == Decimal(wanted)
    assert signed.chosen == at_issue


@pytest.mark.parametrize(
    ("rate_at", "number"), [(RateAt.PERIOD_START, 0), (RateAt.ISSUE, 1), (RateAt.NEWEST, 2)]
)
def test_what_was_signed_is_chosen_by_the_instant_that_was_agreed(
    rate_at: RateAt, number: int
) -> None:
    bounds = [FAR_PAST, day(15, month=3), ISSUED_AT + timedelta(days=1), None]
    terms = [
        Terms(None, "USD", Decimal("0.30"), starts, ends)
        for starts, ends in pairwise(bounds)
        if starts is not None
    ]
    signed = Agreement(terms)
    ledger = Ledger(events("100.00"), QUARTER)
    expect(ledger, TENANT, PERIOD, Rules(rate_at), issued_at=ISSUED_AT, signed=signed)
    assert signed.chosen == terms[number]


def test_terms_of_a_finding_type_are_enough_for_its_events() -> None:
    terms = (Term(Decimal("0.30"), finding_type="DUPLICATE"),)
    told = expect(Ledger(events("100.00"), terms), TENANT, PERIOD, Rules())
    assert told.bill is not None
    assert (told.flaws, told.bill.gain_share_amount) == ((), Decimal("30.00"))


def test_what_was_signed_bills_nothing_that_cannot_be_billed() -> None:
    signed = Agreement([Terms(None, "EUR", Decimal("0.30"), FAR_PAST, None)], [])
    told = expect(Ledger(events("100.00"), QUARTER), TENANT, PERIOD, Rules(), signed=signed)
    assert (told.bill, len(told.flaws), signed.chosen) == (None, 1, None)


# From the 15th on 20 % instead of 25 %; for DUPLICATE there were terms of its own until the period,
# and there are others since it ended.
CHANGING = (
    Term(Decimal("0.25"), ends=day(15)),
    Term(Decimal("0.20"), starts=day(15)),
    Term(Decimal("0.30"), ends=day(1), finding_type="DUPLICATE"),
    Term(Decimal("0.40"), starts=day(1, month=3), finding_type="DUPLICATE"),
)
BEFORE_AND_AFTER = (
    Event("early", "100.00", day(15) - timedelta(microseconds=1)),
    Event("late", "100.00", day(15)),
)


@pytest.mark.parametrize(
    ("rate_at", "finding_type", "wanted"),
    [
        (RateAt.EVENT, "DUPLICATE", "45.00"),  # 25 % of one, 20 % of the other
        (RateAt.PERIOD_START, "DUPLICATE", "50.00"),  # 25 %: 30 % have just ended
        (RateAt.PERIOD_END, "DUPLICATE", "40.00"),  # 20 %: 40 % have not begun
        (RateAt.ISSUE, "DUPLICATE", "80.00"),  # 40 %: in March its own terms hold
        (RateAt.NEWEST, "DUPLICATE", "80.00"),  # 40 %: they begin last
        (RateAt.EVENT, "ADDRESS", "45.00"),
        (RateAt.PERIOD_START, "ADDRESS", "50.00"),
        (RateAt.PERIOD_END, "ADDRESS", "40.00"),
        (RateAt.ISSUE, "ADDRESS", "40.00"),  # the general terms of March
        (RateAt.NEWEST, "ADDRESS", "40.00"),
    ],
)
def test_the_instant_that_the_rules_name_chooses_the_rate(
    rate_at: RateAt, finding_type: str, wanted: str
) -> None:
    ledger = Ledger(
        tuple(replace(event, finding_type=finding_type) for event in BEFORE_AND_AFTER), CHANGING
    )
    assert total(ledger, Rules(rate_at)) == Decimal(wanted)


@pytest.mark.parametrize(
    ("rate_at", "flaw"),
    [
        (RateAt.EVENT, ""),
        (RateAt.PERIOD_START, "without terms on the date"),
        (RateAt.PERIOD_END, "without terms on the date"),
        (RateAt.ISSUE, "without terms on the date"),
        (RateAt.NEWEST, ""),
    ],
)
def test_terms_that_do_not_hold_at_that_instant_do_not_count(rate_at: RateAt, flaw: str) -> None:
    terms = (Term(Decimal("0.25"), starts=day(10), ends=day(20)),)
    flaws = ask(Ledger(events("100.00"), terms), Rules(rate_at)).flaws
    assert [text.partition("USD ")[2].partition(" (")[0] for text in flaws] == [flaw][: len(flaw)]


@pytest.mark.parametrize("rate_at", RateAt)
def test_two_rates_at_once_are_no_bill(rate_at: RateAt) -> None:
    terms = (Term(Decimal("0.25")), Term(Decimal("0.20")))
    expectation = ask(Ledger(events("100.00"), terms), Rules(rate_at))
    assert expectation.bill is None
    assert "with terms at 20 % and at 25 % at once" in expectation.flaws[0]


@pytest.mark.parametrize("rate_at", RateAt)
def test_the_same_rate_twice_is_one(rate_at: RateAt) -> None:
    assert total(Ledger(events("100.00"), QUARTER * 2), Rules(rate_at)) == 25


@pytest.mark.parametrize("rate_at", RateAt)
def test_terms_in_another_currency_never_count(rate_at: RateAt) -> None:
    terms = (*QUARTER, Term(Decimal("0.99"), starts=day(1, 12), currency="EUR"))
    assert total(Ledger(events("100.00"), terms), Rules(rate_at)) == 25


def test_without_a_word_the_issue_is_now() -> None:
    terms = (Term(Decimal("0.25"), ends=day(1, 6)), Term(Decimal("0.10"), starts=day(1, 6)))
    now_is_later = datetime.now(UTC) >= day(1, 6)
    expectation = expect(Ledger(events("100.00"), terms), TENANT, PERIOD, Rules(RateAt.ISSUE))
    assert expectation.bill is not None
    assert expectation.bill.gain_share_amount == (10 if now_is_later else 25)


# By hand: rounding

# At 25 % of 0.50 a fee is a tie, 0.125; of 0.54 it is 0.135, of 0.53 0.1325.
# Each row: of one positive event, of its negative, of a tie at an odd cent, of no tie.
ROUNDED_FEES = {
    Mode.HALF_AWAY_FROM_ZERO: ("0.13", "-0.13", "0.14", "-0.14", "0.13"),
    Mode.HALF_TO_EVEN: ("0.12", "-0.12", "0.14", "-0.14", "0.13"),
    Mode.HALF_TOWARDS_ZERO: ("0.12", "-0.12", "0.13", "-0.13", "0.13"),
    Mode.HALF_UP: ("0.13", "-0.12", "0.14", "-0.13", "0.13"),
    Mode.DOWN: ("0.12", "-0.12", "0.13", "-0.13", "0.13"),
    Mode.UP: ("0.13", "-0.13", "0.14", "-0.14", "0.14"),
    Mode.FLOOR: ("0.12", "-0.13", "0.13", "-0.14", "0.13"),
    Mode.CEILING: ("0.13", "-0.12", "0.14", "-0.13", "0.14"),
}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("each", Each)
def test_a_fee_alone_is_rounded_as_the_mode_says(mode: Mode, each: Each) -> None:
    """Alone on its invoice, an event is its line and the total."""
    rules = Rules(rounding=Rounding(mode, each))
    told = [
        str(total(Ledger(events(amount), QUARTER), rules))
        for amount in ("0.50", "-0.50", "0.54", "-0.54", "0.53")
    ]
    assert tuple(told) == ROUNDED_FEES[mode]


# Fees of 0.125, 0.125 and -0.375 on one line, 0.125 on another: ties, of both signs.
TIES = (*events("0.50", "0.50", "-1.50"), *events("0.50", finding_type="ADDRESS"))
# By mode: the total of rounded events, of rounded lines (-0.125 and 0.125), and rounded alone (0).
ROUNDED_TOTALS = {
    Mode.HALF_AWAY_FROM_ZERO: ("0.01", "0.00", "0.00"),  # 0.13 + 0.13 - 0.38, and 0.13
    Mode.HALF_TO_EVEN: ("-0.02", "0.00", "0.00"),  # 0.12 + 0.12 - 0.38, and 0.12
    Mode.HALF_TOWARDS_ZERO: ("-0.01", "0.00", "0.00"),  # 0.12 + 0.12 - 0.37, and 0.12
    Mode.HALF_UP: ("0.02", "0.01", "0.00"),  # 0.13 + 0.13 - 0.37, and 0.13; -0.12 + 0.13
    Mode.DOWN: ("-0.01", "0.00", "0.00"),
    Mode.UP: ("0.01", "0.00", "0.00"),
    Mode.FLOOR: ("-0.02", "-0.01", "0.00"),  # 0.12 + 0.12 - 0.38, and 0.12; -0.13 + 0.12
    Mode.CEILING: ("0.02", "0.01", "0.00"),
}


@pytest.mark.parametrize("mode", Mode)
def test_what_is_rounded_decides_the_total(mode: Mode) -> None:
    ledger = Ledger(TIES, QUARTER)
    told = [total(ledger, Rules(rounding=Rounding(mode, each))) for each in Each]
    assert told == [Decimal(amount) for amount in ROUNDED_TOTALS[mode]]


def test_lines_are_exact_where_the_total_alone_is_rounded() -> None:
    bill = bill_of(Ledger(TIES, QUARTER), Rules(rounding=Rounding(each=Each.INVOICE)))
    assert fees(bill) == [Decimal("0.125"), Decimal("-0.125")]
    assert bill.gain_share_amount == 0


@pytest.mark.parametrize(
    ("currency", "digits", "wanted"),
    [
        ("USD", None, "3.09"),  # 3.08625
        ("JPY", None, "3"),
        ("KWD", None, "3.086"),
        ("USD", 0, "3"),
        ("USD", 4, "3.0863"),  # a tie in the fifth digit
        ("USD", 5, "3.08625"),
        ("JPY", 2, "3.09"),
    ],
)
@pytest.mark.parametrize("each", Each)
def test_digits_are_the_currencys_unless_the_rules_say_otherwise(
    currency: str, digits: int | None, wanted: str, each: Each
) -> None:
    ledger = Ledger(
        tuple(replace(event, currency=currency) for event in events("12.345")),
        (Term(Decimal("0.25"), currency=currency),),
    )
    rules = Rules(rounding=Rounding(each=each, digits=digits))
    assert total(ledger, rules) == Decimal(wanted)


# By hand: lines

TWO_RATES = (Term(Decimal("0.25"), ends=day(15)), Term(Decimal("0.20"), starts=day(15)))
MIXED = (
    *BEFORE_AND_AFTER,
    *(replace(event, id=f"{event.id} again") for event in BEFORE_AND_AFTER[:1]),
    Event("other", "10.00", day(14), "ADDRESS"),
)


def line(
    finding_type: str | None,
    rate: str | None,
    count: int,
    recovered: str,
    fee: str,
    event: str = "",
) -> Line:
    """Write down a line."""
    return Line(
        finding_type=finding_type,
        rate=None if rate is None else Decimal(rate),
        event_count=count,
        recovered_amount=Decimal(recovered),
        gain_share_amount=Decimal(fee),
        event_id=event or None,
    )


@pytest.mark.parametrize(
    ("per", "wanted"),
    [
        (
            Per.EVENT,
            [
                line("DUPLICATE", "0.25", 1, "100", "25", "early"),
                line("DUPLICATE", "0.25", 1, "100", "25", "early again"),
                line("DUPLICATE", "0.20", 1, "100", "20", "late"),
                line("ADDRESS", "0.25", 1, "10", "2.5", "other"),
            ],
        ),
        (
            Per.FINDING_TYPE_AND_RATE,
            [
                line("DUPLICATE", "0.25", 2, "200", "50"),
                line("DUPLICATE", "0.20", 1, "100", "20"),
                line("ADDRESS", "0.25", 1, "10", "2.5"),
            ],
        ),
        (
            Per.FINDING_TYPE,
            [
                line("DUPLICATE", None, 3, "300", "70"),  # two rates are none
                line("ADDRESS", "0.25", 1, "10", "2.5"),
            ],
        ),
        (Per.INVOICE, [line(None, None, 4, "310", "72.5")]),
    ],
)
def test_an_invoice_has_a_line_for_what_the_rules_say(per: Per, wanted: list[Line]) -> None:
    bill = bill_of(Ledger(MIXED, TWO_RATES), Rules(lines=per))
    assert Counter(bill.lines) == Counter(wanted)
    assert replace(bill, lines=None) == Bill("USD", 4, Decimal(310), Decimal("72.5"), None)


def test_one_line_of_one_scope_says_its_finding_type_and_rate() -> None:
    bill = bill_of(Ledger(events("100.00", "0.10"), QUARTER), Rules(lines=Per.INVOICE))
    assert bill.lines == (line("DUPLICATE", "0.25", 2, "100.1", "25.03"),)


def test_lines_put_together_keep_what_they_have_in_common() -> None:
    other = Event("other", "100.00", day(14), "ADDRESS")
    twice_a_quarter = (Term(Decimal("0.25"), ends=day(15)), Term(Decimal("0.25"), starts=day(15)))
    ledger = Ledger((*BEFORE_AND_AFTER, other), twice_a_quarter)
    assert bill_of(ledger, Rules(lines=Per.INVOICE)).lines == (line(None, "0.25", 3, "300", "75"),)
    changing = Ledger(BEFORE_AND_AFTER, TWO_RATES)
    assert bill_of(changing, Rules(lines=Per.INVOICE)).lines == (
        line("DUPLICATE", None, 2, "200", "45"),
    )


def test_amounts_have_no_more_digits_than_they_need() -> None:
    bill = bill_of(Ledger(events("200.00"), QUARTER), Rules())
    assert (str(bill.gain_share_amount), str(bill.lines and bill.lines[0].rate)) == ("50", "0.25")


class Cut(Ledger):
    """Answers with an amount that no event has."""

    def rows(self, name: str, /, **values: Any) -> list[dict[str, Any]]:
        """Answer a statement, with the first id cut off."""
        return [
            {**row, "ids": row["ids"][1:]} if "ids" in row else row
            for row in super().rows(name, **values)
        ]


def test_an_amount_without_an_event_is_never_dropped() -> None:
    with pytest.raises(ValueError, match="zip"):
        ask(Cut(events("1.00", "2.00"), QUARTER), Rules(lines=Per.EVENT))


# By hand: what cannot be billed, whatever the rules


@pytest.mark.parametrize("per", Per)
@pytest.mark.parametrize(
    ("wrong", "flaw"),
    [
        ({"amount": "NaN"}, "1 DUPLICATE event whose amount is not a finite number (a)"),
        ({"claimed": True}, "1 DUPLICATE event on an invoice, though not billed (a)"),
        ({"finding_type": None}, "1 event without a finding type (a)"),
        ({"currency": None}, "1 DUPLICATE event without a currency (a)"),
        ({"currency": "XXX"}, "no currency of ISO 4217 with a minor unit (a)"),
    ],
)
def test_a_flaw_is_told_and_no_total_stands_in_for_a_guess(
    per: Per, wrong: dict[str, Any], flaw: str
) -> None:
    event = replace(Event("a", "100.00", day(3)), **wrong)
    expectation = ask(Ledger((event,), QUARTER), Rules(lines=per))
    assert expectation.bill is None
    assert expectation.event_count == 1
    assert any(text.endswith(flaw) for text in expectation.flaws), expectation.flaws


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([None], "with terms at no rate"),
        (["NaN"], "with terms at NaN %"),
        (["Infinity"], "with terms at Infinity %"),
        (["-0.01"], "with terms at -1 %, which is no share from 0 % to 100 %"),
        (["1.000001"], "with terms at 100.0001 %, which is no share from 0 % to 100 %"),
        (["0.25", None], "with terms at 25 % and at no rate at once"),
        ([], "without terms on the date"),
    ],
)
def test_a_rate_that_is_no_share_is_told_with_all_its_events(
    rates: list[str | None], words: str
) -> None:
    terms = tuple(Term(rate and Decimal(rate)) for rate in rates)  # type: ignore[arg-type]
    expectation = ask(Ledger(events("1.00", "2.00"), terms), Rules())
    told = f"2 DUPLICATE events in USD {words} (DUPLICATE 0, DUPLICATE 1)"
    assert (expectation.flaws, expectation.bill, expectation.event_count) == ((told,), None, 2)


@pytest.mark.parametrize("rate", ["0", "1"])
def test_nothing_and_all_are_shares(rate: str) -> None:
    assert total(Ledger(events("5.00"), (Term(Decimal(rate)),)), Rules()) == 5 * Decimal(rate)


def test_every_flaw_of_an_event_is_told() -> None:
    odd = Event("a", "NaN", day(3), finding_type=None, currency="XXX", claimed=True)
    nowhere = replace(odd, id="b", finding_type="", currency=None)
    assert ask(Ledger((odd, nowhere), QUARTER), Rules()).flaws == (
        "1 event without a finding type (a)",
        "1 event in XXX: no currency of ISO 4217 with a minor unit (a)",
        "1 event whose amount is not a finite number (a)",
        "1 event on an invoice, though not billed (a)",
        "1 event without a finding type (b)",
        "1 event without a currency (b)",
        "1 event whose amount is not a finite number (b)",
        "1 event on an invoice, though not billed (b)",
        "the period has 2 currencies: XXX, none",
    )


def test_only_the_events_of_the_piece_without_terms_are_named() -> None:
    terms = (Term(Decimal("0.25"), ends=day(15)), Term(Decimal("0.20"), starts=day(20)))
    last = Event("last", "100.00", day(27))
    expectation = ask(Ledger((*BEFORE_AND_AFTER, last), terms), Rules())
    assert expectation.flaws == ("1 DUPLICATE event in USD without terms on the date (late)",)
    assert (expectation.event_count, expectation.currencies) == (3, ("USD",))


def test_the_last_instant_of_the_period_is_a_microsecond_before_its_end() -> None:
    last = PERIOD.end - timedelta(microseconds=1)
    terms = (Term(Decimal("0.25"), ends=last), Term(Decimal("0.20"), starts=last))
    assert total(Ledger(events("100.00"), terms), Rules(RateAt.PERIOD_END)) == 20
    over = (Term(Decimal("0.25"), ends=last), Term(Decimal("0.20"), starts=PERIOD.end))
    assert ask(Ledger(events("100.00"), over), Rules(RateAt.PERIOD_END)).bill is None


@pytest.mark.parametrize(
    ("rate_at", "rate"),
    [
        (RateAt.PERIOD_START, "0.10"),
        (RateAt.EVENT, "0.20"),
        (RateAt.PERIOD_END, "0.30"),
        (RateAt.ISSUE, "0.40"),
    ],
)
def test_the_terms_of_one_event_are_chosen_in_the_same_way(rate_at: RateAt, rate: str) -> None:
    cuts = pairwise([day(1, 1), day(10), day(20), day(10, 3), day(1, 4)])
    rates = map(Decimal, ["0.10", "0.20", "0.30", "0.40"])
    general = [Terms(None, "USD", own, *cut) for own, cut in zip(rates, cuts, strict=True)]
    special = Terms("SPECIAL", "USD", Decimal("0.50"), FAR_PAST, None)
    choose = choosing([*general, special], Rules(rate_at), PERIOD, ISSUED_AT)
    chosen = choose("DUPLICATE", "USD", day(14))
    assert chosen is not None
    assert chosen.rate == Decimal(rate)
    assert choose("SPECIAL", "USD", day(14)) is special
    assert choose("DUPLICATE", "EUR", day(14)) is None


@pytest.mark.parametrize(
    ("rate_at", "rates"),
    [(RateAt.EVENT, ["0.10", "0.20", "0.10", "0.20"]), (RateAt.NEWEST, ["0.20"] * 4)],
)
def test_each_event_has_the_terms_that_are_its_own(rate_at: RateAt, rates: list[str]) -> None:
    earlier = Terms(None, "USD", Decimal("0.10"), FAR_PAST, day(20))
    later = Terms(None, "USD", Decimal("0.20"), day(20), None)
    choose = choosing([earlier, later], Rules(rate_at), PERIOD, None)
    days = (day(19), day(20), day(1), day(28))
    chosen = [choose("DUPLICATE", "USD", instant) for instant in days]
    assert [terms and terms.rate for terms in chosen] == list(map(Decimal, rates))


@pytest.mark.parametrize(
    "told",
    [day(15).date(), day(15).replace(tzinfo=None), datetime(2026, 2, 15, 5, 30, tzinfo=KOLKATA)],
    ids=["a date", "without a zone", "in another zone"],
)
def test_terms_begin_and_end_in_utc_however_that_is_told(told: Any) -> None:
    terms = (Term(Decimal("0.25"), ends=told), Term(Decimal("0.20"), starts=told))
    assert total(Ledger(BEFORE_AND_AFTER, terms), Rules()) == 45


def test_terms_told_without_a_zone_begin_in_utc_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noon = day(14).replace(hour=12)
    bare = noon.replace(tzinfo=None)
    terms = (Term(Decimal("0.25"), ends=bare), Term(Decimal("0.20"), starts=bare))
    both = (Event("a", "100.00", noon - timedelta(microseconds=1)), Event("b", "100.00", noon))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        billed = total(Ledger(both, terms), Rules())
    time.tzset()
    assert billed == 45


def test_the_issue_is_when_it_is_told_to_be() -> None:
    later = ISSUED_AT + timedelta(days=1)
    terms = (Term(Decimal("0.25"), ends=later), Term(Decimal("0.10"), starts=later))
    assert total(Ledger(events("100.00"), terms), Rules(RateAt.ISSUE)) == 25


@pytest.mark.parametrize("rate_at", RateAt)
def test_without_any_terms_there_is_no_bill(rate_at: RateAt) -> None:
    told = "1 DUPLICATE event in USD without terms on the date (DUPLICATE 0)"
    assert ask(Ledger(events("1.00"), ()), Rules(rate_at)).flaws == (told,)


def test_nothing_to_bill_is_no_bill_and_no_flaw() -> None:
    assert ask(Ledger((), QUARTER), Rules()) == Expectation(0, None, (), ())


def test_two_currencies_are_no_bill() -> None:
    both = (*events("1.00"), replace(Event("b", "1.00", day(3)), currency="EUR"))
    terms = (*QUARTER, Term(Decimal("0.25"), currency="EUR"))
    expectation = ask(Ledger(both, terms), Rules())
    assert expectation.flaws == ("the period has 2 currencies: EUR, USD",)


@pytest.mark.parametrize("unique", [False, True])
def test_a_key_of_two_events_is_a_flaw_unless_an_index_forbids_it(*, unique: bool) -> None:
    twice = tuple(replace(event, key="k") for event in events("1.00", "2.00"))
    expectation = expect(Ledger(twice, QUARTER), TENANT, PERIOD, Rules(), keys_are_unique=unique)
    assert (expectation.bill is None) != unique
    assert expectation.flaws == (() if unique else ("1 key of several events (k)",))


def test_keys_of_several_events_are_counted_and_named() -> None:
    twice = tuple(replace(event, key=key) for event in events("1.00", "2.00") for key in "kl")
    assert ask(Ledger(twice, QUARTER), Rules()).flaws == ("2 keys of several events (k, l)",)


# Held against a slow reference

AS_DECIMAL = {
    Mode.HALF_AWAY_FROM_ZERO: ROUND_HALF_UP,
    Mode.HALF_TO_EVEN: ROUND_HALF_EVEN,
    Mode.HALF_TOWARDS_ZERO: ROUND_HALF_DOWN,
    Mode.DOWN: ROUND_DOWN,
    Mode.UP: ROUND_UP,
    Mode.FLOOR: ROUND_FLOOR,
    Mode.CEILING: ROUND_CEILING,
}
DIGITS = {"USD": 2, "JPY": 0, "KWD": 3}


def slowly_rounded(amount: Decimal, mode: Mode, digits: int) -> Decimal:
    """Round with the decimal module; it has no mode that takes ties towards plus infinity."""
    unit = Decimal(1).scaleb(-digits)
    if mode is Mode.HALF_UP:
        return (amount + unit / 2).quantize(unit, ROUND_FLOOR)
    return amount.quantize(unit, AS_DECIMAL[mode])


def slow_rate(ledger: Ledger, event: Event, rate_at: RateAt) -> Decimal:
    """Look through all terms for the rate of an event."""
    terms = [t for t in ledger.terms if t.currency == event.currency]
    if rate_at is not RateAt.NEWEST:
        instant = {
            RateAt.EVENT: event.occurred_at,
            RateAt.PERIOD_START: PERIOD.start,
            RateAt.PERIOD_END: PERIOD.end - timedelta(microseconds=1),
            RateAt.ISSUE: ISSUED_AT,
        }[rate_at]
        terms = [t for t in terms if t.starts <= instant and (not t.ends or instant < t.ends)]
    own = [t for t in terms if t.finding_type == event.finding_type]
    general = [t for t in terms if t.finding_type is None]
    rate = max(own or general, key=lambda term: term.starts).rate
    assert rate is not None
    return rate


def slow_bill(
    ledger: Ledger, rules: Rules
) -> tuple[Decimal, Counter[tuple[int, Decimal, Decimal]]]:
    """Return the total, and count, recovered and fee of each line, one event after the other."""
    mode, each = rules.rounding.mode, rules.rounding.each
    digits = rules.rounding.digits
    lines: dict[object, list[tuple[Decimal, Decimal]]] = {}
    for event in ledger.events:
        if digits is None:
            digits = DIGITS[str(event.currency)]
        if not PERIOD.start <= event.occurred_at < PERIOD.end:
            continue
        rate = slow_rate(ledger, event, rules.rate_at)
        fee = Decimal(event.amount) * rate
        if each is Each.EVENT:
            fee = slowly_rounded(fee, mode, digits)
        scope = {
            Per.EVENT: event.id,
            Per.FINDING_TYPE_AND_RATE: (event.finding_type, rate),
            Per.FINDING_TYPE: event.finding_type,
            Per.INVOICE: None,
        }[rules.lines]
        lines.setdefault(scope, []).append((Decimal(event.amount), fee))
    assert digits is not None
    told = []
    for parts in lines.values():
        fee = sum((fee for _, fee in parts), Decimal())
        if each is Each.LINE:
            fee = slowly_rounded(fee, mode, digits)
        told.append((len(parts), sum((amount for amount, _ in parts), Decimal()), fee))
    all_fees = sum((fee for _, _, fee in told), Decimal())
    if each is Each.INVOICE:
        all_fees = slowly_rounded(all_fees, mode, digits)
    return all_fees, Counter(told)


def written(number: int, scale: int) -> str:
    """Write an integer of that many decimals as PostgreSQL writes a numeric."""
    return f"{Decimal(number).scaleb(-scale):.{scale}f}"


AMOUNTS = st.one_of(
    st.builds(written, st.integers(-300, 300), st.just(2)),
    st.builds(written, st.integers(-30_000, 30_000), st.integers(0, 5)),
    st.builds(written, st.integers(-(10**24), 10**24), st.integers(0, 8)),
)
RATES = st.one_of(
    st.sampled_from(["0.25", "0.5", "0.125", "0", "1"]),
    st.builds(written, st.integers(0, 10**6), st.just(6)),
).map(Decimal)
TYPES = st.sampled_from(["DUPLICATE", "ADDRESS"])
# Terms change inside the period, at its edges, and between its end and the issue.
CUTS = [day(1), day(10), day(1, month=3), day(10, month=3)]
INSTANTS = st.sampled_from(
    [
        cut + nudge * timedelta(microseconds=1)
        for cut in (PERIOD.start, day(10), PERIOD.end)
        for nudge in (-1, 0, 1)
    ]
)


@st.composite
def terms(draw: st.DrawFn, currency: str, finding_type: str | None) -> list[Term]:
    """Terms of one scope without a gap."""
    cuts = sorted(draw(st.sets(st.sampled_from(CUTS), max_size=3)))
    bounds = [FAR_PAST, *cuts, None]
    return [
        Term(draw(RATES), start, end, finding_type, currency)
        for start, end in pairwise(bounds)
        if start is not None
    ]


@st.composite
def ledgers(draw: st.DrawFn, amounts: st.SearchStrategy[str] = AMOUNTS) -> Ledger:
    """General terms for every instant, perhaps some for one finding type, and events about."""
    currency = draw(st.sampled_from(list(DIGITS)))
    rates = draw(terms(currency, None))
    rates += draw(st.one_of(st.just([]), terms(currency, "DUPLICATE")))
    inside = Event("first", draw(amounts), day(14), draw(TYPES), currency)
    others = draw(st.lists(st.tuples(amounts, INSTANTS, TYPES), max_size=6))
    return Ledger(
        (
            inside,
            *(
                Event(f"event {number}", amount, instant, finding_type, currency)
                for number, (amount, instant, finding_type) in enumerate(others)
            ),
        ),
        tuple(rates),
    )


ROUNDINGS = st.builds(
    Rounding,
    st.sampled_from(Mode),
    st.sampled_from(Each),
    st.sampled_from([None, 0, 1, 2, 4]),
)
RULES = st.builds(Rules, st.sampled_from(RateAt), ROUNDINGS, st.sampled_from(Per))


@given(ledgers(), RULES)
@settings(deadline=None, max_examples=250)
def test_the_oracle_and_the_slow_reference_agree(ledger: Ledger, rules: Rules) -> None:
    bill = bill_of(ledger, rules)
    with localcontext(prec=200):
        wanted_total, wanted_lines = slow_bill(ledger, rules)
    told = Counter(
        (one.event_count, one.recovered_amount, one.gain_share_amount) for one in bill.lines or ()
    )
    assert bill.gain_share_amount == wanted_total
    assert told == wanted_lines
    assert bill.event_count == sum(count for count, _, _ in wanted_lines.elements())


@pytest.mark.parametrize("mode", Mode)
@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
@settings(deadline=None, max_examples=60)
def test_a_ratio_is_rounded_as_the_slow_reference_does(
    mode: Mode, numerator: int, denominator: int
) -> None:
    with localcontext(prec=200):
        ties = Decimal(numerator) / 2
        assert rounded(numerator, 2, mode) == slowly_rounded(ties, mode, 0)
        # A ratio that is no decimal is no tie: 190 digits of it are enough to tell where it goes.
        quotient = Decimal(numerator) / Decimal(denominator)
        assert rounded(numerator, denominator, mode) == slowly_rounded(quotient, mode, 0)


# Between two bills


@given(ledgers(), RULES, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=80)
def test_the_order_of_rows_does_not_matter(ledger: Ledger, rules: Rules, random: Any) -> None:
    shuffled = Ledger(
        tuple(random.sample(ledger.events, len(ledger.events))),
        tuple(random.sample(ledger.terms, len(ledger.terms))),
    )
    one, other = bill_of(ledger, rules), bill_of(shuffled, rules)
    assert Counter(one.lines) == Counter(other.lines)
    assert replace(one, lines=None) == replace(other, lines=None)


@given(ledgers(), RULES)
@settings(deadline=None, max_examples=80)
def test_the_total_is_the_sum_of_the_lines_unless_it_is_rounded_alone(
    ledger: Ledger, rules: Rules
) -> None:
    bill = bill_of(ledger, rules)
    if rules.rounding.each is not Each.INVOICE:
        with localcontext(prec=200):
            assert bill.gain_share_amount == sum(fee for fee in fees(bill) if fee is not None)


@given(ledgers(), st.sampled_from(RateAt), ROUNDINGS)
@settings(deadline=None, max_examples=80)
def test_how_lines_are_cut_moves_the_total_only_where_lines_are_rounded(
    ledger: Ledger, rate_at: RateAt, rounding: Rounding
) -> None:
    totals = {total(ledger, Rules(rate_at, rounding, per)) for per in Per}
    assert len(totals) == 1 or rounding.each is Each.LINE


@given(ledgers(), st.sampled_from(RateAt), ROUNDINGS)
@settings(deadline=None, max_examples=80)
def test_where_each_event_is_a_line_both_are_rounded_alike(
    ledger: Ledger, rate_at: RateAt, rounding: Rounding
) -> None:
    by_event, by_line = (
        bill_of(ledger, Rules(rate_at, replace(rounding, each=each), Per.EVENT))
        for each in (Each.EVENT, Each.LINE)
    )
    assert by_event == by_line


def exact(ledger: Ledger, rules: Rules) -> Decimal:
    """Return the total with more digits than any fee has."""
    return total(ledger, replace(rules, rounding=Rounding(digits=20)))


POSITIVE = ledgers(st.builds(written, st.integers(0, 10**9), st.integers(0, 4)))


@given(POSITIVE, RULES)
@settings(deadline=None, max_examples=80)
def test_fees_of_recoveries_are_rounded_down_below_and_up_above_what_they_are(
    ledger: Ledger, rules: Rules
) -> None:
    def by(mode: Mode) -> Decimal:
        return total(ledger, replace(rules, rounding=replace(rules.rounding, mode=mode)))

    low, high = by(Mode.DOWN), by(Mode.UP)
    assert low <= exact(ledger, rules) <= high
    assert (low, high) == (by(Mode.FLOOR), by(Mode.CEILING))
    assert all(low <= by(mode) <= high for mode in Mode)


def negated(ledger: Ledger) -> Ledger:
    """Return the ledger with every recovery reversed."""
    return replace(
        ledger,
        events=tuple(
            replace(event, amount=f"{-Decimal(event.amount):f}") for event in ledger.events
        ),
    )


MIRRORED = {Mode.FLOOR: Mode.CEILING, Mode.CEILING: Mode.FLOOR}


@given(ledgers(), RULES)
@settings(deadline=None, max_examples=80)
def test_reversals_are_rounded_as_the_recoveries_were(ledger: Ledger, rules: Rules) -> None:
    """Only towards plus infinity are ties no mirror of themselves."""
    mode = rules.rounding.mode
    mirrored = replace(rules.rounding, mode=MIRRORED.get(mode, mode))
    if mode is not Mode.HALF_UP:
        with localcontext(prec=200):
            reversed_total = total(negated(ledger), replace(rules, rounding=mirrored))
            assert total(ledger, rules) == -reversed_total


@given(ledgers(), RULES)
@settings(deadline=None, max_examples=80)
def test_digits_enough_for_every_fee_leave_nothing_to_round(ledger: Ledger, rules: Rules) -> None:
    def by(mode: Mode, each: Each) -> Decimal:
        return total(ledger, replace(rules, rounding=Rounding(mode, each, 20)))

    assert {by(mode, each) for mode in Mode for each in Each} == {exact(ledger, rules)}
