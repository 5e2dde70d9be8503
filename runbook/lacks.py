"""What a platform may lack, if its description says so, and the checks that rest on it alone.

Whatever is not named here, no platform may lack: without it nothing could be judged.
"""

from enum import StrEnum


class Lack(StrEnum):
    """Something that the gate asks of a platform, and that some have not."""

    PREVIEW = "preview"
    PREVIEW_LINES = "preview_lines"
    IDEMPOTENCY = "idempotency"
    TOKEN = "token"  # noqa: S105 - that callers must show one
    CANCEL = "cancel"
    ISSUE = "issue"
    MARK_PAID = "mark_paid"
    VOID = "void"
    STALE_DRAFTS = "stale_drafts"
    LINES = "lines"
    LINE_RATES = "line_rates"
    EVENT_COUNT = "event_count"
    RECOVERED_AMOUNT = "recovered_amount"
    CREATED_AT = "created_at"
    ISSUED_AT = "issued_at"
    PAID_AT = "paid_at"
    SCRATCH_TENANTS = "scratch_tenants"


# A check that is not named here rests on other things too, and is judged by those.
RESTS_ON: dict[str, tuple[str, ...]] = {
    Lack.PREVIEW: ("S1.4",),
    Lack.CANCEL: ("S2.3",),
    Lack.ISSUE: ("S4.2", "S4.3", "S4.5"),
    Lack.MARK_PAID: ("S4.3",),
    Lack.VOID: ("S4.5",),
    Lack.SCRATCH_TENANTS: ("M.1",),
}
