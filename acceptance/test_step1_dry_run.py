"""Step 1 of the runbook: a read-only dry run that must pass before anything is generated."""

import pytest

from fixtures.evidence import Judge
from fixtures.findings import Finding
from runbook.registry import STEP_1, Check

pytestmark = [pytest.mark.p9a, pytest.mark.step1]


@pytest.mark.parametrize("check", STEP_1.checks, ids=lambda check: check.id)
def test_step1(check: Check, step_1: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_1[check.id])
