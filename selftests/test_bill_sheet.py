"""``bill.csv``: what the oracle bills, in a spreadsheet; all that cannot be billed; no formula."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from acceptance.expecting import Oracle
from oracle.expectation import Expectation, expect
from oracle.itemised import itemise
from oracle.period import Period
from oracle.raw import MOST
from oracle.rules import Each, Mode, Per, Rounding, Rules
from reports.bill import COLUMNS, render_bill, sum_of
from reports.evidence import EventFacts, Evidence, LineFacts, OddEvent, Verdict
from reports.files import WRITTEN
from reports.html import render_html
from reports.sentences import beside_rows
from reports.summary import render_summary
from selftests.evidences import evidences
from selftests.gate import PROJECT, RunGate
from selftests.ledger import Event, Ledger, Term
from selftests.records import A_CENT_LESS, ALICE, LINES, STARTED, not_ready, ready, run, tenant
from selftests.reference import build_in
from selftests.staging import Staging
from selftests.verifying import forged

pytest_plugins = ["selftests.verifying"]
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "a;=1",
    'a";=1',
    ";-1",
)


def sheet(evidence: Evidence) -> list[dict[str, str]]:
    """The rows of the sheet, as a spreadsheet reads them, but for the last, which is told apart."""
    *rows, last = csv.DictReader(StringIO(render_bill(evidence).decode("utf-8-sig"), newline=""))
    assert (last["what"], last["fee"]) == ("how to reproduce", "")
    return rows


def fees(rows: list[dict[str, str]], tenant_id: str = ALICE) -> Decimal:
    return sum_of(Decimal(row["fee"]) for row in rows if row["tenant"] == tenant_id and row["fee"])


def test_the_lines_stand_in_it_and_add_up_to_the_total() -> None:
    rows = sheet(ready())
    assert [row["what"] for row in rows] == ["line"] * 3
    money = ("recovered", "rate", "share", "fee", "rounding")
    assert [tuple(row[name] for name in money) for row in rows] == [
        ("875.25", "0.25", "218.8125", "218.81", "-0.0025"),
        ("390.00", "0.25", "97.5000", "97.50", "0.0000"),
        ("1200.50", "0.25", "300.1250", "300.13", "0.0050"),
    ]  # fmt: skip
    assert {row["name"] for row in rows} == {"Alice & Söhne"}
    assert fees(rows) == Decimal("616.44")


def test_it_opens_in_a_spreadsheet_as_it_is() -> None:
    content = render_bill(ready())
    assert content.startswith(b"\xef\xbb\xbftenant,name,")
    assert content.count(b"\r\n") == content.count(b"\n") == 5
    assert "bill.csv" in WRITTEN


def with_events(**facts: Any) -> Evidence:
    return run((tenant(ALICE, "Alice", {}, **facts),))


def event(recovered: str, fee: str, key: str = "audit-1") -> EventFacts:
    return EventFacts(
        key=key,
        occurred_at=STARTED,
        finding_type="DUPLICATE",
        rate=Decimal("0.25"),
        recovered_amount=Decimal(recovered),
        gain_share_amount=Decimal(fee),
    )


def test_what_is_rounded_after_its_lines_has_a_row_of_its_own() -> None:
    exact = with_events(events=(event("1200.50", "300.125"), event("1265.25", "316.3125")))
    rows = sheet(exact)
    assert [(row["what"], row["fee"]) for row in rows] == [
        ("event", "300.125"),
        ("event", "316.3125"),
        ("rounding", "0.0025"),
    ]
    assert fees(rows) == Decimal("616.44")


def test_a_line_of_several_rates_tells_none() -> None:
    line = LineFacts(**{**LINES[0], "rate": Decimal(), "gain_share_amount": Decimal("616.44")})
    (row,) = sheet(with_events(lines=(line,)))
    assert (row["rate"], row["share"], row["rounding"], row["fee"]) == ("", "", "", "616.44")


def test_a_reversal_stays_a_number() -> None:
    reversal = event("-100.00", "-25.00")
    rows = sheet(with_events(events=(reversal,), expected_gain_share=Decimal("-25.00")))
    assert (rows[0]["recovered"], rows[0]["fee"]) == ("-100.00", "-25.00")


def test_all_that_cannot_be_billed_is_named() -> None:
    odd = tuple(
        OddEvent(
            key=f"audit-{n}",
            occurred_at=STARTED,
            finding_type="DUPLICATE",
            currency="EUR",
            amount="NaN" if n else "-5.00",
            why="without terms",
        )
        for n in range(7)
    )
    rows = sheet(with_events(odd_events=odd, lines=(), expected_gain_share=None))
    assert [row["event"] for row in rows] == [f"audit-{n}" for n in range(7)]
    assert {(row["what"], row["why"], row["currency"], row["fee"]) for row in rows} == {
        ("cannot be billed", "without terms", "EUR", "")
    }
    assert [row["recovered"] for row in rows[:2]] == ["-5.00", "NaN"]


def dangerous(content: str) -> Iterator[str]:
    """Cells that some spreadsheet would run, split at commas or at semicolons."""
    numbers = re.compile(r"-?[0-9]+(\.[0-9]+)?")
    for row in csv.reader(StringIO(content, newline="")):
        yield from (cell for cell in row if formula(cell) and not numbers.fullmatch(cell))
    for text in content.splitlines():
        # A reader that splits at semicolons knows nothing of quotes that begin within a cell.
        yield from (cell for cell in re.split('[;"]', text)[1:] if formula(cell))


def formula(cell: str) -> bool:
    return cell.lstrip()[:1] in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text: str) -> None:
    odd = OddEvent(
        key=text, occurred_at=STARTED, finding_type=text, currency=text, amount=text, why=text
    )
    lines = (LineFacts(**{**LINES[0], "finding_type": text}),)
    (one,) = ready().tenants
    facts = {"name": text, "odd_events": (odd,), "lines": lines, "currency": text}
    told = one.model_copy(update=facts)
    content = render_bill(run((told,))).decode("utf-8-sig")
    assert list(dangerous(content)) == []
    assert len(sheet(run((told,)))) == 3


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(evidences())
def test_any_record_gives_a_sheet_that_adds_up_and_runs_nothing(evidence: Evidence) -> None:
    rows = sheet(evidence)
    assert all(len(row) == len(COLUMNS) and None not in row for row in rows)
    assert not list(dangerous(render_bill(evidence).decode("utf-8-sig")))
    for one in evidence.tenants:
        if (one.lines or one.events) and one.expected_gain_share is not None:
            assert fees(rows, one.id) == one.expected_gain_share
        odd = [row for row in rows if (row["tenant"], row["what"]) == (one.id, "cannot be billed")]
        assert len(odd) == len(one.odd_events)


@pytest.mark.usefixtures("this_gate")
def test_parts_that_do_not_add_up_are_found(tmp_path: Any) -> None:
    assert forged(ready(), tmp_path) == set()
    (one,) = ready().tenants
    wrong = [one.lines[0].model_copy(update={name: Decimal(9)}) for name in (
        "recovered_amount", "gain_share_amount")]  # fmt: skip
    wrong.append(one.lines[0].model_copy(update={"event_count": 2}))
    for line in wrong:
        told = one.model_copy(update={"lines": (line, *one.lines[1:])})
        assert forged(ready().model_copy(update={"tenants": (told,)}), tmp_path) == {
            "money_differs"
        }
    for facts in ({"events": (event("2465.75", "616.44"),)}, {"odd_events": (odd(),)}):
        told = one.model_copy(update=facts)
        assert forged(ready().model_copy(update={"tenants": (told,)}), tmp_path) == {
            "money_differs"
        }


def odd() -> OddEvent:
    return OddEvent(
        key="audit-1", occurred_at=STARTED, finding_type="", currency="", amount="1", why="odd"
    )


# The events one by one, by the oracle -----------------------------------------------------------

PERIOD = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
TERMS = (
    Term(Decimal("0.25")),
    Term(Decimal("0.125"), starts=datetime(2026, 2, 10, tzinfo=UTC), finding_type="WEIGHT"),
)
ledgers = st.lists(
    st.builds(
        Event,
        id=st.uuids().map(str),
        amount=st.integers(-(10**6), 10**6).map(lambda cents: f"{Decimal(cents).scaleb(-3):f}"),
        occurred_at=st.integers(0, 27).map(lambda days: PERIOD.start + timedelta(days=days)),
        finding_type=st.sampled_from(("DUPLICATE", "WEIGHT")),
    ),
    min_size=1,
    max_size=8,
).map(lambda events: Ledger(tuple(events), TERMS))
rules = st.builds(
    lambda each, mode, per: Rules(rounding=Rounding(each, mode), lines=per),
    st.sampled_from(Each),
    st.sampled_from(Mode),
    st.sampled_from(Per),
)


@settings(max_examples=60, deadline=None)
@given(ledgers, rules)
def test_events_one_by_one_are_those_of_the_bill(ledger: Ledger, rules: Rules) -> None:
    items = itemise(ledger, ledger.tenant_id, PERIOD, rules)
    bill = expect(ledger, ledger.tenant_id, PERIOD, rules).bill
    assert bill is not None
    assert len(items) == len({item.key for item in items}) == bill.event_count
    assert sum_of(Decimal(item.amount) for item in items) == bill.recovered_amount
    single = expect(ledger, ledger.tenant_id, PERIOD, replace(rules, lines=Per.EVENT)).bill
    assert single is not None
    if rules.rounding.each is Each.EVENT:
        told = {line.event_id: (line.rate, line.gain_share_amount) for line in single.lines or ()}
        assert {item.key: (item.rate, item.fee) for item in items} == told
    else:
        exact = {item.key: item.fee for item in items}
        assert exact == {item.key: Decimal(item.amount) * (item.rate or 0) for item in items}


@pytest.mark.parametrize(
    ("number", "asked", "flaws", "told"),
    [
        (MOST, False, ("odd",), 1),
        (MOST + 1, False, ("odd",), 0),
        (MOST + 1, True, ("odd",), 1),
        (MOST + 1, True, (), 1),
        (1, False, (), 0),
    ],
)
def test_of_a_great_many_events_none_is_told_by_itself_unless_all_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, number: int, asked: bool, flaws: tuple[str, ...], told: int
) -> None:
    monkeypatch.setattr("acceptance.expecting.itemise", lambda *_, **__: (SimpleNamespace(why=""),))
    any_thing = MagicMock()
    any_thing.events = asked
    oracle = Oracle(any_thing, any_thing, any_thing, "acme", None)
    assert len(oracle.itemise(Expectation(number, None, ("USD",), flaws))) == told


def test_each_that_cannot_be_billed_says_why() -> None:
    day = PERIOD.start
    ledger = Ledger(
        (
            Event("1", "1.00", day, key="fine"),
            Event("2", "NaN", day, key="nan"),
            Event("3", "1.00", day, None, key="untyped"),
            Event("4", "1.00", day, currency=None, key="no currency"),
            Event("5", "1.00", day, currency="XXX", key="no unit"),
            Event("6", "1.00", day, "UNKNOWN", "EUR", key="no terms"),
            Event("7", "1.00", day, key="claimed", claimed=True),
            Event("8", "1.00", day, key="twice"),
            Event("9", "1.00", day, key="twice"),
        ),
        TERMS,
    )
    items = itemise(ledger, ledger.tenant_id, PERIOD, Rules())
    several = "the period has 4 currencies: EUR, USD, XXX, none"
    assert [(item.key, item.why) for item in items] == [
        ("fine", several),
        ("nan", "1 DUPLICATE event whose amount is not a finite number"),
        ("untyped", "1 event without a finding type"),
        ("no currency", "1 DUPLICATE event without a currency"),
        ("no unit", "1 DUPLICATE event in XXX: no currency of ISO 4217 with a minor unit"),
        ("no terms", "1 UNKNOWN event in EUR without terms on the date"),
        ("claimed", "1 DUPLICATE event on an invoice, though not billed"),
        ("twice", "its key is that of several events"),
        ("twice", "its key is that of several events"),
    ]
    unique = itemise(ledger, ledger.tenant_id, PERIOD, Rules(), keys_are_unique=True)
    assert [item.why for item in unique[-2:]] == [several] * 2


def test_a_run_tells_every_event_where_that_is_asked(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    for number, amount in enumerate(("1200.50", "875.25", "390.00")):
        staging.event(tenant_id, amount, key=f"=audit-{number}")
    outcome = gate(tenant_id, "--events", "-n", "1")
    assert outcome.code == 0, outcome.out
    assert outcome.evidence is not None
    rows = sheet(outcome.evidence)
    assert {(row["event"], row["fee"]) for row in rows} == {
        ("'=audit-0", "300.13"),
        ("'=audit-1", "218.81"),
        ("'=audit-2", "97.50"),
    }
    assert fees(rows, str(tenant_id)) == Decimal("616.44")
    assert outcome.evidence.options["--events"] == "yes"


def test_a_run_names_all_that_cannot_be_billed(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    for number in range(5):
        staging.event(tenant_id, key=f"audit-{number}", currency="EUR")
    staging.event(tenant_id, key="fine")
    outcome = gate(tenant_id, "-m", "p9a and step1")
    assert outcome.tenant.verdict is Verdict.NOT_READY or outcome.code == 1
    assert outcome.evidence is not None
    rows = sheet(outcome.evidence)
    named = {row["event"]: row["why"] for row in rows if row["what"] == "cannot be billed"}
    assert set(named) == {f"audit-{number}" for number in range(5)} | {"fine"}
    assert named["audit-4"].endswith("in EUR without terms on the date")
    assert named["fine"] == "the period has 2 currencies: EUR, USD"


# The platform's bill beside it --------------------------------------------------------------------


def test_each_line_stands_beside_its_other_with_the_difference() -> None:
    (first, *_) = not_ready().tenants
    rows = beside_rows(first)
    assert [row[1:4] for row in rows] == [
        ("300.12", "300.13", "-0.01"),
        ("1.00", "none", "+1.00"),
        ("none", "1.00", "-1.00"),
        ("616.43", "616.44", "-0.01"),
    ]
    assert rows[-1].about == "Total, and 2 lines that are the same"
    untold = A_CENT_LESS.model_copy(update={"gain_share_amount": None})
    last = beside_rows(first.model_copy(update={"platform_bill": untold}))[-1]
    assert (last.platform, last.difference) == ("not told", "none")
    assert beside_rows(ready().tenants[0]) == ()


def test_what_differs_stands_before_anything_else() -> None:
    evidence = not_ready()
    page = render_html(evidence)
    told = ("The platform&#39;s bill (preview)", "Diagnosis: ", "What does not hold")
    places = [page.index(text) for text in told]
    assert places == sorted(places)
    summary = render_summary(evidence).decode()
    summary = summary[summary.index("## P9-A: NOT_READY") :]
    places = [summary.index(text) for text in ("oracle&#39;s", "diagnosis: ", "### A last look")]
    assert places == sorted(places)


def test_a_cent_that_is_billed_wrongly_is_told_line_by_line(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.00")
    staging.event(tenant_id, "1200.50", finding_type="LATE_FEE")
    round_down(staging)
    outcome = gate(tenant_id, "-m", "p9a and step1")
    bill = outcome.tenant.platform_bill
    assert bill is not None, outcome.out
    assert (bill.source, bill.gain_share_amount) == ("preview", Decimal("325.12"))
    told = {line.about: (line.platform_amount, line.oracle_amount) for line in bill.lines}
    assert told == {
        "LATE_FEE at 25 %": (Decimal("300.12"), Decimal("300.13")),
        "DUPLICATE_CHARGE at 25 %": (Decimal("25.00"), Decimal("25.00")),
    }


def round_down(staging: Staging) -> None:
    """Have the platform round fees down."""
    fault = PROJECT / "selftests" / "faults" / "sql" / "round_half_down.sql"
    build_in(staging.connection, fault.read_text())
