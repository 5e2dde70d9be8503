"""Another plugin turns the report that the tenant is suspended into one that it is active.

stands for: a retry plugin that keeps the last word
checks: X1
says: S1.1 failed
tenant: suspended
"""

import json

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Report what pleases."""
    if "S1.1-" in report.nodeid and report.when == "call":
        sent = json.loads(report.p9a)
        sent["finding"] |= {"status": "passed", "got": "active", "expected": "active"}
        report.p9a = json.dumps(sent)  # type: ignore[attr-defined]
        report.outcome = "passed"
