"""The steps of the gate, acted in this process: what a fault needs to be seen, without a report.

They are acted in the order, and under the conditions, of ``acceptance.acts``; whole runs are in the
tests beside.
"""

from uuid import uuid4

from acceptance import test_step2_execute as step_two
from acceptance import test_step4_lifecycle as step_four
from acceptance.guard import why_not
from acceptance.opening import open_workspace
from acceptance.test_maths import act_maths
from acceptance.test_step1_dry_run import act_dry_run, judge_step_1
from acceptance.test_step2_execute import act_execution, judge_step_2
from acceptance.test_step3_seeds import act_removal, act_seeding, judge_step_3
from acceptance.test_step4_lifecycle import act_lifecycle, judge_step_4, refused_step_4
from acceptance.workspace import Workspace, find_tenant
from fixtures.findings import Finding, failing, not_run
from fixtures.target import SeedMode, Target
from oracle.generated import PERIOD
from platforms.adapters import adapter
from platforms.description import Described
from platforms.port import Platform
from platforms.relations.composing import load
from platforms.statements import Tables


def target_of(conninfo: str, described: Described, tenant_id: str) -> Target:
    """Return the assignment of a run with ``--lifecycle`` on February 2026."""
    return Target(
        run=uuid4().hex[:8],
        conninfo=conninfo,
        tenants=(tenant_id,),
        all_tenants=False,
        period=PERIOD,
        seed_mode=SeedMode.AUTO,
        expected_total=None,
        read_only=False,
        keep_draft=False,
        lock_timeout=10,
        api=None,
        lifecycle=True,
        described=described,
    )


def maths(target: Target) -> Finding:
    """Act and judge check M.1."""
    described, conninfo = _known(target)
    with target.session(conninfo) as connection:
        relations = load(connection, described)
        platform: Platform = adapter(described, connection, None, {})
        tables = Tables(connection, relations.statements)
        return act_maths(tables, platform, relations, target.period)


def steps(target: Target) -> dict[str, Finding]:
    """Act and judge the steps on the tenant; step 4 where nothing but seeds would be billed."""
    described, conninfo = _known(target)
    with target.session(conninfo) as connection:
        relations = load(connection, described)
    with open_workspace(
        conninfo,
        target,
        relations,
        target.tenants[0],
        lambda connection: adapter(described, connection, None, {}),
    ) as workspace:
        return steps_in(workspace)


def _known(target: Target) -> tuple[Described, str]:
    assert target.described is not None
    assert target.conninfo is not None
    return target.described, target.conninfo


def steps_in(workspace: Workspace) -> dict[str, Finding]:
    """Act and judge them in a workspace that is open."""
    tenant = find_tenant(workspace)
    seeding = act_seeding(workspace, tenant_exists=tenant is not None)
    dry_run = act_dry_run(workspace, tenant, seeding)
    findings = judge_step_1(dry_run)
    executed = step_two.judges.all(not_run("step 1 does not hold"))
    if not failing(findings):
        executed = judge_step_2(act_execution(workspace, seeding, dry_run))
    findings |= executed
    lived = step_four.judges.all(not_run("step 2 does not hold"))
    if not failing(findings) and seeding.planted:
        reason = why_not(workspace, seeding)
        if reason:
            lived = refused_step_4(reason)
        else:
            lived = judge_step_4(act_lifecycle(workspace, seeding, dry_run))
    removal = act_removal(workspace, seeding)
    return findings | lived | judge_step_3(seeding, removal, findings)
