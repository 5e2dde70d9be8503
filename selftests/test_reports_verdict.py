"""How a verdict follows where a platform has not all that the gate asks of it.

What the runbook says rests on a lack alone may be excused by it, if the platform declares it.
Everything else that was not judged counts as failed.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.assembly import UNEXCUSED, Observation, Run, assemble
from reports.evidence import (
    NEVER_REPORTED,
    NOT_SELECTED,
    Criterion,
    Evidence,
    LackFacts,
    LeftBehind,
    Listed,
    PlatformFacts,
    ShardFacts,
    TenantEvidence,
    Verdict,
)
from reports.files import DECIDING, tool_facts
from reports.record import dump_record, load_record
from reports.sentences import outcome
from reports.verdict import (
    broken,
    conclude,
    conclude_tenant,
    excused_by,
    exit_code,
    fails,
    judge_run,
)
from runbook.lacks import RESTS_ON, Lack
from runbook.refusals import Rule
from runbook.registry import CRITERIA, STEPS
from runbook.statuses import Status
from selftests.records import (
    ALICE,
    AUDITED,
    EVERY_LACK,
    LEDGERLINE,
    NO_PREVIEW,
    REMAINS,
    STARTED,
    STRAY,
    failed,
    ids,
    not_judged,
    not_run,
    ready,
    run,
    tenant,
)

# A description that claims for every lack that all checks rest on it.
GREEDY = tuple(LackFacts(what=what, why="no", checks=tuple(ids())) for what in (*Lack, *Rule))
MAY_BE_UNJUDGED = {id for checks in RESTS_ON.values() for id in checks}


def judged(unjudged: Mapping[str, Any], declared: tuple[LackFacts, ...]) -> Evidence:
    """A run in which these outcomes are all that did not pass."""
    platform = LEDGERLINE.model_copy(update={"declared": declared})
    return run((tenant(ALICE, "Alice", unjudged, declared=declared),), platform=platform)


@pytest.mark.parametrize("id", ids())
def test_a_check_is_excused_only_where_the_runbook_says_that_it_rests_on_a_lack(id: str) -> None:
    evidence = judged({id: not_judged("no")}, GREEDY)
    excused = id in MAY_BE_UNJUDGED
    assert evidence.verdict is (Verdict.READY if excused else Verdict.NOT_READY)
    assert exit_code(evidence) == (0 if excused else 1)
    assert judged({id: not_judged("no")}, ()).verdict is Verdict.NOT_READY


@pytest.mark.parametrize("id", ["S1.1", "S1.2", "S1.3", "S1.5", "S2.1", "S2.2", "X1", "X2", "X4"])
def test_what_every_bill_rests_on_is_never_excused(id: str) -> None:
    assert id not in excused_by(GREEDY)


def test_nothing_judged_is_never_ready() -> None:
    nothing = {id: not_judged("no") for id in ids()}
    assert judged(nothing, GREEDY).verdict is Verdict.NOT_READY
    assert judged({id: not_judged("no") for id in ids()[:-4]}, GREEDY).verdict is Verdict.NOT_READY


@given(st.sets(st.sampled_from(sorted(MAY_BE_UNJUDGED))), st.sets(st.sampled_from(EVERY_LACK)))
def test_ready_needs_a_declared_lack_for_whatever_was_not_judged(
    unjudged: set[str], declared: set[LackFacts]
) -> None:
    named = {id for lack in declared for id in lack.checks}
    evidence = judged({id: not_judged("no") for id in unjudged}, tuple(declared))
    assert (evidence.verdict is Verdict.READY) == (unjudged <= named)


@pytest.mark.parametrize(
    ("lack", "id"),
    [
        (LackFacts(what=Lack.PREVIEW, why="none", checks=("S2.3",)), "S2.3"),
        (LackFacts(what=Lack.IDEMPOTENCY, why="none", checks=("S1.4",)), "S1.4"),
        (LackFacts(what=Rule.PERIOD_IS_EMPTY, why="none", checks=("S4.4",)), "S4.4"),
        (LackFacts(what=Lack.ISSUE, why="none", checks=("S4.2",)), "S4.3"),
        (LackFacts(what=Lack.PREVIEW, why="none"), "S1.4"),
    ],
    ids=["another check", "nothing rests on it", "a rule", "not named", "names none"],
)
def test_a_lack_excuses_only_what_it_names_and_what_rests_on_it(lack: LackFacts, id: str) -> None:
    assert judged({id: not_judged("no")}, (lack,)).verdict is Verdict.NOT_READY


@pytest.mark.parametrize("outcome", [failed("1", "2"), not_run("no time")])
def test_a_lack_excuses_nothing_that_was_judged_or_skipped(outcome: dict[str, Any]) -> None:
    assert judged({"S1.4": outcome}, (NO_PREVIEW,)).verdict is Verdict.NOT_READY


def test_what_is_not_judged_without_an_excuse_is_no_abort() -> None:
    one = tenant(ALICE, "Alice", {"S1.1": not_judged("no")}, reason="the platform went away")
    assert conclude_tenant(one, ()) is Verdict.NOT_READY


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ({"S1.4": not_judged("no")}, 0),
        ({"S1.4": not_judged("no"), "S1.1": not_judged("no")}, 1),
        ({id: not_run(NOT_SELECTED) for id in ids()} | {"S1.4": not_judged("no")}, 1),
    ],
    ids=["excused", "unexcused", "nothing passed"],
)
def test_a_part_of_the_gate_is_green_without_what_is_excused(
    outcomes: dict[str, Any], code: int
) -> None:
    evidence = judged({"X4": not_run(NOT_SELECTED)} | outcomes, (NO_PREVIEW,))
    assert (evidence.verdict, exit_code(evidence)) == (Verdict.PARTIAL, code)


def test_a_criterion_holds_without_what_is_excused_and_not_with_rows_left_behind() -> None:
    one = tenant(ALICE, "Alice", {"S1.4": not_judged("no")})
    x1, _, x3, x4 = one.exit_criteria
    excused = excused_by((NO_PREVIEW,))
    assert [broken(x, one.checks, excused) for x in (x1, x3)] == [[], []]
    assert [broken(x, one.checks, ()) for x in (x1, x3)] == [["S1.4"], ["S1.4"]]
    assert broken(x4, one.checks, (), (AUDITED,)) == []
    assert broken(x4, one.checks, (), (AUDITED, STRAY)) == ["rows in ledger.outbox"]
    assert broken(x1, one.checks, excused, (STRAY,)) == []


def without(part: str, id: str) -> TenantEvidence:
    """A tenant of whom all is well, but of whom one check or criterion was lost."""
    one = tenant(ALICE, "Alice", {})
    return one.model_copy(
        update={part: tuple(result for result in getattr(one, part) if result.id != id)}
    )


@pytest.mark.parametrize("id", ids())
def test_ready_needs_every_check_and_every_criterion(id: str) -> None:
    lost = without("exit_criteria" if id.startswith("X") else "checks", id)
    assert conclude_tenant(lost, ()) is Verdict.NOT_READY


def test_a_criterion_rests_on_what_failed_or_was_skipped_not_on_what_nobody_heard_of() -> None:
    outcomes = {
        "S1.1": failed("1", "2", NOT_SELECTED),
        "S1.2": not_run("no time"),
        "S1.3": not_run(NOT_SELECTED),
        "S1.4": not_run(NEVER_REPORTED),
    }
    one = tenant(ALICE, "Alice", outcomes)
    x1, *_, x4 = one.exit_criteria
    assert broken(x1, one.checks, ()) == ["S1.1", "S1.2"]
    stained = tenant(ALICE, "Alice", {id: failed("1", "0") for id in x4.checks})
    rows = [f"rows in {STRAY.table}"]
    assert broken(x4, stained.checks, (), (STRAY,)) == [*x4.checks, *rows]


@pytest.mark.parametrize(
    ("outcome", "excused", "failing"),
    [
        (failed("1", "2"), ("S1.4",), True),
        (not_judged("no"), (), True),
        (not_judged("no"), ("S1.4",), False),
        (not_run("no time"), (), False),
        ({}, (), False),
    ],
)
def test_a_check_fails_that_was_judged_so_or_not_judged_without_an_excuse(
    outcome: dict[str, Any], excused: tuple[str, ...], *, failing: bool
) -> None:
    checks = {check.id: check for check in tenant(ALICE, "Alice", {"S1.4": outcome}).checks}
    assert fails(checks["S1.4"], excused) is failing


def test_a_tenant_of_whom_nothing_can_be_said_is_aborted_unless_something_failed() -> None:
    nothing = {id: not_run("the platform went away") for id in ids()}
    lost = tenant(ALICE, "Alice", nothing, reason="the platform went away")
    assert lost.verdict is Verdict.ABORTED
    failing = tenant(ALICE, "Alice", {"S1.1": failed("1", "2")}, reason="the platform went away")
    assert failing.verdict is Verdict.NOT_READY


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        ((), Verdict.ABORTED),
        ((Verdict.READY, Verdict.READY), Verdict.READY),
        ((Verdict.READY, Verdict.PARTIAL), Verdict.PARTIAL),
        ((Verdict.PARTIAL, Verdict.ABORTED, Verdict.READY), Verdict.ABORTED),
        ((Verdict.ABORTED, Verdict.PARTIAL, Verdict.NOT_READY, Verdict.READY), Verdict.NOT_READY),
    ],
)
def test_a_run_is_as_its_worst_tenant(verdicts: tuple[Verdict, ...], together: Verdict) -> None:
    one = tenant(ALICE, "Alice", {})
    assert judge_run(one.model_copy(update={"verdict": it}) for it in verdicts) is together


@pytest.mark.parametrize(
    ("own", "others", "verdict"),
    [(0, 1, Verdict.PARTIAL), (0, 0, Verdict.ABORTED), (1, 1, Verdict.ABORTED)],
)
def test_a_shard_without_tenants_lost_nothing_if_others_have_some(
    own: int, others: int, verdict: Verdict
) -> None:
    listed = [Listed(tenants=found, sha256="0" * 64) for found in (others, own)]
    shard = ShardFacts(number=2, of=2, listed=tuple(listed))
    assert judge_run((), shard) is verdict
    assert conclude(run(()).model_copy(update={"shard": shard})) is verdict


@pytest.mark.parametrize(
    ("outcomes", "alone", "with_rows"),
    [
        ({}, Verdict.READY, Verdict.ABORTED),
        ({"S1.1": not_run(NOT_SELECTED)}, Verdict.PARTIAL, Verdict.ABORTED),
        ({"S1.1": failed("1", "2")}, Verdict.NOT_READY, Verdict.NOT_READY),
    ],
)
def test_nobody_is_ready_while_rows_remain_or_the_run_broke(
    outcomes: dict[str, Any], alone: Verdict, with_rows: Verdict
) -> None:
    tenants = (tenant(ALICE, "Alice", outcomes),)
    gone = REMAINS.model_copy(update={"remaining": ()})
    assert run(tenants).verdict is alone
    assert run(tenants, residue=gone).verdict is alone
    assert run(tenants, residue=REMAINS).verdict is with_rows
    assert run(tenants, reason="interrupted").verdict is Verdict.ABORTED


# Assembly ------------------------------------------------------------------------------------


def seen(
    outcomes: Mapping[str, Observation],
    platform: PlatformFacts = LEDGERLINE,
    facts: Mapping[str, Any] | None = None,
) -> Evidence:
    """What is assembled where every check passed but for these outcomes."""
    passed = {id: Observation(Status.PASSED, "well", "well") for id in ids()}
    observed = {(ALICE, id): outcome for id, outcome in (passed | dict(outcomes)).items()}
    template = ready()
    return assemble(
        Run(
            tenants=(ALICE,),
            rehearsal=False,
            period=template.period,
            tool=template.tool,
            started_at=STARTED,
            finished_at=STARTED + timedelta(seconds=1),
            platform=platform,
            options={"--seed": "auto", "--lifecycle": "yes"},
            selected=set(observed),
            observed=observed,
            facts={ALICE: facts or {}},
        )
    )


def criterion(evidence: Evidence, id: str) -> Criterion:
    (tenant,) = evidence.tenants
    return next(one for one in tenant.exit_criteria if one.id == id)


UNJUDGED = Observation(Status.NOT_JUDGED, "not judged", "to be judged", NO_PREVIEW.why)


def test_a_run_tells_its_platform_its_options_and_what_was_not_judged() -> None:
    evidence = seen({})
    assert evidence.platform == LEDGERLINE
    assert evidence.not_judged == LEDGERLINE.declared
    assert list(evidence.options.items()) == [("--lifecycle", "yes"), ("--seed", "auto")]
    assert load_record(dump_record(evidence)) == evidence


def test_a_run_is_ready_without_what_is_excused_and_its_criteria_name_it() -> None:
    evidence = seen({"S1.4": UNJUDGED})
    assert evidence.verdict is Verdict.READY
    for id in ("X1", "X3"):
        assert criterion(evidence, id).detail == "S1.4 not judged: the API has none"
    assert criterion(evidence, "X2").detail == ""


def test_a_criterion_that_names_it_already_is_left_as_it_is() -> None:
    told = "judged without S1.4"
    evidence = seen({"S1.4": UNJUDGED, "X1": Observation(Status.PASSED, "5", "5", told)})
    assert criterion(evidence, "X1").detail == told


def test_what_is_not_judged_without_an_excuse_failed() -> None:
    evidence = seen({"S1.4": UNJUDGED}, PlatformFacts())
    assert evidence.verdict is Verdict.NOT_READY
    (tenant,) = evidence.tenants
    (check,) = [check for check in tenant.checks if check.id == "S1.4"]
    assert (check.status, check.detail) == (Status.FAILED, f"{UNEXCUSED}: the API has none")
    assert criterion(evidence, "X1").status is Status.FAILED
    assert criterion(evidence, "X3").detail == "these do not hold: S1.4"


def test_of_a_criterion_that_rests_on_what_nobody_could_say_nothing_can_be_said() -> None:
    died = "the worker died"
    evidence = seen({"S2.2": Observation(Status.NOT_RUN, detail=died, aborted=died)})
    assert (evidence.verdict, evidence.tenants[0].reason) == (Verdict.ABORTED, died)
    x2 = criterion(evidence, "X2")
    assert (x2.status, x2.detail) == (Status.NOT_RUN, f"it rests on S2.2: {died}")


def test_what_fails_beside_what_nobody_could_say_fails_the_run() -> None:
    died = Observation(Status.NOT_RUN, detail="the worker died", aborted="the worker died")
    evidence = seen({"S2.2": died, "S2.1": Observation(Status.FAILED, "two drafts", "one")})
    assert evidence.verdict is Verdict.NOT_READY
    assert criterion(evidence, "X2").detail == "these do not hold: S2.1, S2.2"


@pytest.mark.parametrize("declared", [True, False])
def test_rows_that_stay_undeclared_fail_the_criterion_that_nothing_stays(declared: bool) -> None:
    left = LeftBehind(table="ledger.outbox", rows=1, declared=declared, words="one an issue")
    evidence = seen({}, facts={"left_behind": [left.model_dump()]})
    assert evidence.tenants[0].left_behind == (left,)
    assert evidence.verdict is (Verdict.READY if declared else Verdict.NOT_READY)
    x4 = criterion(evidence, "X4")
    assert x4.detail == ("" if declared else "these do not hold: rows in ledger.outbox")
    wanted = "got well, as expected" if declared else "got not all that it rests on, expected all"
    assert outcome(x4).startswith(wanted)


def test_money_of_the_tenant_and_of_the_seeds_is_kept_apart() -> None:
    own = {"event_count": 0, "recovered_amount": "0.00", "gain_share_amount": "0.00"}
    seeded = {"event_count": 3, "recovered_amount": "2465.75", "gain_share_amount": "616.44"}
    (one,) = seen({}, facts={"own": own, "seeded": seeded, "diagnosis": ["a late rate"]}).tenants
    assert one.own is not None
    assert one.seeded is not None
    assert one.own.model_dump(mode="json") == own
    assert one.seeded.model_dump(mode="json") == seeded
    assert one.diagnosis == ("a late rate",)


def test_a_run_without_a_platform_or_options_is_a_record_all_the_same() -> None:
    evidence = seen({}, PlatformFacts())
    assert (evidence.verdict, evidence.platform.name) == (Verdict.READY, "")


def test_the_gate_names_the_packages_that_decide() -> None:
    dependencies = tool_facts().dependencies
    assert {"psycopg", "pytest", "pydantic", "httpx", "hypothesis"} <= dependencies.keys()
    assert dependencies.keys() <= set(DECIDING)
    assert dependencies["pytest"] == pytest.__version__


def test_the_registry_knows_every_check_that_may_be_excused() -> None:
    known = {check.id for step in STEPS for check in step.checks}
    assert known >= MAY_BE_UNJUDGED
    assert not MAY_BE_UNJUDGED & {criterion.id for criterion in CRITERIA}
