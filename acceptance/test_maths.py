"""The gain-share maths on generated events of a scratch tenant."""

import pytest

from fixtures.evidence import Judge
from fixtures.findings import Finding
from runbook.registry import MATHS, Check

pytestmark = [pytest.mark.p9a, pytest.mark.maths]


@pytest.mark.usefixtures("tenant_id")
@pytest.mark.parametrize("check", MATHS.checks, ids=lambda check: check.id)
def test_maths(check: Check, maths: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(maths[check.id])
