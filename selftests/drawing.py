"""Draws the generated tenants of check M.1 anew: ``python -m selftests.drawing``."""

import json
from collections.abc import Iterable
from typing import Any

from oracle.drawing import drawn
from oracle.generated import DAY, DRAWN, EXAMPLES, Event, Rate, Scenario


def written(scenarios: Iterable[Scenario]) -> str:
    """Write tenants as :func:`oracle.generated.read` reads them, a tenant a line."""
    lines = ",\n".join(json.dumps(_scenario(one)) for one in scenarios)
    return f"[\n{lines}\n]\n"


def _scenario(one: Scenario) -> dict[str, Any]:
    return {
        "currency": one.currency,
        "rates": [_rate(rate) for rate in one.rates],
        "events": [_event(event) for event in one.events],
    }


def _rate(rate: Rate) -> dict[str, Any]:
    ends = {} if rate.valid_to is None else {"valid_to": str(rate.valid_to)}
    given = {"finding_type": rate.finding_type, "rate": str(rate.rate)}
    return given | {"valid_from": str(rate.valid_from)} | ends


def _event(event: Event) -> dict[str, Any]:
    usual = vars(Event(event.amount, event.finding_type, event.occurred_at))
    told = {name: value for name, value in vars(event).items() if value != usual[name]}
    late = told.pop("created_late", None)
    days = {} if late is None else {"days_late": late // DAY}
    given = {"amount": str(event.amount), "finding_type": event.finding_type}
    return given | {"occurred_at": event.occurred_at.isoformat()} | days | told


if __name__ == "__main__":
    DRAWN.write_text(written(drawn(EXAMPLES)), encoding="utf-8")
