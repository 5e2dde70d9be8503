"""Every finding says where it is and what is wrong, in words that somebody can act on."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fixtures.shards import Shard
from reports.contents import LATER, SHOWN, read_folder
from reports.evidence import EventFacts, Evidence, LineFacts, Verdict
from reports.files import ATTESTATION, RECORD, SUMS, TENANTS, WRITTEN, write_folder
from reports.record import spell
from reports.verify import verify, verify_folder
from runbook.shards import shard_of
from selftests.records import (
    ALICE,
    LEDGERLINE,
    LINES,
    NO_PREVIEW,
    ODD,
    STARTED,
    THREE,
    ZOE,
    failed,
    not_judged,
    ready,
    ready_unjudged,
    run,
    tenant,
)
from selftests.verifying import sum_up

pytest_plugins = ["selftests.verifying"]

HERE = f"{RECORD}, tenant {ALICE}"
MISSPELLED = f"{RECORD}: is not written as the gate writes it [record_is_bad]"
NOT_WHOLE = "the run did not end, or this is no folder of evidence"
APART = "do not add up to its total [money_differs]"
NAMELESS = "on which platform: name, kind and description"


def findings(folder: Path, **how: Any) -> list[str]:
    """Return what is found, but for how another gate would have written it."""
    told = [str(finding) for finding in verify_folder(folder, **how).findings]
    return [text for text in told if "[rendering_differs]" not in text]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of evidence to touch."""
    write_folder(ready(), tmp_path)
    return tmp_path


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert findings(nowhere) == [f"{nowhere}: there is no such folder [no_folder]"]
    assert verify_folder(nowhere).signed is False


def test_a_record_that_is_spelled_otherwise(folder: Path) -> None:
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_text(json.dumps(record))
    assert MISSPELLED in findings(folder)


def test_a_record_that_cannot_be_read(folder: Path) -> None:
    (folder / RECORD).write_bytes(b"")
    assert f"{RECORD}: it is empty [record_is_bad]" in findings(folder)


def test_only_this_gate_knows_the_order_in_which_it_writes(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_bytes(spell(dict(reversed(record.items()))))
    assert MISSPELLED not in findings(folder)
    request.getfixturevalue("this_gate")
    assert MISSPELLED in findings(folder)


def test_files_that_are_missing_are_named(folder: Path) -> None:
    for name in (SUMS, "report.html"):
        (folder / name).unlink()
    assert findings(folder) == [f"SHA256SUMS, report.html: missing: {NOT_WHOLE} [file_is_missing]"]


@pytest.mark.parametrize(
    ("names", "told"), [("cab", "a, b, c"), ("ecbda", "a, b, c and 2 more"), ("x", "x")]
)
def test_some_files_that_are_unknown_are_named(folder: Path, names: str, told: str) -> None:
    for name in names:
        (folder / name).touch()
    assert findings(folder) == [f"{told}: nothing that the gate writes [file_is_unknown]"]


def test_all_files_of_a_run_that_are_missing_are_named(tmp_path: Path) -> None:
    needed = sorted({*WRITTEN} - {ATTESTATION} - LATER)
    assert len(needed) > SHOWN
    assert findings(tmp_path) == [f"{', '.join(needed)}: missing: {NOT_WHOLE} [file_is_missing]"]


def test_pages_of_tenants_whom_nobody_judged_are_named(folder: Path) -> None:
    (folder / TENANTS).mkdir()
    (folder / TENANTS / "nobody.html").touch()
    sum_up(folder)
    unknown = f"{TENANTS}/nobody.html: nothing that the gate writes [file_is_unknown]"
    assert findings(folder) == [unknown]


def test_it_is_known_what_was_compared_with_what_it_renders_to(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    assert not verify_folder(folder).pages
    of_another_gate = verify(read_folder(folder), compare=False)
    assert (of_another_gate.compared, of_another_gate.otherwise) == (True, ())
    request.getfixturevalue("this_gate")
    (folder / "summary.md").write_text("READY")
    sum_up(folder)
    for compare, otherwise in ((True, ("summary.md",)), (False, ())):
        looked_at = verify(read_folder(folder), compare=compare)
        assert (looked_at.compared, looked_at.otherwise) == (compare, otherwise)
    (folder / RECORD).unlink()
    assert verify(read_folder(folder), compare=False).compared


def test_files_that_are_not_those_of_the_sums_are_named(folder: Path) -> None:
    content = (folder / SUMS).read_bytes()
    (folder / SUMS).write_bytes(content.replace(b"\n", b"\r\n"))
    assert findings(folder) == [f"{SUMS}: is not written as the gate writes it [hash_differs]"]
    lines = content.splitlines(keepends=True)
    (folder / SUMS).write_bytes(b"".join(lines[1:]) + b"0000  more\nalone\n")
    why = f"is not the file of which {SUMS} tells [hash_differs]"
    assert findings(folder) == [
        f"{name}: {why}" for name in sorted(["more", "alone", lines[0].decode().split()[1]])
    ]


def test_evidence_that_nobody_signed_is_told_where_a_key_is_given(folder: Path) -> None:
    key: Any = object()
    assert findings(folder, key=key) == [
        f"{ATTESTATION}: is missing: nobody vouches for this evidence [not_signed]"
    ]


def told(evidence: Evidence, tmp_path: Path, **facts: Any) -> list[str]:
    """Return what is found in evidence of which these facts were changed."""
    write_folder(evidence.model_copy(update=facts), tmp_path)
    return findings(tmp_path)


def test_evidence_that_does_not_name_its_platform(tmp_path: Path) -> None:
    nameless = ready().platform.model_copy(update={"name": ""})
    assert told(ready(), tmp_path, platform=nameless) == [
        f"{RECORD}: judges tenants, and does not say {NAMELESS} [platform_is_not_named]"
    ]
    assert told(run((), reason="x"), tmp_path, platform=nameless) == []


def test_what_is_declared_is_told_once_and_for_what_rests_on_it(tmp_path: Path) -> None:
    assert told(ready_unjudged(), tmp_path, not_judged=()) == [
        f"{RECORD}: not_judged does not tell what platform.declared says [lacks_differ]"
    ]
    more = NO_PREVIEW.model_copy(update={"checks": ("S2.2", "S1.4", "S1.1")})
    for declared, why in (
        ((NO_PREVIEW, NO_PREVIEW), "platform.declared names a lack twice"),
        ((more,), "S2.2, S1.1 can be judged without what is declared: preview"),
    ):
        platform = LEDGERLINE.model_copy(update={"declared": declared})
        evidence = run((tenant(ALICE, "Alice", {}, declared=declared),), platform=platform)
        assert told(evidence, tmp_path) == [f"{RECORD}: {why} [lacks_differ]"]


def test_a_tenant_who_stands_there_twice(tmp_path: Path) -> None:
    assert told(run(ready().tenants * 2), tmp_path) == [
        f"{RECORD}: a tenant stands in it twice [checks_differ]"
    ]


def test_a_verdict_that_does_not_follow(tmp_path: Path) -> None:
    evidence = run((tenant(ALICE, "Alice", {"S3.1": failed("1", "2"), "X3": failed("1", "2")}),))
    assert told(evidence, tmp_path, verdict=Verdict.READY) == [
        f"{RECORD}: says READY, but its tenants amount to NOT_READY [verdict_does_not_follow]"
    ]
    green = tuple(one.model_copy(update={"verdict": Verdict.READY}) for one in evidence.tenants)
    assert told(evidence, tmp_path, verdict=Verdict.READY, tenants=green) == [
        f"{HERE}: says READY, but its checks amount to NOT_READY [verdict_does_not_follow]"
    ]


def test_what_a_criterion_rests_on_and_what_excuses_a_check(tmp_path: Path) -> None:
    outcomes = {"S1.4": not_judged("no"), "S1.6": failed("1", "0")}
    assert told(run((tenant(ALICE, "Alice", outcomes),)), tmp_path) == [
        f"{HERE}: S1.4 was not judged, and no declared lack names it [not_judged_without_lack]",
        f"{HERE}: X1 passed, but these do not hold: S1.4, S1.6 [criterion_does_not_follow]",
        f"{HERE}: X3 passed, but these do not hold: S1.4 [criterion_does_not_follow]",
    ]


def test_checks_that_are_not_those_of_this_gate(tmp_path: Path) -> None:
    (one,) = ready().tenants
    fewer = one.model_copy(update={"checks": one.checks[1:], "verdict": Verdict.NOT_READY})
    (finding,) = told(ready(), tmp_path, tenants=(fewer,), verdict=Verdict.NOT_READY)
    assert finding.startswith(f"{HERE}: its checks are not those of this gate")
    assert finding.endswith(" [checks_differ]")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (
            {"event_count": 4},
            ["own and seeded event_count do not add up to 4 [money_differs]"],
        ),
        (
            {"recovered_amount": None},
            ["own and seeded recovered_amount do not add up to None [money_differs]"],
        ),
        (
            {"own": None, "seeded": None, "event_count": 0, "expected_gain_share": 0},
            [
                "own and seeded recovered_amount do not add up to 2465.75 [money_differs]",
            ],
        ),
    ],
)
def test_money_that_is_nobodys(tmp_path: Path, facts: dict[str, Any], why: list[str]) -> None:
    assert told(run((tenant(ALICE, "Alice", {}, **facts),)), tmp_path) == [
        f"{HERE}: {words}" for words in why
    ]


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (
            {"removed": 2},
            "3 seeds, of which 3 went in, 2 out [seeds_remain]",
        ),
        (
            {"inserted": 2, "removed": 2},
            "3 seeds, of which 2 went in, 2 out [seeds_remain]",
        ),
        (
            {"keys": (), "inserted": 0, "removed": 0},
            "seeds are billed, and none was planted [money_differs]",
        ),
    ],
)
def test_seeds_that_did_not_come_or_go(tmp_path: Path, update: dict[str, Any], why: str) -> None:
    one = tenant(ALICE, "Alice", {})
    seeds = one.seeds.model_copy(update=update)
    one = one.model_copy(update={"seeds": seeds})
    assert told(run((one,)), tmp_path) == [f"{HERE}: {why}"]


@pytest.mark.parametrize("fee", ["613.44", "619.44", "613.45", "619.43"])
def test_lines_whose_fees_are_apart_by_a_unit_each(tmp_path: Path, fee: str) -> None:
    total = Decimal(fee)
    money = THREE.model_copy(update={"gain_share_amount": total})
    one = tenant(ALICE, "Alice", {}, expected_gain_share=total, seeded=money)
    apart = [] if fee in {"613.45", "619.43"} else [f"{HERE}: its lines {APART}"]
    assert told(run((one,)), tmp_path) == apart


@pytest.mark.parametrize(("fee", "words"), [("615.45", []), ("615.44", [f"its lines {APART}"])])
def test_a_line_whose_fee_is_apart_by_a_unit(tmp_path: Path, fee: str, words: list[str]) -> None:
    line = LineFacts(
        finding_type="ALL",
        rate=Decimal("0.25"),
        event_count=3,
        recovered_amount=Decimal("2465.75"),
        gain_share_amount=Decimal(fee),
    )
    one = tenant(ALICE, "Alice", {}, lines=(line,))
    assert told(run((one,)), tmp_path) == [f"{HERE}: {text}" for text in words]


def test_events_that_are_not_those_of_the_total(tmp_path: Path) -> None:
    events = tuple(
        EventFacts(
            key=line["finding_type"],
            occurred_at=STARTED,
            **{name: fact for name, fact in line.items() if name != "event_count"},
        )
        for line in LINES
    )
    assert told(run((tenant(ALICE, "Alice", {}, events=events),)), tmp_path) == []
    nothing = events[0].model_copy(update={"recovered_amount": Decimal(0)})
    for wrong in (events[1:], (nothing, *events[1:])):
        evidence = run((tenant(ALICE, "Alice", {}, events=wrong),))
        assert told(evidence, tmp_path) == [f"{HERE}: its events {APART}"]
    evidence = run((tenant(ALICE, "Alice", {}, odd_events=(ODD,)),))
    assert told(evidence, tmp_path) == [f"{HERE}: 1 event cannot be billed [money_differs]"]


def sharded(number: int, *listed: str, of: int = 2, **facts: Any) -> dict[str, Any]:
    """Return what a shard of a run that found these tenants says of it."""
    return {"shard": Shard(number, of).share(listed)[1], **facts}


def test_a_tenant_of_another_shard(tmp_path: Path) -> None:
    own = shard_of(ALICE, 2)
    assert told(run(ready().tenants, **sharded(own, ALICE)), tmp_path) == []
    assert told(run(ready().tenants, **sharded(3 - own, ALICE)), tmp_path) == [
        f"{RECORD}: tenant {ALICE} is not in shard {3 - own} of 2 [shard_differs]"
    ]


@pytest.mark.parametrize(
    ("listed", "judged", "facts", "words"),
    [
        ((ALICE, ZOE), 1, {}, "its 1 tenants are not the 2"),
        ((ALICE, ZOE), 1, {"reason": "ended"}, "its 1 tenants are not the 2"),
        ((ZOE,), 1, {}, "its 1 tenants are not the 1"),
        ((ALICE,), 0, {}, "its 0 tenants are not the 1"),
        ((ALICE,), 0, {"reason": "ended at once"}, ""),
    ],
)
def test_tenants_who_are_missing_in_their_shard(
    tmp_path: Path, listed: tuple[str, ...], judged: int, facts: dict[str, str], words: str
) -> None:
    evidence = run(ready().tenants[:judged], **sharded(1, *listed, of=1), **facts)
    why = [f"{RECORD}: {words} that the run found [shard_differs]"] if words else []
    assert told(evidence, tmp_path) == why


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("began", "ended", "possible"),
    [
        (-MINUTE, timedelta(), True),
        (timedelta(), -MINUTE, False),
        (-MINUTE, 4 * MINUTE, True),
        (-MINUTE, 6 * MINUTE, False),
    ],
)
def test_times_that_cannot_be(
    tmp_path: Path, began: timedelta, ended: timedelta, *, possible: bool
) -> None:
    now = datetime.now(UTC)
    evidence = run(ready().tenants, started_at=now + began, finished_at=now + ended)
    words = f"{RECORD}: began {now + began}, ended {now + ended}, and now it is {now:%Y-%m-%d }"
    found = told(evidence, tmp_path)
    assert [text[: len(words)] for text in found] == ([] if possible else [words])
    assert all(text.endswith(" [times_are_impossible]") for text in found)


def test_evidence_that_is_too_old(tmp_path: Path) -> None:
    finished = datetime.now(UTC) - timedelta(days=3, hours=1)
    evidence = run(ready().tenants, started_at=finished, finished_at=finished)
    write_folder(evidence, tmp_path)
    assert findings(tmp_path, max_age=timedelta(days=4)) == []
    assert findings(tmp_path, max_age=timedelta(days=3)) == [
        f"{RECORD}: the run ended 3 days ago, at {finished}: run the gate again [too_old]"
    ]
