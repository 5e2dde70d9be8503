"""Prints, after the last fault, which check failed for which."""

import json
from collections.abc import Callable

import pytest

from selftests.faults.catalogue import IDS, Fault

Note = Callable[[Fault, list[str]], None]
EXPECTED, ALSO, NOT = "#", "+", "."


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Remember which checks failed for a fault."""

    def note(fault: Fault, failed: list[str]) -> None:
        seen = {"name": fault.name, "expected": fault.checks, "failed": failed}
        request.node.user_properties.append(("fault", json.dumps(seen)))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrix: a line a fault, a column a check."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)
    ]
    rows = sorted(
        (
            json.loads(value)
            for report in reports
            for name, value in report.user_properties
            if name == "fault"
        ),
        key=lambda row: row["name"],
    )
    if not rows:
        return
    width = max(len(row["name"]) for row in rows)
    terminalreporter.section(f"{len(rows)} faults: {EXPECTED} failed as it must, {ALSO} failed too")
    for level in zip(*(f"{id:<4}" for id in IDS), strict=True):
        terminalreporter.write_line(f"{'':{width}} {''.join(level)}")
    for row in rows:
        marks = "".join(_mark(id, row) for id in IDS)
        terminalreporter.write_line(f"{row['name']:{width}} {marks}")


def _mark(id: str, row: dict[str, list[str]]) -> str:
    if id not in row["failed"]:
        return NOT
    return EXPECTED if id in row["expected"] else ALSO
