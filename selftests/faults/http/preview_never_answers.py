"""The preview takes longer than anybody waits.

stands for: getlago/lago-api/pull/1988, a lag after which work is taken for lost
checks: S1.4
says: got no answer
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Hold previews until the run is over."""
    if name != "preview":
        return faithful(forward())
    forward.over.wait()
    return None
