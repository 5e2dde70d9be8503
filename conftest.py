"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

pytest_plugins = [
    "fixtures.target",
    "fixtures.server",
    "fixtures.platform",
    "fixtures.platform_in_process",
    "fixtures.rehearsal",
    "fixtures.evidence",
    "acceptance.acts",
]
