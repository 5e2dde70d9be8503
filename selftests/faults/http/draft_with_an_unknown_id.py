"""The draft is made, and another id is answered.

stands for: bcgov/sbc-pay/pull/2417, a reference to what does not exist
checks: S2.1
says: is not stored for the tenant
"""

from uuid import uuid4

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell an id that no invoice has."""
    response = forward()
    return retold(response, id=str(uuid4())) if name == "invoices" else faithful(response)
