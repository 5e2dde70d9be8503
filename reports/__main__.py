"""``python -m reports``: see :mod:`reports.command_line`."""

from runbook.installed import run

if __name__ == "__main__":
    raise SystemExit(run("reports.command_line"))
