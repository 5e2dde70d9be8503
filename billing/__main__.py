"""``python -m billing``: see :mod:`billing.command_line`."""

from runbook.installed import run

if __name__ == "__main__":
    raise SystemExit(run("billing.command_line"))
