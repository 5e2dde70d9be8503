"""What was seen while nothing moved: others may add events and terms while a period is judged."""

from collections.abc import Callable
from typing import TypeVar

from acceptance.workspace import Workspace
from oracle.expectation import Expectation
from platforms.obstacles import Aborted
from platforms.statements import Row

ATTEMPTS = 5

T = TypeVar("T")
Known = Row | None  # which events a period has, boiled down; None where none can arrive


def known_events(workspace: Workspace) -> Known:
    """Which events the period has now, boiled down, where others can arrive meanwhile."""
    if workspace.platform.shares_transaction:
        return None
    period = workspace.target.period
    return workspace.tables.row(
        "known_events",
        tenant_id=workspace.tenant_id,
        period_start=period.start,
        period_end=period.end,
    )


def taken_events(workspace: Workspace) -> Known:
    """Which events the period has, where a draft takes what it bills.

    Elsewhere nothing has to be known beforehand: where a bill is not as expected, the oracle can be
    asked again.
    """
    takes = workspace.description.rules.claims == "draft"
    return known_events(workspace) if takes else None


def while_quiet(
    workspace: Workspace,
    act: Callable[[int, Known], T],
    doubted: Callable[[T], Expectation | None],
    look: Callable[[Workspace], Known] = known_events,
    known: Known = None,
) -> T:
    """Return what an act saw between two equal looks at the period's events.

    It is told for which time it is acted, and which events are known; ``known`` is what an earlier
    look told, if any. Where one arrived since it is acted again; likewise where an expectation is
    ``doubted``, and is another one now. Raises :class:`~platforms.obstacles.Aborted` if it never
    gets quiet.
    """
    for number in range(1, ATTEMPTS + 1):
        before = known or look(workspace)
        known = None
        seen = act(number, before)
        if look(workspace) == before and not _moved(workspace, doubted(seen)):
            return seen
    raise Aborted(
        f"billable events or terms kept changing while the period was judged, {ATTEMPTS} times "
        f"over: choose a period that has ended, or run again"
    )


def _moved(workspace: Workspace, expectation: Expectation | None) -> bool:
    """Tell whether others changed what must be billed, where they can."""
    if expectation is None or workspace.platform.shares_transaction:
        return False
    return workspace.oracle.expect() != expectation
