"""Rows that a run leaves in whatever table, and numbers that are gone: seen, by name, or told.

The reference platform works in a session of its own, as behind its admin API, and triggers write
what it would not. The gate's own steps are acted in this process.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from acceptance.test_exit_criteria import act_aftermath, judge_criteria
from acceptance.workspace import open_workspace
from fixtures.causes import causes
from fixtures.findings import Finding, failing, not_run
from fixtures.mentions import Thing, pattern, singular
from fixtures.sequences import Sequence
from oracle.bill import Bill
from oracle.period import Period
from platforms.description import Described
from platforms.port import Platform
from platforms.statements import Tables, parse
from selftests.gate import PROJECT
from selftests.reference import Elsewhere, described, platform_of, relations_of
from selftests.rows.acting import steps_in, target_of
from selftests.staging import Staging

STATEMENTS = parse((PROJECT / "selftests" / "sql" / "anywhere.sql").read_text(encoding="utf-8"))
Make = Callable[[Connection[Any]], Platform]


@dataclass(frozen=True)
class Seen:
    """What the gate found, what it told of what was left, and of what it could not see."""

    findings: dict[str, Finding]
    left: dict[str, int]
    unseen: dict[str, str]

    def words(self, id: str) -> str:
        """What was found in a check, or criterion."""
        finding = self.findings[id]
        assert not finding.passed, self.findings
        return f"{finding.got} {finding.detail}"


@dataclass(frozen=True)
class Bench:
    """A staging database, with a tenant at 25 % and another one with something to bill."""

    staging: Staging
    tenant_id: str

    def build(self, name: str) -> None:
        """Build what a statement of ``anywhere.sql`` says."""
        Tables(self.staging.connection, STATEMENTS).act(name)

    def judge(
        self, make: Make | None = None, user: str = "postgres", leaves: tuple[str, ...] = ()
    ) -> Seen:
        """Act steps 1 to 4 and the criteria; calls are made in another session unless told."""
        staging = self.staging
        described_so = _with_leaves(described(), leaves)
        target = target_of(staging.conninfo, described_so, self.tenant_id)
        relations = replace(relations_of(staging.connection), described=described_so)
        with open_workspace(
            staging.conninfo_of(user),
            target,
            relations,
            self.tenant_id,
            make or (lambda _: Elsewhere(staging.connection)),
        ) as workspace:
            findings = steps_in(workspace)
            aftermath = act_aftermath(workspace)
            findings["M.1"] = not_run("not acted")
            findings |= judge_criteria(findings, None, aftermath, target)
            left = {row["table"]: row["rows"] for row in aftermath.left_behind}
            return Seen(findings, left, {one["table"]: one["why"] for one in workspace.unseen})


def _with_leaves(platform: Described, leaves: tuple[str, ...]) -> Described:
    words = dict.fromkeys(leaves, "by design")
    return replace(platform, description=platform.description.model_copy(update={"leaves": words}))


@pytest.fixture
def bench(staging: Staging) -> Bench:
    """A database of the test's own."""
    staging.event(staging.tenant(), "7000.00")
    return Bench(staging, str(staging.tenant()))


def test_where_nothing_is_left_nothing_is_told(bench: Bench) -> None:
    seen = bench.judge()
    assert not failing({id: f for id, f in seen.findings.items() if id not in ("M.1", "X3")})
    assert (seen.left, seen.unseen) == ({}, {})


# Residue, by how it is known to be the run's

LEFT = {
    "a_ledger": ("X4", "app.ledger_entries", "1 row of app.ledger_entries written by the run"),
    "payments": ("X4", "app.payments", "1 row of app.payments about the run"),
    "an_outbox": ("S2.3", 'mail."Out Box"', '1 row of mail."Out Box" about the run'),
    "a_count_of_drafts": ("S2.3", "app.statistics", "1 row of app.statistics written by the run"),
    "a_note_that_is_deleted": ("S2.3", "app.notes", "2 rows of app.notes changed or deleted"),
    "another_tenants_event": ("S2.3", "app.value_events", "1 row of app.value_events written by"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_in_any_table_is_named(bench: Bench, name: str) -> None:
    bench.build(name)
    check, table, words = LEFT[name]
    seen = bench.judge()
    assert words in seen.words(check)
    assert words.partition(" of ")[2].split()[0] in seen.words("X4")
    assert seen.left[table] >= 1
