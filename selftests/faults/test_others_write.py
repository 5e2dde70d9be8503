"""More of what others write on a staging database while it is judged; see the self-tests."""

import pytest

from selftests.boundaries import Bench
from selftests.test_others_write import judged_while, write


@pytest.mark.parametrize(
    ("boundary", "writes", "table"),
    [
        ("after the call preview", "see_tenants", "app.tenants"),
        ("after the call cancel", "note_an_event", "app.value_events"),
    ],
)
def test_what_either_may_have_done_aborts_and_is_named(
    over_http: Bench, boundary: str, writes: str, table: str
) -> None:
    outcome = judged_while(over_http, boundary, writes)
    assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
    assert f"{table} " in outcome.tenant.reason


def test_in_process_what_nobody_judges_may_change(in_process: Bench) -> None:
    outcome = judged_while(in_process, "after the call preview", "note_an_event")
    assert outcome.tenant.verdict != "ABORTED", outcome.out
    assert outcome.failed() == [], outcome.out


def test_what_the_platform_writes_at_each_removal_is_its_fault(over_http: Bench) -> None:
    write(over_http.staging, "tenants_are_seen", "removals_are_seen")
    outcome = over_http.gate(over_http.staging.tenant())
    assert (outcome.code, outcome.failed()) == (1, ["S2.3", "S3.2", "S3.3"]), outcome.out
    assert "app.tenants " in outcome.check("S2.3").got


def test_an_event_that_is_corrected_is_billed_as_it_is_then(over_http: Bench) -> None:
    staging = over_http.staging
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.00")
    with over_http.held(tenant_id, "before the call preview", "--seed=never") as run:
        write(staging, "correct_a_billable_event")
    outcome = run.result()
    assert outcome.tenant.verdict == "ABORTED", outcome.out
    assert "somebody else worked on the tenant" in outcome.tenant.reason
