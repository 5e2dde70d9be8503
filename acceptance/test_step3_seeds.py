"""Step 3 of the runbook: temporary events where the period has nothing to bill."""

import pytest

from fixtures.evidence import Judge
from fixtures.findings import Finding
from runbook.registry import STEP_3, Check

pytestmark = [pytest.mark.p9a, pytest.mark.step3]


@pytest.mark.parametrize("check", STEP_3.checks, ids=lambda check: check.id)
def test_step3(check: Check, step_3: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_3[check.id])
