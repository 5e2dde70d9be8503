"""The amount changes as the invoice is issued.

stands for: getlago/lago-api/pull/5523, taxes added twice by finalising twice
checks: S4.2
says: gain share 1232.88
explained: telling the total twice
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Bill twice the amount."""
    response = forward()
    return retold(response, gainShareAmount="1232.88") if name == "issue" else faithful(response)
