"""Others work on a staging database while it is judged: that is no fault of the platform.

What nobody judges may change; where what is judged changes, or may have been changed by either,
nothing can be said. What the platform itself writes beside its drafts stays a fault.
"""

import pytest

from platforms.statements import Tables
from selftests.boundaries import Bench
from selftests.gate import Outcome
from selftests.staging import Staging
from selftests.test_types import SCRIPTS


def write(staging: Staging, *names: str) -> None:
    for name in names:
        Tables(staging.connection, SCRIPTS).act(name)


def judged_while(bench: Bench, boundary: str, *writes: str) -> Outcome:
    """Judge a tenant with an event of January while others write at a boundary of the run."""
    staging = bench.staging
    write(staging, "tenants_are_seen")
    tenant_id = staging.tenant()
    staging.event(tenant_id, occurred_at="2026-01-10T12:00:00+00:00")
    with bench.held(tenant_id, boundary) as run:
        write(staging, *writes)
    return run.result()


@pytest.mark.parametrize("writes", [("see_tenants", "note_an_event")], ids=" and ".join)
def test_what_nobody_judges_may_change(over_http: Bench, writes: tuple[str, ...]) -> None:
    outcome = judged_while(over_http, "after commit 1", *writes)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    told = outcome.check("X4").detail
    assert "is changed by another transaction, in nothing that is judged" in told
    assert "app.tenants " in told
    assert "app.value_events " in told


@pytest.mark.parametrize(
    ("boundary", "writes", "table"),
    [
        ("after commit 1", "correct_an_event", "app.value_events"),
        ("after the call invoices", "see_tenants", "app.tenants"),
    ],
)
def test_what_others_did_or_may_have_done_aborts_and_is_named(
    over_http: Bench, boundary: str, writes: str, table: str
) -> None:
    outcome = judged_while(over_http, boundary, writes)
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "somebody else worked on the tenant while it was judged: " in outcome.tenant.reason
    assert f"{table} " in outcome.tenant.reason
    assert outcome.out.count(outcome.tenant.reason) == 1, "a reason is said once"
    assert not any("dryrun-" in row["content"] for row in over_http.staging.rows())


def test_in_process_a_conflict_aborts_and_says_what_to_do(in_process: Bench) -> None:
    outcome = judged_while(in_process, "after the call preview", "see_tenants")
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert "other sessions, or a standby's primary, changed the rows: " in outcome.tenant.reason
    assert "or judge over the API" in outcome.tenant.reason


def test_what_the_platform_writes_beside_its_drafts_is_its_fault(over_http: Bench) -> None:
    write(over_http.staging, "tenants_are_seen", "drafts_are_seen")
    outcome = over_http.gate(over_http.staging.tenant())
    assert (outcome.code, outcome.failed()) == (1, ["S2.3", "S3.2", "S3.3"]), outcome.out
    assert "app.tenants " in outcome.check("S2.3").got
