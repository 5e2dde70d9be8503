"""Whether a platform lets us in, asked by what changes nothing, before anything is written."""

from contextlib import suppress

from oracle.period import Period
from platforms.description import Description
from platforms.port import Platform, PlatformRefused
from runbook.lacks import Lack
from runbook.refusals import Rule

# An id that nothing has, of each type.
NOBODY = {"uuid": "00000000-0000-4000-8000-000000000000", "bigint": "0", "text": "nobody"}


def knock(platform: Platform, description: Description, tenant_id: str, period: Period) -> None:
    """Ask for a preview, or else for an invoice that is not there, if it is known how that is told.

    Whatever is answered will do, but for a token that is refused: then
    :class:`~platforms.obstacles.Aborted` is raised. Where no token is asked for, nor is this.
    """
    if description.api is None or platform.shares_transaction or Lack.TOKEN in description.lacks:
        return
    nobodys = NOBODY[description.ids.invoice]
    with suppress(PlatformRefused):
        if Lack.PREVIEW not in description.lacks:
            platform.preview(tenant_id, period)
        elif Rule.INVOICE_NOT_FOUND not in description.refusals:
            return
        elif description.api.calls.find is not None:
            platform.find(tenant_id, nobodys)
        elif Lack.CANCEL not in description.lacks:
            platform.cancel(tenant_id, nobodys)
