"""What every rendering has to say: which platform, what was not judged, and on whose events.

Each rendering is read as its reader would, as text with nothing escaped.
"""

import json
import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Callable
from html import unescape
from pathlib import Path

import html5lib
import pytest
from junitparser import JUnitXml, Skipped

from reports.__main__ import main
from reports.attestation import attest, make_keys, read_signing_key
from reports.compare import compare, render_text
from reports.evidence import (
    NOT_SELECTED,
    Evidence,
    LackFacts,
    PlatformFacts,
    ResidueFacts,
    TargetFacts,
    Unseen,
    Verdict,
)
from reports.files import write_folder
from reports.github import annotations
from reports.html import render_html, tenant_pages
from reports.junit import render_junit
from reports.sentences import (
    SEEDS_ALONE,
    headline,
    judged_lines,
    lack_words,
    meaning,
    not_judged_lines,
    reason,
    remarks,
    shares,
    verdict_words,
)
from reports.summary import COMMENT_BYTES, render_summary
from reports.terminal import render
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import Status
from selftests.records import (
    ALICE,
    AUDITED,
    HOSTILE,
    LEDGERLINE,
    NEVER_BILLED,
    NO_PREVIEW,
    STRAY,
    THREE,
    ZOE,
    failed,
    not_judged,
    not_run,
    ready,
    ready_unjudged,
    run,
    tenant,
)

DIGEST = LEDGERLINE.description_sha256
SYSTEM = ready().target.system_identifier


def terminal(evidence: Evidence) -> str:
    return "\n".join(text.words for text in render(evidence, Path("folder")))


def summary(evidence: Evidence) -> str:
    text = render_summary(evidence).decode()
    return unescape(re.sub("</?code>|&#8203;", "", text))


def page(evidence: Evidence) -> str:
    shown = [render_html(evidence), *(own for _, own in tenant_pages(evidence))]
    roots = [html5lib.parse(one, namespaceHTMLElements=False) for one in shown]
    bodies = [body for root in roots for body in root.iter("body")]
    return " ".join(" ".join("".join(body.itertext()).split()) for body in bodies)


def junit(evidence: Evidence) -> str:
    return unescape(render_junit(evidence).decode())


def github(evidence: Evidence) -> str:
    return "\n".join(annotations(evidence)).replace("%0A", "\n").replace("%25", "%")


def attestation(evidence: Evidence) -> str:
    private, _ = make_keys()
    envelope = json.loads(attest(evidence, {}, read_signing_key(private.decode())))
    return b64decode(envelope["payload"]).decode()


RENDERINGS: dict[str, Callable[[Evidence], str]] = {
    "terminal": terminal,
    "summary.md": summary,
    "report.html": page,
    "junit.xml": junit,
    "annotations": github,
    "attestation": attestation,
}
FOR_PEOPLE = ("terminal", "summary.md", "report.html")
every_rendering = pytest.mark.parametrize("name", RENDERINGS)


@every_rendering
def test_the_platform_its_description_its_build_and_the_cluster_are_named(name: str) -> None:
    text = RENDERINGS[name](ready_unjudged())
    whole = name in ("junit.xml", "attestation")
    facts = ("Ledgerline billing", "HTTP", "2026.11.3+7f1c2aa", "staging", SYSTEM)
    for fact in (*facts, DIGEST if whole else f"description {DIGEST[:12]}"):
        assert fact in text, fact
    assert (DIGEST in text) == whole


@every_rendering
def test_ready_reads_as_what_it_is(name: str) -> None:
    words = "READY, not judged: preview, idempotency, void"
    assert words in RENDERINGS[name](ready_unjudged())
    assert "not judged" not in RENDERINGS[name](ready()).replace("not_judged", "")


@every_rendering
def test_each_thing_that_was_not_judged_stands_with_its_words(name: str) -> None:
    text = RENDERINGS[name](ready_unjudged())
    for lack in ready_unjudged().not_judged:
        told = lack.why if name == "attestation" else lack_words(lack)
        assert told in text, told


@pytest.mark.parametrize("outcome", ["ready", "not ready"])
@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_what_was_not_judged_stands_above_any_verdict(name: str, outcome: str) -> None:
    evidence = ready_unjudged()
    if outcome == "not ready":
        broken = {"S1.4": not_judged("none"), "S1.1": failed("closed", "active")}
        one = tenant(ALICE, "Alice", broken, declared=LEDGERLINE.declared)
        evidence = run((one,), platform=LEDGERLINE)
        assert evidence.verdict is Verdict.NOT_READY
    text = RENDERINGS[name](evidence)
    text = text[text.index("switched on?") :] if name == "report.html" else text
    verdict = text.rindex(evidence.verdict) if name == "terminal" else text.index(evidence.verdict)
    for lack in LEDGERLINE.declared:
        assert text.index(lack_words(lack)) < verdict


@every_rendering
def test_a_warning_is_told(name: str) -> None:
    assert NEVER_BILLED.words in RENDERINGS[name](ready_unjudged())


@pytest.mark.parametrize("failing", [True, False])
@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_warning_stands_above_any_verdict_and_changes_none(name: str, failing: bool) -> None:
    broken = {"S1.1": failed("closed", "active")} if failing else {}
    plain, warned = (
        run((tenant(ALICE, "Alice", broken, warnings=warnings),))
        for warnings in ((), (NEVER_BILLED,))
    )
    assert plain.verdict is warned.verdict
    text = RENDERINGS[name](warned)
    text = text[text.index("switched on?") :] if name == "report.html" else text
    verdict = text.rindex(warned.verdict) if name == "terminal" else text.index(warned.verdict)
    assert text.index(NEVER_BILLED.words) < verdict
    assert "Warning" not in RENDERINGS[name](plain)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_warning_says_of_whom_it_is_and_says_the_same_but_once(name: str) -> None:
    other = NEVER_BILLED.model_copy(update={"words": "findings were not looked for"})
    tenants = (
        tenant(ALICE, "Alice", {}, warnings=(NEVER_BILLED, other)),
        tenant(ZOE, "Zoe", {}, warnings=(other,)),
    )
    text = RENDERINGS[name](run(tenants))
    assert f"Warning, {ALICE}: {NEVER_BILLED.words}" in text
    assert text.count("Warning, 2 tenants: findings were not looked for") == 1


def test_many_warnings_leave_room_for_the_verdict() -> None:
    tenants = tuple(
        tenant(
            f"{n:08x}-0c1d-4e6f-9a7b-5d4c3b2a1908",
            "Acme",
            {},
            warnings=(NEVER_BILLED.model_copy(update={"words": f"{n} {HOSTILE}"}),),
        )
        for n in range(300)
    )
    text = render_summary(run(tenants)).decode()
    assert len(text.encode()) <= COMMENT_BYTES
    assert "warnings more: evidence.json holds them all" in text
    assert "## P9-A: READY" in text
    assert "more, at their tenants" in render_html(run(tenants))


@pytest.mark.parametrize("failing", [Status.FAILED, Status.NOT_RUN])
def test_a_check_that_does_not_hold_is_never_told_as_expected(failing: Status) -> None:
    """Whoever wrote the record: its words are judged by its status."""
    alike = {"status": failing, "got": "ISSUED", "expected": "ISSUED", "detail": "without a number"}
    evidence = run((tenant(ALICE, "Alice", {"S4.2": alike}),))
    shown = [render_one(evidence) for render_one in RENDERINGS.values()]
    assert not any("ISSUED, as expected" in text for text in shown)


@every_rendering
def test_a_verdict_that_rests_on_seeds_alone_says_so(name: str) -> None:
    render = RENDERINGS[name]
    seeded = run((tenant(ALICE, "Alice", {}),))
    assert SEEDS_ALONE in render(seeded).lower()
    own = run((tenant(ALICE, "Alice", {}, own=THREE),))
    unknown = run((tenant(ALICE, "Alice", {}, own=None, seeded=None),))
    for evidence in (own, unknown):
        assert SEEDS_ALONE not in render(evidence).lower()


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_of_many_tenants_each_that_rests_on_seeds_alone_says_so(name: str) -> None:
    tenants = tuple(
        tenant(f"{n}{ALICE[1:]}", f"Tenant {n}", {}, left_behind=(AUDITED,)) for n in range(4)
    )
    text = RENDERINGS[name](run(tenants))
    assert text.count("left by design: ledger.audit_log, 21 rows (one row a call)") == 4
    assert text.lower().count(SEEDS_ALONE) >= 4


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_rows_left_behind_are_told_those_that_nobody_declared_loudly_and_first(name: str) -> None:
    text = RENDERINGS[name](run((tenant(ALICE, "Alice", {}, left_behind=(AUDITED, STRAY)),)))
    loud = text.index("LEFT BEHIND: ledger.outbox, 1 row (mentions the draft's id)")
    assert loud < text.index("left by design: ledger.audit_log, 21 rows (one row a call)")


def test_rows_left_behind_are_red_unless_they_are_declared() -> None:
    evidence = run((tenant(ALICE, "Alice", {}, left_behind=(AUDITED, STRAY)),))
    markup = {text.words.strip(): text.markup for text in render(evidence, Path("folder"))}
    told = {words: marks for words, marks in markup.items() if words.lower().startswith("left")}
    assert [marks.get("red", False) for marks in told.values()] == [True, False]


@pytest.mark.parametrize("name", ["terminal", "summary.md", "junit.xml", "report.html"])
def test_what_could_not_be_seen_is_told_by_its_reason(name: str) -> None:
    unseen = tuple(Unseen(table=f"app.secret{n}", why="may not be read") for n in range(14))
    text = RENDERINGS[name](run((tenant(ALICE, "Alice", {}, unseen=unseen),)))
    assert "not seen whole: app.secret0, app.secret1, " in text
    assert "app.secret11 and 2 more (may not be read)" in text
    assert "not seen whole" not in RENDERINGS[name](run((tenant(ALICE, "Alice", {}),)))


def test_what_could_not_be_seen_is_said_once_for_many_tenants() -> None:
    unseen = (Unseen(table="app.secrets", why="may not be read"),)
    tenants = tuple(tenant(f"{n}{ALICE[1:]}", f"Tenant {n}", {}, unseen=unseen) for n in range(4))
    text = RENDERINGS["terminal"](run(tenants))
    assert text.count("not seen whole: app.secrets (may not be read), 4 tenants") == 1
    assert text.count("not seen whole") == 1


@pytest.mark.parametrize("name", ["terminal", "summary.md", "junit.xml", "report.html"])
def test_a_diagnosis_is_told(name: str) -> None:
    evidence = run((tenant(ALICE, "Alice", {}, diagnosis=("the newest rate for all",)),))
    assert "the newest rate for all" in RENDERINGS[name](evidence)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_on_a_terminal_columns_line_up_and_nothing_is_cut(width: int) -> None:
    broken = {
        "S1.4": failed("616.43 USD on 3 events, " * 9, "616.44 USD"),
        "S1.1": not_run("x " * 99),
    }
    evidence = run((tenant(ALICE, "Alice", broken),))
    lines = [text.words for text in render(evidence, Path("folder"), width=width)]
    assert max(map(len, lines)) <= max(width, len("Evidence: folder"))
    (first,) = [number for number, line in enumerate(lines) if line.startswith("  S1.4 FAILED")]
    column = lines[first].index("the preview")
    assert [line[:column].strip() for line in lines[first + 1 : first + 3]] == ["", ""]
    assert lines[first + 1][column] != " "
    wide = " ".join(text.words for text in render(evidence, Path("folder")))
    assert " ".join(lines).split() == wide.split()


def test_a_command_is_never_broken() -> None:
    told = ResidueFacts(
        remaining=("event dryrun-1",), reason="gone", command=f"BEGIN; {'x ' * 99} COMMIT;"
    )
    evidence = run((tenant(ALICE, "Alice", {}),)).model_copy(update={"residue": told})
    lines = [text.words for text in render(evidence, Path("folder"), width=80)]
    assert told.command in lines


def test_what_failed_stands_first_and_last() -> None:
    broken = {"S2.2": failed("616.43 USD", "616.44 USD"), "X2": failed("no", "yes")}
    one = tenant(ALICE, "Alice", broken, diagnosis=("half to even",))
    lines = terminal(run((one,))).splitlines()
    failing = lines.index("What failed")
    assert lines[failing + 1].startswith("  S2.2 FAILED")
    assert lines[failing + 2].strip() == "Diagnosis: half to even"
    assert failing < next(n for n, line in enumerate(lines) if line.startswith("  S1.1 "))
    assert lines[-2].startswith("Reason: S2.2 ")
    assert sum(line.startswith("  S2.2") for line in lines) == 1


def test_what_passed_is_a_line_a_step_unless_more_is_asked_for() -> None:
    folded = terminal(ready())
    assert "  S1   passed  Read-only dry run: 6 of 7 checks\n" in folded
    assert "  S4   not run Invoice lifecycle: not asked for: see --lifecycle\n" in folded
    assert "S1.1" not in folded
    whole = "\n".join(text.words for text in render(ready(), Path("folder"), verbose=True))
    for id in ("S1.1", "S4.5", "M.1"):
        assert f"  {id:<5}" in whole
    without_one = terminal(ready_unjudged())
    assert "  S1   passed     Read-only dry run: 5 of 7 checks\n  S1.4 not judged " in without_one


def test_what_passed_otherwise_than_expected_has_a_line_of_its_own() -> None:
    odd = {"got": "one DRAFT, asked for again", "expected": "one DRAFT"}
    text = terminal(run((tenant(ALICE, "Alice", {"S2.1": odd}),)))
    assert "  S2.1 passed  one draft is generated: got one DRAFT, asked for again, expected" in text
    assert "  S2   passed  Execute and clean up: 2 of 3 checks\n" in text


def test_of_many_tenants_the_odd_ones_stand_last() -> None:
    tenants = (
        tenant(ZOE, "Zoe", {"S1.1": failed("closed", "active")}),
        tenant(ALICE, "Alice in Chains", {}),
    )
    lines = terminal(run(tenants)).splitlines()
    ready_one, odd_one = (n for n, line in enumerate(lines) if "READY " in line[:10])
    assert lines[ready_one] == f"READY     Alice in Chains {ALICE}"
    assert lines[odd_one].startswith(f"NOT_READY Zoe             {ZOE}: S1.1 the tenant exists")


@pytest.mark.parametrize("name", ["terminal", "summary.md"])
def test_money_is_told_apart(name: str) -> None:
    assert "; ".join(shares(ready_unjudged().tenants[0])) in RENDERINGS[name](ready_unjudged())


@every_rendering
def test_a_run_that_reached_nothing_names_nothing(name: str) -> None:
    nothing = run((), reason="x", platform=PlatformFacts(), options={})
    text = RENDERINGS[name](nothing)
    assert "description" not in text.replace("platform_description_sha256", "")
    assert "Not judged" not in text


# The words ------------------------------------------------------------------------------------


def test_only_ready_needs_to_be_qualified() -> None:
    for verdict in Verdict:
        words = verdict_words(verdict, (NO_PREVIEW,))
        assert words == ("READY, not judged: preview" if verdict is Verdict.READY else verdict)
        assert verdict_words(verdict, ()) == verdict


def test_what_ready_means_is_limited_to_what_was_judged() -> None:
    assert meaning(ready()).startswith("all four exit criteria hold; ")
    assert meaning(ready_unjudged()).startswith("all four exit criteria hold for what was judged; ")
    rehearsed = ready_unjudged().model_copy(update={"rehearsal": True})
    assert meaning(rehearsed).endswith("hold for what was judged; no customer was judged")


def test_a_lack_without_checks_or_reason_is_told_all_the_same() -> None:
    assert lack_words(LackFacts(what=Lack.TOKEN, why="")) == "token: no reason is declared"


# JUnit ----------------------------------------------------------------------------------------


def test_a_check_that_was_not_judged_is_skipped_and_says_why() -> None:
    suites = JUnitXml.fromstring(render_junit(ready_unjudged()))
    cases = {case.name: case for suite in suites for case in suite}
    (result,) = cases[f"S1.4 the preview equals the oracle [{ALICE}]"].result
    assert isinstance(result, Skipped)
    assert result.message == "not judged: the API has none"
    (verdict,) = cases["VERDICT may the first invoice be switched on"].result
    assert isinstance(verdict, Skipped)
    assert verdict.message == f"{headline(ready_unjudged())}: {meaning(ready_unjudged())}"


def test_the_verdicts_case_says_all_of_it_and_properties_name_it() -> None:
    evidence = ready_unjudged()
    first = next(iter(JUnitXml.fromstring(render_junit(evidence))))
    (case,) = first
    assert case.system_out.splitlines() == [
        *judged_lines(evidence),
        *not_judged_lines(evidence),
        *(f"{ALICE}: {remark}" for remark in remarks(evidence.tenants[0])),
        f"{headline(evidence)}: {meaning(evidence)}",
    ]
    run_properties = ET.fromstring(render_junit(evidence))[0].iterfind("properties/property")  # noqa: S314 - our own
    facts = {item.get("name"): item.get("value", "") for item in run_properties}
    assert facts["verdict"] == "READY"
    assert facts["platform"] == "Ledgerline billing"
    assert facts["platform_kind"] == "HTTP"
    assert facts["platform_description_sha256"] == DIGEST
    assert facts["platform_build"] == "2026.11.3+7f1c2aa"
    assert (facts["database"], facts["system_identifier"]) == ("staging", SYSTEM)
    assert facts["not_judged"].startswith("preview (S1.4): the API has none; idempotency: ")
    assert facts["options"] == "--lifecycle=yes"


# GitHub ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        (ready(), "notice"),
        (run((tenant(ALICE, "Alice", {}),)), "warning"),
        (ready_unjudged(), "warning"),
        (run((tenant(ALICE, "Alice", {"S1.1": failed("closed", "active")}),)), "error"),
    ],
    ids=["ready", "seeds alone", "not judged", "not ready"],
)
def test_a_verdict_is_as_loud_as_it_deserves(evidence: Evidence, level: str) -> None:
    assert next(annotations(evidence)).startswith(f"::{level} title=P9-A::{headline(evidence)}: ")


# The summary ----------------------------------------------------------------------------------


@pytest.mark.parametrize("endless", [HOSTILE * 100, "@" * 10_000])
def test_the_summary_has_room_for_every_lack_and_the_verdict(endless: str) -> None:
    lacks = tuple(LackFacts(what=what, why=endless) for what in (*Lack, *Rule))
    platform = LEDGERLINE.model_copy(update={"declared": lacks, "name": endless})
    target = TargetFacts(database=endless, server_version=endless, billing=endless)
    one = tenant(ALICE, endless, {"S1.4": failed(endless, endless, endless)})
    facts = {"platform": platform, "target": target, "options": {"--platform": endless}}
    text = render_summary(run((one,), **facts)).decode()
    assert len(text.encode()) <= COMMENT_BYTES
    assert "## P9-A: NOT_READY" in text
    for lack in lacks:
        assert f"<code>{lack.what.value.replace('_', '&#95;')}&#58;" in text


def test_words_that_fit_are_shown_in_full() -> None:
    why = "the API has none, as its maker told us in a letter; " * 6
    lacks = tuple(LackFacts(what=what, why=why) for what in (Lack.PREVIEW, Lack.VOID))
    evidence = run((), platform=LEDGERLINE.model_copy(update={"declared": lacks}))
    assert summary(evidence).count(why.strip()) == 2


def test_a_ready_tenant_and_its_checks_say_in_the_summary_what_was_not_judged() -> None:
    text = summary(ready_unjudged())
    assert f"\n### READY, not judged: preview, idempotency, void: Alice & Söhne {ALICE}\n" in text
    for check in ("S1.4 the preview equals the oracle", "S4.5 an issued invoice can be taken back"):
        assert f"\n| not judged | {check} | not judged | to be judged | " in text


def test_a_summary_without_room_for_the_verdict_is_none() -> None:
    whole = render_summary(ready_unjudged())
    for budget in range(0, len(whole) + 1000, 100):
        text = render_summary(ready_unjudged(), budget)
        assert len(text) <= budget
        assert not text or b"## P9-A: READY, not judged: preview, idempotency, void" in text


# Comparing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "subject"),
    [
        ({"name": "Other billing"}, "run platform"),
        ({"kind": "command"}, "run platform kind"),
        ({"description_sha256": "0" * 64}, "run description"),
        ({"build": "2027.1"}, "run build"),
    ],
    ids=["name", "kind", "description", "build"],
)
def test_another_platform_is_the_first_thing_told(changed: dict[str, str], subject: str) -> None:
    platform = LEDGERLINE.model_copy(update={**changed, "declared": ()})
    broken = tenant(ALICE, "Alice", {"S1.1": failed("closed", "active")})
    first, second, *_ = compare(ready_unjudged(), run((broken,), platform=platform))
    assert first.subject == subject
    assert second.subject == "run verdict"
    assert first.newer == next(iter(changed.values()))


def test_what_was_not_judged_options_and_packages_are_compared() -> None:
    text = render_text(compare(ready(), ready_unjudged()))
    assert "run verdict: READY -> READY, not judged: preview, idempotency, void\n" in text
    assert "run not judged: - -> preview (S1.4): the API has none; idempotency" in text
    assert "run option --lifecycle: - -> yes\n" in text
    assert f"{ALICE} remarks: - -> {SEEDS_ALONE}; left by design: " in text
    newer = ready().tool.model_copy(update={"dependencies": {"psycopg": "3.4.0"}})
    text = render_text(compare(ready(), ready().model_copy(update={"tool": newer})))
    assert text == "run package psycopg: 3.3.1 -> 3.4.0\n"


# Verifying ------------------------------------------------------------------------------------


def test_verify_tells_it_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(ready_unjudged(), tmp_path)
    assert main(["verify", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("Platform: Ledgerline billing, HTTP, description 3f2a9b1c0d4e, ")
    assert lines[3] == "Not judged: preview (S1.4): the API has none"
    assert f"{ALICE}: {SEEDS_ALONE}" in lines
    assert lines[-1].startswith("READY, not judged: preview, idempotency, void: 1 tenant, ")


def test_a_partial_run_says_how_much_of_the_gate_it_was() -> None:
    unselected = {id: not_run(NOT_SELECTED) for id in ("S2.1", "X2", "X4")}
    partial = run((tenant(ALICE, "Alice", unselected),))
    assert partial.verdict is Verdict.PARTIAL
    assert reason(partial.tenants[0]) == "3 of 23 checks were not run"
    assert "3 of 23 checks were not run" in render_html(partial)
