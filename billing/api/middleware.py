"""What happens to a request before any endpoint sees it, outermost first.

Pure ASGI: nothing here reads a body, so a request is refused before its body has to arrive.
"""

import hmac
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from billing.api.problems import Fault, respond, unexpected
from billing.api.request_id import HEADER, accept_request_id, request_id_of

MAX_BODY_BYTES = 64 * 1024
OPEN_PATHS = ("/healthz", "/openapi.json", "/docs")
OPEN_FOLDER = "/docs/"
log = structlog.stdlib.get_logger("billing.api")


class Observe:
    """Gives each request its id and its log line, and each error that got this far its response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = accept_request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        with bound_contextvars(request_id=request_id):
            await self._handle(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = perf_counter()
        request_id = request_id_of(scope)
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, tell)
        except Exception:
            log.exception("the request failed")
            if not status:
                await unexpected(request_id)(scope, receive, tell)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round((perf_counter() - begun) * 1000, 1),
            )


class Authenticate:
    """Lets only the holder of the token in, except to what is open to all."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401 or 403."""
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        given = _bearer(Headers(scope=scope))
        if given is None:
            detail = "send the token as Authorization: Bearer <token>, never in the address"
            response = respond(Fault.TOKEN_IS_MISSING, detail, request_id_of(scope))
        elif not hmac.compare_digest(given, self._token):
            detail = "the token is not this server's"
            response = respond(Fault.TOKEN_IS_WRONG, detail, request_id_of(scope))
        else:
            await self._app(scope, receive, send)
            return
        await response(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER)


def _bearer(headers: Headers) -> bytes | None:
    """The token of the only Authorization header, or nothing where there is no such thing."""
    given = headers.getlist("Authorization")
    if len(given) != 1:
        return None
    scheme, _, token = given[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return token.strip().encode("latin-1")


class LimitBody:
    """Stops at 64 KiB, by what the request announces or, where it announces nothing, by count."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that ends at the limit, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if int(Headers(scope=scope).get("Content-Length", "0")) > MAX_BODY_BYTES:
            response = respond(
                Fault.BODY_IS_TOO_LARGE, "the body is over 64 KiB", request_id_of(scope)
            )
            await response(scope, receive, send)
            return
        await self._app(scope, _counting(receive), send)


def _counting(receive: Receive) -> Receive:
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise HTTPException(413)
        return message

    return receive_some
