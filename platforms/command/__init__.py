"""Any platform that is spoken to through a command, in JSON lines."""

from platforms.command.adapter import CommandAdapter

__all__ = ["CommandAdapter"]
