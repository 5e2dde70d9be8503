"""Step 2 of the runbook: generate a draft, compare it, and take it back."""

import pytest

from fixtures.evidence import Judge
from fixtures.findings import Finding
from runbook.registry import STEP_2, Check

pytestmark = [pytest.mark.p9a, pytest.mark.step2]


@pytest.mark.parametrize("check", STEP_2.checks, ids=lambda check: check.id)
def test_step2(check: Check, step_2: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_2[check.id])
