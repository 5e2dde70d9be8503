"""Holds what a run says about the cause of a difference against what its fault says it is."""

from collections import Counter
from collections.abc import Iterable, Mapping

from selftests.faults.catalogue import Fault

FIRST, NAMED, NOTHING = "first", "named beside others", "not known, and told so"
WRONG, ALONE = "others named alone", "a wrong one named alone"
NONE = "nothing"


def explained(fault: Fault, diagnosis: Iterable[str]) -> str:
    """Say how rightly a fault is explained by the lines that a run gave; nothing if by none."""
    groups: dict[str, list[str]] = {}
    for line in diagnosis:
        check, _, words = line.partition(": ")
        groups.setdefault(check, []).append(words)
    if not groups:
        return ""
    if any(_alone(fault, lines) for lines in groups.values()):
        return ALONE
    told = next(
        (groups[check] for check in fault.checks if check in groups), next(iter(groups.values()))
    )
    if not _known(told):
        return FIRST if fault.explained == NONE else NOTHING
    if fault.explained in told[0]:
        return FIRST
    return NAMED if any(fault.explained in line for line in told) else WRONG


def _known(lines: list[str]) -> bool:
    return not lines[0].startswith("no known way")


def _alone(fault: Fault, lines: list[str]) -> bool:
    return _known(lines) and len(lines) == 1 and fault.explained not in lines[0]


def in_words(explained: Mapping[str, int]) -> str:
    """Say how many faults were explained how."""
    number = sum(explained.values())
    share = explained.get(FIRST, 0) / number
    others = ", ".join(
        f"{many} {how}" for how, many in Counter(explained).most_common() if how != FIRST
    )
    return (
        f"{number} faults change an amount or a count: the right explanation stands first for "
        f"{explained.get(FIRST, 0)} ({share:.0%}); {others or 'none otherwise'}"
    )
