"""``python -m acceptance sweep``: removes what dead runs of the gate left, and judges nothing.

``DATABASE_URL`` names the staging database, as for a run of the gate. Exit codes: 0 nothing was
left, or all of it is removed; 1 something could not be removed, and a line tells the command that
does it; 2 nothing can be said, of one tenant or of all; 4 wrongly called.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest

from acceptance.cleaning import clean
from acceptance.sweeping import Swept
from fixtures.named import read_platform, read_tenants
from fixtures.options import ALL, INI_PLATFORM, PLATFORM, TENANT
from fixtures.target import SeedMode, Target
from oracle.period import parse_period
from platforms.obstacles import Aborted, first_line
from platforms.production import of_api, typed
from platforms.reaching import Surroundings, WronglyCalled, setting, surroundings
from runbook.words import one_line

EXIT_OK, EXIT_KEPT, EXIT_UNSAID, EXIT_USAGE = 0, 1, 2, 4


class _Parser(argparse.ArgumentParser):
    """Says in one line what was wrong with the call, and exits with the documented code."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"acceptance: {message}; see --help\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = _parser().parse_args(arguments)
    hidden: Callable[[str], str] = str
    try:
        with surroundings(os.environ, given.production) as around:
            hidden = around.hidden
            exit_code: int = given.run(given, around)
            return exit_code
    except (WronglyCalled, pytest.UsageError) as error:
        return _complain(hidden(str(error)), EXIT_USAGE)
    except Aborted as error:
        return _complain(hidden(str(error)), EXIT_UNSAID)
    except psycopg.Error as error:
        return _complain(hidden(f"the database said: {first_line(error)}"), EXIT_UNSAID)
    except KeyboardInterrupt:
        return _complain("stopped: what it had not told of is as it was", EXIT_UNSAID)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m acceptance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sweep = commands.add_parser("sweep", help="remove what dead runs left, without judging")
    sweep.add_argument(
        "--tenant",
        action="append",
        metavar="ID",
        help="where to sweep; repeatable, or 'all' for every tenant (default: $P9A_TENANT)",
    )
    sweep.add_argument(
        "--platform",
        metavar="NAME|PATH",
        help="the description of the platform, as for a run (default: $P9A_PLATFORM, then the "
        "project's p9a_platform; without any, the reference platform's database is recognised)",
    )
    sweep.add_argument(
        "--lock-timeout",
        type=seconds,
        default=10,
        metavar="SECONDS",
        help="how long to wait for a run on the tenant, or any lock (default: 10)",
    )
    sweep.add_argument(
        "--statement-timeout",
        type=seconds,
        default=120,
        metavar="SECONDS",
        help="how long the database may take for one statement (default: 120)",
    )
    sweep.add_argument(
        "--production", metavar="REGEX", help="what production looks like, and is not touched"
    )
    sweep.set_defaults(run=_sweep)
    return parser


def seconds(text: str) -> int:
    """Read a whole number of seconds, at least 1; ``ValueError`` where it is none."""
    if int(text) < 1:
        raise ValueError
    return int(text)


def _sweep(given: argparse.Namespace, around: Surroundings) -> int:
    around.demand_database("that dead runs left something in")
    target = _target(given)
    around.production.refuse([*typed(around.conninfo), *of_api(around.url)])
    target = replace(target, conninfo=around.conninfo, production=around.production)
    codes = {EXIT_OK}
    for tenant_id, told in clean(target):
        codes.add(_tell(tenant_id, told, around))
    if target.all_tenants and codes == {EXIT_OK}:
        print("nothing of a dead run remains at any tenant")
    return next(code for code in (EXIT_KEPT, EXIT_UNSAID, EXIT_OK) if code in codes)


def _tell(tenant_id: str, told: Swept | Aborted, around: Surroundings) -> int:
    """Say what became of a tenant; return the exit code that it asks for."""
    where = f"tenant {tenant_id}"
    if isinstance(told, Aborted):
        return _complain(around.hidden(f"{where} was not swept: {told}"), EXIT_UNSAID)
    if told.kept:
        return _complain(around.hidden(f"{where} has {told}"), EXIT_KEPT)
    gone = f"removed {', '.join(told.gone)}" if told.gone else "no dead run left anything"
    print(one_line(around.hidden(f"{where}: {gone}")), flush=True)
    return EXIT_OK


def _target(given: argparse.Namespace) -> Target:
    """Return whom to sweep, in the words of a run; what only judging needs is as usual."""
    for name, text in (("--platform", given.platform), (PLATFORM, os.environ.get(PLATFORM))):
        if text is not None and not text.strip():
            raise WronglyCalled(f"{name} is set, but empty: set it, or leave it out")
    named = given.platform or os.environ.get(PLATFORM) or setting(INI_PLATFORM)
    described = read_platform(named, Path()) if named else None
    asked = given.tenant or os.environ.get(TENANT, "").split()
    if not asked:
        raise WronglyCalled("no --tenant says where to sweep: add --tenant=<id> or --tenant=all")
    return Target(
        run=uuid4().hex[:8],
        conninfo=None,
        tenants=read_tenants(asked, described),
        all_tenants=ALL in asked,
        period=parse_period(None, None, datetime.now(UTC)),
        seed_mode=SeedMode.NEVER,
        expected_total=None,
        read_only=False,
        keep_draft=False,
        lock_timeout=given.lock_timeout,
        api=None,
        lifecycle=False,
        statement_timeout=given.statement_timeout,
        described=described,
    )


def _complain(message: str, exit_code: int) -> int:
    print(f"acceptance: {one_line(message)}", file=sys.stderr, flush=True)
    return exit_code
