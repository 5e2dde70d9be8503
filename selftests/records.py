"""Records to render: three fixed ones, with their golden files.

``python -m selftests.golden`` writes the golden files again; look at what changed before you keep
it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from reports.compare import compare, render_markdown, render_text
from reports.evidence import (
    NEVER_REPORTED,
    BooksFacts,
    Check,
    Criterion,
    Evidence,
    InvoiceFacts,
    LackFacts,
    LeftBehind,
    LineBeside,
    LineFacts,
    MoneyFacts,
    OddEvent,
    PeriodFacts,
    PlatformBill,
    PlatformFacts,
    ResidueFacts,
    SeedFacts,
    Span,
    TargetFacts,
    TenantEvidence,
    ToolFacts,
    Verdict,
    Warned,
)
from reports.github import annotations
from reports.junit import render_junit
from reports.record import dump_record, load_record
from reports.renderings import RENDERINGS
from reports.terminal import render
from reports.verdict import conclude, conclude_tenant
from runbook.lacks import RESTS_ON, Lack
from runbook.registry import CRITERIA, STEPS
from runbook.statuses import Status

GOLDEN = Path(__file__).with_name("golden")
STARTED = datetime(2026, 3, 1, 2, 17, tzinfo=UTC)
RENDERER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2
COMMIT = "5d0f3c1a9b7e2468ace013579bdf02468ace1357"
ALICE, MALLORY, ZOE = (f"{n}f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908" for n in "369")
# A name that tries every way out: of a cell, of code, of HTML, of a line, and into notifications.
HOSTILE = (
    "| a | `b` ``c`` </code><script>alert(1)</script><!-- [d](https://evil.example) ![e](f) "
    "@octocat #1 owner/repo#2 www.evil.example evil@evil.example \u202egnissecorp\u2066 "
    "**bold** ~~no~~ &lt;i&gt; $x$ :tada: \\| ]]> %0A::error::no\n\n# Heading\r\n| x | y |\n```\n"
    "::error title=no::no\x1b[31m\x00\x85\u2028end"
)

SEEN = {
    "S1.1": ("active", "active"),
    "S1.4": ("616.44 USD on 3 events in 3 lines", "616.44 USD on 3 events in 3 lines"),
    "S2.1": ("one DRAFT for [2026-02-01, 2026-03-01) UTC",) * 2,
}


LINES: tuple[dict[str, Any], ...] = tuple(
    {
        "finding_type": finding_type,
        "rate": Decimal("0.25"),
        "event_count": 1,
        "recovered_amount": Decimal(recovered),
        "gain_share_amount": Decimal(fee),
    }
    for finding_type, recovered, fee in (
        ("ADDRESS_CORRECTION", "875.25", "218.81"),
        ("CLASSIFICATION_ERROR", "390.00", "97.50"),
        ("DUPLICATE_CHARGE", "1200.50", "300.13"),
    )
)
NOTHING = MoneyFacts(
    event_count=0, recovered_amount=Decimal("0.00"), gain_share_amount=Decimal("0.00")
)
THREE = MoneyFacts(
    event_count=3, recovered_amount=Decimal("2465.75"), gain_share_amount=Decimal("616.44")
)
STAGING = TargetFacts(
    database="staging",
    system_identifier="7427364522301847523",
    server_version="17.4",
    billing="admin API at https://billing.staging",
    host="db.staging:5432",
)
REFERENCE = PlatformFacts(
    name="reference",
    kind="in process",
    description_sha256="9c1f7e5b3a08d2646f10c8e2b4d69a7350f1e8c7d2b6a4930e5f7c1d8b2a6049",
)
NO_PREVIEW = LackFacts(what=Lack.PREVIEW, why="the API has none", checks=("S1.4",))
NO_KEYS = LackFacts(
    what=Lack.IDEMPOTENCY, why="none: a lost answer is looked for by its month", checks=()
)
NO_VOID = LackFacts(
    what=Lack.VOID, why="an issued invoice is corrected by a credit note", checks=("S4.5",)
)
EVERY_LACK = tuple(
    LackFacts(what=what, why="it has none", checks=RESTS_ON.get(what, ())) for what in Lack
)
LEDGERLINE = PlatformFacts(
    name="Ledgerline billing",
    kind="HTTP",
    description_sha256="3f2a9b1c0d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8",
    build="2026.11.3+7f1c2aa",
    declared=(NO_PREVIEW, NO_KEYS, NO_VOID),
)
AUDITED = LeftBehind(table="ledger.audit_log", rows=21, declared=True, words="one row a call")
STRAY = LeftBehind(table="ledger.outbox", rows=1, declared=False, words="mentions the draft's id")
NEVER_BILLED = Warned(
    kind="never_billed",
    words="never billed: 12000.00 USD recovered before the period, 1 event: 12000.00 in 2025-12, "
    "not invoiced (1 event such as audit-17)",
    event_count=1,
    amount=Decimal("12000.00"),
    currency="USD",
)
ODD = OddEvent(
    key="audit-17",
    occurred_at=STARTED,
    finding_type="DUPLICATE_CHARGE",
    currency="USD",
    amount="NaN",
    why="1 DUPLICATE_CHARGE event whose amount is not a finite number",
)
A_CENT_LESS = PlatformBill(
    source="preview",
    currency="USD",
    event_count=3,
    recovered_amount=Decimal("2465.75"),
    gain_share_amount=Decimal("616.43"),
    lines=(
        LineBeside(
            about="DUPLICATE_CHARGE at 25 %",
            platform_amount=Decimal("300.12"),
            oracle_amount=Decimal("300.13"),
            words="DUPLICATE_CHARGE at 25 %: 300.12, not 300.13",
        ),
        LineBeside(about=HOSTILE, platform_amount=Decimal("1.00"), oracle_amount=None),
        LineBeside(about="WEIGHT at 25 %", platform_amount=None, oracle_amount=Decimal("1.00")),
    ),
    equal_lines=2,
)
REMAINS = ResidueFacts(
    removed=("event dryrun-2026-02-p9a-1a2b3c4d-001",),
    remaining=("perhaps an invoice asked for under p9a-1a2b3c4d-draft",),
    command="BEGIN; DELETE FROM app.billing_invoices WHERE idempotency_key = ''; COMMIT;",
    reason="the database went away",
)


def ready() -> Evidence:
    """One tenant on staging, ready on events of its own; step 4 was not asked for."""
    skipped = {f"S4.{n}": not_run("not asked for: see --lifecycle") for n in range(1, 6)}
    own = "not needed: the period has billable events of its own"
    skipped |= {f"S3.{n}": not_run(own) for n in range(1, 4)}
    skipped |= {"S1.7": NO_CONTRACT}
    name, seeds = "Alice & Söhne", SeedFacts()
    return run((tenant(ALICE, name, skipped, own=THREE, seeded=NOTHING, seeds=seeds),))


def ready_unjudged() -> Evidence:
    """The same tenant on a platform without preview and void, ready on nothing but seeds."""
    unjudged = {lack.checks[0]: not_judged(lack.why) for lack in (NO_PREVIEW, NO_VOID)}
    named = {"detail": f"S1.4 not judged: {NO_PREVIEW.why}"}
    unjudged |= {
        "X1": {"got": "5 of 5 checks hold", "expected": "5 of 5 checks hold"} | named,
        "X3": {"got": "2 of 2 checks hold", "expected": "2 of 2 checks hold"} | named,
    }
    unjudged |= {"S1.7": NO_CONTRACT}
    declared = LEDGERLINE.declared
    left: dict[str, Any] = {"left_behind": (AUDITED,), "warnings": (NEVER_BILLED,)}
    one = tenant(ALICE, "Alice & Söhne", unjudged, declared=declared, **left)
    return run((one,), platform=LEDGERLINE, target=STAGING, options={"--lifecycle": "yes"})


def not_ready() -> Evidence:
    """A hostile tenant that fails, one of whom nothing can be said, and one that is ready."""
    broken = {
        "S1.4": failed("616.43 USD on 3 events", "616.44 USD on 3 events", f"line 2; {HOSTILE}"),
        "X1": failed("6 of 7 checks hold", "7 of 7 checks hold", "S1.4 failed"),
    }
    broken |= {f"S2.{n}": not_run("step 1 does not hold: see S1.4") for n in (1, 2, 3)}
    broken["S4.5"] = not_judged(HOSTILE)
    broken["X3"] = failed("1 of 3 checks hold", "3 of 3 checks hold", "S1.4 failed")
    broken["X2"] = failed("0 of 3 checks hold", "3 of 3 checks hold", "S2.1 not exercised")
    broken["X4"] = failed("1 row not as before", "0 rows not as before", "ledger.outbox")
    locked = "the tenant is being judged by p9a-gate elsewhere, pid 4711"
    nothing = {id: not_run(locked) for id in ids()} | {"X4": not_run(NEVER_REPORTED)}
    hostile = LackFacts(what=Lack.VOID, why=HOSTILE, checks=("S4.5",))
    platform = LEDGERLINE.model_copy(update={"build": HOSTILE, "declared": (NO_KEYS, hostile)})
    left = (AUDITED, STRAY.model_copy(update={"words": HOSTILE}))
    told: dict[str, Any] = {
        "left_behind": left,
        "warnings": (NEVER_BILLED.model_copy(update={"words": HOSTILE}),),
        "platform_bill": A_CENT_LESS,
        "odd_events": (ODD, ODD.model_copy(update={"key": "=1+1", "why": HOSTILE})),
        "diagnosis": (f"rounded down on event audit-3; {HOSTILE}",),
    }
    tenants = (
        tenant(MALLORY, HOSTILE, broken, declared=platform.declared, **told),
        tenant(ZOE, "", nothing, locked, own=None, seeded=None),
        ready_two(),
    )
    return run(tenants, residue=REMAINS, platform=platform)


def ready_two() -> TenantEvidence:
    """The tenant of :func:`ready`."""
    (only,) = ready().tenants
    return only


FIXED: Mapping[str, Callable[[], Evidence]] = {
    "ready": ready,
    "not_judged": ready_unjudged,
    "not_ready": not_ready,
}


def ids() -> list[str]:
    """Every id of the registry, in its order."""
    return [check.id for step in STEPS for check in step.checks] + [c.id for c in CRITERIA]


def failed(got: str, expected: str, detail: str = "") -> dict[str, Any]:
    """Outcome of a check that does not hold."""
    return {"status": Status.FAILED, "got": got, "expected": expected, "detail": detail}


def not_run(why: str) -> dict[str, Any]:
    """Outcome of a check that was not exercised."""
    told = {"got": "not run", "expected": "to be exercised", "detail": why, "seconds": 0.0}
    return {"status": Status.NOT_RUN} | told


NO_CONTRACT = not_run("terms as stored; no contract was given")


def not_judged(why: str) -> dict[str, Any]:
    """Outcome of a check that rests on what the platform has not."""
    told = {"got": "not judged", "expected": "to be judged", "detail": why, "seconds": 0.0}
    return {"status": Status.NOT_JUDGED} | told


def tenant(
    id: str,
    name: str,
    outcomes: Mapping[str, Mapping[str, Any]],
    reason: str = "",
    declared: Iterable[LackFacts] = (),
    **facts: Any,
) -> TenantEvidence:
    """Return a tenant whose checks passed but for ``outcomes``, with the verdict that follows.

    It is judged on seeds alone, if ``facts`` do not say otherwise.
    """

    def outcome(check_id: str) -> dict[str, Any]:
        got, expected = SEEN.get(check_id, ("all well", "all well"))
        passed = {"status": Status.PASSED, "got": got, "expected": expected, "seconds": 0.125}
        return passed | dict(outcomes.get(check_id, {}))

    given: dict[str, Any] = {
        "id": id,
        "name": name,
        "slug": "acme",
        "status": "active",
        "verdict": Verdict.ABORTED,
        "reason": reason,
        "currency": "USD",
        "event_count": 3,
        "recovered_amount": Decimal("2465.75"),
        "expected_gain_share": Decimal("616.44"),
        "own": NOTHING,
        "seeded": THREE,
        "invoice": InvoiceFacts(
            id="0b0b9c5e-6a6f-4a53-8f1c-8b2f3c1d2e3f",
            number="DRAFT-2026-02-0b0b9c5e",
            status="DRAFT",
            amount=Decimal("616.44"),
            removed=True,
        ),
        "seeds": SeedFacts(
            keys=tuple(f"dryrun-2026-02-p9a-1a2b3c4d-00{n}" for n in (1, 2, 3)),
            inserted=3,
            removed=3,
        ),
        "checks": tuple(
            Check(id=check.id, title=check.title, **outcome(check.id))
            for step in STEPS
            for check in step.checks
        ),
        "exit_criteria": tuple(
            Criterion(id=c.id, title=c.title, checks=c.checks, **outcome(c.id)) for c in CRITERIA
        ),
        "books": BooksFacts(before="77:123", after="77:123", unchanged=True),
        "swept": ("event dryrun-2026-02-p9a-0a1b2c3d-001",) if reason else (),
        "lines": tuple(LineFacts(**line) for line in LINES),
        "timeline": (Span(act="dry run", started_at=STARTED, seconds=0.25),),
    }
    judged = TenantEvidence(**(given | facts))
    return judged.model_copy(update={"verdict": conclude_tenant(judged, declared)})


def run(tenants: tuple[TenantEvidence, ...], **facts: Any) -> Evidence:
    """Return a run over these tenants, with the verdict that follows."""
    given: dict[str, Any] = {
        "verdict": Verdict.ABORTED,
        "rehearsal": False,
        "started_at": STARTED,
        "finished_at": STARTED + timedelta(seconds=3.5),
        "tool": ToolFacts(
            version="0.1.0",
            commit=COMMIT,
            dirty=False,
            renderer_sha256=RENDERER,
            dependencies={"psycopg": "3.3.1"},
            plugins={"pytest-xdist": "3.8.0"},
        ),
        "target": STAGING.model_copy(update={"billing": "reference platform in process"}),
        "platform": REFERENCE,
        "options": {"--seed": "auto"},
        "period": PeriodFacts(start=date(2026, 2, 1), end=date(2026, 3, 1)),
        "tenants": tenants,
    }
    given |= facts
    judged = Evidence(**({"not_judged": given["platform"].declared} | given))
    return judged.model_copy(update={"verdict": conclude(judged)})


def golden_files() -> dict[str, bytes]:
    """Return what every golden file should hold, by its name."""
    files: dict[str, bytes] = {}
    for name, make in FIXED.items():
        record = dump_record(make())
        evidence = load_record(record)
        files[f"record-{name}.json"] = record
        files |= {
            f"{name}.{file}": rendered(evidence)
            for file, rendered in RENDERINGS.items()
            if file != "report.html"  # whose golden pages show more
        }
        shown = (f"{text.words}\n" for text in render(evidence, Path("reports/out/latest")))
        files[f"{name}.terminal.txt"] = "".join(shown).encode()
        files[f"{name}.jenkins.xml"] = render_junit(evidence, case_properties=False)
        files[f"{name}.annotations.txt"] = "".join(
            f"{it}\n" for it in annotations(evidence)
        ).encode()
    changes = compare(ready(), not_ready())
    files["ready-to-not_ready.txt"] = render_text(changes).encode()
    files["ready-to-not_judged.txt"] = render_text(compare(ready(), ready_unjudged())).encode()
    files["ready-to-not_ready.md"] = render_markdown(changes).encode()
    return files


def write_golden_files() -> None:
    """Write every golden file again."""
    GOLDEN.mkdir(exist_ok=True)
    for name, content in golden_files().items():
        (GOLDEN / name).write_bytes(content)
