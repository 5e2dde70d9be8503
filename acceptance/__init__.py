"""The gate: a module a step, in which clause, act and judgement of each check stand together.

Each step is acted once a tenant, by the fixtures of ``acts``, and judged by many small tests.
"""
