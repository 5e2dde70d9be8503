"""Runs the gate on Ledgerline, by its description and over its API."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from selftests.gate import FEBRUARY, Outcome, RunGate, run_gate
from selftests.platforms.ledgerline.fixtures import KEY, serving
from selftests.platforms.ledgerline.staging import Ledger

DESCRIPTION = Path(__file__).parent / "platforms" / "ledgerline" / "description"


@contextmanager
def gate_on(
    ledger: Ledger, folder: Path, fault: str = "", description: Path = DESCRIPTION
) -> Iterator[RunGate]:
    """Serve a ledger, which may have a fault, and yield a call that judges one of its accounts."""
    with serving(ledger.conninfo, fault) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": KEY}

        def run(account_id: int, *arguments: str) -> Outcome:
            period = () if any("--period" in text for text in arguments) else FEBRUARY
            return run_gate(
                folder / f"evidence-{uuid4()}",
                f"--tenant={account_id}",
                f"--platform={description}",
                *period,
                *arguments,
                database=ledger.conninfo,
                env=env,
            )

        yield run
