"""The gate: the runbook as tests; each step is acted once and judged by many."""
