"""Another plugin plants a seed, and commits it, in a run that is to be read-only.

stands for: a flag that one code path forgets to ask for
checks: X4
says: 1 dryrun- event
with: --read-only
"""

from collections.abc import Generator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from selftests.staging import Staging


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Plant once the dry run was acted."""
    acted = yield
    if fixturedef.argname == "dry_run":
        workspace = request.getfixturevalue("workspace")
        conninfo = make_conninfo(workspace.connection.info.dsn, user="postgres")
        with psycopg.connect(conninfo) as own:
            Staging(own, conninfo).event(workspace.tenant_id, key="dryrun-2026-02-p9a-0-001")
    return acted
