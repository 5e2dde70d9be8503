"""The gate: a module a step, in which clause, act and judgement of each check stand together.

Each step is acted once a tenant and judged by many small tests. The modules are plugins too, so that
a step can use what another has acted.
"""
