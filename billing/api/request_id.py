"""The id under which a request is found again: in its response and in every log line."""

import re
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.types import Scope

HEADER = "X-Request-ID"
# No colon, so that it is a URI reference as it stands; short, so that it fits a log line.
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def accept_request_id(headers: Headers) -> str:
    """Return the caller's id if it gave one that is well-formed, else a new one."""
    given = headers.getlist(HEADER)
    if len(given) == 1 and _WELL_FORMED.fullmatch(given[0]):
        return given[0]
    return uuid4().hex


def request_id_of(scope: Scope) -> str:
    """Return the id of the request that is being handled."""
    return str(scope["state"]["request_id"])
