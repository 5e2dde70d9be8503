"""Two calls that issue a draft at the same moment are both answered as if each had done it.

stands for: getlago/lago-api/pull/5523, double finalisation advanced the number twice
checks: S4.4
says: issue, asked for twice at once, was done twice
tenant: empty
"""

from selftests.faults.http import AtOnce, faithful
from selftests.proxy import Answer, Forward

meet = AtOnce()


def answer(name: str, forward: Forward) -> Answer:
    """Answer both with the first's answer."""
    return faithful(meet.forward(forward)[0] if name == "issue" else forward())
