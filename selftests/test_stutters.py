"""A platform, a network or a database that dies or stutters under a run.

What the platform answers is judged; where its answer is lost the run is ABORTED with the reason,
unless the answer can be had again. It never makes a second draft, and leaves nothing; where it
cannot remove what it wrote, it prints what remains and the command that removes it.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from selftests.boundaries import Bench
from selftests.conftest import gate_on
from selftests.gate import Outcome, RunGate
from selftests.proxy import Answer, Forward, Proxy, proxying
from selftests.queries_staging import staging as statements
from selftests.server import TOKEN, Server, serving
from selftests.staging import Staging

IMPATIENT = ("--lifecycle", "--api-timeout=1")


@pytest.fixture
def server(staging: Staging) -> Iterator[Server]:
    with serving(staging.conninfo) as server:
        yield server


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
def gate(staging: Staging, tmp_path: Path, server: Server, proxy: Proxy) -> Iterator[RunGate]:
    with proxying(server.url, proxy) as url:
        api = {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN}
        yield gate_on(staging, tmp_path, "gate", api)


def reset(proxy: Proxy, forward: Forward) -> Answer:
    """The connection breaks after the commit."""
    forward()
    return None


def fail(proxy: Proxy, forward: Forward) -> Answer:
    """The answer after the commit is 500."""
    forward()
    return 500, b"out of order"


def dawdle(proxy: Proxy, forward: Forward) -> Answer:
    """No answer comes for as long as anybody waits."""
    forward()
    proxy.over.wait()
    return None


def dribble(proxy: Proxy, forward: Forward) -> Answer:
    """The answer after the commit comes a byte at a time, and never ends."""
    response = forward()
    return response.status_code, response.content, "application/json", proxy.over


CALLS = [("invoices", "S2.1"), ("cancel", "S2.3"), ("issue", "S4.2"), ("mark-paid", "S4.3")]


def mistreated(
    gate: RunGate,
    staging: Staging,
    proxy: Proxy,
    call: str,
    stutter: Callable[[Proxy, Forward], Answer],
) -> Outcome:
    """Run the gate while every call of one name is mistreated; it leaves nothing."""

    def mistreat(name: str, forward: Forward) -> Answer:
        if name == call:
            return stutter(proxy, forward)
        response = forward()
        return response.status_code, response.content

    proxy.mistreat = mistreat
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id, *IMPATIENT)
    assert all(len(ids) == 1 for ids in proxy.created.values())
    assert staging.rows() == before
    return outcome


@pytest.mark.parametrize(("call", "check"), CALLS)
def test_a_call_that_is_answered_with_an_error_is_the_platforms_fault(
    staging: Staging, gate: RunGate, proxy: Proxy, call: str, check: str
) -> None:
    outcome = mistreated(gate, staging, proxy, call, fail)
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert check in outcome.failed()
    assert "platform_error" in outcome.check(check).got


@pytest.mark.parametrize(
    ("call", "stutter"),
    [("invoices", dribble), ("cancel", dawdle), ("issue", reset), ("mark-paid", dribble)],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_call_whose_answer_is_lost_aborts_and_is_undone(
    staging: Staging,
    gate: RunGate,
    proxy: Proxy,
    call: str,
    stutter: Callable[[Proxy, Forward], Answer],
) -> None:
    outcome = mistreated(gate, staging, proxy, call, stutter)
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert outcome.failed() == []
    assert "gives no answer: POST " in outcome.tenant.reason
    assert "whether that was done all the same is not known" in outcome.tenant.reason


def lose_one(proxy: Proxy, call: str) -> None:
    """Break the connection after the first call of that name was worked out."""
    broken = iter([True])

    def mistreat(name: str, forward: Forward) -> Answer:
        response = forward()
        lost = name == call and next(broken, False)
        return None if lost else (response.status_code, response.content)

    proxy.mistreat = mistreat


def test_a_draft_that_took_two_requests_is_told(
    staging: Staging, gate: RunGate, proxy: Proxy
) -> None:
    lose_one(proxy, "invoices")
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id)
    assert outcome.code == 0, outcome.out
    told = outcome.check("S2.1").got
    assert "asked for again under its key, for at first POST " in told
    assert "got no answer: RemoteProtocolError" in told
    assert told in outcome.out
    assert {len(ids) for ids in proxy.created.values()} == {1}
    assert staging.rows() == before


def test_a_preview_that_took_two_requests_is_a_preview(
    staging: Staging, gate: RunGate, proxy: Proxy
) -> None:
    lose_one(proxy, "preview")
    outcome = gate(staging.tenant())
    assert outcome.code == 0, outcome.out


def test_a_draft_that_is_made_after_the_run_is_foretold_and_swept(
    staging: Staging, gate: RunGate, proxy: Proxy
) -> None:
    late = []

    def mistreat(name: str, forward: Forward) -> Answer:
        if name != "invoices":
            response = forward()
            return response.status_code, response.content
        late.append(forward)
        proxy.over.wait()
        return None

    proxy.mistreat = mistreat
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    outcome = gate(tenant_id, *IMPATIENT)
    assert outcome.code == 2
    (key,) = re.findall(r"REMAINS in .*: perhaps an invoice asked for under (\S+)", outcome.out)
    late[0]()
    assert list(proxy.created) == [key]
    assert staging.rows() != before
    proxy.mistreat = None
    outcome = gate(tenant_id)
    assert outcome.code == 0, outcome.out
    assert [name.split()[0] for name in outcome.tenant.swept] == ["invoice"]
    assert staging.rows() == before


def test_a_server_killed_in_a_request_is_told_and_nothing_stays(
    staging: Staging, gate: RunGate, server: Server, proxy: Proxy
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()

    def mistreat(name: str, forward: Forward) -> Answer:
        if name == "invoices" and server.process.poll() is None:
            with staging.elsewhere() as holder, holder.transaction():
                statements.hold_tenant(holder, tenant_id=tenant_id)
                with waiting(forward):
                    staging.wait_for("billing-api")
                    server.process.kill()
        response = forward()
        return response.status_code, response.content

    proxy.mistreat = mistreat
    outcome = gate(tenant_id)
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "got no answer" in outcome.tenant.reason
    assert staging.rows() == before


@contextmanager
def waiting(forward: Forward) -> Iterator[None]:
    """Forward a call in a thread of its own, whose failure is expected."""
    with ThreadPoolExecutor() as pool:
        call = pool.submit(forward)
        yield
        assert isinstance(call.exception(), httpx.TransportError)


STEPS = {
    "step 1": "before the call preview",
    "step 2": "after the call invoices",
    "step 3": "before commit 1",
    "step 4": "before the call issue",
}
IN_PROCESS = {
    "step 1": "before the call preview",
    "step 2": "after the call generate_draft",
    "step 4": "before the call issue",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_database_that_ends_the_sessions_aborts_and_nothing_stays(
    over_http: Bench, step: str
) -> None:
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with over_http.held(tenant_id, STEPS[step]) as run:
        assert staging.end_gate_sessions() >= 2
    outcome = run.result()
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "the database went away" in outcome.tenant.reason
    assert "Nothing of this run remains in the database." in outcome.out
    assert staging.rows() == before


@pytest.mark.parametrize("step", IN_PROCESS)
def test_in_process_too(in_process: Bench, step: str) -> None:
    staging, tenant_id = in_process.staging, in_process.staging.tenant()
    before = staging.rows()
    with in_process.held(tenant_id, IN_PROCESS[step]) as run:
        assert staging.end_gate_sessions() >= 2
    outcome = run.result()
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "the database went away" in outcome.tenant.reason
    assert staging.rows() == before


@pytest.mark.parametrize("remedy", ["the command", "the next run"])
def test_a_database_that_is_gone_leaves_what_is_printed_with_its_remedy(
    over_http: Bench, remedy: str
) -> None:
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with over_http.held(tenant_id, "after the call invoices") as run:
        staging.allow_connections(allowed=False)
        staging.end_gate_sessions()
    outcome = run.result()
    staging.allow_connections(allowed=True)
    left = [row["content"] for row in staging.rows() if row not in before]
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    (told,) = re.findall(r"REMAINS in the database \(.*\): (.*)", outcome.out)
    names = [name.split()[-1] for name in told.split(", ")]
    assert [len([row for row in left if f'"{name}"' in row]) for name in names] == [1, 1, 1, 1]
    assert len(left) == 7, "three events, the draft and its three lines"
    if remedy == "the command":
        (command,) = re.findall(r"^BEGIN; .* COMMIT;$", outcome.out, flags=re.MULTILINE)
        staging.connection.execute(command)
    else:
        assert over_http.gate(tenant_id).code == 0
    assert staging.rows() == before


def test_in_process_a_lock_on_the_tenant_aborts(in_process: Bench) -> None:
    staging, tenant_id = in_process.staging, in_process.staging.tenant()
    before = staging.rows()
    with staging.elsewhere() as holder, holder.transaction():
        statements.hold_tenant(holder, tenant_id=tenant_id)
        outcome = in_process.gate(tenant_id, "--lock-timeout=1")
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "another session holds a lock that is needed" in outcome.tenant.reason
    assert staging.rows() == before


def test_a_lock_on_the_events_aborts(over_http: Bench) -> None:
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with staging.elsewhere() as holder, holder.transaction():
        with over_http.held(tenant_id, "after the call HEAD", "--lock-timeout=1") as run:
            statements.hold_events(holder)
        outcome = run.result()
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "another session holds a lock that is needed" in outcome.tenant.reason
    assert staging.rows() == before


def test_a_lock_on_the_events_aborts_before_anything_is_judged(over_http: Bench) -> None:
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with staging.elsewhere() as holder, holder.transaction():
        statements.hold_events(holder)
        outcome = over_http.gate(tenant_id, "--lock-timeout=1")
    assert outcome.code == 2, outcome.out
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.tenants) == ("ABORTED", ())
    assert "another session holds a lock that is needed" in outcome.evidence.reason
    assert staging.rows() == before


def test_over_http_a_lock_that_the_platform_waits_for_is_told_and_nothing_stays(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    with staging.elsewhere() as holder, holder.transaction():
        statements.hold_tenant(holder, tenant_id=tenant_id)
        outcome = gate(tenant_id, "--api-timeout=6")
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert (
        "turns the call away: POST /api/admin/billing/invoices answered 503"
        in outcome.tenant.reason
    )
    assert staging.rows() == before
