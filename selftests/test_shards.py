"""All tenants split among hosts: each is judged once, and a shard says which part it judged."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest

from fixtures.shards import Shard, read_shard
from reports.evidence import Verdict
from reports.files import RECORD
from runbook.shards import digest, shard_of, split
from selftests.conftest import gate_on
from selftests.gate import run_gate
from selftests.records import ALICE, MALLORY, ZOE
from selftests.staging import Staging
from selftests.verifying import said

NOWHERE = "postgresql://operator@127.0.0.1:1/staging"
TENANTS = [str(UUID(int=number)) for number in range(400)]


def in_shard(number: int, of: int, many: int) -> list[UUID]:
    """Ids of tenants of one shard."""
    return [UUID(id) for id in islice((t for t in TENANTS if shard_of(t, of) == number), many)]


def test_every_tenant_is_in_one_shard_and_all_shards_have_work() -> None:
    shards = split(TENANTS, 8)
    assert Counter(id for shard in shards for id in shard) == Counter(TENANTS)
    assert all(30 <= len(shard) <= 70 for shard in shards)


def test_who_comes_or_goes_moves_nobody_else() -> None:
    fewer = split(reversed(TENANTS[::3]), 8)
    for number, (few, many) in enumerate(zip(fewer, split(TENANTS, 8), strict=True), 1):
        assert set(few) == {id for id in many if id in TENANTS[::3]}
        assert {shard_of(id, 8) for id in many} == {number}


def test_every_gate_ever_splits_alike() -> None:
    """Hosts may have other machines and other Pythons, and their records are merged."""
    assert [shard_of(id, 5) for id in (ALICE, MALLORY, ZOE, "42", "cus_ä")] == [3, 5, 5, 3, 1]
    assert digest(["b", "a"]) == digest(["a", "b"]) != digest(["a,b"])


@pytest.mark.parametrize(
    ("option", "environment", "shard"),
    [
        (None, {}, Shard(1, 1)),
        ("3/4", {}, Shard(3, 4)),
        ("1/1", {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4"}, Shard(1, 1)),
        (None, {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4"}, Shard(2, 4)),
        (None, {"CI_NODE_INDEX": "4", "CI_NODE_TOTAL": "4"}, Shard(4, 4)),
        (None, {"CI_NODE_TOTAL": "1"}, Shard(1, 1)),
        (None, {"JOB_COMPLETION_INDEX": "0", "P9A_SHARDS": "64"}, Shard(1, 64)),
        (None, {"JOB_COMPLETION_INDEX": "63", "P9A_SHARDS": "64"}, Shard(64, 64)),
        (
            None,
            {"JOB_COMPLETION_INDEX": "0", "P9A_SHARDS": "2", "CI_NODE_TOTAL": "1"},
            Shard(1, 2),
        ),
    ],
)
def test_a_shard_is_named_by_the_option_or_by_who_schedules(
    option: str | None, environment: Mapping[str, str], shard: Shard
) -> None:
    assert read_shard(option, environment, of_all=True) == shard
    if option is None:  # whoever is named is judged, whatever number the job has
        assert read_shard(option, environment, of_all=False) == Shard(1, 1)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--tenant=all", "--shard=0/4"], {}, "numbered from 1 to 4"),
        (["--tenant=all", "--shard=5/4"], {}, "numbered from 1 to 4"),
        (["--tenant=all", "--shard=1/0"], {}, "there is at least one"),
        (["--tenant=all", "--shard=2"], {}, "--shard=2 names no shard"),
        (["--tenant=all", "--shard=-1/2"], {}, "such as --shard=1/4"),
        (["--tenant=all", "--shard="], {}, "--shard= names no shard"),
        ([f"--tenant={ALICE}", "--shard=1/2"], {}, "add --tenant=all, or leave it out"),
        (["--tenant=all"], {"CI_NODE_INDEX": "2"}, "CI_NODE_TOTAL is not: set it, or say"),
        (["--tenant=all"], {"CI_NODE_TOTAL": "2"}, "CI_NODE_INDEX is not: set it, or say"),
        (["--tenant=all"], {"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "2"}, "from 1 to 2"),
        (["--tenant=all"], {"JOB_COMPLETION_INDEX": "1"}, "P9A_SHARDS is not: set it, or say"),
        (["--tenant=all"], {"P9A_SHARDS": "2"}, "JOB_COMPLETION_INDEX is not: set it, or say"),
        (["--tenant=all"], {"JOB_COMPLETION_INDEX": "2", "P9A_SHARDS": "2"}, "from 0 to 1"),
        (
            ["--tenant=all"],
            {"JOB_COMPLETION_INDEX": "0", "P9A_SHARDS": "2", "CI_NODE_INDEX": "1"},
            "CI_NODE_INDEX and JOB_COMPLETION_INDEX and P9A_SHARDS name two ways",
        ),
    ],
)
def test_what_names_no_shard_is_refused(
    arguments: list[str], environment: Mapping[str, str], words: str
) -> None:
    option = next((word.partition("=")[2] for word in arguments if "--shard" in word), None)
    with pytest.raises(pytest.UsageError, match=re.escape(words)):
        read_shard(option, environment, of_all="--tenant=all" in arguments)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--rehearse", "--shard=1/2"], {}, "but --shard names a target"),
        (["--tenant=all"], {"JOB_COMPLETION_INDEX": "1"}, "P9A_SHARDS is not: set it, or say"),
    ],
)
def test_a_run_that_knows_no_shard_judges_nobody(
    tmp_path: Path, arguments: list[str], environment: Mapping[str, str], words: str
) -> None:
    folder = tmp_path / "evidence"
    database = "" if "--rehearse" in arguments else NOWHERE
    outcome = run_gate(folder, *arguments, database=database, env=environment)
    assert outcome.code == 4, outcome.out + outcome.err
    (line,) = [line for line in (outcome.out + outcome.err).splitlines() if words in line]
    assert line.startswith("ERROR: ")
    assert not folder.exists()


def test_shards_judge_their_own_and_are_merged_to_all(
    staging: Staging, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last of three has no tenant: it is no sign-off, and no reason for a red job either."""
    first, second = in_shard(1, 3, 2), in_shard(2, 3, 1)
    for tenant_id in (*first, *second):
        staging.insert_tenant(tenant_id, "Acme Freight", f"acme-{tenant_id}")
        staging.terms(tenant_id, "0.25")
    gate = gate_on(staging, tmp_path, "gate_in_process")
    runs = [
        gate("all", "--shard=1/3"),
        gate("all", "--lock-timeout=10", also={"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}),
        gate("all", "-n", "2", also={"JOB_COMPLETION_INDEX": "2", "P9A_SHARDS": "3"}),
    ]
    records = [run.evidence for run in runs if run.evidence is not None]
    assert [run.code for run in runs] == [0, 0, 0], runs[2].out
    assert [record.verdict for record in records] == ["READY", "READY", "PARTIAL"]
    judged = [{tenant.id for tenant in record.tenants} for record in records]
    assert judged == [set(map(str, first)), set(map(str, second)), set()]
    for number, (run, many) in enumerate(zip(runs, (2, 1, "none"), strict=True), 1):
        assert f"Judged: shard {number} of 3: {many} of the 3 tenants that" in run.out
    assert "PARTIAL: no tenant is in this shard, so that nothing was judged" in runs[2].out
    assert "for the tenants of this shard, whose first invoices may be" in runs[0].out
    folders = sorted(
        tmp_path.glob("evidence-*"), key=lambda folder: (folder / RECORD).stat().st_mtime_ns
    )
    for folder in folders:
        code, _, err = said(capsys, "verify", folder)
        assert (code, "merge all shards with" in err) == (1, True)
    assert said(capsys, "verify", folders[0], f"--tenant={first[0]}")[0] == 0
    code, out, err = said(capsys, "merge", *folders, f"--into={tmp_path / 'all'}")
    assert (code, out.splitlines()[-1].split(":")[0]) == (0, "READY, not judged"), err
    assert said(capsys, "verify", tmp_path / "all", *(f"--tenant={id}" for id in first))[0] == 0
    assert said(capsys, "verify", tmp_path / "all")[0] == 0
    assert Verdict.READY.value in (tmp_path / "all" / "summary.md").read_text()
