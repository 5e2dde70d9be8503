"""Which known ways of billing wrongly would show on given events."""

from collections.abc import Iterable, Iterator

from oracle.bill import Facts
from oracle.raw import Case
from oracle.variants import Figures, Workings
from oracle.ways import RIGHT, Way


def shown(case: Case, ways: Iterable[Way], told: Iterable[Facts]) -> Iterator[Way]:
    """Yield the ways whose bill differs from the right one in facts that some source tells."""
    ways, told = tuple(ways), tuple(dict.fromkeys(told))
    workings = Workings(case, ways)
    right = workings.figures(RIGHT)
    for way in ways:
        figures = workings.figures(way)
        if right is not None and (
            _is_plain(figures, right) or any(workings.differs(way, facts) for facts in told)
        ):
            yield way


def _is_plain(figures: Figures | None, right: Figures) -> bool:
    """Tell whether the total alone, which every source tells, shows it."""
    if figures is None:
        return True
    return None not in (figures.fee, right.fee) and figures.fee != right.fee
