"""Which rule an API's codes mean: by their names, where its document tells any."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from platforms.drafting.calls import DraftedCall
from platforms.drafting.facts import find_error
from platforms.drafting.naming import snake
from platforms.openapi import Document, Response
from runbook.refusals import Rule

# Words of a code, of which some are enough; the first rule that fits is meant.
CODES: Mapping[Rule, str] = {
    Rule.PERIOD_OVERLAPS_INVOICE: r"overlap|taken|already_(billed|invoiced)|duplicate|_exists",
    Rule.NO_BILLABLE_EVENTS: r"no_(billable|events|findings|usage)|nothing|empty_invoice",
    Rule.EVENT_HAS_NO_TERMS: r"no_(contract|terms|rate|price|agreement)|(terms|rate)_missing",
    Rule.EVENTS_IN_SEVERAL_CURRENCIES: r"currenc",
    Rule.EVENT_AMOUNT_IS_NOT_FINITE: r"not_finite|amount_(is_)?(invalid|nan)|invalid_amount",
    Rule.TOTAL_IS_NEGATIVE: r"negative",
    Rule.DRAFT_IS_STALE: r"stale|outdated|draft_changed",
    Rule.IDEMPOTENCY_KEY_REUSED: r"idempoten|key_(reused|conflict)",
    Rule.PERIOD_IS_EMPTY: r"period_(is_)?(empty|invalid)|invalid_period",
    Rule.TENANT_IS_NOT_ACTIVE: r"not_active|inactive|suspended|(tenant|account|customer)_closed",
    Rule.INVOICE_IS_NOT_ISSUED: r"not_(issued|sent|final|open)",
    Rule.INVOICE_IS_NOT_DRAFT: r"not_(a_)?draft|already_(issued|sent|final)",
    Rule.TENANT_NOT_FOUND: r"(tenant|account|customer|organi[sz]ation)_(is_)?(not_found|unknown)",
    Rule.INVOICE_NOT_FOUND: r"(invoice|bill)_(is_)?(not_found|unknown)|^not_found$",
}
# The calls that may break a rule, and the status that most APIs give it.
CALLS: Mapping[Rule, tuple[str, ...]] = {
    Rule.INVOICE_NOT_FOUND: ("cancel", "issue", "mark_paid", "void", "find"),
    Rule.INVOICE_IS_NOT_DRAFT: ("issue", "cancel"),
    Rule.INVOICE_IS_NOT_ISSUED: ("mark_paid", "void"),
    Rule.TENANT_NOT_FOUND: ("preview", "draft"),
    Rule.TENANT_IS_NOT_ACTIVE: ("preview", "draft", "issue"),
    Rule.DRAFT_IS_STALE: ("issue",),
}
STATUS: Mapping[Rule, int] = {
    Rule.INVOICE_NOT_FOUND: 404,
    Rule.TENANT_NOT_FOUND: 404,
    Rule.INVOICE_IS_NOT_DRAFT: 409,
    Rule.INVOICE_IS_NOT_ISSUED: 409,
    Rule.TENANT_IS_NOT_ACTIVE: 409,
    Rule.PERIOD_OVERLAPS_INVOICE: 409,
    Rule.DRAFT_IS_STALE: 409,
}
UNPROCESSABLE = 422


@dataclass
class Told:
    """An answer that a rule has: its status, its code, and where that is known from."""

    status: int | None = None
    code: str = ""
    origin: str = ""
    calls: list[str] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Return it as the value of a key in ``[refusals]``."""
        told: dict[str, Any] = {"status": self.status} if self.status else {}
        if self.code:
            told["code"] = self.code
        if self.calls:
            told["calls"] = self.calls
        return told


def rule_of(code: str) -> Rule | None:
    """Return the rule that a code names; None where its name tells none."""
    plain = snake(code.replace(" ", "_"))
    try:
        return Rule(plain)
    except ValueError:
        return next((rule for rule, words in CODES.items() if re.search(words, plain)), None)


def documented(document: Document, calls: Mapping[str, DraftedCall]) -> dict[Rule, Told]:
    """Return the rules whose codes the document tells, in its examples or in a list of codes."""
    found: dict[Rule, Told] = {}
    for call in calls.values():
        for status, response in call.operation.responses.items():
            for code in _codes(document, response) if status not in call.operation.done else ():
                rule = rule_of(code)
                if rule is not None and rule not in found:
                    origin = f"OpenAPI ({call.operation.said}: {status})"
                    found[rule] = Told(status, code, origin)
    return found


def _codes(document: Document, response: Response) -> Iterator[str]:
    for example in response.examples:
        where, _ = find_error(example)
        code = _at(example, where)
        if isinstance(code, str):
            yield code
    if response.schema is not None:
        where, _ = find_error(document.sample(response.schema))
        schema: Any = response.schema
        for name in where.split(".") if where else ():
            schema = document.properties(schema).get(name, {})
        yield from (one for one in schema.get("enum", ()) if isinstance(one, str) and where)


def _at(told: Any, where: str) -> Any:
    for name in where.split(".") if where else ():
        told = told.get(name) if isinstance(told, dict) else None
    return told


def likely(rule: Rule, calls: Mapping[str, DraftedCall], told: Iterable[Told]) -> Told:
    """Return the likeliest answer to a rule of which nothing is known."""
    asked = [name for name in CALLS.get(rule, ()) if name in calls]
    status = STATUS.get(rule, UNPROCESSABLE)
    known = {
        status
        for name in asked or calls
        for status in calls[name].operation.responses
        if status not in calls[name].operation.done
    }
    fallback = next((one for one in (409, 422, 400) if one in known), None)
    status = status if status in known or not known else fallback or status
    every = len(asked) == len(calls) or rule is Rule.INVOICE_NOT_FOUND
    return Told(status, calls=[] if every else asked)
