"""Plugins that misbehave on purpose, loaded into a run of the gate with ``-p``."""
