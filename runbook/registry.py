"""The runbook as data: steps, their checks, and the exit criteria that rest on them.

One clause, one id: the id is in the test's name, its marker and the evidence.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One clause of the runbook that holds or does not."""

    id: str
    title: str


@dataclass(frozen=True)
class Step:
    """A step of the runbook; ``marker`` selects it: ``-m "p9a and step1"``."""

    marker: str
    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Criterion:
    """An exit criterion, and the ids of the checks without which it cannot hold."""

    id: str
    title: str
    checks: tuple[str, ...]


STEP_1 = Step(
    "step1",
    "Read-only dry run",
    (
        Check("S1.1", "the tenant exists and is active"),
        Check("S1.2", "the period has billable events"),
        Check("S1.3", "no invoice overlaps the period"),
        Check("S1.4", "the preview equals the oracle"),
        Check("S1.5", "every amount can be billed"),
        Check("S1.6", "the dry run wrote nothing"),
        Check("S1.7", "the stored terms are those that were signed"),
    ),
)
STEP_2 = Step(
    "step2",
    "Execute and clean up",
    (
        Check("S2.1", "one draft is generated"),
        Check("S2.2", "the draft equals oracle and preview"),
        Check("S2.3", "cleaning up leaves all as before"),
    ),
)
STEP_3 = Step(
    "step3",
    "Seeds where there is nothing to bill",
    (
        Check("S3.1", "the seeds are inserted and counted"),
        Check("S3.2", "steps 1 and 2 hold on the seeds"),
        Check("S3.3", "the seeds are removed, and only they"),
    ),
)
STEP_4 = Step(
    "step4",
    "Invoice lifecycle",
    (
        Check("S4.1", "a draft is generated to be issued"),
        Check("S4.2", "it is issued"),
        Check("S4.3", "it is marked paid"),
        Check("S4.4", "its life is told right, wrong calls are refused"),
        Check("S4.5", "an issued invoice can be taken back"),
    ),
)
MATHS = Step(
    "maths",
    "Gain-share maths",
    (Check("M.1", "generated events are billed right"),),
)
STEPS = (STEP_1, STEP_2, STEP_3, STEP_4, MATHS)

CRITERIA = (
    Criterion(
        "X1",
        "The read-only dry run passes for the tenant",
        ("S1.1", "S1.2", "S1.3", "S1.4", "S1.5", "S1.6", "S1.7"),
    ),
    Criterion("X2", "Executing and cleaning up passes", ("S2.1", "S2.2", "S2.3")),
    Criterion("X3", "The gain-share maths meets the expected totals", ("S1.4", "S2.2", "M.1")),
    Criterion("X4", "No residual dry-run seed data remains", ("S3.3",)),
)
CRITERIA_MARKER = "criteria"

# A criterion holds without these where the gate says that they were not needed: without a contract
# there is nothing that S1.7 could compare the stored terms with.
OPTIONAL_CHECKS = frozenset(
    ["S1.7", *(check.id for step in (STEP_3, STEP_4, MATHS) for check in step.checks)]
)

# Where several checks fail, the first of these is what the others failed for: steps 1 and 2 are
# judged on the seeds of S3.1, what an invoice of S1.3 has billed is not there to be billed again,
# nothing adds up where S1.5 names what cannot be billed, and no amount is right where S1.7 names
# terms that are not those that were signed.
CAUSES = ("S1.1", "S3.1", "S1.3", "S1.2", "S1.5", "S1.7", "S1.4")
# What is looked at once everything else has been acted comes after the rest, and criteria last.
FOLLOWS = ("S3.3", *(criterion.id for criterion in CRITERIA))
