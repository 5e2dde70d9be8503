"""The runbook's exit criteria: P9-A is operationally ready when all of them are true."""

import pytest

from fixtures.evidence import Judge
from fixtures.findings import Finding
from runbook.registry import CRITERIA, Criterion

pytestmark = [pytest.mark.p9a, pytest.mark.criteria]


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.id)
def test_exit_criterion(criterion: Criterion, criteria: dict[str, Finding], judge: Judge) -> None:
    """Each exit criterion holds for the tenant."""
    judge(criteria[criterion.id])
