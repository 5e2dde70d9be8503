"""The preview is that of the month after.

stands for: months that are counted from nought in one place and from one in another
checks: S1.4
says: event count 1, not
explained: billing the period after it
"""

import json

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Ask for March instead."""
    if name != "preview":
        return faithful(forward())
    march = forward.asked | {"periodStart": "2026-03", "periodEnd": "2026-04"}
    return faithful(forward(body=json.dumps(march).encode()))
