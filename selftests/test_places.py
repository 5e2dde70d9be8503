"""Time and place do not matter: the same verdict and the same evidence wherever the gate runs.

A place is what a database, its sessions and a machine can be set to. Events lie on the edges of the
period and of the terms, where any other time zone would move them in or out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from fixtures.server import run_server
from oracle.period import parse_period
from selftests.conftest import gate_on, load_reference, load_roles
from selftests.gate import Outcome
from selftests.queries_staging import staging as statements
from selftests.server import TOKEN, serving
from selftests.staging import Staging


@dataclass(frozen=True)
class Place:
    """Settings of the database, and variables of the machine on which gate and platform run."""

    settings: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def furnish(self, staging: Staging) -> None:
        """Set the database to the place, and no other, for every session that begins later."""
        database = f"ALTER DATABASE {staging.connection.info.dbname}"
        staging.connection.execute(f"{database} RESET ALL".encode())
        for setting, value in self.settings.items():
            staging.connection.execute(f"{database} SET {setting} = {value}".encode())


HOME = Place()
PLACES = (
    Place(
        {
            "timezone": "'Asia/Kolkata'",
            "datestyle": "'German, DMY'",
            "intervalstyle": "'sql_standard'",
            "extra_float_digits": "-15",
            "bytea_output": "'escape'",
        },
        {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PGTZ": "Asia/Kolkata"},
    ),
    Place(
        {
            "timezone": "'America/St_Johns'",
            "datestyle": "'SQL, MDY'",
            "search_path": "hostile, pg_catalog, app",
            "client_encoding": "'LATIN1'",
        },
        {"TZ": "America/St_Johns", "LANG": "POSIX", "PGDATESTYLE": "Postgres, DMY"},
    ),
    Place(
        {"lc_numeric": "'C.UTF-8'", "lc_monetary": "'C.UTF-8'", "lc_time": "'C.UTF-8'"},
        {
            "TZ": "Pacific/Apia",
            "PGTZ": "Pacific/Apia",
            "PGCLIENTENCODING": "SQL_ASCII",
            "PGOPTIONS": "-c datestyle=SQL,DMY -c search_path= -c intervalstyle=iso_8601",
        },
    ),
)
OLDEST = 14
INSTALLED: list[Any] = [
    str(path.parent)
    for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if int(path.parts[-3]) >= OLDEST
]


@pytest.fixture(params=["in process", "over HTTP"])
def mode(request: pytest.FixtureRequest) -> str:
    """How the platform is judged."""
    chosen: str = request.param
    return chosen


def judge(staging: Staging, place: Place, mode: str, folder: Path, *arguments: Any) -> Outcome:
    """Judge at a place, in random order; the platform's server is there too."""
    place.furnish(staging)
    if mode == "in process":
        gate = gate_on(staging, folder, "gate_in_process", place.env)
        return gate(*arguments, "-p", "randomly", cold=True)
    with serving(staging.conninfo, place.env) as server:
        api = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        gate = gate_on(staging, folder, "gate", {**place.env, **api})
        return gate(*arguments, "-p", "randomly", cold=True)


# Whose platform it is must be said: a schema of somebody else's has tables too.
NAMED = ("--platform=reference",)


def tenant_on_the_edges(staging: Staging) -> UUID:
    """25 % until the 15th, 30 % from then on; 90.57 on four events, and two that do not belong."""
    tenant_id = staging.tenant(valid_to=date(2026, 2, 15))
    statements.rename(staging.connection, tenant_id=tenant_id, name="Łódź Fracht 東京")
    staging.terms(tenant_id, "0.30", valid_from=date(2026, 2, 15))
    for amount, occurred_at in (
        ("1000.00", "2026-01-31T23:59:59.999999+00:00"),
        ("100.01", "2026-02-01T00:00:00+00:00"),
        ("10.10", "2026-02-14T23:59:59.999999+00:00"),
        ("10.10", "2026-02-15T00:00:00+00:00"),
        ("200.02", "2026-02-28T23:59:59.999999+00:00"),
        ("2000.00", "2026-03-01T00:00:00+00:00"),
    ):
        staging.event(tenant_id, amount, occurred_at=occurred_at)
    return tenant_id


def lasting(outcome: Outcome) -> Any:
    """The evidence but for times, ids that a run makes, and where its API listened."""
    assert outcome.evidence is not None, outcome.out + outcome.err
    evidence = outcome.evidence.model_dump(mode="json")
    for name in ("started_at", "finished_at", "tool", "target"):
        del evidence[name]
    for tenant in evidence["tenants"]:
        del tenant["invoice"]["id"], tenant["timeline"]
        for result in (*tenant["checks"], *tenant["exit_criteria"]):
            del result["seconds"]
    told = re.sub(r"DRAFT-2026-02-[0-9a-f]{8}", "DRAFT-2026-02-", repr(evidence))
    return re.sub(r"(http://127\.0\.0\.1):\d+", r"\1", told)


def test_every_place_gives_the_same_evidence(staging: Staging, mode: str, tmp_path: Path) -> None:
    tenant_id = tenant_on_the_edges(staging)
    statements.shadow_the_catalog(staging.connection)
    home = judge(staging, HOME, mode, tmp_path, tenant_id, *NAMED)
    assert (home.code, home.tenant.verdict, home.tenant.event_count) == (0, "READY", 4), home.out
    totals = home.tenant.recovered_amount, home.tenant.expected_gain_share
    assert [f"{total}" for total in totals] == ["320.23", "90.57"]
    before = staging.rows()
    for place in PLACES:
        outcome = judge(staging, place, mode, tmp_path, tenant_id, *NAMED)
        assert outcome.code == 0, outcome.out + outcome.err
        assert lasting(outcome) == lasting(home)
    assert staging.rows() == before


NONE_INSTALLED = pytest.mark.skip(f"no PostgreSQL {OLDEST} or later in /usr/lib/postgresql")


@pytest.fixture(
    scope="module", params=INSTALLED or [pytest.param("none", marks=NONE_INSTALLED)], ids=str
)
def installed(request: pytest.FixtureRequest) -> Iterator[Staging]:
    """A staging database on each PostgreSQL that is installed beside the embedded one."""
    with run_server(Path(request.param)) as server:
        where: dict[str, Any] = {"host": server.host, "port": server.port, "user": server.user}
        conninfo = server.conninfo("staging")
        with DatabaseJanitor(**where, dbname="staging"):
            load_reference(conninfo=conninfo)
            load_roles(conninfo=conninfo)
            with psycopg.connect(conninfo, autocommit=True) as connection:
                yield Staging(connection, conninfo)


def test_every_server_gives_the_same_totals(installed: Staging, mode: str, tmp_path: Path) -> None:
    tenant_id = installed.tenant()
    before = installed.rows()
    outcome = judge(installed, PLACES[0], mode, tmp_path, tenant_id, "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out + outcome.err
    totals = outcome.tenant.recovered_amount, outcome.tenant.expected_gain_share
    assert [f"{total}" for total in totals] == ["2465.75", "616.44"]
    assert outcome.check("S4.4").got.startswith("DRAFT to ISSUED to PAID, 3 events claimed")
    assert outcome.evidence is not None
    major = installed.connection.info.server_version // 10_000
    assert outcome.evidence.target.server_version.startswith(f"{major}.")
    assert installed.rows() == before


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "Pacific/Apia"])
@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), 2),
        (datetime(2026, 3, 1, tzinfo=UTC) - timedelta(microseconds=1), 1),
    ],
)
def test_the_default_period_is_the_last_full_month_in_utc(
    zone: str, now: datetime, month: int
) -> None:
    period = parse_period(None, None, now.astimezone(ZoneInfo(zone)))
    assert (period.start, period.end) == (
        datetime(2026, month, 1, tzinfo=UTC),
        datetime(2026, month + 1, 1, tzinfo=UTC),
    )
