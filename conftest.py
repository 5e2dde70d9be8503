"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

pytest_plugins = [
    "fixtures.adapters",
    "fixtures.production",
    "fixtures.secrets",
    "fixtures.target",
    "fixtures.interrupts",
    "fixtures.server",
    "fixtures.rehearsal",
    "fixtures.evidence",
    "acceptance.workspace",
    "acceptance.test_step1_dry_run",
    "acceptance.test_step2_execute",
    "acceptance.test_step3_seeds",
    "acceptance.test_step4_lifecycle",
    "acceptance.test_maths",
    "acceptance.test_exit_criteria",
]
