"""Two lines of the draft have each other's finding type.

stands for: two lists that are joined by their order; every total is right
checks: S2.2
says: answered: DUPLICATE_CHARGE at 25 %: 1 event, not 4 events
explained: exchanging
"""

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Exchange the names of the first line and the last."""
    response = forward()
    if name != "invoices":
        return faithful(response)
    first, *between, last = lines_of(response)
    names = {"findingType": first["findingType"]}, {"findingType": last["findingType"]}
    return retold(response, lines=[first | names[1], *between, last | names[0]])
