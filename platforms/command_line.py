"""``python -m platforms``: drafts, checks and tries the description of a platform.

``DATABASE_URL`` names the staging database; ``BILLING_API_URL`` and ``BILLING_API_TOKEN`` the API.
Exit codes: 0 it fits, 1 it does not, 2 it cannot be looked at, 4 wrongly called.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import psycopg

from oracle.period import BadPeriod, Period, parse_period
from platforms import adapters
from platforms.description import BadDescription, how_to_begin
from platforms.obstacles import Aborted, first_line
from platforms.reaching import Surroundings, WronglyCalled, surroundings
from platforms.relations.reading import BadRelation
from runbook.words import one_line

EXIT_OK, EXIT_MISFIT, EXIT_UNREACHABLE, EXIT_USAGE = 0, 1, 2, 4


class _Parser(argparse.ArgumentParser):
    """Says in one line what was wrong with the call, and exits with the documented code."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"platforms: {message}; see --help\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = _parser().parse_args(arguments)
    hidden = str
    try:
        with surroundings(os.environ, given.production) as around:
            hidden = around.hidden  # type: ignore[assignment] # from text to text, as str is
            exit_code: int = given.run(given, around)
            return exit_code
    except WronglyCalled as error:
        return _complain(hidden(str(error)), EXIT_USAGE)
    except Aborted as error:
        return _complain(hidden(str(error)), EXIT_UNREACHABLE)
    except (BadDescription, BadRelation) as error:
        return _complain(hidden(str(error)), EXIT_MISFIT)
    except psycopg.Error as error:
        return _complain(hidden(f"the database said: {first_line(error)}"), EXIT_UNREACHABLE)
    except KeyboardInterrupt:
        return _complain("stopped", EXIT_UNREACHABLE)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m platforms", description=__doc__)
    parser.add_argument(
        "--production", metavar="REGEX", help="what production looks like, and is not looked at"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="draft a description from the database and the API")
    init.add_argument("path", type=Path, help="a folder that is to hold it")
    init.add_argument("--name", help="what people call the platform")
    init.set_defaults(run=_init)
    check = commands.add_parser("check", help="say what of a description fits, and what does not")
    check.add_argument("path", metavar="NAME|PATH")
    check.add_argument(
        "--try", action="store_true", dest="tries", help="make one draft, and take it back"
    )
    check.add_argument("--tenant", metavar="ID", help="whom to draft for")
    check.add_argument("--period-start", metavar="MONTH", help="first month, e.g. 2026-02, or date")
    check.add_argument(
        "--period-end",
        metavar="MONTH",
        help="the month, or date, after the last: exclusive (default: the last full UTC month)",
    )
    check.set_defaults(run=_check)
    tenants = commands.add_parser("tenants", help="list the tenants of a described platform")
    tenants.add_argument("path", metavar="NAME|PATH")
    tenants.set_defaults(run=_tenants)
    roles = commands.add_parser(
        "roles", help="print the least that must be granted to run the gate"
    )
    roles.add_argument("path", metavar="NAME|PATH")
    roles.add_argument(
        "--check",
        nargs="?",
        const="",
        metavar="FILE",
        help="say what is missing of it, in a file or in the database",
    )
    roles.set_defaults(run=_roles)
    return parser


def _init(given: argparse.Namespace, around: Surroundings) -> int:
    from platforms.drafting.init import init  # noqa: PLC0415 - each command loads its own
    from platforms.drafting.shape import NothingFound  # noqa: PLC0415 - likewise

    try:
        init(given.path, given.name, around, lambda words: print(around.hidden(words)))
    except NothingFound as nothing:
        return _complain(str(nothing), EXIT_MISFIT)
    return EXIT_OK


def _check(given: argparse.Namespace, around: Surroundings) -> int:
    from platforms.checking.check import check, tried  # noqa: PLC0415 - each command loads its own
    from platforms.checking.findings import Finding, count_wrong, told  # noqa: PLC0415 - likewise

    folder = _folder(given.path)
    period = _period(given)

    def tell(words: str) -> None:
        print(around.hidden(words), flush=True)

    findings: list[Finding] = []
    try:
        findings.extend(check(folder, around))
        if given.tries and not count_wrong(findings):
            findings.extend(tried(folder, around, given.tenant, period, tell))
    except (WronglyCalled, Aborted):
        for words in told(findings, finished=False):
            tell(words)
        raise
    for words in told(findings):
        tell(words)
    return EXIT_MISFIT if count_wrong(findings) else EXIT_OK


def _period(given: argparse.Namespace) -> Period:
    if given.tries and not given.tenant:
        raise WronglyCalled("--try drafts for somebody: name one with --tenant=<id>")
    try:
        return parse_period(given.period_start, given.period_end, datetime.now(UTC))
    except BadPeriod as error:
        raise WronglyCalled(str(error)) from None


def _tenants(given: argparse.Namespace, around: Surroundings) -> int:
    from platforms.checking.check import described_or_wrong, tenants  # noqa: PLC0415 - likewise

    described = described_or_wrong(_folder(given.path))
    around.demand_database("whose tenants are to be listed")
    for words in tenants(described, around):
        print(around.hidden(words))
    return EXIT_OK


def _roles(given: argparse.Namespace, around: Surroundings) -> int:
    from platforms.checking.check import described_or_wrong  # noqa: PLC0415 - likewise
    from platforms.roles.deriving import script  # noqa: PLC0415 - likewise
    from platforms.roles.granting import differences, missing  # noqa: PLC0415 - likewise

    wanted = script(described_or_wrong(_folder(given.path)))
    if given.check is None:
        print(wanted, end="")
        return EXIT_OK
    if given.check:
        lacking = differences(wanted, _text(Path(given.check)))
    else:
        around.demand_database("whose grants are to be compared, or name a file: --check=FILE")
        with around.session(read_only=True) as connection:
            lacking = missing(connection, wanted)
    for words in lacking:
        print(around.hidden(words))
    print(f"{len(lacking)} missing or different" if lacking else "all of it is granted")
    return EXIT_MISFIT if lacking else EXIT_OK


def _folder(name: str) -> Path:
    folder = adapters.folder_of(name, Path())
    if not folder.is_dir():
        known = ", ".join(adapters.known())
        raise WronglyCalled(
            f"{name}: there is no such folder, and no description of that name ({known}); "
            f"{how_to_begin(folder)}"
        )
    return folder


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WronglyCalled(f"{path} cannot be read: {error}") from None


def _complain(message: str, exit_code: int) -> int:
    print(f"platforms: {one_line(message)}", file=sys.stderr)
    return exit_code
