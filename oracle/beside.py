"""A platform's bill beside the oracle's: line by line, what one says and the other does not."""

from dataclasses import dataclass
from decimal import Decimal

from oracle.bill import Bill, Facts, Keys, Line, named_by, paired


@dataclass(frozen=True)
class Pair:
    """A line of one bill and the line of the other that is about the same; one may be missing.

    Amounts are in major units. ``words`` say in what the lines differ, if they do.
    """

    about: str
    platform: Decimal | None
    oracle: Decimal | None
    words: str = ""


def side_by_side(
    told: Bill, expected: Bill, facts: Facts, keys: Keys = lambda _: {}
) -> tuple[Pair, ...]:
    """Return every line of both, those that differ first; none where no lines are told."""
    wanted = expected.told_as(facts)
    if wanted.lines is None:
        return ()
    currency = expected.currency or ""
    mine = [line.told_as(facts.line) for line in told.lines or ()]
    theirs = list(wanted.lines)
    same = []
    for line in list(mine):
        if line in theirs:
            theirs.remove(line)
            mine.remove(line)
            same.append(line)
    pairs, surplus, missing = paired(mine, theirs)
    known = named_by(keys, [*(line for pair in pairs for line in pair), *surplus, *missing])

    def pair(line: Line | None, other: Line | None) -> Pair:
        shown = line or other
        return Pair(
            about=shown.about(known) if shown else "",
            platform=line.gain_share_amount if line else None,
            oracle=other.gain_share_amount if other else None,
            words=line.beside(other, currency, known) if line and other and line != other else "",
        )

    return (
        *(pair(line, other) for line, other in pairs),
        *(pair(line, None) for line in surplus),
        *(pair(None, line) for line in missing),
        *(pair(line, line) for line in same),
    )
