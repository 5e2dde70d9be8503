"""Prints, after the last fault, which check failed for which, and how many were told right."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from selftests.faults.catalogue import IDS, Fault
from selftests.faults.explaining import FIRST, in_words

Note = Callable[[Fault, str, list[str], str], None]
EXPECTED, ALSO, NOT = "#", "+", "."
A_FAULT = "::test_a_fault_is_refused"
# Of so many faults that change an amount or a count, at least this share is explained rightly.
MANY, LEAST = 50, 0.9


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Remember how a run on a fault ended, and which checks failed."""

    def note(fault: Fault, ended: str, failed: list[str], explained: str = "") -> None:
        seen = {"name": fault.name, "ended": ended, "expected": fault.checks, "failed": failed}
        seen["explained"] = explained
        request.node.user_properties.append(("fault", json.dumps(seen)))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrix, a line a fault and a column a check, and the sum."""
    passed, failed = map(terminalreporter.getreports, ("passed", "failed"))
    caught = _properties("fault", passed)
    rows = [json.loads(row) for row in caught + _properties("fault", failed)]
    if rows:
        _print_matrix(terminalreporter, sorted(rows, key=lambda row: row["name"]))
        missed = sum(A_FAULT in report.nodeid for report in failed)
        terminalreporter.write_line(
            f"{len(caught)} faults were refused by the checks and in the words that their files "
            f"name, {missed} were not"
        )
        explained = Counter(row["explained"] for row in rows if row["explained"])
        if explained:
            for row in sorted(rows, key=lambda row: str(row["name"])):
                if row["explained"] not in ("", FIRST):
                    terminalreporter.write_line(f"{row['name']}: {row['explained']}")
            terminalreporter.write_line(in_words(explained))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which too few faults were explained rightly."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    told = _properties("fault", reporter.getreports("passed"))
    explained = Counter(one for one in (json.loads(row)["explained"] for row in told) if one)
    if explained.total() >= MANY and explained[FIRST] < LEAST * explained.total():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _properties(name: str, reports: list[pytest.TestReport]) -> list[Any]:
    return [value for report in reports for key, value in report.user_properties if key == name]


def _print_matrix(terminalreporter: pytest.TerminalReporter, rows: list[dict[str, Any]]) -> None:
    width = max(len(row["name"]) for row in rows)
    terminalreporter.section(f"{EXPECTED} failed as it must, {ALSO} failed too")
    for level in zip(*(f"{id:<4}" for id in IDS), strict=True):
        terminalreporter.write_line(f"{'':{width}} {''.join(level)}".rstrip())
    for row in rows:
        marks = "".join(_mark(id, row) for id in IDS)
        terminalreporter.write_line(f"{row['name']:{width}} {marks} {row['ended']}")


def _mark(id: str, row: dict[str, Any]) -> str:
    if id not in row["failed"]:
        return NOT
    return EXPECTED if id in row["expected"] else ALSO
