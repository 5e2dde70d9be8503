"""One call makes two drafts: the asked one, and one of the next month.

stands for: getlago/lago-api/pull/958, a job that waited, two invoices
checks: S2.1
says: 2 new invoices stored
"""

import json

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Make a second draft under no key."""
    response = forward()
    if name == "invoices":
        march = forward.asked | {"periodStart": "2026-03", "periodEnd": "2026-04"}
        unkeyed = {n: value for n, value in forward.headers.items() if n != "Idempotency-Key"}
        forward(body=json.dumps(march).encode(), headers=unkeyed)
    return faithful(response)
