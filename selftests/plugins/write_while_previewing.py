"""A platform whose preview writes, in a session of its own, whatever the gate forbids in its."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from oracle.bill import Bill
from oracle.period import Period
from platforms.adapters import adapter
from platforms.description import Described
from platforms.port import AdminApi, Platform
from selftests.queries_staging import staging


def renaming(platform: Platform, conninfo: str) -> Platform:
    """Return the platform with a preview that renames the tenant first."""
    look = platform.preview

    def preview(tenant_id: str, period: Period) -> Bill:
        with psycopg.connect(conninfo) as connection:
            staging.rename(connection, tenant_id=tenant_id, name="Looked at")
        return look(tenant_id, period)

    platform.preview = preview  # type: ignore[method-assign]
    return platform


@pytest.hookimpl(tryfirst=True)
def pytest_p9a_platform(
    described: Described, connection: Connection[Any], api: AdminApi | None
) -> Platform:
    """Offer the platform that would be judged, spoiled."""
    platform = adapter(described, connection, api, {})
    return renaming(platform, make_conninfo(connection.info.dsn, user="postgres"))
