"""Accounts of Ledgerline on whom faults show: one with findings of every kind, two with none."""

from collections.abc import Callable

from selftests.platforms.ledgerline.staging import Ledger

# Those who have nothing to bill: their invoices are made of seeds, and may be sent and paid.
LIVED = ("empty", "billed_before")

# At 17.5 %: ties of both signs, of even and odd cents; 31.5, of which binary fractions make less;
# 426.475, which must not be rounded twice; a reversal and a zero; two that are equal; both edges;
# both sides of the day on which the contract changes.
BUSY = (
    (120_060, "duplicate_charge", "2026-02-01T00:00:00+00:00"),
    (20, "duplicate_charge", "2026-02-03T09:00:00+00:00"),
    (20, "duplicate_charge", "2026-02-03T09:00:00+00:00"),
    (60, "duplicate_charge", "2026-02-04T09:00:00+00:00"),
    (180, "duplicate_charge", "2026-02-04T10:00:00+00:00"),
    (-10_020, "duplicate_charge", "2026-02-05T12:00:00+00:00"),
    (-60, "address_correction", "2026-02-06T12:00:00+00:00"),
    (87_525, "address_correction", "2026-02-14T12:00:00+00:00"),
    (2_437, "address_correction", "2026-02-14T23:59:59.999999+00:00"),
    (1_010, "address_correction", "2026-02-15T00:00:00+00:00"),
    (39_000, "classification_error", "2026-02-18T12:00:00+00:00"),
    (0, "classification_error", "2026-02-19T12:00:00+00:00"),
    (3_333, "classification_error", "2026-02-28T23:59:59.999999+00:00"),
)
# What must not be billed in February: the neighbours of its edges.
OUTSIDE = (
    (500_000, "duplicate_charge", "2026-01-31T23:59:59.999999+00:00"),
    (600_000, "duplicate_charge", "2026-03-01T00:00:00+00:00"),
)


def busy(ledger: Ledger) -> int:
    """Add an account with findings of every kind, beside another one's and some not to be billed.

    Its contract changes on the first day and in the middle of the month. One finding is billed
    already, one was, on an invoice that is void now; there is a draft of April.
    """
    neighbour(ledger)
    account_id = ledger.account(rate_percent=None)
    ledger.contract(account_id, "20", "2025-01-01", "2026-02-01")
    ledger.contract(account_id, "17.5", "2026-02-01", "2026-02-15")
    ledger.contract(account_id, "22.5", "2026-02-15")
    for amount_cents, kind, happened_at in (*BUSY, *OUTSIDE):
        ledger.finding(account_id, amount_cents, happened_at, kind=kind)
    ledger.finding(account_id, 70_000, state="identified")
    ledger.finding(account_id, 80_000, state="rejected")
    ledger.finding(account_id, 90_000, deleted_at="2026-02-11T00:00:00+00:00")
    billed, freed = ledger.finding(account_id, 40_000), ledger.finding(account_id, 50_000)
    ledger.invoice(account_id, "2026-01", [billed], "sent", "20")
    ledger.invoice(account_id, "2026-01", [freed], "void", "20")
    coming = ledger.finding(account_id, happened_at="2026-04-10T12:00:00+00:00")
    ledger.invoice(account_id, "2026-04", [coming], rate_percent="22.5")
    return account_id


def empty(ledger: Ledger) -> int:
    """Add an account at 25 % with nothing to bill, beside another one who has something."""
    neighbour(ledger)
    return ledger.account()


def billed_before(ledger: Ledger) -> int:
    """Add the same with an invoice of January that was sent, and which nobody has paid yet."""
    account_id = empty(ledger)
    billed = ledger.finding(account_id, 90_000, "2026-01-10T12:00:00+00:00")
    ledger.invoice(account_id, "2026-01", [billed], "sent")
    return account_id


def neighbour(ledger: Ledger) -> None:
    """Add an account with a finding to bill in February, and a draft of January."""
    account_id = ledger.account()
    ledger.finding(account_id, 700_000)
    drafted = ledger.finding(account_id, 60_000, "2026-01-10T12:00:00+00:00")
    ledger.invoice(account_id, "2026-01", [drafted])


TENANTS: dict[str, Callable[[Ledger], int]] = {
    make.__name__: make for make in (busy, empty, billed_before)
}
