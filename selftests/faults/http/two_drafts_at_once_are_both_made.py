"""Two drafts that are asked for at the same moment, under two keys, are both answered as made.

stands for: frappe/central/pull/170, six workers, six invoices, no unique key
checks: S4.4
says: a draft of the period, asked for twice at once, was done twice
tenant: empty
"""

import json
from uuid import uuid4

from selftests.faults.http import AtOnce, faithful
from selftests.proxy import Answer, Forward

meet = AtOnce()


def answer(name: str, forward: Forward) -> Answer:
    """Answer whoever comes second at the same moment with another draft like the first's."""
    if name != "invoices":
        return faithful(forward())
    response, alone = meet.forward(forward)
    if alone or not response.is_success:
        return faithful(response)
    other = response.json() | {"id": str(uuid4()), "invoiceNumber": "DRAFT-2026-02-00000000"}
    return 201, json.dumps(other).encode()
