"""Runs the gate as its users do: a real process, judged by its exit code, words and evidence."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.evidence import Check, Evidence, TenantEvidence
from reports.verify import verify_folder
from selftests.warm import run_cold, run_module

PROJECT = Path(__file__).parents[1]
# What a process needs to run at all; everything else is for the test to say.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
TIMEOUT_SECONDS = 300
# The list of what failed last, which grows with every tenant of theirs.
NOT_THERE = ("-p", "no:cacheprovider")
# The gate lets warnings be, its own tests do not.
STRICT = ("-p", "selftests.plugins.strict")

FEBRUARY = ("--period-start=2026-02", "--period-end=2026-03")


@dataclass(frozen=True)
class Outcome:
    """How a run of the gate ended; ``evidence`` is what it wrote, if it wrote any."""

    code: int
    out: str
    err: str
    evidence: Evidence | None

    @property
    def tenant(self) -> TenantEvidence:
        """The evidence of the only tenant."""
        assert self.evidence is not None, self.out + self.err
        (tenant,) = self.evidence.tenants
        return tenant

    @property
    def over_http(self) -> bool:
        """Whether the platform was judged through its admin API."""
        return self.evidence is not None and "admin API" in self.evidence.target.billing

    def check(self, id: str) -> Check:
        """The check or exit criterion of that id."""
        results = (*self.tenant.checks, *self.tenant.exit_criteria)
        return next(result for result in results if result.id == id)

    def failed(self) -> list[str]:
        """The ids of the checks that failed, exit criteria left out."""
        return [check.id for check in self.tenant.checks if check.status == "failed"]


RunGate = Callable[..., Outcome]


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that holds nothing of the caller's but what a process needs."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(given)


def run_gate(
    folder: Path,
    *arguments: str,
    database: str = "",
    env: Mapping[str, str] | None = None,
    cold: bool = False,
    beside: Collection[str] = (),
    strict: bool = True,
) -> Outcome:
    """Run ``pytest -m p9a`` with its evidence going to ``folder``; judge ``database`` if given.

    A ``cold`` run loads everything anew, with the locale and the command line of its own. Files
    ``beside`` the evidence are the test's. A ``strict`` run takes warnings for errors.
    """
    given = {"DATABASE_URL": database} if database else {}
    selected = () if "-m" in arguments else ("-m", "p9a")
    called = [
        *NOT_THERE,
        *(STRICT if strict else ()),
        *selected,
        f"--evidence-dir={folder}",
        *arguments,
    ]
    run = run_cold if cold else run_module
    ended = run("pytest", called, PROJECT, environment(given | dict(env or {})), TIMEOUT_SECONDS)
    return Outcome(*ended, read_evidence(folder, beside))


def read_evidence(folder: Path, beside: Collection[str] = ()) -> Evidence | None:
    """Return the record in a folder, if a run wrote any: then everything about it must hold."""
    if not (folder / "evidence.json").exists():
        return None
    verified = verify_folder(folder)
    findings = [finding for finding in verified.findings if finding.where not in beside]
    assert findings == [], list(map(str, findings))
    tenants = verified.evidence.tenants if verified.evidence else ()
    alike = [r for t in tenants for r in t.results if r.status == "failed" and r.got == r.expected]
    assert not [result for result in alike if result.got], "a failed check reads as if it held"
    return verified.evidence
