"""The preview is answered with a page for people, and 200.

stands for: a proxy that shows its own maintenance page
says: answered 200 with a page
verdict: ABORTED
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Show a page."""
    page = 200, b"<!doctype html><title>Back soon</title>", "text/html"
    return page if name == "preview" else faithful(forward())
