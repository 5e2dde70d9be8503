"""Step 1 as the gate acts and judges it, in this process: where no other step has a part in it."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import Connection

from acceptance.opening import open_workspace
from acceptance.overlooked import act_overlooked
from acceptance.test_step1_dry_run import act_dry_run, judge_step_1
from acceptance.test_step3_seeds import act_removal, act_seeding, judge_step_3
from acceptance.workspace import find_tenant
from fixtures.findings import Finding
from fixtures.target import SeedMode
from platforms import adapters
from platforms.description import Described
from platforms.port import Platform
from platforms.relations.composing import load
from selftests.reference import described
from selftests.rows.acting import target_of
from selftests.staging import Staging


@dataclass(frozen=True)
class Judged:
    """What step 1 found, and step 3 where seeds were planted, and what else was to be told."""

    findings: dict[str, Finding]
    warnings: list[dict[str, Any]]


def judge(
    staging: Staging, tenant_id: UUID | str, platform: Described | None = None, **given: Any
) -> Judged:
    """Act and judge on February 2026; ``given`` are fields of the run's target."""
    platform = platform or described()
    relations = load(staging.connection, platform)
    conninfo = staging.conninfo_of("gate_in_process")
    whole = target_of(conninfo, platform, str(tenant_id))
    chosen: dict[str, Any] = {
        "seed_mode": SeedMode.NEVER,
        "lifecycle": False,
        "survey": relations.survey,
    }
    target = replace(whole, **(chosen | given))

    def make_platform(connection: Connection[Any]) -> Platform:
        return adapters.adapter(platform, connection, None, {})

    with open_workspace(conninfo, target, relations, str(tenant_id), make_platform) as workspace:
        tenant = find_tenant(workspace)
        seeding = act_seeding(workspace, tenant_exists=tenant is not None)
        dry_run = act_dry_run(workspace, tenant, seeding)
        findings = judge_step_1(dry_run)
        warnings = act_overlooked(workspace)
        removal = act_removal(workspace, seeding)
        return Judged(findings | judge_step_3(seeding, removal, findings), warnings)
