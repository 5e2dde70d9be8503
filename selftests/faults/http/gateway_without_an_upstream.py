"""A gateway answers every call about an invoice that it has no upstream.

stands for: a deployment that is rolled out while somebody works with it
says: gives no answer: POST * answered 502, 3 times over
verdict: ABORTED
"""

from selftests.proxy import Answer, Forward


def answer(_: str, __: Forward) -> Answer:
    """Pass nothing on."""
    return 502, b"<html><h1>Bad Gateway</h1></html>", "text/html"
