"""Which known wrong way gives what was seen: it is named with its events, and others that do."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oracle.bill import ALL_FACTS, Bill, Facts, Line
from oracle.diagnosis import diagnose
from oracle.explanations import Diagnosis, Seen
from oracle.known import OTHERS, TOLD, known, of_case
from oracle.raw import Case
from oracle.rules import Each, Mode, Per, Rounding, Rules
from oracle.ways import Way, wrong
from selftests import busy
from selftests.conftest import gate_on
from selftests.gate import PROJECT
from selftests.reference import build_in
from selftests.staging import Staging

TOTAL = Facts(frozenset({"gain_share_amount"}), frozenset())
BY_EVENT = Facts(
    frozenset({"currency", "gain_share_amount"}),
    frozenset({"event_id", "recovered_amount", "gain_share_amount"}),
)
EACH_EVENT = busy.case(rules=Rules(lines=Per.EVENT))


def right_of(case: Case) -> Bill:
    """Return what a case rightly bills."""
    bill = busy.workings(case).bill()
    assert bill is not None
    return bill


RIGHT_BILL = right_of(busy.case())
LINES = RIGHT_BILL.lines or ()


def explain(
    told: Bill | Way | None, facts: Facts = ALL_FACTS, case: Case | None = None, **more: Any
) -> Diagnosis:
    """Find out what a bill comes from, or the one that a way gives."""
    case = case or busy.case()
    bill = busy.workings(case).bill(told) if isinstance(told, Way) else told
    return diagnose(case, right_of(case), [Seen(bill, facts)], **more)


def names(told: Diagnosis) -> list[str]:
    """Return the names of what explains it, in their order."""
    return [one.name for one in told.explanations]


@pytest.mark.parametrize("facts", [ALL_FACTS, TOTAL], ids=["lines", "total"])
def test_whatever_is_done_wrongly_is_among_what_is_named(facts: Facts) -> None:
    work = busy.workings()
    tried = 0
    for way in (*known(Rules(), "USD"), *OTHERS, *TOLD, *of_case(busy.case())):
        bill = work.bill(way)
        if bill is None or not bill.told_as(facts).differences(RIGHT_BILL, facts):
            continue
        told = explain(bill, facts)
        tried += 1
        city = way.name.rpartition("clock of ")[2]
        assert way.name in names(told) or any(city in one.words for one in told.explanations)
    assert tried > 50


def test_the_runbooks_seeds_are_explained_by_all_that_gives_their_total() -> None:
    seeds = [
        busy.event(1, "1200.50", "DUPLICATE_CHARGE", busy.TENTH, key="dryrun-2026-02-001"),
        busy.event(2, "875.25", "ADDRESS_CORRECTION", busy.TENTH),
        busy.event(3, "390.00", "CLASSIFICATION_ERROR", busy.TENTH),
    ]
    case = busy.case(*seeds, terms=busy.TERMS[:1])
    told = explain(busy.way("half to even"), TOTAL, case).lines
    tie = "(dryrun-2026-02-001: 300.12 for 300.13)"
    assert told[0] == f"616.43 is what rounding half to even gives {tie}"
    assert told[1] == f"or what rounding towards zero gives {tie}"
    assert told[-1] == "or what taking a minor unit from the total alone gives"


def test_events_that_are_billed_or_not_are_named_with_their_amounts() -> None:
    (told,) = explain(busy.way("clock of New York")).lines
    assert told.startswith(
        "1849.22 is what beginning and ending the period by the clock of New York, Los Angeles, "
        "Chicago or Sao Paulo gives ("
    )
    assert "without key 0: 1200.50 recovered" in told
    assert "with key 11: 6000.00 recovered" in told


def test_two_wrong_ways_at_once_are_found_where_none_alone_does() -> None:
    both = busy.way("half to even").beside(busy.way("billed too"))
    assert both is not None
    told = explain(both)
    assert names(told) == ["half to even, billed too"]
    assert told.lines[0].startswith(
        "874.32 is what rounding half to even together with billing what is billed already too"
    )


NOTHING = replace(RIGHT_BILL, gain_share_amount=Decimal("651.07"))


def test_what_nothing_gives_is_said_with_the_nearest() -> None:
    told = explain(NOTHING)
    assert told.explanations == ()
    assert told.lines == (
        (
            "no known way of billing, nor two of them together, gives 651.07; "
            "the nearest is rounding to whole units, 650.00"
        ),
    )


def test_a_search_that_is_cut_says_so_and_claims_nothing_of_pairs() -> None:
    told = explain(NOTHING, seconds=0)
    assert told.lines[0].startswith("no known way of billing gives 651.07")
    assert told.lines[1].startswith("the search was cut for time, after 0 of ")


@pytest.mark.parametrize(
    ("deviation", "name"),
    [
        ({"without": {"id 4"}}, "leaving out one event"),
        ({"again": {"id 4"}}, "billing one event twice"),
        ({"without": {"id 4", "id 5"}}, "leaving out two events"),
        ({"without": {"id 4", "id 7"}}, "leaving out two events"),
        ({"again": {"id 0", "id 4"}}, "billing two events twice"),
        (
            {"altered": (("id 4", Decimal("87525.00")),)},
            "taking one event for 100 times what it is",
        ),
        ({"altered": (("id 7", Decimal("-390.00")),)}, "taking one event for its opposite"),
    ],
)
@pytest.mark.parametrize("case", [busy.case(), EACH_EVENT], ids=["by type", "by event"])
def test_one_event_or_two_are_found_by_what_they_are_worth(
    deviation: dict[str, Any], name: str, case: Case
) -> None:
    told_by = {n: frozenset(v) if isinstance(v, set) else v for n, v in deviation.items()}
    facts = BY_EVENT if case is EACH_EVENT else ALL_FACTS
    told = explain(wrong("x", "x", **told_by), facts, case)
    assert name in names(told), told.lines
    (ids,) = deviation.values()
    mine = next(one.told for one in told.explanations if one.name == name)
    for id in ids if isinstance(ids, set) else dict(ids):
        assert id.replace("id", "key") in mine


def test_events_that_would_do_as_well_are_named_too() -> None:
    told = explain(wrong("x", "x", without=frozenset({"id 1"})))
    assert "or as well key 2" in told.lines[0]


def test_events_that_are_none_of_the_tenants_are_told_as_that() -> None:
    stranger = busy.event(99, "7000.00", "DUPLICATE_CHARGE", busy.TENTH, key="theirs")
    more = (*busy.EVENTS, stranger)
    billed = right_of(busy.case(*more))
    assert (
        "none of the tenant's in or around the period gives (7000.00)" in explain(billed).lines[0]
    )
    by_event = right_of(busy.case(*more, rules=Rules(lines=Per.EVENT)))
    told = explain(by_event, BY_EVENT, EACH_EVENT, keys=lambda ids: {ids[0]: "theirs"})
    assert told.lines[0].endswith("gives (theirs)")


def changed(number: int, **facts: Any) -> Bill:
    """Return the right bill with other facts on one line."""
    odd = replace(LINES[number], **facts)
    return replace(RIGHT_BILL, lines=(*LINES[:number], odd, *LINES[number + 1 :]))


def with_lines(choose: Callable[[tuple[Line, ...]], tuple[Line, ...]]) -> Bill:
    """Return the right bill with other lines."""
    return replace(RIGHT_BILL, lines=choose(LINES))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (with_lines(lambda of: of[1:]), "leaving out a line"),
        (with_lines(lambda of: (*of, of[0])), "telling a line twice"),
        (with_lines(lambda of: (of[1], *of[1:])), "telling a line in the place of another"),
        (with_lines(lambda _: ()), "telling no lines"),
        (changed(2, gain_share_amount=Decimal("105.84")), "a minor unit more on one line"),
        (changed(2, gain_share_amount=Decimal("99.00")), "another amount on one line"),
        (replace(RIGHT_BILL, currency="EUR"), "telling another currency gives (EUR)"),
        (replace(RIGHT_BILL, currency="usd"), "telling the currency in lower case"),
        (replace(RIGHT_BILL, event_count=11), "counting one event more"),
    ],
)
def test_a_right_bill_that_is_told_wrongly_is_known(told: Bill, words: str) -> None:
    assert words in explain(told).lines[0]


@pytest.mark.parametrize("fact", ["gain_share_amount", "recovered_amount", "finding_type"])
def test_facts_that_two_lines_have_exchanged_are_known(fact: str) -> None:
    one, other = LINES[1], LINES[2]
    swapped = (
        LINES[0],
        replace(one, **{fact: getattr(other, fact)}),
        replace(other, **{fact: getattr(one, fact)}),
        *LINES[3:],
    )
    assert names(explain(replace(RIGHT_BILL, lines=swapped))) == ["lines exchanged"]


def test_a_refusal_for_want_of_events_is_explained_by_what_bills_none() -> None:
    told = explain(None)
    assert names(told) == ["created_at", "created_at throughout"]
    assert told.lines[0].startswith("nothing to bill is what looking at created_at")


def test_what_was_answered_and_what_is_stored_are_explained_together() -> None:
    bill = busy.workings().bill(busy.way("half up"))
    together = [Seen(bill, TOTAL, "answered"), Seen(bill, ALL_FACTS, "stored")]
    told = diagnose(busy.case(), RIGHT_BILL, together)
    assert names(told) == ["half up"]
    assert len(names(explain(bill, TOTAL))) > 1


def test_a_wrong_rate_is_known_although_the_right_one_is_told() -> None:
    work, way = busy.workings(), busy.way("percents for shares")
    told = work.bill(way, right_rates=True)
    assert told != work.bill(way)
    assert names(explain(told)) == ["percents for shares"]


def test_events_that_changed_since_are_said_to_have() -> None:
    right = replace(RIGHT_BILL, gain_share_amount=Decimal(1))
    told = diagnose(busy.case(), right, [Seen(RIGHT_BILL, ALL_FACTS)])
    assert told.explanations == ()
    assert told.lines[0].endswith("these raw events do not give the bill that was expected")


def test_rules_that_round_otherwise_have_wrong_ways_of_their_own() -> None:
    case = busy.case(rules=Rules(rounding=Rounding(Mode.HALF_TO_EVEN, Each.LINE)))
    for name in ("half away from zero", "round each event"):
        assert name in names(explain(busy.way(name), ALL_FACTS, case))
    (told,) = explain(busy.way("billed too"), ALL_FACTS, case).lines
    assert told.endswith("(with key 22: 900.00 recovered)")


# A whole run

EVEN = re.compile(
    r"S1[.]4: 616[.]43 is what rounding half to even gives "
    r"\(dryrun-2026-02-\S*001: 300[.]12 for 300[.]13\)"
)


def test_a_run_names_what_explains_a_difference_and_what_it_would_have_noticed(
    staging: Staging, tmp_path: Path
) -> None:
    fault = PROJECT / "selftests" / "faults" / "sql" / "round_half_to_even.sql"
    tenant_id = staging.tenant()
    build_in(staging.connection, fault.read_text())
    outcome = gate_on(staging, tmp_path, "gate_in_process")(tenant_id)
    assert any(map(EVEN.fullmatch, outcome.tenant.diagnosis)), outcome.tenant.diagnosis
    assert EVEN.search(outcome.out.partition("Diagnosis: ")[2])
    assert any(line.startswith("M.1: 276.") for line in outcome.tenant.diagnosis)
    power = outcome.tenant.power
    assert power is not None
    assert (power.event_count, power.by_maths) == (3, ())  # M.1 does not hold
    assert "half to even" in power.noticed
    assert "half up" in power.missed
    all_known = len(power.noticed + power.missed)
    words = f"3 seeds; {len(power.noticed)} of {all_known} known wrong ways would have shown"
    assert words in outcome.check("X3").detail
    assert f"power: {words}" in outcome.out
    folder = next(tmp_path.glob("evidence-*"))
    for name in ("summary.md", "report.html"):
        text = (folder / name).read_text()
        assert text.count("to even gives") or "even&#32;gives" in text, name
        assert "would have shown" in text or "would&#32;have&#32;shown" in text, name
