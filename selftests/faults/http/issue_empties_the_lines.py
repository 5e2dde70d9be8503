"""The issued invoice is told without lines.

stands for: an invoice page that shows a total and nothing that it is for
checks: S4.2
says: on 3 events in 0 lines
explained: telling no lines
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell no lines."""
    response = forward()
    return retold(response, lines=[]) if name == "issue" else faithful(response)
