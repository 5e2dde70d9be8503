"""The draft is told to be another tenant's.

stands for: flexprice/flexprice/pull/2516, lines written across tenants
checks: S2.1
says: answered for tenant
"""

from uuid import uuid4

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell a tenant that nobody asked for."""
    response = forward()
    return retold(response, tenantId=str(uuid4())) if name == "invoices" else faithful(response)
