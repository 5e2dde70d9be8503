"""A platform without an API: the billing code of a monorepo, and a command that speaks for it.

Its tables are as far from the reference's as they can be: text ids, one currency and one rate a
customer, instants without a zone, an invoice that is one amount, claims in a table of their own.
"""
