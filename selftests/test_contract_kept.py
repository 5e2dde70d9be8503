"""What a platform keeps of what was agreed beside rates, item by item, beside what was signed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from oracle.comparison import judged_by_bills, unlike
from oracle.contract import Contract
from oracle.kept import read_kept
from oracle.rules import Each, Mode, Per, Rounding, Rules
from platforms.relations.canonical import AGREED_COLUMNS
from selftests.contracts import FACTS, NO_AGREEMENT, contract, row, tiered

LIMITS = {"per_event": "75", "per_invoice": 900, "per_contract_year": 9_000}
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
        (
            {"caps": LIMITS},
            {"cap_per_invoice": Decimal("Infinity")},
            ["the cap per invoice: nothing"],
        ),
        ({"caps": LIMITS, "negative_total": "refused"}, {"negative_total": "refused"}, []),
        (
            {"caps": LIMITS, "negative_total": "refused"},
            {},
            ["what becomes of a negative total: credited by the platform's description, refused s"],
        ),
    ],
)
def test_what_is_kept_beside_rates_is_compared_item_by_item(
    signed: dict[str, Any], stored: dict[str, Any], told: list[str]
) -> None:
    found = beside(contract(**signed), AGREED | stored)
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
    for other, words in {
        Decimal(50): "50.00 USD and 75.00 USD",
        None: "75.00 USD and nothing",
    }.items():
        twice = beside(signed, *stored, capped | {"cap_per_event": other})
        assert twice[1:] == [f"the cap per event: {words} stored, 75.00 USD signed"]


def test_what_is_agreed_in_another_currency_is_told_and_is_no_agreement() -> None:
    signed = contract(caps={"per_event": 75})
    euros = AGREED | {"currency": "EUR"}
    told = "what is agreed in EUR stored, in USD alone signed"
    capped = NO_AGREEMENT | {"cap_per_event": Decimal(75), "currency": "USD"}
    assert beside(signed, capped, euros) == [told]
    assert beside(signed, euros) == [told, "the cap per event: nothing stored, 75.00 USD signed"]
    assert beside(signed, capped, euros | {"valid_to": date(2026, 1, 1)}) == []


def test_where_no_terms_were_signed_nothing_is_compared() -> None:
    signed = contract({"until": "2026-03-01", "rate": "25 %"}, caps={"per_event": 75})
    later = contract(
        {"until": "2026-03-01", "rate": "25 %"},
        {"from": "2026-06-01", "rate": "25 %"},
        caps={"per_event": 75},
    )
    first = NO_AGREEMENT | {"cap_per_event": Decimal(75), "valid_to": date(2026, 3, 1)}
    between = first | {"valid_from": date(2026, 3, 1), "valid_to": date(2026, 6, 1)}
    between |= {"cap_per_event": None, "currency": "EUR"}
    second = first | {"valid_from": date(2026, 6, 1), "valid_to": None}
    caps = [one for one in beside(later, first, between, second) if "any finding" not in one]
    assert caps == []
    lost = [one for one in beside(later, first) if "the cap" in one]
    assert lost == ["the cap per event from 2026-06-01: nothing stored, 75.00 USD signed"]
    assert [one for one in beside(signed, first) if "the cap" in one] == []


@pytest.mark.parametrize(
    ("lines", "each", "same"), [(Per.EVENT, "event", "invoice"), (Per.INVOICE, "invoice", "event")]
)
def test_to_round_the_only_line_is_to_round_what_it_is_of(lines: Per, each: str, same: str) -> None:
    described = Rules(rounding=Rounding(each=Each.LINE), lines=lines)
    stored = AGREED | {"rounding_each": "line"}
    for kept in (AGREED, stored):
        assert beside(contract(caps=LIMITS, rounding={"each": each}), kept, rules=described) == []
        (told,) = beside(contract(caps=LIMITS, rounding={"each": same}), kept, rules=described)
        assert told.startswith(f"what is rounded: {each} ")


def test_years_of_tiers_begin_when_the_agreement_says_where_the_tiers_do_not() -> None:
    whole, steps = FACTS | {"tiers"}, tiers(*STEPS[:1], ("0.2", None), of="contract year")
    for begins, words in {
        date(2026, 4, 1): ["when contract years begin: 1 April stored, 1 January signed"],
        None: ["when contract years begin: nothing stored, 1 January signed"],
        date(2024, 1, 1): [],
    }.items():
        rows = [NO_AGREEMENT | {"begins": begins}] if begins else []
        kept = read_kept([row("0.25", id="t1")], steps, rows, whole)
        assert unlike(OF_YEAR, kept, Rules()) == words
        assert unlike(OF_YEAR, replace(kept, facts=whole | {"tiers.begins"}), Rules()) == []
    assert judged_by_bills(OF_YEAR, Rules(), whole) == []
    by_bills = judged_by_bills(OF_YEAR, Rules(), whole - {"begins"})
    assert by_bills == ["when contract years begin"]


def test_a_rule_that_is_kept_for_each_tenant_is_named_also_where_the_description_has_it() -> None:
    told = Rules(per_contract=frozenset({"rate_at", "rounding"}))
    both = ["the instant that chooses the rate", "rounding"]
    assert judged_by_bills(contract(), told, frozenset()) == both
    assert judged_by_bills(contract(), told, FACTS) == []
    assert judged_by_bills(contract(negative_total="refused")) == []


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


def tiers(
    *steps: tuple[str, str | None], of: str | None = "invoice", **more: Any
) -> list[dict[str, Any]]:
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
        (
            OF_INVOICE,
            tiers(*STEPS[:2], ("0.15", "600"), ("0.15", None)),
            ["tier above 500.00: 15 % stored, 10 % signed"],
        ),
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
        (OF_INVOICE, tiers(*STEPS, of=None), ["what fills tiers: nothing stored, invoice signed"]),
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
