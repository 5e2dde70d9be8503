"""What is stored beside what was signed: each difference, in words that finance can act on."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from acceptance.signed import compare, judge_terms
from oracle.comparison import judged_by_bills, unlike
from oracle.contract import Contract
from oracle.kept import Kept, read_kept
from oracle.rules import Each, Mode, RateAt, Rounding, Rules
from platforms.relations.canonical import AGREED_COLUMNS
from runbook.statuses import Status
from selftests.contracts import contract, tiered

TERMS = {"terms": "app.terms"}


def row(rate: str | None, since: str = "2026-01-01", until: str | None = None, **more: Any) -> Any:
    """Return terms as the oracle's statement reads them."""
    days = [day and datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (since, until)]
    told = {"finding_type": None, "currency": "USD", "rate": rate and Decimal(rate)}
    return told | {"valid_from": days[0], "valid_to": days[1]} | more


def differences(signed: Any, *rows: Any, rules: Rules | None = None) -> list[str]:
    comparison = compare(signed, read_kept(rows), rules or Rules())
    assert comparison is not None
    return list(comparison.differences)


SIGNED = contract(
    {"until": "2026-07-01", "rate": "25 %"},
    {"from": "2026-07-01", "rate": "20 %"},
    {"finding_type": "DUPLICATE", "rate": "30 %"},
)
STORED = (
    row("0.25", until="2026-07-01"),
    row("0.200", "2026-07-01"),
    row("0.30", finding_type="DUPLICATE"),
)


def test_what_is_stored_as_signed_is_no_difference_however_it_is_cut() -> None:
    assert differences(SIGNED, *STORED) == []
    cut = (row("0.25", "2020-01-01", "2026-03-01"), row("0.25", "2026-03-01", "2026-07-01"))
    assert differences(SIGNED, *cut, *STORED[1:]) == []


def test_what_was_stored_before_the_contract_is_not_about_it() -> None:
    assert differences(SIGNED, row("0.99", "2019-01-01", "2026-01-01"), *STORED) == []


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (
            (row("0.025", until="2026-07-01"), *STORED[1:]),
            "any finding type from 2026-01-01 until 2026-07-01: 2.5 % stored, 25 % signed",
        ),
        (
            (row("0.25", "2026-01-02", "2026-07-01"), *STORED[1:]),
            "any finding type from 2026-01-01 until 2026-01-02: nothing stored, 25 % signed",
        ),
        (
            (row("0.25", until="2026-07-01 05:30"), row("0.20", "2026-07-01 05:30"), STORED[2]),
            "any finding type from 2026-07-01 until 2026-07-01 05:30:00: 25 % stored, 20 % signed",
        ),
        (STORED[:2], "DUPLICATE from 2026-01-01: 25 % stored, 30 % signed"),
        (
            (*STORED, row("0.1", finding_type="ADDRESS", until="2026-02-01")),
            "ADDRESS from 2026-01-01 until 2026-02-01: 10 % stored, 25 % signed",
        ),
        (
            (STORED[0], row("0.2", "2026-07-01", "2027-01-01"), STORED[2]),
            "any finding type from 2027-01-01: nothing stored, 20 % signed",
        ),
        ((*STORED, row("0.25", currency="EUR")), "terms in EUR stored, in USD alone signed"),
        (
            (*STORED, row("0.4", "2027-01-01", finding_type="DUPLICATE")),
            "DUPLICATE from 2027-01-01: 30 % and 40 % stored, 30 % signed",
        ),
        (
            (*STORED[:2], row(None, finding_type="DUPLICATE")),
            "DUPLICATE from 2026-01-01: no rate stored, 30 % signed",
        ),
    ],
)
def test_each_difference_is_told_by_type_and_time(stored: Any, told: str) -> None:
    found = differences(SIGNED, *stored)
    if told.startswith("DUPLICATE from 2026-01-01: 25 %"):
        assert found == [told.replace("01: 25", "01 until 2026-07-01: 25"), found[1]]
        assert "20 % stored, 30 % signed" in found[1]
    else:
        assert found == [told]


def test_free_months_are_stored_as_a_rate_of_nothing() -> None:
    free = contract(free_months=["2026-02"])
    stored = (row("0.25", until="2026-02-01"), row("0", "2026-02-01", "2026-03-01"))
    assert differences(free, *stored, row("0.25", "2026-03-01")) == []
    assert differences(free, row("0.25")) == [
        "any finding type from 2026-02-01 until 2026-03-01: 25 % stored, 0 % signed"
    ]


def test_of_tiers_the_first_rate_is_compared_and_the_rest_is_said_to_be_judged_by_bills() -> None:
    steps = (("25 %", "100"), ("20 %", None))
    signed = contract(tiered("invoice", *steps), caps={"per_event": 5, "per_contract_year": 9})
    assert differences(signed, row("0.25")) == []
    assert differences(signed, row("0.20")) == [
        "any finding type from 2026-01-01: 20 % stored, 25 % up to 100.00, 20 % per invoice signed"
    ]
    assert judged_by_bills(signed) == [
        "tiers above the first rate",
        "the cap per event",
        "the cap per contract year",
    ]
    assert judged_by_bills(contract()) == []


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (Rules(rate_at=RateAt.ISSUE), "the instant that chooses the rate: issue by"),
        (Rules(rounding=Rounding(mode=Mode.HALF_TO_EVEN)), "rounding: half to even by"),
        (Rules(rounding=Rounding(each=Each.INVOICE)), "what is rounded: invoice by"),
        (Rules(rounding=Rounding(digits=3)), "digits: 3 by the platform's description, 2 signed"),
    ],
)
def test_the_rules_of_the_description_are_compared_too(rules: Rules, told: str) -> None:
    (difference,) = unlike(contract(), Kept(), rules)[1:]
    assert difference.startswith(told)
    kept = replace(rules, per_contract=frozenset({"rate_at", "rounding"}))
    named = "the instant that chooses the rate" if kept.rate_at is RateAt.ISSUE else "rounding"
    assert (len(unlike(contract(), Kept(), kept)), judged_by_bills(contract(), kept)) == (
        1,
        [named],
    )
    same = replace(rules, rate_at=RateAt.EVENT, rounding=Rounding(digits=2))
    assert len(unlike(contract(), Kept(), same)) == 1


# What is agreed beside rates, where a platform's relations tell it

LIMITS = {"per_event": "75", "per_invoice": 900, "per_contract_year": 9_000}
FACTS = frozenset(AGREED_COLUMNS["agreed"]) - {"tenant_id"}
NO_AGREEMENT: dict[str, Any] = dict.fromkeys(FACTS)
AGREED = NO_AGREEMENT | {
    "begins": date(2025, 1, 1),
    "cap_per_event": Decimal("75.000"),
    "cap_per_invoice": Decimal(900),
    "cap_per_contract_year": Decimal(9_000),
}


def beside(
    signed: Contract, *rows: dict[str, Any], rules: Rules | None = None, without: str = ""
) -> list[str]:
    """Return where the agreements that are kept are not as signed; their rates are."""
    facts = FACTS - {without}
    kept = read_kept([row("0.25")], (), rows, facts)
    return unlike(signed, kept, rules or Rules())


@pytest.mark.parametrize(
    ("signed", "stored", "told"),
    [
        ({"caps": LIMITS}, {}, []),
        (
            {"caps": LIMITS},
            {"cap_per_event": Decimal(50)},
            ["the cap per event: 50.00 USD stored, 75.00"],
        ),
        ({"caps": LIMITS}, {"cap_per_invoice": None}, ["the cap per invoice: nothing stored, 900"]),
        (
            {"caps": {"per_event": 75}},
            {},
            [
                "the cap per invoice: 900.00 USD stored, nothing signed",
                "the cap per contract year: 9000.00 USD stored, nothing signed",
            ],
        ),
        ({"caps": LIMITS}, {"begins": date(2025, 4, 1)}, ["when contract years begin: 1 April st"]),
        ({"caps": LIMITS}, {"begins": None}, ["when contract years begin: nothing stored, 1 Jan"]),
        (
            {"caps": LIMITS},
            {"minimum_per_invoice": Decimal("0.5")},
            ["the minimum per invoice: 0.50 USD stored, nothing signed"],
        ),
        (
            {"caps": LIMITS},
            {"negative_total": "credited"},
            ["what becomes of a negative total: credited stored, refused signed"],
        ),
        ({"caps": LIMITS, "minimum_per_invoice": 9}, {"negative_total": "credited"}, ["the min"]),
        (
            {"caps": LIMITS, "negative_total": "credited"},
            {"negative_total": "CREDIT"},
            ["what becomes of a negative total: 'CREDIT' (none of refused, credited, carried for"],
        ),
        ({"caps": LIMITS, "negative_total": "credited"}, {}, []),
        (
            {"caps": LIMITS, "negative_total": "carried forward"},
            {},
            ["what becomes of a negative total: credited by the platform's description, carried f"],
        ),
        (
            {"caps": LIMITS, "rounding": {"mode": "floor", "each": "invoice", "digits": 0}},
            {"rounding_mode": "half to even", "rounding_each": "line"},
            [
                "rounding: half to even stored, floor signed",
                "what is rounded: line stored, invoice signed",
                "digits: 2 by the platform's description, 0 signed",
            ],
        ),
        (
            {"caps": LIMITS},
            {"rate_at": "issue", "rounding_digits": 4},
            [
                "the instant that chooses the rate: issue stored, event signed",
                "digits: 4 stored, 2 signed",
            ],
        ),
        ({"caps": LIMITS}, {"currency": "EUR"}, ["what is agreed in EUR stored, in USD alone s"]),
        (
            {"caps": {"per_event": 75}},
            NO_AGREEMENT
            | {
                "cap_per_event": Decimal(75),
                "valid_from": date(2026, 7, 1),
                "valid_to": date(2027, 1, 1),
            },
            [
                "the cap per event from 2026-01-01 until 2026-07-01: nothing stored, 75.00 USD",
                "the cap per event from 2027-01-01: nothing stored, 75.00 USD signed",
            ],
        ),
    ],
)
def test_what_is_kept_beside_rates_is_compared_item_by_item(
    signed: dict[str, Any], stored: dict[str, Any], told: list[str]
) -> None:
    found = beside(contract(**signed), AGREED | stored)
    if stored.get("currency"):
        found = found[:1]
    assert len(found) == len(told), found
    assert all(one.startswith(words) for one, words in zip(found, told, strict=True)), found


def test_what_holds_at_once_or_at_another_time_is_not_mistaken() -> None:
    signed = contract({"until": "2027-01-01", "rate": "25 %"}, caps={"per_event": 75})
    capped = NO_AGREEMENT | {"cap_per_event": Decimal(75)}
    stored = [
        capped | {"cap_per_event": Decimal(9), "valid_to": date(2026, 1, 1)},
        capped | {"valid_to": date(2026, 5, 1)},
        capped | {"valid_from": date(2026, 5, 1), "valid_to": date(2027, 1, 1)},
        capped | {"cap_per_event": Decimal(9), "valid_from": date(2027, 1, 1)},
    ]
    assert [one for one in beside(signed, *stored) if "the cap" in one] == []
    twice = beside(signed, *stored, NO_AGREEMENT, capped | {"cap_per_event": Decimal(50)})
    assert twice[1:] == ["the cap per event: 50.00 USD and 75.00 USD stored, 75.00 USD signed"]


def test_nothing_agreed_and_nothing_stored_is_nothing_to_tell() -> None:
    for signed in (contract(), contract(minimum_per_invoice=1)):
        told = beside(signed, rules=Rules(credits=False))
        assert told == beside(signed, NO_AGREEMENT), told
        assert len(told) == (signed.minimum_per_invoice is not None)


def test_what_the_relation_has_no_column_of_is_judged_by_bills() -> None:
    signed = contract(
        tiered("contract year", ("25 %", "100"), ("20 %", None)),
        caps=LIMITS,
        rate_at="event",
        negative_total="credited",
    )
    whole = FACTS | {f"tiers.{name}" for name in AGREED_COLUMNS["tiers"]} | {"tiers"}
    assert judged_by_bills(signed, Rules(), whole) == []
    for column, named in {
        "cap_per_event": "the cap per event",
        "cap_per_invoice": "the cap per invoice",
        "cap_per_contract_year": "the cap per contract year",
        "negative_total": "what becomes of a negative total",
        "begins": "when contract years begin",
        "tiers": "tiers above the first rate",
        "tiers.begins": "when contract years begin",
    }.items():
        assert judged_by_bills(signed, Rules(), whole - {column}) == [named], column
    assert (
        beside(
            contract(caps=LIMITS), AGREED | {"cap_per_event": Decimal(1)}, without="cap_per_event"
        )
        == []
    )
    even = Rules(rounding=Rounding(mode=Mode.HALF_TO_EVEN), per_contract=frozenset({"rounding"}))
    stored = AGREED | {"rounding_mode": "half away from zero"}
    assert beside(contract(caps=LIMITS), stored, rules=even) == []
    assert beside(contract(caps=LIMITS), stored, rules=even, without="rounding_mode") == []
    assert judged_by_bills(contract(), even, FACTS - {"rounding_mode"}) == ["rounding"]


def tiers(*steps: tuple[str, str | None], of: str = "invoice", **more: Any) -> list[dict[str, Any]]:
    """Return the tiers of the terms "t1" as the oracle's statement reads them."""
    told = {"terms_id": "t1", "tiers_of": of, "begins": date(2026, 1, 1), "above": None}
    return [
        told | {"rate": Decimal(rate), "up_to": up_to and Decimal(up_to)} | more
        for rate, up_to in steps
    ]


ALL_TIERS = frozenset({"tiers", "tiers.begins"})
STEPS = (("0.25", "100"), ("0.20", "500"), ("0.1", None))
OF_INVOICE = contract(tiered("invoice", ("25 %", "100"), ("20 %", "500"), ("10 %", None)))
OF_YEAR = contract(tiered("contract year", ("25 %", "100"), ("20 %", None)))
EVER = "any finding type from 2026-01-01: "


@pytest.mark.parametrize(
    ("signed", "stored", "told"),
    [
        (OF_INVOICE, tiers(*STEPS), []),
        (OF_INVOICE, tiers(*reversed(STEPS)), []),
        (OF_INVOICE, tiers(*STEPS[:2], ("0.1", "Infinity")), []),
        (OF_INVOICE, tiers(*STEPS[:2], ("0.15", None)), ["tier above 500.00: 15 % st"]),
        (
            OF_INVOICE,
            tiers(STEPS[0], ("0.20", "600"), STEPS[2]),
            ["tier above 500.00 up to 600.00: 20 % stored, 10 % signed"],
        ),
        (OF_INVOICE, tiers(("0.3", "100"), *STEPS[1:]), ["tier up to 100.00: 30 % stored, 25 %"]),
        (OF_INVOICE, tiers(*STEPS[:2]), ["tier above 500.00: nothing stored, 10 % signed"]),
        (
            OF_INVOICE,
            tiers(*STEPS[:2], ("0.15", "500"), STEPS[2]),
            ["tier above 100.00 up to 500.00: 15 % and 20 % stored, 20 % signed"],
        ),
        (
            OF_INVOICE,
            [],
            [
                "tier above 100.00 up to 500.00: 25 % stored, 20 % signed",
                "tier above 500.00: 25 % stored, 10 % signed",
            ],
        ),
        (contract(), tiers(("0.25", "100"), ("0.2", None)), ["tier above 100.00: 20 % stored, 25"]),
        (contract(), tiers(("0.25", "100"), ("0.25", None)), []),
        (OF_INVOICE, tiers(*STEPS, of="contract"), ["what fills tiers: contract stored, invoice"]),
        (
            OF_INVOICE,
            tiers(*STEPS, of="year"),
            ["what fills tiers: 'year' (none of invoice, contract year, contract) stored, inv"],
        ),
        (
            OF_YEAR,
            tiers(*STEPS[:1], ("0.2", None), of="contract year", begins=date(2026, 2, 1)),
            ["when years of tiers begin: 1 February stored, 1 January signed"],
        ),
        (
            OF_YEAR,
            tiers(*STEPS[:1], ("0.2", None), of="contract year", begins=date(2024, 1, 1)),
            [],
        ),
        (
            contract({"rate": "30 %"}),
            tiers(("0.25", "100"), ("0.2", None)),
            [
                "tier up to 100.00: 25 % stored, 30 % signed",
                "tier above 100.00: 20 % stored, 30 % signed",
            ],
        ),
    ],
)
def test_tiers_that_are_kept_are_compared_one_by_one(
    signed: Contract, stored: list[dict[str, Any]], told: list[str]
) -> None:
    kept = read_kept([row("0.25", id="t1")], stored, (), ALL_TIERS)
    found = unlike(signed, kept, Rules())
    assert len(found) == len(told), found
    assert all(one.startswith(EVER + words) for one, words in zip(found, told, strict=True)), found


def test_a_tier_has_the_lower_bound_that_is_kept() -> None:
    stored = tiers(*STEPS)
    for tier, above in zip(stored, ("-Infinity", "200", "500"), strict=True):
        tier["above"] = Decimal(above)
    kept = read_kept([row(None, id="t1")], stored, (), ALL_TIERS | {"tiers.above"})
    gap = "tier above 100.00 up to 200.00: nothing stored, 20 % signed"
    assert unlike(OF_INVOICE, kept, Rules()) == [EVER + gap]


def test_terms_that_nobody_stored_are_told_whole() -> None:
    kept = read_kept([row("0.25", "2026-03-01", id="t1")], tiers(*STEPS), (), ALL_TIERS)
    until = "any finding type from 2026-01-01 until 2026-03-01: nothing stored, "
    whole = "25 % up to 100.00, 20 % up to 500.00, 10 % per invoice signed"
    assert unlike(OF_INVOICE, kept, Rules()) == [until + whole]


def test_the_check_says_what_was_signed_and_what_to_do() -> None:
    found = judge_terms(compare(SIGNED, read_kept(STORED), Rules()), TERMS)
    assert (found.status, found.got) == (Status.PASSED, f"3 terms of {SIGNED}")
    wrong = judge_terms(compare(SIGNED, read_kept(STORED[:2]), Rules()), TERMS)
    assert wrong.status is Status.FAILED
    assert wrong.detail == "correct the terms in app.terms, or the contract"
    capped = contract(caps={"per_invoice": 5})
    held = judge_terms(compare(capped, read_kept([row("0.25")]), Rules()), TERMS)
    assert held.detail == "told by no table, and judged by the bills alone: the cap per invoice"
    rows, facts = [NO_AGREEMENT | {"cap_per_invoice": Decimal(5)}], {"cap_per_invoice"}
    told = compare(capped, read_kept([row("0.25")], (), rows, facts), Rules())
    seen = judge_terms(told, TERMS | {"agreed": "app.agreed"})
    assert (seen.status, seen.detail) == (Status.PASSED, "compared as stored: the cap per invoice")
    rows[0]["cap_per_invoice"] = Decimal(6)
    differing = compare(capped, read_kept([row("0.25")], (), rows, facts), Rules())
    remedy = judge_terms(differing, TERMS | {"agreed": "app.agreed"}).detail
    assert remedy.startswith("correct the terms in app.terms, app.agreed, or the contract; comp")


def test_without_a_contract_it_passes_nothing() -> None:
    found = judge_terms(compare(None, None, Rules()), TERMS)
    assert (found.status, found.detail) == (
        Status.NOT_RUN,
        "terms as stored; no contract was given",
    )
