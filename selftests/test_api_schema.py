"""The OpenAPI document against the server that serves it: Schemathesis tries to tell them apart.

A tenant with the id of the document's examples is there, so that its examples are real calls.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from billing.api.models import TENANT
from selftests.gate import environment
from selftests.server import TOKEN, Caller, serving
from selftests.staging import Staging

SECONDS = 25
NOT_CHECKED = [
    "positive_data_acceptance",  # a well-formed request may break a rule of billing: 422
    "ensure_resource_availability",  # another tenant's invoice is not found, by design
]


@pytest.fixture
def example_tenant(staging: Staging) -> UUID:
    """The tenant of the document's examples, with events that can be billed."""
    tenant_id = UUID(TENANT)
    staging.insert_tenant(tenant_id, "Example", "example")
    staging.terms(tenant_id, "0.25")
    for amount in ("1200.50", "875.25", "390.00", "-0.0049"):
        staging.event(tenant_id, amount)
    return tenant_id


def run_schemathesis(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            f"--header=Authorization: Bearer {TOKEN}",
            f"--exclude-checks={','.join(NOT_CHECKED)}",
            *("--max-examples=10", f"--max-time={SECONDS}", "--seed=1", "--no-shrink"),
            *("--generation-database=none", "--no-color"),
        ],
        cwd=folder,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=SECONDS * 4,
        check=False,
    )


@pytest.mark.long
def test_the_server_is_as_documented(
    staging: Staging, example_tenant: UUID, tmp_path: Path
) -> None:
    with serving(staging.conninfo) as server:
        done = run_schemathesis(server.url, tmp_path)
        _, _, log = server.stop()
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    requests = [line for line in map(json.loads, log.splitlines()) if line["event"] == "request"]
    answered = Counter(line["status"] for line in requests)
    # It got through to the platform, and to its refusals.
    assert {200, 201, 401, 404, 405, 409, 422} <= set(answered), answered
    assert max(answered) < 500, answered


def test_every_documented_example_is_a_call_that_works(
    staging: Staging, example_tenant: UUID
) -> None:
    with serving(staging.conninfo) as server, Caller(server.url) as api:
        document = api.get("/openapi.json").json()
        request = document["components"]["schemas"]["PeriodRequest"]["properties"]
        for starts, ends in zip(
            request["periodStart"]["examples"], request["periodEnd"]["examples"], strict=True
        ):
            body = {"tenantId": TENANT, "periodStart": starts, "periodEnd": ends}
            assert api.post("preview", body).json()["gainShareAmount"] == "616.44"


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [call for path in document["paths"].values() for call in path.values()]


def test_every_call_is_described(api: Caller) -> None:
    document = httpx.get(f"{api.url}/openapi.json").json()
    assert len(operations(document)) == 7
    scheme = document["components"]["securitySchemes"]["adminToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for call in operations(document):
        assert call["summary"]
        assert call["description"]
        admin = "invoices" in call["tags"]
        assert ("security" in call) == admin
        assert {"413", "500", "503"} <= set(call["responses"])
        assert {"401", "403", "422"} <= set(call["responses"]) or not admin
        for status, response in call["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]


def test_every_field_is_described(api: Caller) -> None:
    document = httpx.get(f"{api.url}/openapi.json").json()
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert described.get("description"), f"{name}.{field}"


def test_every_type_that_is_named_is_described(api: Caller) -> None:
    """Also when it is asked for again: the document is made once."""
    for _ in range(2):
        text = httpx.get(f"{api.url}/openapi.json").text
        named = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', text))
        assert "Problem" in named
        assert named <= json.loads(text)["components"]["schemas"].keys()
