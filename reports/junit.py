"""``junit.xml``: the record as test cases, for the readers that CI systems have.

What was not run or not judged is skipped with its reason; what nothing could be said of is an
error. The first case is the verdict itself, so no reader shows green where the verdict is not; a
READY that names what was not judged is skipped, as only then its words are shown. Ids stand in the
names, since many readers ignore properties.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC

from reports.evidence import NEVER_REPORTED, Check, Evidence, MoneyFacts, TenantEvidence, Verdict
from reports.reproduction import again
from reports.sentences import (
    STATUS_WORDS,
    headline,
    judged_lines,
    lack_words,
    lines_of,
    meaning,
    not_judged_lines,
    outcome,
    remarks,
)
from reports.verdict import exit_code
from runbook.registry import CRITERIA, CRITERIA_MARKER, STEPS
from runbook.statuses import Status
from runbook.words import one_line

MARKERS = {check.id: step.marker for step in STEPS for check in step.checks}
BAD = ("failure", "error")


@dataclass(frozen=True)
class _Case:
    name: str
    classname: str
    seconds: float = 0.0
    outcome: str = ""  # the element that says why it did not pass, if it did not
    message: str = ""
    detail: str = ""
    words: tuple[str, ...] = ()  # what is told of it whatever its outcome
    properties: Mapping[str, str] = field(default_factory=dict)


def render_junit(evidence: Evidence, *, case_properties: bool = True) -> bytes:
    """Return the XML; Jenkins' xUnit schema knows no properties of a test case."""
    root = ET.Element("testsuites", name="P9-A acceptance")
    _suite(root, "P9-A verdict", evidence, [_verdict(evidence)], _run_properties(evidence))
    for tenant in evidence.tenants:
        cases = [_case(tenant, check) for check in tenant.results]
        _suite(root, f"P9-A {tenant.id}", evidence, cases, _tenant_properties(tenant))
    if not case_properties:
        for case in root.iter("testcase"):
            for properties in case.findall("properties"):
                case.remove(properties)
    ET.indent(root)
    text = ET.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _verdict(evidence: Evidence) -> _Case:
    green = exit_code(evidence) == 0
    if evidence.verdict is Verdict.READY:
        element = "skipped" if evidence.not_judged else ""
    elif evidence.verdict is Verdict.ABORTED:
        element = "error"
    else:
        element = "skipped" if green else "failure"
    message = f"{headline(evidence)}: {meaning(evidence)}"
    words = (
        *judged_lines(evidence),
        *not_judged_lines(evidence),
        *(f"{tenant.id}: {remark}" for tenant in evidence.tenants for remark in remarks(tenant)),
        message,
    )
    name = "VERDICT may the first invoice be switched on"
    return _Case(
        name, "p9a.verdict", outcome=element, message=message, detail=evidence.reason, words=words
    )


def _case(tenant: TenantEvidence, check: Check) -> _Case:
    criteria = [criterion.id for criterion in CRITERIA if check.id in criterion.checks]
    return _Case(
        name=f"{check.id} {check.title} [{tenant.id}]",
        classname=f"p9a.{MARKERS.get(check.id, CRITERIA_MARKER)}",
        seconds=check.seconds,
        outcome=_element(tenant, check),
        message=_message(check),
        detail=check.detail,
        properties={
            "tenant": tenant.id,
            "exit_criteria": ", ".join(criteria),
            "got": check.got,
            "expected": check.expected,
        },
    )


def _message(check: Check) -> str:
    if check.status is Status.NOT_JUDGED:
        return f"{STATUS_WORDS[check.status]}: {outcome(check)}"
    return outcome(check)


def _element(tenant: TenantEvidence, check: Check) -> str:
    if check.status is Status.PASSED:
        return ""
    if check.status is Status.FAILED:
        return "failure"
    lost = check.detail == NEVER_REPORTED or (tenant.reason and check.detail == tenant.reason)
    return "error" if lost else "skipped"


def _run_properties(evidence: Evidence) -> Iterator[tuple[str, str]]:
    yield "verdict", evidence.verdict.value
    yield "reason", evidence.reason
    yield "rehearsal", str(evidence.rehearsal).lower()
    yield "period_start", str(evidence.period.start)
    yield "period_end", str(evidence.period.end)
    yield "version", evidence.tool.version
    yield "commit", evidence.tool.commit
    platform = evidence.platform
    yield "platform", platform.name
    yield "platform_kind", platform.kind
    yield "platform_description_sha256", platform.description_sha256
    yield "platform_build", platform.build
    yield "not_judged", "; ".join(map(lack_words, evidence.not_judged))
    yield "options", " ".join(f"{name}={value}" for name, value in evidence.options.items())
    yield "database", evidence.target.database
    yield "host", evidence.target.host
    yield "system_identifier", evidence.target.system_identifier
    yield "billing", evidence.target.billing
    yield "plugins", ", ".join(f"{name} {text}" for name, text in evidence.tool.plugins.items())
    yield "how_to_reproduce", str(again(evidence))


def _tenant_properties(tenant: TenantEvidence) -> Iterator[tuple[str, str]]:
    yield "verdict", tenant.verdict.value
    yield "reason", tenant.reason
    yield "tenant", tenant.id
    yield "tenant_name", tenant.name
    yield "currency", tenant.currency
    yield "event_count", "" if tenant.event_count is None else str(tenant.event_count)
    for name in ("recovered_amount", "expected_gain_share"):
        amount = getattr(tenant, name)
        yield name, "" if amount is None else f"{amount:f}"
    for whose in ("own", "seeded"):
        money: MoneyFacts | None = getattr(tenant, whose)
        yield f"{whose}_event_count", str(money.event_count) if money else ""
        yield f"{whose}_recovered_amount", f"{money.recovered_amount:f}" if money else ""
        yield f"{whose}_gain_share_amount", f"{money.gain_share_amount:f}" if money else ""
    yield "remarks", "; ".join(remarks(tenant))
    yield "diagnosis", "; ".join(tenant.diagnosis)
    yield "invoice_number", tenant.invoice.number if tenant.invoice else ""
    yield "seeds_inserted", str(tenant.seeds.inserted)
    yield "seeds_removed", str(tenant.seeds.removed)


def _suite(
    root: ET.Element,
    name: str,
    evidence: Evidence,
    cases: list[_Case],
    properties: Iterator[tuple[str, str]],
) -> None:
    count = {kind: sum(case.outcome == kind for case in cases) for kind in (*BAD, "skipped")}
    suite = ET.SubElement(
        root,
        "testsuite",
        name=one_line(name),
        tests=str(len(cases)),
        failures=str(count["failure"]),
        errors=str(count["error"]),
        skipped=str(count["skipped"]),
        time=f"{sum(case.seconds for case in cases):.3f}",
        timestamp=evidence.started_at.astimezone(UTC).isoformat(),
    )
    _properties(suite, dict(properties))
    for case in cases:
        _add(suite, case)


def _add(suite: ET.Element, case: _Case) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        classname=case.classname,
        name=one_line(case.name),
        time=f"{case.seconds:.3f}",
    )
    if case.properties:
        _properties(element, case.properties)
    if case.outcome:
        why = ET.SubElement(element, case.outcome, message=one_line(case.message))
        why.text = "\n".join(map(one_line, lines_of(case.detail or case.message)))
    if case.words:
        told = ET.SubElement(element, "system-out")
        told.text = "\n".join(map(one_line, case.words))


def _properties(parent: ET.Element, properties: Mapping[str, str]) -> None:
    group = ET.SubElement(parent, "properties")
    for name, value in properties.items():
        ET.SubElement(group, "property", name=name, value=one_line(value))
