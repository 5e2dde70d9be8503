"""Puts the application together."""

from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from billing.api import problems
from billing.api.database import Pool
from billing.api.documentation import add_problems
from billing.api.middleware import Authenticate, LimitBody, Observe
from billing.api.routes import admin, health

DESCRIPTION = """
Gain-share invoices: preview, draft, cancel, issue, mark paid.

Money is a decimal string in major units of the invoice's currency, in full; instants are RFC 3339
in UTC; a period is half-open. Every error is a problem detail (RFC 9457) whose `code` names the
rule that was broken, and a refused call has written nothing. `X-Request-ID` is taken over from the
request if it is 1 to 64 of `A-Z a-z 0-9 . _ -`, else made, and is in every response.
"""


def create_app(pool: Pool, token: str) -> ASGIApp:
    """Return the admin API on an open pool, for callers that bear the token."""
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        static_url="/docs/assets",
        title="Billing admin API",
        version="1",
        description=DESCRIPTION,
        redirect_slashes=False,
        swagger_ui_parameters={"validatorUrl": None},
    )
    app.state.pool = pool
    app.include_router(admin)
    app.include_router(health)
    problems.install(app)
    add_problems(app)
    return Observe(Authenticate(LimitBody(app), token))
