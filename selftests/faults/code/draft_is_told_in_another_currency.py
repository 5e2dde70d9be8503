"""The answer tells the draft in Canadian dollars; it is stored in those of the events.

stands for: invopop/gobl/issues/187, a currency that is taken for granted
checks: S2.2
says: answered: currency CAD
explained: telling another currency
"""

from dataclasses import replace

from oracle.period import Period
from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.reference import known


class Faulty(Reference):
    """Has one currency for all it tells."""

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """Answer in CAD."""
        draft = super().generate_draft(tenant_id, period, idempotency_key)
        return replace(draft, bill=replace(known(draft.bill), currency="CAD"))


pytest_p9a_platform = offering(Faulty)
