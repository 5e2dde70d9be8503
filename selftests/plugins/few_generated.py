"""Has M.1 try three of its generated tenants, beside the traps: they are the same in every run.

A rehearsal, the faults, and M.1's own tests try them all.
"""

from itertools import islice

import pytest

from oracle import generated

FEW = 3


def pytest_configure(config: pytest.Config) -> None:
    """Leave the others out, once they are asked for."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    every = generated.examples
    patch.setattr(generated, "examples", lambda: tuple(islice(every(), FEW)))
