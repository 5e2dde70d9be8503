"""The gain-share maths on scratch tenants: preview and draft must equal the oracle.

A draft that is taken back leaves the next preview as it was, however often that is done.

The known traps, and twenty-five generated tenants, written together into a transaction that is
rolled back. Where the tables do not take them, or something is not as it should be, each is tried
alone. They are the same in every run, so that the evidence can be reproduced, but for their ids:
runs do not wait for each other. The deep search is in the self-tests.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from acceptance.diagnosing import explained
from fixtures.calls import Refusal, attempt, attempt_whole
from fixtures.evidence import Judge
from fixtures.findings import Finding, failed, listed, not_judged, not_run, passed
from fixtures.target import Target
from oracle.bill import Bill, Facts, Keys
from oracle.expectation import expect
from oracle.period import Period
from oracle.raw import Case, read_case
from oracle.rules import Rules
from platforms.obstacles import NOT_PERMITTED, OBSTACLES
from platforms.port import Invoice, Platform
from platforms.relations.composing import Relations
from platforms.statements import Tables
from runbook.lacks import Lack
from runbook.registry import MATHS, Check
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.maths]

NO_ROOM = "the tables take no tenants of the gate's own"
NEEDS_ROLE = "scratch tenants need what sql/roles.sql grants to p9a_gate_in_process"


class _Disagreement(Exception):
    """Platform and oracle differ; the message says how, ``scenario`` on what.

    ``told`` is the bill that is not the ``right`` one of the ``case``, where there are both.
    """

    def __init__(self, how: str, scenario: Any) -> None:
        super().__init__(how)
        self.scenario = scenario
        self.told: tuple[Bill, Facts] | None = None
        self.right: Bill | None = None
        self.case: Case | None = None

    @property
    def diagnosis(self) -> tuple[str, ...]:
        """What explains the bill that was told."""
        # Few runs have something to explain.
        from oracle.explanations import Seen  # noqa: PLC0415

        if self.told is None or self.right is None or self.case is None:
            return ()
        return tuple(explained(self.case, self.right, [Seen(*self.told)], lambda _: {}))


class _OnlyOnce(Exception):
    """Tenants that were billed wrongly are billed right when they are billed again."""


@dataclass
class _Tried:
    """Why tenants were not written, which of those were traps, and what platforms did wrongly."""

    unfit: dict[Any, str] = field(default_factory=dict)
    seen: list[Exception] = field(default_factory=list)


def act_maths(tables: Tables, platform: Platform, relations: Relations, period: Period) -> Finding:
    """M.1: generated events are billed right, by preview and draft alike.

    The platform must work inside the connection's transaction, which is rolled back. A
    disagreement on a generated tenant is shrunk to the smallest that shows it. Tenants are written
    into the period that is judged, if there is room; what the tables do not take is left out.
    """
    # Only a run that acts the maths pays for loading what it needs.
    from fixtures.fitting import Unfit, fit  # noqa: PLC0415
    from oracle.generated import examples  # noqa: PLC0415
    from oracle.traps import TRAPS  # noqa: PLC0415

    tried, expected = _Tried(), _agreement(len(TRAPS), len(examples()))
    try:
        fitting = fit(tables, relations, period)
        if not _agree_together(fitting, platform, relations, tried):
            _search(fitting, platform, relations, tried)
    except _Disagreement as disagreement:
        on = str(disagreement.scenario)
        return failed(str(disagreement), expected, on, disagreement.diagnosis)
    except _OnlyOnce:
        # A platform that errs only now and then errs; the smallest example cannot be looked for.
        once = tried.seen[0]
        on, diagnosis = str(getattr(once, "scenario", "")), getattr(once, "diagnosis", ())
        return failed(f"not every time, but once: {once}", expected, on, diagnosis)
    except Unfit as unfit:
        return not_run(f"{NO_ROOM}: {unfit}", expected)
    except psycopg.Error as error:
        if tables.connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        return _refused(error, expected)
    return _agreed(TRAPS, len(examples()), tried, fitting.refused)


def _refused(error: psycopg.Error, expected: str) -> Finding:
    words = str(error.diag.message_primary)
    if isinstance(error, NOT_PERMITTED):
        return failed(words, expected, NEEDS_ROLE)
    return failed(f"the database refused: {words}", expected)


def _agreed(
    traps: Collection[Any], generated: int, tried: _Tried, refused: Iterable[str]
) -> Finding:
    """Return what nobody disagreed on, and what the tables did not take."""
    left = sum(trap not in tried.unfit for trap in traps)
    generated -= len(tried.unfit.keys() - set(traps))
    if not left or not generated:
        return not_run(f"{NO_ROOM}: {listed(dict.fromkeys(tried.unfit.values()))}")
    told = _agreement(left, generated)
    why = dict.fromkeys([*tried.unfit.values(), *refused])
    return passed(
        told, told, f"not taken by the tables, and left out: {listed(why)}" if why else ""
    )


def _agreement(traps: int, generated: int) -> str:
    tenants = f"{counted(traps, 'known trap')} and {counted(generated, 'generated tenant')}"
    return f"preview, draft and oracle agree on {tenants}"


def _agree_together(fitting: Any, platform: Platform, relations: Relations, tried: _Tried) -> bool:
    """Tell whether all agree on tenants that are written together; note what is seen otherwise.

    What the tables do not take is left for each to be tried alone.
    """
    from fixtures.fitting import Unfit  # noqa: PLC0415
    from oracle.generated import examples, new_ids  # noqa: PLC0415
    from oracle.traps import TRAPS  # noqa: PLC0415

    unfit, fitted = {}, []
    for scenario in (*TRAPS, *examples()):
        try:
            fitted.append(replace(fitting.fitted(scenario), ids=new_ids()))
        except Unfit as why:
            unfit[scenario] = str(why)
    connection = fitting.tables.connection
    try:
        with connection.transaction(force_rollback=True):
            if not fitting.takes(fitted):
                return False
            for one in fitted:
                with _undone(fitting.tables, relations):
                    _compare(fitting.tables, platform, relations, one)
    except (_Disagreement, psycopg.Error) as error:
        if connection.broken or isinstance(error, tuple(OBSTACLES)):
            raise
        tried.seen.append(error)
        return False
    tried.unfit |= unfit
    return True


def _undone(tables: Tables, relations: Relations) -> AbstractContextManager[Any]:
    """Roll a tenant's draft back before the next one's, where there is no other way."""
    if Lack.CANCEL in relations.described.description.lacks:
        return tables.connection.transaction(force_rollback=True)
    return nullcontext()


def _search(fitting: Any, platform: Platform, relations: Relations, tried: _Tried) -> None:
    """Raise the disagreement on the first trap, or else on the smallest example; note all.

    Raises :class:`_OnlyOnce` where one was seen before, and none now.
    """
    from fixtures.fitting import Unfit  # noqa: PLC0415
    from oracle.generated import Scenario, examples  # noqa: PLC0415
    from oracle.traps import TRAPS  # noqa: PLC0415

    tables, seen = fitting.tables, tried.seen
    fitting.refused.clear()

    def agree(scenario: Scenario) -> None:
        if seen and isinstance(seen[-1], tuple(OBSTACLES)):
            raise seen[-1]  # else every example would wait as long, and shrinking tries many
        try:
            with tables.connection.transaction(force_rollback=True):
                fitted = fitting.fitted(scenario)
                fitting.write(fitted)
                _compare(tables, platform, relations, fitted)
        except Unfit as unfit:
            tried.unfit[scenario] = str(unfit)
        except (_Disagreement, psycopg.Error) as error:
            seen.append(error)
            raise

    for trap in TRAPS:
        agree(trap)
    try:
        for example in examples():
            agree(example)
    except (_Disagreement, psycopg.Error):
        _find_the_smallest(agree, example)
        raise
    if seen:
        raise _OnlyOnce


def _find_the_smallest(agree: Callable[[Any], None], found: Any) -> None:
    """Raise the disagreement on the smallest tenant that shows it.

    Raises :class:`_OnlyOnce` where the same tenants show none any more.
    """
    # Only a run that found something pays for loading Hypothesis.
    from hypothesis import given, seed, settings  # noqa: PLC0415
    from hypothesis.errors import Flaky  # noqa: PLC0415

    from oracle.drawing import SEED, scenarios  # noqa: PLC0415
    from oracle.generated import EXAMPLES  # noqa: PLC0415

    # Of several disagreements the first is told: together they would come as a group of errors.
    @seed(SEED)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, report_multiple_bugs=False)
    @given(scenarios())
    def again(scenario: Any) -> None:
        agree(scenario)

    try:
        again()
    except Flaky as flaky:
        raise _OnlyOnce from flaky
    agree(found)  # Hypothesis may draw none that shows it: it draws otherwise each version
    raise _OnlyOnce


def _compare(tables: Tables, platform: Platform, relations: Relations, scenario: Any) -> None:
    description = relations.described.description
    rules = description.rules.rules
    expectation = expect(
        tables,
        scenario.tenant_id,
        scenario.period,
        rules,
        keys_are_unique=relations.survey.keys_are_unique,
        at_most=len(scenario.events),
    )
    key = f"p9a-{uuid4()}"
    preview = None
    if Lack.PREVIEW not in description.lacks:
        preview = attempt(platform.preview, scenario.tenant_id, scenario.period)
    draft = attempt_whole(platform.generate_draft, scenario.tenant_id, scenario.period, key)
    bill = expectation.bill
    total = (bill and bill.gain_share_amount) or Decimal()
    invoiced = bill if description.rules.bills(total) else None
    # A preview may show a total of which no invoice is made.
    shown = invoiced if isinstance(preview, Refusal) else bill
    told = draft if isinstance(draft, Refusal) else draft.bill
    if preview is not None:
        _agree("preview", preview, shown, description.previewed, tables, rules, scenario)
    _agree("draft", told, invoiced, description.answered, tables, rules, scenario)
    if isinstance(draft, Invoice) and Lack.CANCEL not in description.lacks:
        refusal = attempt_whole(platform.cancel, scenario.tenant_id, draft.id)
        again = preview and attempt(platform.preview, scenario.tenant_id, scenario.period)
        if refusal is not None or again != preview:
            text = f"{refusal or again}, not {preview}"
            raise _Disagreement(f"preview after its draft was taken back: {text}", scenario)


def _agree(
    what: str,
    told: Bill | Refusal | None,
    wanted: Bill | None,
    facts: Facts,
    tables: Tables,
    rules: Rules,
    scenario: Any,
) -> None:
    """Raise the disagreement of an answer and the oracle, with what explains it."""
    wrong = difference(told, wanted, facts)
    if not wrong:
        return
    disagreement = _Disagreement(f"{what}{wrong}", scenario)
    if isinstance(told, Bill):
        disagreement.told, disagreement.right = (told, facts), wanted
        disagreement.case = read_case(tables, scenario.tenant_id, scenario.period, rules)
    raise disagreement


def difference(
    told: Bill | Refusal | None, wanted: Bill | None, facts: Facts, keys: Keys = lambda _: {}
) -> str:
    """Say in what an answer is not what is wanted; a refusal is where nothing can be billed."""
    if wanted is None:
        return "" if isinstance(told, Refusal) else f" bills {told} where nothing can be billed"
    if not isinstance(told, Bill):
        return f" {told}"
    differences = told.differences(wanted, facts, keys)
    return f": {listed(differences)}" if differences else ""


def has_scratch_tenants(target: Target, relations: Relations) -> bool:
    """Tell whether the platform works in the gate's transaction, where a tenant can be undone."""
    return target.api is None and relations.described.description.in_process is not None


def shown_by_traps(relations: Relations) -> frozenset[str]:
    """Return the known wrong ways of billing that would have shown on the traps."""
    from oracle import traps  # noqa: PLC0415 - only a run that acted the maths needs it

    description = relations.described.description
    told = frozenset({description.previewed, description.answered})
    return traps.shown_by_traps(description.rules.rules, told)


def why_no_maths(target: Target, relations: Relations) -> Finding | None:
    """Return the finding of maths that cannot be acted, or need not be; ``None`` where it can."""
    description = relations.described.description
    if target.read_only:
        return not_run("--read-only writes nothing")
    if has_scratch_tenants(target, relations) and Lack.SCRATCH_TENANTS in description.lacks:
        why = description.lacks[Lack.SCRATCH_TENANTS]
        return not_judged(f"{Lack.SCRATCH_TENANTS}: {why}")
    return None


@pytest.mark.usefixtures("tenant_id")
@pytest.mark.parametrize("check", MATHS.checks, ids=lambda check: check.id)
def test_maths(check: Check, maths: dict[str, Finding], judge: Judge) -> None:
    """Each check of the step holds for the tenant."""
    judge(maths[check.id])
