"""The draft is issued as soon as it is made, and told as a draft.

stands for: a job that makes final whatever drafts it finds
checks: S2.1
says: status ISSUED
"""

import json

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Issue what was only to be drafted."""
    response = forward()
    if name == "invoices":
        whose = json.dumps({"tenantId": forward.asked["tenantId"]}).encode()
        forward(path=f"{forward.path}/{response.json()['id']}/issue", body=whose)
    return faithful(response)
