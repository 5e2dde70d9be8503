"""A gate that breaks, or an adapter that does, says nothing of the platform, once and in a line."""

import pytest

from selftests.gate import RunGate
from selftests.staging import Staging

PLUGIN = ("-p", "selftests.plugins.break_something", "-m", "p9a and (step1 or step2)")
KEY = "KeyError: 'a key that is not there"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("start", f"the gate itself broke: {KEY}"),
        ("gate", f"the gate itself broke: {KEY}"),
        ("column", 'the gate itself broke: UndefinedColumn: column "missing" does not exist'),
        ("adapter", f"the adapter of reference platform broke: {KEY}"),
        ("runner", f"the gate itself broke: {KEY}"),
    ],
)
def test_what_breaks_is_told_once_and_nobody_is_blamed(
    staging: Staging, gate: RunGate, what: str, words: str
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id, *PLUGIN, also={"P9A_TEST_BREAKS": what})
    assert outcome.code == 2, outcome.out
    assert outcome.evidence is not None
    assert outcome.evidence.verdict == "ABORTED"
    assert not any(outcome.failed() for _ in outcome.evidence.tenants)
    assert outcome.out.count(words) == 1, outcome.out
    assert "Traceback" not in outcome.out + outcome.err
    assert len(outcome.out.splitlines()) < 60, outcome.out
    assert staging.rows() == before


def test_who_asks_is_shown_where_it_broke_once(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), "-v", *PLUGIN, also={"P9A_TEST_BREAKS": "gate"})
    assert outcome.code == 2, outcome.out
    assert outcome.out.count("def _broken(") == 1
