"""The command of a monorepo's billing code: it answers the gate, a line of JSON for each of its."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import psycopg

from selftests.platforms.monorepo import core

Request = dict[str, Any]
Database = psycopg.Connection[Any]

BUILD = "2026.11.3"
# What the billing code says, in the gate's words. It has one code for every wrong state.
RULES: dict[str, str | list[str]] = {
    "NO_SUCH_INVOICE": "invoice_not_found",
    "WRONG_STATE": ["invoice_is_not_draft", "invoice_is_not_issued"],
    "EMPTY_PERIOD": "period_is_empty",
    "KEY_TAKEN": "idempotency_key_reused",
    "NO_SUCH_CUSTOMER": "tenant_not_found",
    "CUSTOMER_DELETED": "tenant_is_not_active",
    "PERIOD_TAKEN": "period_overlaps_invoice",
    "NOTHING_TO_BILL": "no_billable_events",
    "NO_CONTRACT": "event_has_no_terms",
    "OUT_OF_DATE": "draft_is_stale",
}
# Whatever else prints, prints to the log: stdout is for answers alone.
answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
one_at_a_time = Lock()


def main() -> None:
    """Say hello, then answer until there are no more calls; several at once."""
    say({"protocol": "p9a-command/1", "build": BUILD})
    with ThreadPoolExecutor(8) as threads:
        for line in sys.stdin:
            threads.submit(answer, json.loads(line))


def say(what: dict[str, Any]) -> None:
    """Write one line, whole, and at once."""
    with one_at_a_time:
        answers.write(json.dumps(what) + "\n")
        answers.flush()


def answer(request: Request) -> None:
    """Answer a call in one of three ways: done, refused, or broken."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            say({"id": request["id"], "ok": CALLS[request["call"]](connection, request)})
    except core.Refused as no:
        refused = {"rule": RULES.get(no.code, no.code), "message": no.message}
        say({"id": request["id"], "refused": refused})
    except Exception as error:  # noqa: BLE001 - whatever it is, the gate must hear that it broke
        traceback.print_exc()
        say({"id": request["id"], "broken": {"message": type(error).__name__}})


def period(request: Request) -> tuple[str, datetime, datetime]:
    """Read who is to be billed, and for which period."""
    start, end = (datetime.fromisoformat(request[f"period_{edge}"]) for edge in ("start", "end"))
    return request["tenant_id"], start, end


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Write an invoice, or what one would be, with the members that the gate knows."""
    bill = {"currency": row["currency"], "gain_share_amount": f"{row['fee']:f}"}
    if "state" not in row:
        return bill
    return {
        "id": row["id"],
        "tenant_id": row["customer_id"],
        "number": row["number"],
        "status": row["state"],
        "period_start": instant(row["starts_at"]),
        "period_end": instant(row["ends_at"]),
        "issued_at": instant(row["finalized_at"]),
        "paid_at": instant(row["settled_at"]),
        **bill,
    }


def instant(moment: datetime | None) -> str | None:
    """Write an instant in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat()


def place(request: Request) -> tuple[str, str]:
    """Read whose invoice is meant, and which."""
    return request["tenant_id"], request["invoice_id"]


def cancel(connection: Database, request: Request) -> dict[str, Any]:
    """Discard an invoice; there is nothing to tell of it then."""
    core.discard(connection, *place(request))
    return {}


CALLS: dict[str, Callable[[Database, Request], dict[str, Any]]] = {
    "preview": lambda db, asked: told(core.quote(db, *period(asked))),
    "generate_draft": lambda db, asked: told(
        core.open_invoice(db, *period(asked), asked["idempotency_key"])
    ),
    "cancel": cancel,
    "issue": lambda db, asked: told(core.finalize(db, *place(asked))),
    "mark_paid": lambda db, asked: told(core.settle(db, *place(asked))),
    "void": lambda db, asked: told(core.void(db, *place(asked))),
    "find": lambda db, asked: told(core.invoice(db, *place(asked))),
}

if __name__ == "__main__":
    main()
