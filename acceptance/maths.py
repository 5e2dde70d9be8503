"""The gain-share maths on scratch tenants: preview and draft must equal the oracle.

A draft that is taken back leaves the next preview as it was, however often that is done.

The known traps, and twenty-five generated tenants, each in a transaction that is rolled back. They
are the same in every run, so that the evidence can be reproduced; the deep search is in the
self-tests.
"""

from typing import Any
from uuid import uuid4

import psycopg
from psycopg import Connection

from fixtures.findings import Finding, failed, passed
from fixtures.queries import queries
from oracle.expectation import expect
from platforms.obstacles import NOT_PERMITTED, OBSTACLES
from platforms.port import Invoice, Platform, Refusal, attempt

EXAMPLES = 25
NEEDS_ROLE = "scratch tenants need what sql/roles.sql grants to p9a_gate_in_process"


class _Disagreement(Exception):
    """Platform and oracle differ; the message says how."""


def act_maths(connection: Connection[Any], platform: Platform) -> Finding:
    """Compare platform and oracle on scratch tenants, and shrink a disagreement on a generated one.

    The platform must work inside the connection's transaction, which is rolled back each time.
    """
    # Only a run that acts the maths pays for loading Hypothesis.
    from hypothesis.errors import Flaky  # noqa: PLC0415

    from oracle.traps import TRAPS  # noqa: PLC0415

    seen: list[Exception] = []
    tenants = f"{len(TRAPS)} known traps and {EXAMPLES} generated tenants"
    expected = f"preview, draft and oracle agree on {tenants}"
    try:
        _demand_permission(connection)
        _search(connection, platform, seen)
    except _Disagreement as disagreement:
        return failed(str(disagreement), expected)
    except Flaky:
        # A platform that errs only now and then errs; the smallest example cannot be looked for.
        if not seen:
            raise
        return failed(f"not every time, but once: {seen[0]}", expected)
    except NOT_PERMITTED as error:
        return failed(str(error.diag.message_primary), expected, NEEDS_ROLE)
    except psycopg.Error as error:
        if connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        return failed(f"the database refused: {error.diag.message_primary}", expected)
    return passed(expected, expected)


def _search(connection: Connection[Any], platform: Platform, seen: list[Exception]) -> None:
    """Raise the disagreement on the first trap, or else on the smallest example; note all."""
    from hypothesis import example, given, settings  # noqa: PLC0415

    from oracle.generated import Scenario, scenarios  # noqa: PLC0415
    from oracle.traps import TRAPS  # noqa: PLC0415

    # Of several disagreements the first is told: together they would come as a group of errors.
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
    )
    @given(scenarios())
    def agree(scenario: Scenario) -> None:
        if seen and isinstance(seen[-1], tuple(OBSTACLES)):
            raise seen[-1]  # else every example would wait as long, and shrinking tries many
        try:
            with connection.transaction(force_rollback=True):
                scenario.write(connection)
                _compare(connection, platform, scenario)
        except (_Disagreement, psycopg.Error) as error:
            seen.append(error)
            raise

    for trap in reversed(TRAPS):
        agree = example(trap)(agree)
    agree()


def _demand_permission(connection: Connection[Any]) -> None:
    """Find out once, before Hypothesis would look for the smallest example of a refusal."""
    with connection.transaction(force_rollback=True):
        name = f"p9a-{uuid4()}"
        queries.insert_tenant(connection, tenant_id=uuid4(), name=name, slug=name)


def _compare(connection: Connection[Any], platform: Platform, scenario: Any) -> None:
    expectation = expect(connection, scenario.tenant_id, scenario.period)
    preview = attempt(platform.preview, scenario.tenant_id, scenario.period)
    draft = attempt(platform.generate_draft, scenario.tenant_id, scenario.period, f"p9a-{uuid4()}")
    told = draft if isinstance(draft, Refusal) else draft.bill
    for name, bill in (("preview", preview), ("draft", told)):
        if expectation.statement is None:
            if not isinstance(bill, Refusal):
                raise _Disagreement(f"{name} bills {bill} where nothing can be billed: {scenario}")
        elif isinstance(bill, Refusal):
            raise _Disagreement(f"{name} {bill}: {scenario}")
        elif differences := bill.differences(expectation.statement):
            raise _Disagreement(f"{name}: {'; '.join(differences)}: {scenario}")
    if isinstance(draft, Invoice):
        refusal = attempt(platform.cancel, scenario.tenant_id, draft.id)
        again = attempt(platform.preview, scenario.tenant_id, scenario.period)
        if refusal is not None or again != preview:
            text = f"{refusal or again}, not {preview}"
            raise _Disagreement(f"preview after its draft was taken back: {text}: {scenario}")
