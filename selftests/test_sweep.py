"""``python -m acceptance sweep``: what dead runs left goes, whole, and nothing else."""

import re
import signal
from collections.abc import Mapping
from uuid import UUID

import pytest

from selftests.boundaries import Bench
from selftests.gate import PROJECT, environment
from selftests.platforms.ledgerline.staging import Ledger
from selftests.staging import Staging
from selftests.test_interrupted import nothing_is_written
from selftests.warm import Ended, run_module

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

TIMEOUT_SECONDS = 60
LEFT = "dryrun-2026-02-p9a-1a2b3c4d-001"
BY_HAND = ("dryrun-2026-02-mine", "dryrun-2026-02-p9a-1a2b3c4d-1", f"x{LEFT}")
OURS = "selftests/platforms/ledgerline/description"


def sweep(
    conninfo: str, tenant: UUID | int | str, *arguments: str, also: Mapping[str, str] = {}
) -> Ended:
    """Sweep as its users do."""
    env = environment({"DATABASE_URL": conninfo, **also})
    called = ["sweep", f"--tenant={tenant}", "--lock-timeout=1", *arguments]
    return run_module("acceptance", called, PROJECT, env, TIMEOUT_SECONDS)


def told(ended: Ended, code: int) -> str:
    """What was said, by a sweep that ended so; errors have a line each."""
    assert ended.code == code, ended
    assert "Traceback" not in ended.err
    assert all(line.startswith("acceptance: ") for line in ended.err.splitlines()), ended.err
    return ended.out + ended.err


@pytest.mark.parametrize("whom", ["one", "all"])
def test_what_a_killed_run_left_goes_and_what_people_planted_stays(
    over_http: Bench, whom: str
) -> None:
    staging = over_http.staging
    tenant_id, other = staging.tenant(), staging.tenant()
    for key in BY_HAND:
        staging.event(tenant_id, key=key, occurred_at="2026-05-10T12:00:00+00:00")
    before = staging.rows()
    killed = over_http.end(tenant_id, "after the call invoices", signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    left = [row["content"] for row in staging.rows() if row not in before]
    assert len({row["table_name"] for row in staging.rows() if row not in before}) == 3
    conninfo = staging.conninfo_of("gate")
    words = told(sweep(conninfo, tenant_id if whom == "one" else "all"), 0)
    assert staging.rows() == before
    (line,) = re.findall(rf"^tenant {tenant_id}: removed (.*)$", words, re.MULTILINE)
    names = [name.split()[-1] for name in line.split(", ")]
    assert len(names) == 4  # three seeds, and the invoice by its number
    assert all(any(f'"{name}"' in row for row in left) for name in names)
    assert str(other) not in words
    again = told(sweep(conninfo, tenant_id if whom == "one" else "all"), 0)
    nothing = f"tenant {tenant_id}: no dead run left anything"
    assert again == {"one": f"{nothing}\n"}.get(
        whom, "nothing of a dead run remains at any tenant\n"
    )


def test_what_a_live_run_has_there_stays(over_http: Bench) -> None:
    staging = over_http.staging
    living, dead = staging.tenant(), staging.tenant()
    before = staging.rows()
    staging.event(dead, key=LEFT)
    with over_http.held(living, "after the call invoices") as run:
        there = staging.rows()
        words = told(sweep(staging.conninfo, living), 2)
        assert f"tenant {living} is being judged by p9a-gate" in words
        assert staging.rows() == there
        words = told(sweep(staging.conninfo, "all"), 2)
        assert f"tenant {living} was not swept: tenant {living} is being judged" in words
        assert f"tenant {dead}: removed event {LEFT}\n" in words
        assert len(staging.rows()) == len(there) - 1
    assert run.result().code == 0
    assert staging.rows() == before


def test_what_cannot_be_removed_is_told_with_the_command_and_others_are_swept(
    staging: Staging,
) -> None:
    kept, free = sorted(staging.tenant() for _ in range(2))
    staging.suspend(free)
    staging.event(kept, key=LEFT.replace("-001", "-002"))
    staging.event(kept, key=LEFT)
    staging.event(free, key=LEFT)
    staging.build_in("keep_a_seed")
    words = told(sweep(staging.conninfo_of("gate"), "all"), 1)
    assert f"tenant {free}: removed event {LEFT}\n" in words
    assert len(staging.rows()) == 6  # of the other not one has gone
    (command,) = re.findall(r"BEGIN; .* COMMIT;", words)
    staging.connection.execute(command.encode())
    assert nothing_is_written(staging)


def test_who_may_only_read_is_told_what_is_there_and_how_it_goes(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, key=LEFT)
    words = told(sweep(staging.conninfo_of("reader"), tenant_id), 1)
    assert f"tenant {tenant_id} has event {LEFT}, which cannot be removed as things are" in words
    (command,) = re.findall(r"BEGIN; .* COMMIT;", words)
    staging.connection.execute(command.encode())
    assert nothing_is_written(staging)


def test_another_platform_is_swept_by_its_description(ledger: Ledger) -> None:
    account = ledger.account()
    before = ledger.rows()
    finding = ledger.finding(account, reference=LEFT)
    ledger.finding(account, reference=BY_HAND[0])
    ledger.invoice(account, "2026-02", [finding])
    words = told(sweep(ledger.conninfo, account, f"--platform={OURS}"), 0)
    assert f"tenant {account}: removed event {LEFT}, invoice of event {LEFT}" in words
    gone = [row for row in ledger.rows() if row not in before]
    assert [BY_HAND[0] in row["content"] for row in gone] == [True]
    assert "begin its description with" in told(sweep(ledger.conninfo, "all"), 2)


@pytest.mark.parametrize(
    ("arguments", "also", "words"),
    [
        (("--production=.",), {}, "production"),
        ((), {"BILLING_API_URL": "https://billing.prod.example"}, "production"),
        (("--tenant=7d1f2a52-0c1d-4e6f-9a7b-5d4c3b2a1908",), {}, "knows no tenant 7d1f2a52"),
    ],
)
def test_nothing_is_touched_where_nothing_can_be_said(
    staging: Staging, arguments: tuple[str, ...], also: Mapping[str, str], words: str
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, key=LEFT)
    before = staging.rows()
    whom = () if "--tenant" in "".join(arguments) else (f"--tenant={tenant_id}",)
    env = environment({"DATABASE_URL": staging.conninfo, **also})
    called = ["sweep", *whom, *arguments]
    assert words in told(run_module("acceptance", called, PROJECT, env, TIMEOUT_SECONDS), 2)
    assert staging.rows() == before


@pytest.mark.parametrize(
    ("arguments", "env", "words"),
    [
        ((), {}, "the following arguments are required: command"),
        (("sweep", "--tenant=all"), {}, "DATABASE_URL is not set"),
        (("sweep",), {"DATABASE_URL": "dbname=x"}, "add --tenant=<id> or --tenant=all"),
        (("sweep", "--tenant=me"), {"DATABASE_URL": "dbname=x"}, "--tenant=me is not a UUID"),
        (("sweep", "--lock-timeout=0"), {}, "--lock-timeout: invalid seconds value: '0'"),
        (
            ("sweep", "--tenant=all", "--platform=nowhere"),
            {"DATABASE_URL": "dbname=x"},
            "--platform=nowhere: there is no such folder",
        ),
        (
            ("sweep", "--tenant=all"),
            {"DATABASE_URL": "dbname=x", "P9A_PLATFORM": ""},
            "P9A_PLATFORM is set, but empty",
        ),
        (
            ("sweep", "--tenant=all", "--tenant=me"),
            {"DATABASE_URL": "dbname=x"},
            "name no other beside",
        ),
    ],
)
def test_a_wrong_call_is_told_in_a_line(
    arguments: tuple[str, ...], env: Mapping[str, str], words: str
) -> None:
    ended = run_module("acceptance", [*arguments], PROJECT, environment(env), TIMEOUT_SECONDS)
    assert words in told(ended, 4)
    assert ended.err.count("\n") == 1
