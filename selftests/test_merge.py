"""Records of shards, and of tenants, are made one: all of it, once, and of one assignment."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fixtures.shards import Shard
from reports.attestation import read_signing_key
from reports.evidence import Evidence, Listed, PeriodFacts, TargetFacts, TenantEvidence, Verdict
from reports.files import RECORD, write_folder
from reports.record import load_record
from reports.verdict import conclude
from runbook.shards import digest, shard_of
from selftests.records import (
    LEDGERLINE,
    REMAINS,
    STARTED,
    failed,
    not_ready,
    ready,
    ready_two,
    run,
    tenant,
)
from selftests.verifying import faults, said

pytest_plugins = ["selftests.verifying"]

TENANTS = [f"{number:08x}-0c1d-4e6f-9a7b-5d4c3b2a1908" for number in range(9)]
NEWCOMER = "ffff0000-0c1d-4e6f-9a7b-5d4c3b2a1908"

Put = Callable[..., Path]


def judged(id: str) -> TenantEvidence:
    """A tenant that is ready."""
    return ready_two().model_copy(update={"id": id})


def part(number: int, of: int = 3, everybody: Iterable[str] = TENANTS, **facts: Any) -> Evidence:
    """What a shard of a run on all tenants would write."""
    own, listed = Shard(number, of).share(everybody)
    told: dict[str, Any] = {"shard": listed, "options": {"--tenant": "all"}}
    if not own:
        told["target"] = TargetFacts(system_identifier="7427364522301847523")
    return run(tuple(map(judged, own)), **(told | facts))


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a record into a folder of its own."""
    numbers = count(1)

    def put(evidence: Evidence, **how: Any) -> Path:
        folder = tmp_path / f"part-{next(numbers)}"
        write_folder(evidence, folder, **how)
        return folder

    return put


def refusal(capsys: pytest.CaptureFixture[str], folders: Iterable[Path], *arguments: object) -> str:
    """What is said of records that cannot be merged; nothing is written."""
    *_, last = folders = list(folders)
    into = last.parent / "merged"
    code, out, err = said(capsys, "merge", *folders, f"--into={into}", *arguments)
    assert (code, out) == (1, ""), err
    assert all(line.startswith("reports: ") for line in err.splitlines())
    assert not into.exists()
    return err


def test_shards_make_the_record_that_one_run_would_have_made(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late: dict[str, Any] = {
        "started_at": STARTED + timedelta(hours=1),
        "finished_at": STARTED + timedelta(hours=2),
    }
    folders = [put(part(3, **late)), put(part(1)), put(part(2))]
    code, out, _ = said(capsys, "merge", *folders, f"--into={tmp_path / 'merged'}")
    assert code == 0
    assert out.splitlines()[0].endswith("merged holds 3 records, 3 of them unsigned")
    assert out.splitlines()[-1].startswith("READY: 9 tenants, 2026-02-01 to 2026-03-01")
    assert faults(tmp_path / "merged") == set()
    made = load_record((tmp_path / "merged" / RECORD).read_bytes())
    alone = part(1, of=1)
    sources = {"merged": made.merged, "finished_at": late["finished_at"]}
    assert made == alone.model_copy(update=sources)
    assert [one.shard for one in made.merged] == ["3/3", "1/3", "2/3"]
    assert said(capsys, "verify", tmp_path / "merged", "--ready")[0] == 0


def test_named_tenants_are_merged_and_one_that_fails_fails_all(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tenant(TENANTS[1], "", dict.fromkeys(("S1.4", "X1", "X3"), failed("1", "2")))
    folders = [put(run((judged(TENANTS[0]),))), put(run((broken,), residue=REMAINS))]
    code, out, _ = said(capsys, "merge", *folders, f"--into={tmp_path / 'merged'}")
    assert (code, out.splitlines()[-1].split(":")[0]) == (0, "NOT_READY")
    made = load_record((tmp_path / "merged" / RECORD).read_bytes())
    assert (made.shard, made.residue, made.verdict) == (None, REMAINS, conclude(made))
    assert [one.id for one in made.tenants] == TENANTS[:2]
    assert said(capsys, "verify", tmp_path / "merged")[0] == 1
    assert faults(tmp_path / "merged") == set()


def test_a_run_that_was_ended_ends_what_it_is_merged_into(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = part(2, reason="interrupted by SIGTERM before the end")
    folders = [put(part(1)), put(ended), put(part(3))]
    code, out, _ = said(capsys, "merge", *folders, f"--into={tmp_path / 'merged'}")
    assert (code, out.splitlines()[-1].split(":")[0]) == (0, "ABORTED")
    made = load_record((tmp_path / "merged" / RECORD).read_bytes())
    assert made.reason == "2/3: interrupted by SIGTERM before the end"


def test_a_shard_without_tenants_is_counted(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = [id for id in TENANTS if shard_of(id, 3) != 2]
    folders = [put(part(number, everybody=few)) for number in (2, 1, 3)]
    assert part(2, everybody=few).verdict is Verdict.PARTIAL
    assert "shard 2/3 is missing" in refusal(capsys, folders[1:])
    code, out, _ = said(capsys, "merge", *folders, f"--into={tmp_path / 'merged'}")
    assert (code, out.splitlines()[-1].split(",")[0]) == (0, f"READY: {len(few)} tenants")


def test_it_is_signed_and_who_demands_it_merges_nothing_unsigned(
    put: Put,
    keys: Path,
    public: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    signed = [put(part(number), signer=signer) for number in (1, 2, 3)]
    err = refusal(capsys, [*signed[:2], put(part(3))], f"--public-key={public}")
    assert "is missing: nobody vouches for this evidence" in err
    monkeypatch.setenv("P9A_SIGNING_KEY", str(keys / "p9a-private.pem"))
    into = tmp_path / "merged"
    code, out, _ = said(capsys, "merge", *signed, f"--into={into}", f"--public-key={public}")
    assert (code, "3 records, 0 of them unsigned" in out) == (0, True)
    assert said(capsys, "verify", into, f"--public-key={public}")[0] == 0


APRIL = PeriodFacts(start=date(2026, 4, 1), end=date(2026, 5, 1))
ELSEWHERE = TargetFacts(database="staging", system_identifier="1", server_version="17.4")
TOOL = ready().tool


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"period": APRIL}, "of 2026-04-01 to 2026-05-01, end exclusive, UTC, and"),
        (
            {"platform": LEDGERLINE},
            "of platform Ledgerline billing, HTTP, description 3f2a9b1c0d4e",
        ),
        (
            {"platform": ready().platform.model_copy(update={"description_sha256": "0" * 64})},
            "description 000000000000",
        ),
        (
            {"platform": ready().platform.model_copy(update={"build": "2"})},
            "build 2, without nothing, and",
        ),
        ({"target": ELSEWHERE}, "was judged on staging, 1, 17.4, and"),
        ({"tool": TOOL.model_copy(update={"commit": "c0ffee"})}, "by gate 0.1.0 c0ffee,"),
        ({"tool": TOOL.model_copy(update={"dependencies": {}})}, "with the same packages"),
        ({"tool": TOOL.model_copy(update={"plugins": {}})}, "with the same packages"),
        (
            {"options": {"--tenant": "all", "--seed": "always"}},
            "was judged with --seed=always --tenant=all, and",
        ),
        ({"rehearsal": True}, "is of a rehearsal"),
        ({"shard": None}, "one of named tenants, and"),
    ],
)
def test_what_is_not_of_one_assignment_is_not_merged(
    put: Put, capsys: pytest.CaptureFixture[str], facts: dict[str, Any], words: str
) -> None:
    folders = [put(part(1)), put(part(2, **facts)), put(part(3))]
    err = refusal(capsys, folders)
    assert words in err
    assert err.count("\n") == 1


def test_one_server_may_go_by_another_name_at_each_host(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [ready().target.model_copy(update={"host": host}) for host in ("db:5432", "10.0.0.5:1")]
    folders = [put(part(1)), put(part(2, target=named[0])), put(part(3, target=named[1]))]
    assert said(capsys, "merge", *folders, f"--into={tmp_path / 'merged'}")[0] == 0


def test_an_empty_shard_of_another_cluster_is_not_merged(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    few = [id for id in TENANTS if shard_of(id, 3) != 2]
    strange = part(2, everybody=few, target=TargetFacts(system_identifier="1"))
    parts = [strange, part(1, everybody=few), part(3, everybody=few)]
    assert "was judged on 1, and" in refusal(capsys, map(put, parts))


def test_nobody_is_judged_twice(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [put(part(1)), put(part(2)), put(part(2)), put(part(3))]
    assert f"shard 2/3 is there twice: {folders[1]} and {folders[2]}" in refusal(capsys, folders)
    alone = [put(run((judged(TENANTS[0]), judged(id)))) for id in TENANTS[1:3]]
    words = f"tenant {TENANTS[0]} was judged twice: in {alone[0]} and {alone[1]}"
    assert words in refusal(capsys, alone)


def test_nobody_is_missing(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    """Who looked last knows best: whose shard saw others there has to judge it again."""
    assert "shard 2/3 is missing: add" in refusal(capsys, [put(part(1)), put(part(3))])
    later: dict[str, Any] = {"started_at": STARTED + timedelta(seconds=1)}
    number = shard_of(NEWCOMER, 3)
    early = [n for n in (1, 2, 3) if n != number]
    grown = [put(part(early[0])), put(part(early[1], everybody=[*TENANTS, NEWCOMER], **later))]
    err = refusal(capsys, [*grown, put(part(number))])
    assert f"run --tenant=all --shard={number}/3 again" in err
    assert err.count("\n") == 1
    again = put(part(number, everybody=[*TENANTS, NEWCOMER], **later))
    into = again.parent / "merged"
    assert said(capsys, "merge", *grown, again, f"--into={into}")[0] == 0
    assert len(load_record((into / RECORD).read_bytes()).tenants) == len(TENANTS) + 1


def test_what_is_too_old_is_not_merged_and_makes_the_whole_old(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    new: dict[str, Any] = {"started_at": now, "finished_at": now}
    folders = [put(part(1, **new)), put(part(2)), put(part(3, **new))]
    err = refusal(capsys, folders, "--max-age=1")
    assert f"{folders[1]} cannot be trusted: evidence.json: the run ended" in err
    assert said(capsys, "merge", *folders, f"--into={tmp_path / 'merged'}")[0] == 0
    assert faults(tmp_path / "merged", max_age=timedelta(days=1)) == {"too_old"}


def test_a_run_that_judged_nobody_is_to_be_run_again(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = run((), reason="the database cannot be reached: refused", shard=part(2).shard)
    err = refusal(capsys, [put(part(1)), put(nobody), put(part(3))])
    assert "judged nobody (the database cannot be reached: refused): run it again" in err


def test_a_shard_from_which_a_tenant_was_taken_is_not_genuine(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = part(1)
    fewer = whole.model_copy(update={"tenants": whole.tenants[1:]})
    assert faults(put(fewer)) == {"shard_differs"}
    strange = part(2).tenants[0]
    other = whole.model_copy(update={"tenants": (strange, *whole.tenants[1:])})
    assert faults(put(other)) == {"shard_differs"}
    assert whole.shard is not None
    mine = Listed(tenants=len(whole.tenants), sha256=digest(one.id for one in other.tenants))
    forged = whole.shard.model_copy(update={"listed": (mine, *whole.shard.listed[1:])})
    assert faults(put(other.model_copy(update={"shard": forged}))) == {"shard_differs"}
    err = refusal(capsys, [put(fewer), put(part(2)), put(part(3))])
    assert "cannot be trusted: evidence.json: its" in err
    shard = part(2).shard
    assert shard is not None
    none = shard.model_copy(update={"number": 4})
    with pytest.raises(Exception, match="shard 4 of 3 tells of 3 shards"):
        write_folder(part(1, shard=none), put(part(1)))


@pytest.mark.parametrize(
    ("into", "words"),
    [
        ("part-1", "is one of those that are merged"),
        ("file", "is a file: name a folder"),
        ("holding", "holds letter.txt, which is no evidence"),
    ],
)
def test_a_wrong_place_is_told(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str], into: str, words: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "holding").mkdir()
    (tmp_path / "holding" / "letter.txt").write_text("")
    folder = put(part(1, of=1))
    code, _, err = said(capsys, "merge", folder, f"--into={tmp_path / into}")
    assert (code, words in err, err.count("\n")) == (4, True, 1)
    code, _, err = said(capsys, "merge", folder, tmp_path / "x", f"--into={tmp_path / 'y'}")
    assert (code, "x is no folder" in err) == (4, True)


def test_what_was_merged_before_is_replaced(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(not_ready(), tmp_path / "merged")
    assert said(capsys, "merge", put(part(1, of=1)), f"--into={tmp_path / 'merged'}")[0] == 0
    assert faults(tmp_path / "merged") == set()


def test_the_list_of_tenants_is_known_by_a_digest() -> None:
    shard = part(1, of=1).shard
    assert shard is not None
    assert shard.listed[0].sha256 == digest(TENANTS)
