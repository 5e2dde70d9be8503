"""``python -m acceptance``: see :mod:`acceptance.command_line`."""

from runbook.installed import run

if __name__ == "__main__":
    raise SystemExit(run("acceptance.command_line"))
