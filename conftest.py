"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

pytest_plugins = [
    "fixtures.platform",
    "fixtures.production",
    "fixtures.secrets",
    "fixtures.target",
    "fixtures.interrupts",
    "fixtures.server",
    "fixtures.platform_in_process",
    "fixtures.platform_http",
    "fixtures.rehearsal",
    "fixtures.evidence",
    "acceptance.acts",
]
