"""``python -m platforms``: see :mod:`platforms.command_line`."""

from runbook.installed import run

if __name__ == "__main__":
    raise SystemExit(run("platforms.command_line"))
