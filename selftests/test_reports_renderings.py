"""Every rendering: golden files, any record at all, and hostile words that break out of nothing."""

import html
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
import xmlschema
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from junit2htmlreport.parser import Junit
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reports.compare import compare, render_markdown, render_text
from reports.evidence import NEVER_REPORTED, Evidence, PlatformFacts, TargetFacts, Verdict
from reports.github import annotations, announce, command
from reports.junit import render_junit
from reports.markdown import CUT, LONGEST, code, table
from reports.record import SCHEMA_FILE, BadRecord, dump_record, load_record, schema, spell
from reports.renderings import render_all
from reports.reproduction import again
from reports.summary import COMMENT_BYTES, render_summary
from reports.terminal import render
from reports.verdict import exit_code
from runbook.words import one_line
from selftests.evidences import evidences, texts
from selftests.records import (
    ALICE,
    FIXED,
    GOLDEN,
    HOSTILE,
    MALLORY,
    ZOE,
    failed,
    golden_files,
    ids,
    not_ready,
    not_run,
    ready,
    run,
    tenant,
)

# What every GitHub comment is read with, as far as it matters here.
GFM = MarkdownIt("gfm-like", {"html": True})
RECORD = dump_record(ready())
# A record is large: shrinking one would take minutes.
any_record = settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", sorted(golden_files()))
def test_what_is_rendered_is_what_was_looked_at(name: str) -> None:
    told = "if the change is meant: python -m selftests.golden, and look at git diff"
    assert golden_files()[name] == (GOLDEN / name).read_bytes(), told


def test_the_published_schema_is_that_of_the_model() -> None:
    told = "write it again: python -m reports schema > reports/schema/p9a-evidence-2.json"
    assert SCHEMA_FILE.read_text() == schema(), told


@any_record
@given(evidences())
def test_any_record_is_written_read_and_rendered(evidence: Evidence) -> None:
    record = dump_record(evidence)
    assert load_record(record) == evidence
    assert dump_record(load_record(record)) == spell(json.loads(record)) == record
    assert render_all(load_record(record)) == render_all(evidence)
    for text in render(evidence, Path("folder")):
        assert text.words == one_line(text.words)
    for line in annotations(evidence):
        assert not {"\r", "\n"} & set(line)


@any_record
@given(evidences(), evidences())
def test_any_two_records_are_compared(older: Evidence, newer: Evidence) -> None:
    assert compare(older, older) == []
    changes = compare(older, newer)
    assert len(render_text(changes).splitlines()) == (len(changes) or 1)
    kinds = [token.type for token in GFM.parse(render_markdown(changes))]
    assert kinds.count("tr_open") == (len(changes) + 1 if changes else 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"{", "no JSON, or cut off"),
        (b"\xff", "no JSON, or cut off"),
        (b"[" * 100_000, "no JSON, or cut off"),
        (b"{}", "at verdict: Field required"),
        (b"[]", "at the top"),
        (RECORD[:-100], "no JSON, or cut off"),
        (RECORD.replace(b"p9a-evidence/2", b"p9a-evidence/3"), "at schema"),
        (RECORD.replace(b"p9a-evidence/2", b"p9a-evidence/1"), "at tool: no gate writes"),
        (RECORD.replace(b"p9a-evidence/2", b"p9a-evidence/0"), "at schema"),
        (RECORD.replace(b'"616.44"', b"616.44"), "at tenants/0/"),
        (RECORD.replace(b'"616.44"', b'"NaN"'), "at tenants/0/"),
        (RECORD.replace(b'"READY"', b'"ready"'), "verdict"),
        (RECORD.replace(b"02:17:00Z", b"02:17:00"), "at started_at"),
        (RECORD.replace(b'"slug"', b'"slag"'), "at tenants/0"),
        (RECORD.replace(b"2026-02-01", b"2026-02-30"), "at period/start"),
    ],
)
def test_what_is_no_record_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BadRecord, match=re.escape(words)) as caught:
        load_record(content)
    assert "\n" not in str(caught.value)


# JUnit ---------------------------------------------------------------------------------------


def cases(evidence: Evidence) -> dict[str, TestCase]:
    suites = JUnitXml.fromstring(render_junit(evidence))
    return {case.name: case for suite in suites for case in suite}


def named(evidence: Evidence, id: str, tenant_id: str) -> TestCase:
    (found,) = [
        case
        for name, case in cases(evidence).items()
        if name.startswith(f"{id} ") and name.endswith(f"[{tenant_id}]")
    ]
    return found


def test_every_check_of_every_tenant_is_a_case_with_its_id() -> None:
    for id in ids():
        for tenant_id in (ALICE, MALLORY, ZOE):
            assert named(not_ready(), id, tenant_id)
    assert len(cases(not_ready())) == 3 * len(ids()) + 1


def test_outcomes_are_those_that_readers_know() -> None:
    evidence = not_ready()
    assert named(evidence, "S1.1", ALICE).result == []
    (failure,) = named(evidence, "S1.4", MALLORY).result
    assert isinstance(failure, Failure)
    assert failure.message == "got 616.43 USD on 3 events, expected 616.44 USD on 3 events"
    (skipped,) = named(evidence, "S2.1", MALLORY).result
    assert isinstance(skipped, Skipped)
    assert skipped.message == "step 1 does not hold: see S1.4"
    for id in ("S1.1", "X4"):
        (error,) = named(evidence, id, ZOE).result
        assert isinstance(error, Error)
    assert error.message == NEVER_REPORTED


def test_the_facts_are_properties() -> None:
    root = ET.fromstring(render_junit(ready()))  # noqa: S314 - our own
    suite = root[1]
    facts = {item.get("name"): item.get("value") for item in suite.findall("properties/property")}
    assert facts["verdict"] == "READY"
    assert (facts["tenant"], facts["expected_gain_share"]) == (ALICE, "616.44")
    run_facts = {item.get("name"): item.get("value") for item in root[0].iter("property")}
    assert (run_facts["period_start"], run_facts["period_end"]) == ("2026-02-01", "2026-03-01")
    (case,) = [case for case in suite.iter("testcase") if case.get("name", "").startswith("S1.4 ")]
    known = {item.get("name"): item.get("value") for item in case.iter("property")}
    assert known["exit_criteria"] == "X1, X3"
    assert known["got"] == "616.44 USD on 3 events in 3 lines"


@any_record
@given(evidences())
def test_readers_agree_and_none_shows_green_what_is_not(evidence: Evidence) -> None:
    content = render_junit(evidence)
    suites = JUnitXml.fromstring(content)
    results = [result for suite in suites for case in suite for result in case.result]
    bad = [result for result in results if isinstance(result, Failure | Error)]
    assert bool(bad) or exit_code(evidence) == 0
    for suite in suites:
        counted = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()  # type: ignore[no-untyped-call]
        assert counted == (suite.tests, suite.failures, suite.errors, suite.skipped)
    jenkins().validate(render_junit(evidence, case_properties=False).decode())


@cache
def jenkins() -> xmlschema.XMLSchema:
    """Return what Jenkins reads with; it takes long to load."""
    return xmlschema.XMLSchema(Path(__file__).with_name("jenkins-junit.xsd"))


def test_the_schema_of_jenkins_knows_no_properties_of_a_case() -> None:
    assert not jenkins().is_valid(render_junit(ready()).decode())


@pytest.mark.parametrize("name", FIXED)
def test_junit2html_reads_it(name: str, tmp_path: Path) -> None:
    report = Junit(str(GOLDEN / f"{name}.junit.xml"))
    read = [
        case for suite in report.suites for group in suite.classes.values() for case in group.cases
    ]
    assert len(read) == len(ET.parse(GOLDEN / f"{name}.junit.xml").findall(".//testcase"))  # noqa: S314
    page = tmp_path / "report.html"
    page.write_text(report.html())
    assert "<script>alert(1)</script>" not in page.read_text()
    assert f"S1.4 the preview equals the oracle [{ALICE}]" in page.read_text()


def test_every_rendering_says_how_to_reproduce() -> None:
    evidence = not_ready()
    told = again(evidence)
    assert told.command.startswith("pytest -m p9a --tenant=")
    shown = {name: text.decode() for name, text in render_all(evidence).items()}
    for name, text in shown.items():
        plain = html.unescape(text).replace("\u200b", "")
        assert f"git checkout {evidence.tool.commit}" in plain, name
        assert "DATABASE_URL" in plain, name
        assert told.command.split("--period")[0] in plain, name


# Markdown ------------------------------------------------------------------------------------


def inline(markdown: str) -> list[Token]:
    return [child for token in GFM.parse(markdown) for child in token.children or ()]


def cell(markdown: str) -> str:
    """The text of the only cell of the only row; its markup must be that of code alone."""
    tokens = GFM.parse(table(("head",), [(markdown,)]))
    kinds = [token.type for token in tokens]
    assert kinds.count("td_open") == kinds.count("tr_open") - 1 == kinds.count("table_open") == 1
    assert kinds[0] == "table_open"
    assert kinds[-1] == "table_close"
    inside = tokens[kinds.index("td_open") + 1].children or []
    html = [token.content for token in inside if token.type == "html_inline"]
    assert html in ([], ["<code>", "</code>"])
    assert {token.type for token in inside} <= {"html_inline", "text"}
    return "".join(token.content for token in inside if token.type == "text")


@settings(max_examples=100, deadline=None)
@given(texts | st.text(max_size=40))
@example(HOSTILE)
@example("http://evil.example")
@example("www.evil.example")
@example("a@evil.example")
@example("</code>")
@example("\\")
def test_no_text_gets_out_of_its_cell(text: str) -> None:
    shown = one_line(text).strip()
    shown = shown if len(shown) <= LONGEST else shown[:LONGEST] + CUT
    assert cell(code(text)).replace("\u200b", "") == shown
    assert not re.search(r"[@#](?!\u200b)", cell(code(text)))


def test_a_hostile_tenant_changes_nothing_of_the_summary_but_its_name() -> None:
    hostile, harmless = (run((tenant(MALLORY, name, {}),)) for name in (HOSTILE, "Mallory"))
    kinds = [
        [(token.type, token.tag) for token in GFM.parse(render_summary(evidence).decode())]
        for evidence in (hostile, harmless)
    ]
    assert kinds[0] == kinds[1]
    marks = [
        [
            token.content
            for token in inline(render_summary(evidence).decode())
            if token.type != "text"
        ]
        for evidence in (hostile, harmless)
    ]
    assert marks[0] == marks[1]


def test_the_summary_says_what_was_not_judged_then_the_verdict_and_how_to_reproduce_last() -> None:
    text = render_summary(not_ready()).decode().rstrip()
    lacks, _, rest = text.partition("## P9-A: ")
    assert lacks.startswith("**Not judged:**\n\n- <code>idempotency")
    assert rest.startswith("NOT_READY\n\n**Do not switch the first invoice on.**\n")
    assert render_summary(ready()).startswith(b"## P9-A: READY\n\n**All four exit criteria hold; ")
    assert text.index("X1 The") < text.index("Did not pass") < text.index("DRAFT-2026-02")
    assert "616.43 USD on 3 events" in text
    assert "3 inserted, 3 removed" in text
    assert "pytest -m p9a" in text.splitlines()[-1]
    assert (
        text.index(f"NOT_READY: {code(HOSTILE)}")
        < text.index("### ABORTED")
        < text.index("### READY")
    )


@pytest.mark.parametrize("tenants", [1, 40, 400])
def test_the_summary_keeps_to_its_budget_and_says_what_it_left_out(tenants: int) -> None:
    many = tuple(
        tenant(f"{n:08x}-0c1d-4e6f-9a7b-5d4c3b2a1908", HOSTILE * 30, {"S1.4": failed(HOSTILE, "x")})
        for n in range(tenants)
    )
    content = render_summary(run(many))
    assert len(content) <= COMMENT_BYTES
    assert content.startswith(b"## P9-A: NOT_READY")
    assert (b" left out for length" in content) == (tenants > 1)
    assert b"How to reproduce" in content
    assert content.decode().count("<code>") == content.decode().count("</code>")


# GitHub --------------------------------------------------------------------------------------


def test_outside_github_nothing_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert list(announce(not_ready())) == []


def test_on_github_the_summary_is_appended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "summary"
    place.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place))
    lines = list(announce(not_ready()))
    assert place.read_bytes() == b"before\n" + render_summary(not_ready())
    assert lines[0].startswith("::error title=P9-A::NOT_READY: do not switch the first invoice on")
    assert lines[1].startswith(f"::error title=S1.4 {MALLORY}::the preview equals the oracle: got ")


def test_a_full_job_summary_costs_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "summary"
    place.write_bytes(b"x" * (1024 * 1024 - 100))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place))
    told = "::warning title=P9-A::no job summary was written: the job's summary is full"
    assert list(announce(ready()))[1:] == [told]
    assert place.stat().st_size == 1024 * 1024 - 100


def test_a_job_summary_that_cannot_be_written_costs_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    told = "::warning title=P9-A::no job summary was written: Is a directory"
    assert list(announce(ready()))[1:] == [told]


def test_workflow_commands_are_escaped() -> None:
    told = "::error title=50%25%3A a%2Cb%0Ac::100%25%0A::error::x, y: z%0A%250A d"
    assert command("error", "50%: a,b\rc", "100%\r\n::error::x, y: z\r%0A\u202ed") == told


def test_what_ended_a_run_is_an_error() -> None:
    nothing = {"target": TargetFacts(), "platform": PlatformFacts()}
    aborted = run((), reason="the database cannot be reached", **nothing)
    assert aborted.verdict is Verdict.ABORTED
    (line,) = annotations(aborted)
    assert line.startswith("::error title=P9-A::ABORTED: ")
    assert line.endswith("on: the database cannot be reached")
    (case,) = cases(aborted).values()
    assert isinstance(case.result[0], Error)


def test_a_check_that_was_not_needed_is_no_error() -> None:
    evidence = run((tenant(ALICE, "Alice", {"M.1": not_run("not needed")}),))
    (verdict,) = annotations(evidence)
    assert evidence.verdict is Verdict.READY
    assert not verdict.startswith("::error")


def test_pytest_starts_without_the_renderings() -> None:
    heavy = ("reports.renderings", "reports.record", "reports.attestation", "jsonschema_rs",
             "cryptography", "securesystemslib")  # fmt: skip
    script = f"import sys, fixtures.evidence; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
