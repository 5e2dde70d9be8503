"""Step 4 of the runbook: the invoice's lifecycle, on nothing but seeds of this run."""

import pytest

from fixtures.evidence import Judge
from fixtures.findings import Finding
from runbook.registry import STEP_4, Check

pytestmark = [pytest.mark.p9a, pytest.mark.step4]


@pytest.mark.parametrize("check", STEP_4.checks, ids=lambda check: check.id)
def test_step4(check: Check, step_4: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(step_4[check.id])
