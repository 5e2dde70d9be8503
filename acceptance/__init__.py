"""The gate: the runbook's steps and exit criteria as tests, each step acted once and judged often."""
