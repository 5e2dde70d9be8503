"""Wires the gate's plugins; each of them declares its own options, markers and fixtures."""

import warnings

import pytest

from fixtures import PLUGINS

# What a library warns of while it is loaded keeps nobody from judging.
warnings.simplefilter("default")

pytest_plugins = ["fixtures.loading"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Judge with all of them, or not at all."""
    from fixtures.whole import demand_judging, demand_whole  # noqa: PLC0415 - plugins come first

    demand_judging(config)
    demand_whole(config, [*pytest_plugins, *PLUGINS])
