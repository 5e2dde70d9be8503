"""The draft's answer has a line twice; its totals are right.

stands for: killbill/killbill/issues/2249, the dry run shows one item and the invoice two
checks: S2.2
says: answered: the lines add up to 651.88, not to the total 649.35
explained: telling a line twice
"""

from selftests.faults.http import faithful, lines_of, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Repeat the first line."""
    response = forward()
    lines = lines_of(response) if name == "invoices" else []
    return retold(response, lines=[*lines, *lines[:1]]) if lines else faithful(response)
