"""Errors as problem details (RFC 9457), each with a ``code`` that names the rule.

The table :data:`STATUS` is the only place where a rule gets its HTTP status.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg.errors import (
    DeadlockDetected,
    LockNotAvailable,
    QueryCanceled,
    ReadOnlySqlTransaction,
    SerializationFailure,
)
from psycopg_pool import PoolTimeout, TooManyRequests
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from billing.api.request_id import request_id_of
from billing.refusals import Refused
from runbook.refusals import Rule

MEDIA_TYPE = "application/problem+json"
NAMED_ERRORS = 10
NAME_LENGTH = 100
log = structlog.stdlib.get_logger("billing.api")


class Fault(StrEnum):
    """What the API itself says no to, before or instead of the platform."""

    BODY_IS_NOT_JSON = "body_is_not_json"
    TOKEN_IS_MISSING = "token_is_missing"  # noqa: S105 - the name of a rule
    TOKEN_IS_WRONG = "token_is_wrong"  # noqa: S105 - the name of a rule
    PATH_NOT_FOUND = "path_not_found"
    METHOD_IS_NOT_ALLOWED = "method_is_not_allowed"
    BODY_IS_TOO_LARGE = "body_is_too_large"
    CONTENT_TYPE_IS_NOT_JSON = "content_type_is_not_json"
    REQUEST_IS_INVALID = "request_is_invalid"
    INTERNAL_ERROR = "internal_error"
    DATABASE_IS_BUSY = "database_is_busy"
    DATABASE_IS_UNAVAILABLE = "database_is_unavailable"
    DATABASE_IS_READ_ONLY = "database_is_read_only"


Code = Rule | Fault

STATUS: Mapping[Code, HTTPStatus] = {
    Fault.BODY_IS_NOT_JSON: HTTPStatus.BAD_REQUEST,
    Fault.TOKEN_IS_MISSING: HTTPStatus.UNAUTHORIZED,
    Fault.TOKEN_IS_WRONG: HTTPStatus.FORBIDDEN,
    Fault.PATH_NOT_FOUND: HTTPStatus.NOT_FOUND,
    Rule.TENANT_NOT_FOUND: HTTPStatus.NOT_FOUND,
    Rule.INVOICE_NOT_FOUND: HTTPStatus.NOT_FOUND,
    Fault.METHOD_IS_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Rule.TENANT_IS_NOT_ACTIVE: HTTPStatus.CONFLICT,
    Rule.INVOICE_IS_NOT_DRAFT: HTTPStatus.CONFLICT,
    Rule.INVOICE_IS_NOT_ISSUED: HTTPStatus.CONFLICT,
    Rule.PERIOD_OVERLAPS_INVOICE: HTTPStatus.CONFLICT,
    Rule.DRAFT_IS_STALE: HTTPStatus.CONFLICT,
    Fault.BODY_IS_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Fault.CONTENT_TYPE_IS_NOT_JSON: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Fault.REQUEST_IS_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.PERIOD_IS_EMPTY: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.IDEMPOTENCY_KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.NO_BILLABLE_EVENTS: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.EVENT_AMOUNT_IS_NOT_FINITE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.EVENT_HAS_NO_TERMS: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.EVENTS_IN_SEVERAL_CURRENCIES: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rule.TOTAL_IS_NEGATIVE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Fault.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Fault.DATABASE_IS_BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Fault.DATABASE_IS_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Fault.DATABASE_IS_READ_ONLY: HTTPStatus.SERVICE_UNAVAILABLE,
}

HEADERS: Mapping[Code, Mapping[str, str]] = {
    Fault.TOKEN_IS_MISSING: {"WWW-Authenticate": 'Bearer realm="billing"'},
    Fault.TOKEN_IS_WRONG: {"WWW-Authenticate": 'Bearer realm="billing", error="invalid_token"'},
    Fault.DATABASE_IS_BUSY: {"Retry-After": "1"},
    Fault.DATABASE_IS_UNAVAILABLE: {"Retry-After": "5"},
}


class FieldError(BaseModel):
    """One field of the request that is not as documented."""

    field: str = Field(description="Where it is, from the part of the request on inwards.")
    message: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Why a call failed (RFC 9457). ``code`` is for programs, ``detail`` for people."""

    type: str = Field(description="A URI that names the kind of problem.")
    title: str = Field(description="The kind of problem in words; the same at every occurrence.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was wrong this time.")
    instance: str = Field(description="The request's id, as in `X-Request-ID` and the log.")
    code: str = Field(description="The rule that was broken.")
    errors: list[FieldError] = Field(
        default=[], description="The fields that are wrong, where the code is request_is_invalid."
    )


def problem_of(
    code: Code, detail: str, request_id: str, errors: Sequence[FieldError] = ()
) -> Problem:
    """Describe one occurrence of a rule being broken."""
    return Problem(
        type=f"urn:billing:problem:{code}",
        title=code.replace("_", " ").capitalize().replace("json", "JSON"),
        status=STATUS[code],
        detail=detail,
        instance=request_id,
        code=code,
        errors=list(errors),
    )


def respond(
    code: Code,
    detail: str,
    request_id: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response that tells a problem, with the headers that its code or caller asks."""
    problem = problem_of(code, detail, request_id, errors)
    return JSONResponse(
        problem.model_dump(exclude_defaults=not errors),
        status_code=STATUS[code],
        headers={**HEADERS.get(code, {}), **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Make every error that an endpoint can end in a problem detail."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OperationalError, _database_error)
    app.add_exception_handler(ReadOnlySqlTransaction, _read_only)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, error: Exception) -> Response:
    refused = cast("Refused", error)
    return respond(refused.rule, refused.message, request_id_of(request.scope))


async def _invalid(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    request_id = request_id_of(request.scope)
    if found[0]["type"] == "json_invalid":
        position = found[0]["loc"][-1]
        detail = f"the body is not JSON: {found[0]['ctx']['error']} at character {position}"
        return respond(Fault.BODY_IS_NOT_JSON, detail, request_id)
    errors = [_field_error(each) for each in found[:NAMED_ERRORS]]
    detail = "; ".join(f"{each.field}: {each.message}" for each in errors)
    return respond(Fault.REQUEST_IS_INVALID, detail, request_id, errors)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    """Name the field and the fault; what was sent instead is not repeated."""
    name = ".".join(str(part) for part in error["loc"])[:NAME_LENGTH]
    # A name in the body may hold half a surrogate pair, which no response can carry.
    speakable = name.encode("utf-8", "replace").decode()
    return FieldError(field=speakable, message=error["msg"].removeprefix("Value error, "))


_FAULTS_BY_STATUS = {
    HTTPStatus.BAD_REQUEST: (Fault.BODY_IS_NOT_JSON, "the body cannot be read as JSON in UTF-8"),
    HTTPStatus.NOT_FOUND: (Fault.PATH_NOT_FOUND, "there is no such path; see /docs"),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        Fault.METHOD_IS_NOT_ALLOWED,
        "the path does not take this method; see the Allow header, and /docs",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (Fault.BODY_IS_TOO_LARGE, "the body is over 64 KiB"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        Fault.CONTENT_TYPE_IS_NOT_JSON,
        "send the body as Content-Type: application/json",
    ),
}


async def _http_error(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    code, detail = _FAULTS_BY_STATUS[HTTPStatus(raised.status_code)]
    return respond(code, detail, request_id_of(request.scope), headers=raised.headers)


_BUSY = (
    LockNotAvailable,
    QueryCanceled,
    DeadlockDetected,
    SerializationFailure,
    PoolTimeout,
    TooManyRequests,
)


async def _database_error(request: Request, error: Exception) -> Response:
    reason = str(error).strip().partition("\n")[0]
    log.warning("the database did not do its part", reason=reason, error=type(error).__name__)
    request_id = request_id_of(request.scope)
    if isinstance(error, _BUSY):
        detail = "the database did not get to it in time; nothing was written, try again"
        return respond(Fault.DATABASE_IS_BUSY, detail, request_id)
    detail = "the database cannot be reached; look whether the call took effect, then try again"
    return respond(Fault.DATABASE_IS_UNAVAILABLE, detail, request_id)


async def _read_only(request: Request, _: Exception) -> Response:
    detail = (
        "the database may only be read, as a standby or by default_transaction_read_only: have the "
        "server's DATABASE_URL name the primary; nothing was written"
    )
    return respond(Fault.DATABASE_IS_READ_ONLY, detail, request_id_of(request.scope))


async def _unexpected(request: Request, error: Exception) -> Response:
    return unexpected(request_id_of(request.scope))


def unexpected(request_id: str) -> Response:
    """Return the response to an error that nobody foresaw: it tells nothing but where to look."""
    detail = f"the call failed; the server's log tells why under request id {request_id}"
    return respond(Fault.INTERNAL_ERROR, detail, request_id)
