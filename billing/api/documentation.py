"""The OpenAPI document's part that types do not tell: which problems a call can end in."""

from collections import defaultdict
from functools import cache
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from billing.api.problems import HEADERS, MEDIA_TYPE, STATUS, Code, Fault, Problem, problem_of
from runbook.refusals import Rule

REFERENCE = "#/components/schemas/{model}"
ANY_CALL: tuple[Code, ...] = (
    Fault.BODY_IS_TOO_LARGE,
    Fault.INTERNAL_ERROR,
    Fault.DATABASE_IS_BUSY,
    Fault.DATABASE_IS_UNAVAILABLE,
    Fault.DATABASE_IS_READ_ONLY,
)
ANY_ADMIN_CALL: tuple[Code, ...] = (
    *ANY_CALL,
    Fault.TOKEN_IS_MISSING,
    Fault.TOKEN_IS_WRONG,
    Fault.REQUEST_IS_INVALID,
)
ANY_CALL_WITH_BODY: tuple[Code, ...] = (
    *ANY_ADMIN_CALL,
    Fault.BODY_IS_NOT_JSON,
    Fault.CONTENT_TYPE_IS_NOT_JSON,
)
PRICING: tuple[Code, ...] = (
    *ANY_CALL_WITH_BODY,
    Rule.PERIOD_IS_EMPTY,
    Rule.TENANT_NOT_FOUND,
    Rule.TENANT_IS_NOT_ACTIVE,
    Rule.PERIOD_OVERLAPS_INVOICE,
    Rule.NO_BILLABLE_EVENTS,
    Rule.EVENT_AMOUNT_IS_NOT_FINITE,
    Rule.EVENT_HAS_NO_TERMS,
    Rule.EVENTS_IN_SEVERAL_CURRENCIES,
    Rule.TOTAL_IS_NEGATIVE,
)
TRANSITION: tuple[Code, ...] = (*ANY_CALL_WITH_BODY, Rule.INVOICE_NOT_FOUND)


def can_end_in(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """Document a call's problems, by status, each code with an example."""
    by_status: defaultdict[int | str, list[Code]] = defaultdict(list)
    for code in codes:
        by_status[int(STATUS[code])].append(code)
    return {status: _response(by_status[status]) for status in sorted(by_status, key=int)}


def _response(codes: list[Code]) -> dict[str, Any]:
    examples = {str(code): {"value": _example(code)} for code in codes}
    headers = {
        name: {"schema": {"type": "string"}} for code in codes for name in HEADERS.get(code, {})
    }
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "headers": headers,
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": REFERENCE.format(model=Problem.__name__)},
                "examples": examples,
            }
        },
    }


def _example(code: Code) -> dict[str, Any]:
    problem = problem_of(code, "What was wrong this time.", "4f0c1d5a9b7e4a52")
    return problem.model_dump(exclude_defaults=True)


def add_problems(app: FastAPI) -> None:
    """Add the schema of problems to the document that the application serves.

    It is made when it is first asked for: most servers never are.
    """
    of_types = app.openapi

    @cache
    def whole() -> dict[str, Any]:
        document = of_types()
        _, described = models_json_schema([(Problem, "serialization")], ref_template=REFERENCE)
        document["components"]["schemas"] |= described["$defs"]
        return document

    app.openapi = whole  # type: ignore[method-assign] # as FastAPI says that it is to be done
