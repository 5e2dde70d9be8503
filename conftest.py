"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

pytest_plugins = [
    "platforms.port",
    "fixtures.production",
    "fixtures.secrets",
    "fixtures.target",
    "fixtures.interrupts",
    "fixtures.server",
    "platforms.reference.adapter",
    "platforms.http",
    "fixtures.rehearsal",
    "fixtures.evidence",
    "acceptance.acts",
]
