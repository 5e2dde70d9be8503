"""The preview is answered with a page for people, and 200.

stands for: a proxy that shows its own maintenance page
checks: S1.4
says: text/html, not JSON
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Show a page."""
    page = 200, b"<!doctype html><title>Back soon</title>", "text/html"
    return page if name == "preview" else faithful(forward())
