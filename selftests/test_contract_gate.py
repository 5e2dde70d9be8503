"""The gate with a contract: it is the truth, S1.7 tells what is stored otherwise, X3 its total."""

import pickle
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fixtures.agreements import NOTHING, Agreements, Known, read_agreements
from oracle.contract import read
from runbook.statuses import Status
from selftests.contracts import FEBRUARY, contract, tiered
from selftests.gate import RunGate
from selftests.judging import judge
from selftests.queries_agreed import write_contract
from selftests.staging import Staging

STEP_1 = ("-m", "p9a and step1")
AT = '\n[[terms]]\nfrom = 2026-01-01\nrate = "{rate}"\n'


def signed(tenant: object, rate: str = "25 %", lines: str = "") -> str:
    """Write a contract at one rate."""
    head = 'schema = "p9a-contract/1"\ncurrency = "USD"\nbegins = 2026-01-01\n'
    return f'{head}tenant = "{tenant}"\n{lines}{AT.format(rate=rate)}'


def agreed(tenant_id: UUID, *terms: Any, **more: Any) -> Agreements:
    """Return what is given where a contract was read."""
    told = contract(*terms, tenant=str(tenant_id), **more)
    return Agreements(contracts={str(tenant_id): told})


def test_a_rate_that_was_entered_wrongly_is_right_without_a_contract_and_wrong_with_it(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    tenant_id = staging.tenant("0.20")
    staging.event(tenant_id)
    without = gate(tenant_id, *STEP_1)
    assert without.code == 0, without.out
    check = without.check("S1.7")
    assert (check.status, check.detail) == ("not_run", "terms as stored; no contract was given")
    file = tmp_path / "acme.toml"
    file.write_text(signed(tenant_id))
    outcome = gate(tenant_id, f"--contract={file}")
    assert (outcome.code, outcome.failed()) == (1, ["S1.4", "S1.7"]), outcome.out
    told = "any finding type from 2026-01-01: 20 % stored, 25 % signed"
    assert outcome.check("S1.7").got == told
    assert "billing by the terms as they are stored" in outcome.tenant.diagnosis[0]
    assert outcome.check("S1.4").got.startswith("20.00 USD")
    assert outcome.check("S1.4").expected.startswith("25.00 USD")
    assert outcome.check("X1").status == "failed"
    assert "app.gain_share_terms" in outcome.check("S1.7").detail
    assert str(file) == (outcome.evidence and outcome.evidence.options["--contract"])


def test_a_contract_that_is_kept_is_ready_and_its_total_is_demanded(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.01")
    rules = """rate_at = "period start"
rounding = { mode = "floor", each = "invoice" }
negative_total = "carried forward"
brought_forward = { 2026-02 = "0" }
"""
    file = tmp_path / f"{tenant_id}.toml"
    file.write_text(signed(tenant_id, lines=rules + 'expected_totals = { 2026-02 = "25.00" }\n'))
    write_contract(staging.connection, tenant_id, read(file))
    met = gate(tenant_id, also={"P9A_CONTRACT": str(tmp_path)})
    assert met.code == 0, met.out
    assert met.check("S1.7").got.startswith("1 term of contract ")
    assert met.check("X3").expected.endswith("25.00 USD (the contract)")
    assert met.check("X1").expected == "7 of 7 checks hold"
    power = met.tenant.power
    assert power is not None
    assert (power.by_maths, power.why) == ((), "")
    assert {"negative total credited", "no reversals"} <= {*power.missed}
    file.write_text(file.read_text().replace('"25.00"', '"25.01"'))
    missed = gate(tenant_id, "-o", f"p9a_contracts={tmp_path}")
    assert (missed.code, missed.failed()) == (1, [])
    assert missed.check("X3").expected == "25.01 USD (the contract)"


def test_seeds_meet_no_total_of_a_contract(staging: Staging, gate: RunGate, tmp_path: Path) -> None:
    tenant_id = staging.tenant()
    file = tmp_path / "acme.toml"
    file.write_text(signed(f"acme-{tenant_id}", lines='expected_totals = { 2026-02 = "616.44" }\n'))
    outcome = gate(tenant_id, f"--contract={file}")
    assert outcome.code == 1, outcome.out
    assert outcome.check("X3").got == "no events of the tenant's own"


@pytest.mark.parametrize(
    ("terms", "more", "failed"),
    [
        ([], {}, []),
        ([{"rate": "25 %"}], {"free_months": ["2026-02"]}, ["S1.4", "S1.7"]),
        ([{"from": "2026-02-11", "rate": "25 %"}], {}, ["S1.4", "S1.5", "S1.7"]),
        ([], {"caps": {"per_event": 10}}, ["S1.4", "S1.7"]),
        ([], {"caps": {"per_invoice": 10}}, ["S1.4", "S1.7"]),
        ([], {"caps": {"per_contract_year": 10}}, ["S1.4", "S1.7"]),
        ([], {"minimum_per_invoice": 100}, ["S1.4", "S1.7"]),
        ([tiered("invoice", ("25 %", "50"), ("20 %", None))], {}, ["S1.4", "S1.7"]),
        ([], {"caps": {"per_event": 1000, "per_invoice": 1000}}, ["S1.7"]),
        ([], {"rounding": {"digits": 0, "mode": "up"}}, ["S1.4", "S1.7"]),
        ([], {"rate_at": "newest terms"}, ["S1.7"]),
        ([], {"currency": "EUR"}, ["S1.4", "S1.5", "S1.7"]),
    ],
)
def test_the_platforms_bill_is_held_against_what_was_signed(
    staging: Staging, terms: list[Any], more: dict[str, Any], failed: list[str]
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "99.00" if "rounding" in more else "100.00")
    findings = judge(staging, tenant_id, agreements=agreed(tenant_id, *terms, **more)).findings
    told = [id for id, one in findings.items() if id < "S2" and one.status is Status.FAILED]
    assert sorted(told) == failed, findings


@pytest.mark.parametrize(
    ("more", "wrong"),
    [({}, True), ({"negative_total": "credited"}, False), ({"minimum_per_invoice": 1}, True)],
)
def test_what_a_contract_says_of_negative_totals_is_no_mistake(
    staging: Staging, more: dict[str, Any], wrong: bool
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "-100.00")
    findings = judge(staging, tenant_id, agreements=agreed(tenant_id, **more)).findings
    assert (findings["S1.4"].status is Status.FAILED) == wrong
    assert (findings["S1.5"].status is Status.FAILED) == (more == {}), findings["S1.5"]
    assert judge(staging, tenant_id, agreements=NOTHING).findings["S1.5"].status is Status.FAILED


# What the options refuse: one line, exit code 4, nothing judged

HEAD = "tenant;period;total\n"
SLUG, ID = "acme", "9a9a9a9a-0000-4000-8000-0000000000aa"
KNOWN = (Known(ID, SLUG), Known("9a9a9a9a-0000-4000-8000-0000000000bb", "twin"), Known("c", "twin"))
SHEETS = {
    f"{SLUG};2026-02;25,00\numbrella;2026-03;1\n": r":3: tenant 'umbrella' is nobody",
    f"{SLUG};2026-02;25,00\ntwin;2026-03;1\n": r":3: tenant 'twin' is several",
    f"{SLUG};2026-03;25,00\n": r": there is no row of acme for \[2026-02-01, 2026-03-01\) UTC: add",
    f"{SLUG};2026-02;25,00\n{SLUG};2026-02;25,00\n": r":3: tenant 'acme' has another row",
    f"{SLUG};2026-02;25,00\n{ID};2026-02;25,00\n": rf":3: tenant '{ID}' has another row",
    f"{SLUG};2026-02;1.234\n": r":2: total '1.234' can be read in two ways",
    f"{SLUG};Feb 26;25,00\n": r":2: period 'Feb 26' is no period: write a month, 2026-03, or",
    f"{SLUG};2026-02\n": r":2: 2 values, where the header has 3 columns",
}


def given(folder: Path, **options: str) -> Agreements:
    """Read what options name, as pytest gives them, for the tenant acme and February."""

    class Config:
        invocation_params = pytest.Config.InvocationParams(args=(), plugins=None, dir=folder)
        rootpath = folder

        def getoption(self, name: str) -> str | None:
            return options.get(name.strip("-").replace("-", "_"))

        def getini(self, _: str) -> str:
            return ""

    read = read_agreements(Config())  # type: ignore[arg-type]
    return read.of([ID], KNOWN, FEBRUARY)


@pytest.mark.parametrize("rows", SHEETS)
def test_a_sheet_that_does_not_fit_is_refused_by_its_row(tmp_path: Path, rows: str) -> None:
    sheet = tmp_path / "totals.csv"
    sheet.write_text(HEAD + rows)
    with pytest.raises(pytest.UsageError, match=re.escape(str(sheet)) + SHEETS[rows]):
        given(tmp_path, expected_totals="totals.csv")


def test_a_sheets_rows_are_the_tenants_by_slug_or_id(tmp_path: Path) -> None:
    for name in (SLUG, ID, ID.upper()):
        (tmp_path / "totals.csv").write_text(f"{HEAD}{name};2026-02-01/2026-03-01;1'000,50\n")
        total = given(tmp_path, expected_totals="totals.csv").totals[ID]
        assert (str(total.amount), total.source) == ("1000.50", "totals.csv:2")


@pytest.mark.parametrize(
    ("files", "option", "says"),
    [
        ({}, "none", "--contract=none: there is no such file or folder"),
        ({"acme.toml": signed(SLUG, "25")}, "acme.toml", r"acme.toml:8: terms.0.rate: 25 is no"),
        (
            {"other.toml": signed("other")},
            "other.toml",
            "it is with other; there is no contract with acme: name a",
        ),
        ({"other.toml": signed("other")}, ".", "there is no contract with acme: add acme.toml"),
        ({"acme.toml": signed("other")}, ".", "tenant is 'other', but the file is called acme"),
        ({"acme.toml": signed(SLUG), f"{ID}.toml": signed(ID)}, ".", f"two contracts with {ID}"),
        (
            {"acme.toml": signed(SLUG, "a lot")},
            ".",
            r"acme.toml:8: terms.0.rate: 'a lot' is no rate",
        ),
    ],
)
def test_contracts_that_do_not_fit_are_refused(
    tmp_path: Path, files: dict[str, str], option: str, says: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(pytest.UsageError, match=says):
        given(tmp_path, contract=option)


@pytest.mark.parametrize("name", [SLUG, ID])
def test_a_folder_has_one_file_a_tenant_by_slug_or_id(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.toml").write_text(signed(SLUG))
    (tmp_path / "broken.toml").write_text("of another tenant, and of no run on this one")
    read = given(tmp_path, contract=".")
    assert read.contracts[ID].tenant == SLUG
    handed_over = pickle.loads(pickle.dumps(read))  # noqa: S301 - as to a worker of ours
    assert handed_over == read


def test_nothing_is_judged_where_a_file_does_not_fit(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    tenant_id = staging.tenant()
    (tmp_path / "bad.toml").write_text(signed(f"acme-{tenant_id}", rate="25"))
    (tmp_path / "bad.csv").write_text(f"{HEAD}{tenant_id};2026-02;25,00\numbrella;2026-02;1\n")
    before = staging.rows()
    for option, says in {
        f"--contract={tmp_path / 'bad.toml'}": "bad.toml:8: terms.0.rate: 25 is no share",
        f"--contract={tmp_path}": f"there is no contract with acme-{tenant_id}: add acme-",
        f"--expected-totals={tmp_path / 'bad.csv'}": "bad.csv:3: tenant 'umbrella' is nobody",
    }.items():
        outcome = gate(tenant_id, option, *STEP_1)
        assert (outcome.code, outcome.evidence) == (4, None), (option, outcome.out)
        assert says in outcome.err, (option, outcome.err)
        assert len(outcome.err.splitlines()) <= 2, outcome.err
    assert staging.rows() == before


def test_options_that_name_what_to_judge_need_a_database(gate: RunGate) -> None:
    for options, says in {
        ("--contract=acme.toml",): "--contract names what to judge, but DATABASE_URL is not set",
        ("--expected-totals=totals.csv", "--rehearse"): "--expected-totals names a target",
        ("--contract=",): "--contract is set, but empty",
    }.items():
        outcome = gate(None, *options, database="")
        assert (outcome.code, says in outcome.err) == (4, True), outcome.err


def test_a_fleets_totals_are_met_each_by_its_own(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    first, second = staging.tenant(), staging.tenant()
    for tenant_id, amount in ((first, "4938.00"), (second, "100.00")):
        staging.event(tenant_id, amount)
    sheet = tmp_path / "totals.csv"
    rows = f'acme-{first};Acme;2026-02;"1.234,50"\n{second};;2026-02;25,01\n{second};;2026-01;9\n'
    sheet.write_text(f"\ufeffTenant;Name;Period;Total\n{rows}")
    outcome = gate("all", f"--expected-totals={sheet}")
    assert outcome.code == 1, outcome.out
    assert outcome.evidence is not None
    verdicts = {one.id: (one.verdict, one.reason) for one in outcome.evidence.tenants}
    assert verdicts[str(first)][0] == "READY"
    assert verdicts[str(second)][0] == "NOT_READY"
    by_id = {one.id: {c.id: c for c in one.exit_criteria} for one in outcome.evidence.tenants}
    assert by_id[str(second)]["X3"].expected == "25.01 USD (totals.csv:3)"
    assert by_id[str(first)]["X3"].expected.endswith("1234.50 USD (totals.csv:2)")
