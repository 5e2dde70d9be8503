"""Faults: platforms in process that are wrong in exactly one way."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection

from fixtures.platform import AdminApi, Platform

Hook = Callable[[Connection[Any], AdminApi | None], Platform]


def offering(make: Callable[[Connection[Any]], Platform]) -> Hook:
    """Return the hook by which a module offers its platform to the gate."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_p9a_platform(connection: Connection[Any], api: AdminApi | None) -> Platform:
        return make(connection)

    return pytest_p9a_platform
