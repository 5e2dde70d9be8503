"""The lock on a tenant: whoever loses it writes nothing more, and loses no rows to others."""

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from acceptance.drafts import generate_draft
from acceptance.opening import open_workspace
from acceptance.test_exit_criteria import act_aftermath
from acceptance.workspace import KeptDraft
from fixtures.server import EmbeddedServer
from platforms.obstacles import Aborted
from platforms.port import Invoice
from selftests.boundaries import Bench
from selftests.reference import described, platform_of, relations_of
from selftests.rows.acting import target_of
from selftests.staging import Staging

ABORTED = 2

AT_WORK = "after the call invoices"


def test_a_lock_that_is_lost_ends_the_run_and_no_other_sweeps_it(
    over_http: Bench, embedded_server: EmbeddedServer
) -> None:
    staging, tenant_id = over_http.staging, over_http.staging.tenant()
    before = staging.rows()
    with over_http.held(tenant_id, AT_WORK) as run:
        assert staging.end_lock(tenant_id) == "idle"
        passed, at_work = over_http.passed(), staging.rows()
        second = over_http.gate(tenant_id)
        assert staging.rows() == at_work
    assert (second.code, second.tenant.verdict) == (ABORTED, "ABORTED"), second.out
    assert re.search(r"p9a-gate [0-9a-f]{8} \(pid \d+\) has rows on tenant", second.tenant.reason)
    outcome = run.result()
    assert (outcome.code, outcome.tenant.verdict) == (ABORTED, "ABORTED"), outcome.out
    assert "the run lost its lock on tenant" in outcome.tenant.reason
    ended = "terminating connection due to administrator command|the connection is closed"
    assert re.search(ended, outcome.tenant.reason), "as it was heard first, or again"
    later = over_http.passed()[len(passed) :]
    assert not [name for name in later if name.startswith("before the call")]
    assert staging.rows() == before, "it was removed under the lock, taken again"
    log = (Path(embedded_server.host) / "server.log").read_text()
    assert "SET CONSTRAINTS can only be used in transaction blocks" not in log


def test_nothing_is_removed_while_another_run_has_the_lock(over_http: Bench) -> None:
    staging, tenant_id, elsewhere = over_http.staging, over_http.staging.tenant(), ExitStack()
    before = staging.rows()
    with over_http.held(tenant_id, AT_WORK, "--lock-timeout=1") as run:
        assert staging.end_lock(tenant_id) == "idle"
        at_work = staging.rows()
        elsewhere.enter_context(staging.held_by("p9a-gate elsewhere", tenant_id))
    with elsewhere:
        outcome = run.result()
        assert staging.rows() == at_work
    assert outcome.code == ABORTED
    assert "is being judged by p9a-gate elsewhere" in outcome.out
    assert "REMAINS" in outcome.out
    (command,) = re.findall(r"^BEGIN; .* COMMIT;$", outcome.out, flags=re.MULTILINE)
    staging.connection.execute(command)
    assert staging.rows() == before


def test_no_draft_is_kept_without_the_lock(staging: Staging) -> None:
    tenant_id = str(staging.tenant())
    staging.event(tenant_id)
    before = staging.rows()
    target = replace(
        target_of(staging.conninfo, described(), tenant_id), lifecycle=False, keep_draft=True
    )
    relations = relations_of(staging.connection)
    with open_workspace(staging.conninfo, target, relations, tenant_id, platform_of) as workspace:
        _, draft = generate_draft(workspace, "kept")
        assert isinstance(draft, Invoice)
        workspace.keep(KeptDraft(draft.name, ()))
        assert staging.end_lock(tenant_id) == "idle"
        for write in (b"DELETE FROM app.value_events", "insert into app.tenants default values"):
            with pytest.raises(Aborted, match="lost its lock"):
                workspace.connection.execute(write)
        with pytest.raises(Aborted, match="lost its lock"):
            workspace.close()
    assert staging.rows() == before


def test_what_is_left_is_not_judged_without_the_lock(staging: Staging) -> None:
    tenant_id = str(staging.tenant())
    target = target_of(staging.conninfo, described(), tenant_id)
    relations = relations_of(staging.connection)
    with open_workspace(staging.conninfo, target, relations, tenant_id, platform_of) as workspace:
        assert staging.end_lock(tenant_id) == "idle"
        with pytest.raises(Aborted, match="lost its lock"):
            act_aftermath(workspace)
