"""Tenants on whom faults show: one with events of every kind, and one with nothing to bill."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

from oracle.contract import read
from selftests.faults.queries import faults
from selftests.queries_agreed import write_contract
from selftests.staging import Staging

# Those who have nothing to bill: their invoices are made of seeds, and may be issued and paid.
LIVED = ("empty", "billed_before")

# Ties at 25 % and 30 %, both signs, both edges, two dates of terms, a general and a specific rate.
BUSY = (
    ("1200.50", "DUPLICATE_CHARGE", "2026-02-01T00:00:00+00:00"),
    ("0.50", "DUPLICATE_CHARGE", "2026-02-03T09:00:00+00:00"),
    ("0.50", "DUPLICATE_CHARGE", "2026-02-04T09:00:00+00:00"),
    ("-100.02", "DUPLICATE_CHARGE", "2026-02-05T12:00:00+00:00"),
    ("875.25", "ADDRESS_CORRECTION", "2026-02-14T12:00:00+00:00"),
    ("10.10", "ADDRESS_CORRECTION", "2026-02-14T23:59:59.999999+00:00"),
    ("10.10", "ADDRESS_CORRECTION", "2026-02-15T00:00:00+00:00"),
    ("390.00", "CLASSIFICATION_ERROR", "2026-02-18T12:00:00+00:00"),
    ("0.00", "CLASSIFICATION_ERROR", "2026-02-19T12:00:00+00:00"),
    ("33.33", "CLASSIFICATION_ERROR", "2026-02-28T23:59:59.999999+00:00"),
)
# Beside a contract: an event that a tier's bound cuts, one in the next tier, and one above the cap.
SIGNED_EVENTS = (
    ("1200.50", "DUPLICATE_CHARGE"),
    ("800.00", "DUPLICATE_CHARGE"),
    ("2000.00", "ADDRESS_CORRECTION"),
    ("100.00", "CLASSIFICATION_ERROR"),
)
SIGNED = Path(__file__).parent / "contracts" / "signed.toml"
# What must not be billed in February: the neighbours of its edges.
OUTSIDE = (
    ("5000.00", "DUPLICATE_CHARGE", "2026-01-31T23:59:59.999999+00:00"),
    ("6000.00", "DUPLICATE_CHARGE", "2026-03-01T00:00:00+00:00"),
)


def busy(staging: Staging) -> UUID:
    """Add a tenant with events of every kind, beside another one's and some not to be billed."""
    other = staging.tenant()
    staging.event(other, "7000.00")
    tenant_id = staging.tenant()
    staging.terms(tenant_id, "0.30", finding_type="ADDRESS_CORRECTION", valid_to=date(2026, 2, 15))
    for amount, finding_type, occurred_at in (*BUSY, *OUTSIDE):
        staging.event(tenant_id, amount, finding_type=finding_type, occurred_at=occurred_at)
    faults.add_what_is_not_billed(staging.connection, tenant_id=tenant_id)
    return tenant_id


def empty(staging: Staging) -> UUID:
    """Add a tenant with terms and nothing to bill, beside another one who has something."""
    staging.event(staging.tenant(), "7000.00")
    return staging.tenant()


def yen(staging: Staging) -> UUID:
    """Add a tenant who is billed in yen, which have no decimals."""
    tenant_id = staging.tenant(currency="JPY")
    for amount in ("1201", "875", "390", "2"):
        staging.event(tenant_id, amount, currency="JPY")
    return tenant_id


def billed_before(staging: Staging) -> UUID:
    """Add the same with an issued invoice of January, which nobody has paid yet."""
    tenant_id = empty(staging)
    faults.add_what_was_billed(staging.connection, tenant_id=tenant_id)
    return tenant_id


def drafted(staging: Staging) -> UUID:
    """Add a busy tenant with a draft of April, beside another one with a draft of February."""
    tenant_id, other = busy(staging), staging.tenant()
    staging.event(tenant_id, occurred_at="2026-04-10T12:00:00+00:00")
    staging.draft(tenant_id, month=4)
    staging.event(other)
    staging.draft(other)
    return tenant_id


def signed(staging: Staging) -> UUID:
    """Add a tenant with whom tiers, a cap per event and a minimum were agreed."""
    tenant_id = uuid4()
    staging.insert_tenant(tenant_id, "Signed Freight", "signed")
    write_contract(staging.connection, tenant_id, read(SIGNED))
    for amount, finding_type in SIGNED_EVENTS:
        staging.event(tenant_id, amount, finding_type=finding_type)
    return tenant_id


def suspended(staging: Staging) -> UUID:
    """Add a busy tenant and suspend it."""
    tenant_id = busy(staging)
    staging.suspend(tenant_id)
    return tenant_id


def two_currencies(staging: Staging) -> UUID:
    """Add a busy tenant who has terms and an event in Canadian dollars too."""
    tenant_id = busy(staging)
    staging.terms(tenant_id, "0.25", "CAD")
    staging.event(tenant_id, currency="CAD")
    return tenant_id


TENANTS: dict[str, Callable[[Staging], UUID]] = {
    make.__name__: make
    for make in (busy, empty, yen, billed_before, drafted, signed, suspended, two_currencies)
}
