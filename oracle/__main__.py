"""Work a bill out on paper: ``python -m oracle bill CONTRACT EVENTS.csv``.

Exit codes: 0 it stands there, 1 it cannot be billed, 4 wrongly called or a file cannot be read.
"""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from oracle.contract import BadContract, read
from oracle.paper import Paper, read_events, write_bill
from oracle.period import BadPeriod, parse_period
from oracle.sheet import BadSheet
from oracle.terms import in_utc
from runbook.visible import in_sight

CANNOT, WRONGLY_CALLED = 1, 4


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONGLY_CALLED, f"{in_sight(f'{self.prog}: {message}')}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the process's exit code."""
    parser = _Parser(prog="python -m oracle", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="bill")
    bill = commands.add_parser("bill", help="work a bill out, an event a line")
    bill.add_argument("contract", type=Path, help="the contract, a TOML file")
    bill.add_argument("events", type=Path, help="the events, a CSV file; see docs/contracts.md")
    bill.add_argument("--period-start", metavar="MONTH", help="first month, e.g. 2026-02, or date")
    bill.add_argument("--period-end", metavar="MONTH", help="the month, or date, after the last")
    bill.add_argument(
        "--invoiced-this-year",
        type=_amount,
        default=Decimal(),
        metavar="AMOUNT",
        help="what was invoiced in the contract year before the period",
    )
    bill.add_argument(
        "--issued-at", type=_instant, metavar="INSTANT", help="where issue chooses the rate"
    )
    options = parser.parse_args(arguments)
    try:
        return _bill(options)
    except (BadContract, BadSheet, BadPeriod) as bad:
        print(in_sight(str(bad)), file=sys.stderr)
        return WRONGLY_CALLED


def _bill(options: Namespace) -> int:
    now = datetime.now(UTC)
    period = parse_period(options.period_start, options.period_end, now)
    contract = read(options.contract)
    events = read_events(options.events, contract.currency)
    paper = Paper(events, options.invoiced_this_year)
    lines, made = write_bill(contract, paper, period, options.issued_at or now)
    print("\n".join(map(in_sight, lines)))
    return 0 if made else CANNOT


def _amount(text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise ArgumentTypeError(f"{text!r} is no amount: write it in full, e.g. 1234.50")
    return Decimal(text)


def _instant(text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        advice = "is no instant: write 2026-03-02T09:30:00Z, or a date"
        raise ArgumentTypeError(f"{text!r} {advice}") from None


if __name__ == "__main__":
    sys.exit(main())
