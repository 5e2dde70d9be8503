"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

import warnings

# What a library warns of while it is loaded keeps nobody from judging.
warnings.simplefilter("default")

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
    "fixtures.surroundings",  # the last that is named is the first that is asked
]
