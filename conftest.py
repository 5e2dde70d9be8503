"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

pytest_plugins = [
    "fixtures.production",
    "fixtures.secrets",
    "fixtures.target",
    "fixtures.adapters",
    "fixtures.interrupts",
    "fixtures.server",
    "fixtures.rehearsal",
    "fixtures.evidence",
    "acceptance.acts",
]
