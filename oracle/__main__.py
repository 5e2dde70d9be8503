"""``python -m oracle``: see :mod:`oracle.command_line`."""

from runbook.installed import run

if __name__ == "__main__":
    raise SystemExit(run("oracle.command_line"))
