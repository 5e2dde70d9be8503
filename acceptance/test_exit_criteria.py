"""The runbook's exit criteria: P9-A is operationally ready when all of them are true.

They rest on the checks of the steps, and on a look at what the run left once all of it is undone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from acceptance.beside import strays_in_the_end
from acceptance.remaining import left_by_design, look_again, touched
from acceptance.workspace import Workspace
from fixtures.agreements import ExpectedTotal
from fixtures.anywhere import Stray
from fixtures.books import AddedRow, Comparison, Difference
from fixtures.evidence import Judge
from fixtures.findings import Finding, failed, failing, found, listed, needless
from fixtures.target import Target
from oracle.bill import Bill
from oracle.money import money, plain
from oracle.period import Period
from runbook.registry import CRITERIA, Criterion
from runbook.statuses import Status
from runbook.words import counted

pytestmark = [pytest.mark.p9a, pytest.mark.criteria]


@dataclass(frozen=True)
class Aftermath:
    """What everybody sees after the run; ``residue`` are rows of its own that it did not keep.

    ``touched`` are the tenant's rows that are not as before, ``strays`` rows in tables that neither
    the relations nor ``[leaves]`` name, or of others.
    """

    workspace: Workspace
    seeds: Mapping[str, str]
    comparison: Comparison
    residue: tuple[AddedRow, ...]
    touched: tuple[Difference, ...]
    strays: tuple[Stray, ...]
    kept_draft: str
    left_by_design: tuple[Mapping[str, Any], ...] = ()

    @property
    def left_behind(self) -> list[dict[str, Any]]:
        """Every row that was left, in plain JSON types: what nobody declared comes last."""
        strays = [
            {"table": one.table, "rows": one.rows, "declared": False, "words": one.words}
            for one in self.strays
        ]
        return [*map(dict, self.left_by_design), *strays]


def act_aftermath(workspace: Workspace) -> Aftermath:
    """Undo the run and look again, in a fresh transaction that cannot write."""
    workspace.close()
    rows = workspace.tables.rows("seed_keys", tenant_id=workspace.tenant_id)
    comparison, residue = look_again(workspace)
    strays = strays_in_the_end(workspace)
    return Aftermath(
        workspace=workspace,
        seeds={row["id"]: row["key"] for row in rows},
        comparison=comparison,
        residue=residue,
        touched=touched(workspace, comparison.differences),
        strays=tuple(strays),
        kept_draft=workspace.kept.number if workspace.kept else "",
        left_by_design=tuple(left_by_design(workspace)),
    )


def judge_criteria(
    findings: Mapping[str, Finding],
    own: Bill | None,
    aftermath: Aftermath,
    target: Target,
    power: str = "",
) -> dict[str, Finding]:
    """Judge the exit criteria from the findings of all steps and the aftermath.

    ``own`` is what the tenant's own events bill, ``power`` says what the maths rests on.
    """
    judged = {criterion.id: _rests_on(criterion, findings) for criterion in CRITERIA}
    maths = findings["M.1"]
    if maths.status is Status.NOT_RUN:
        power += f"; M.1 was not run: {maths.detail}"
    for total in target.totals_of(aftermath.workspace.tenant_id):
        judged["X3"] = _meets_expected_total(judged["X3"], own, total, target.period)
    judged["X3"] = _told_with(power, judged["X3"])
    judged["X4"] = _nothing_stayed(judged["X4"], aftermath)
    return judged


def _told_with(words: str, finding: Finding) -> Finding:
    return replace(finding, detail="; ".join(filter(None, (finding.detail, words))))


def _rests_on(criterion: Criterion, findings: Mapping[str, Finding]) -> Finding:
    """A criterion holds if its checks do, but for those not needed or not to be judged here."""
    excused = [id for id in criterion.checks if _excused(id, findings[id])]
    needed = {id: findings[id] for id in criterion.checks if id not in excused}
    broken = failing(needed)
    expected = f"{len(needed)} of {len(needed)} checks hold"
    got = f"{len(needed) - len(broken)} of {len(needed)} checks hold"
    unjudged = [id for id in excused if findings[id].status is Status.NOT_JUDGED]
    detail = listed(_blame(id, needed[id]) for id in broken)
    if unjudged and not broken:
        detail = f"not judged: {', '.join(unjudged)}"
    return found(not broken and bool(needed or excused), got, expected, detail)


def _excused(id: str, finding: Finding) -> bool:
    if finding.status is Status.NOT_JUDGED:
        return True
    return needless(id, finding)


def _blame(id: str, finding: Finding) -> str:
    if finding.status is Status.NOT_RUN:
        return f"{id} not exercised: {finding.detail}"
    return f"{id} failed"


def _meets_expected_total(
    finding: Finding, bill: Bill | None, total: ExpectedTotal, period: Period
) -> Finding:
    """A total from outside is met by the tenant's own events: seeds are the gate's money."""
    if bill is None or bill.gain_share_amount is None:
        if not finding.passed:
            return finding
        wanted = f"{plain(total.amount)} ({total.source})"
        return failed("no events of the tenant's own", wanted, "seeds meet no total from outside")
    currency = bill.currency or ""
    got = money(bill.gain_share_amount, currency)
    wanted = f"{money(total.amount, currency)} ({total.source})"
    if bill.gain_share_amount != total.amount:
        return failed(got, wanted, f"{bill}; {period}")
    return replace(finding, got=f"{finding.got}, {got}", expected=f"{finding.expected}, {wanted}")


def _nothing_stayed(finding: Finding, aftermath: Aftermath) -> Finding:
    if not finding.passed:
        return finding
    seeds, workspace = aftermath.seeds, aftermath.workspace
    strays = aftermath.strays
    touched: list[object] = [*aftermath.residue, *aftermath.touched]
    count = len(touched) + sum(stray.rows for stray in strays)
    late = [f"perhaps an invoice asked for under {key}" for key in sorted(workspace.made.late)]
    told = [*touched, *map(str, strays), *(f"{one}: it may yet appear" for one in late)]
    detail = f"{listed(told)} " if told else ""
    detail += f"{_UNDECLARED} " if strays else ""
    made = workspace.made
    if made.beside or made.beside_some:
        beside = listed(dict.fromkeys([*made.beside, *made.beside_some]))
        detail += f"removed too, for it pointed to what the run had made: {beside} "
    if seeds:
        command = workspace.tables.statements["remove_events"].written_out(
            tenant_id=workspace.tenant_id, ids=list(seeds)
        )
        detail += f"{listed(seeds.values())}: remove what you do not need: {command}"
    if workspace.meanwhile:
        detail += f"{listed(workspace.meanwhile)} by another transaction, in nothing that is judged"
    if aftermath.kept_draft:
        detail += f"{aftermath.kept_draft} was kept on request (--keep-draft)"
    return found(
        not seeds and not count and not late,
        got=f"{counted(len(seeds), 'dryrun- event')}, {counted(count, 'row')} not as before",
        expected="0 dryrun- events, 0 rows not as before",
        detail=detail,
    )


_UNDECLARED = (
    "(what the platform leaves there by design belongs into [leaves] of its description, what goes "
    "with an invoice into remove_invoices)"
)


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.id)
def test_exit_criterion(criterion: Criterion, criteria: dict[str, Finding], judge: Judge) -> None:
    """Each exit criterion holds for the tenant."""
    judge(criteria[criterion.id])
