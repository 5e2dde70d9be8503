"""Ledgerline: a billing platform of another house, right in all it does, which knows no gate.

Django with its ORM and migrations, amounts in cents, ids that count, the schema ``ledger``. An
invoice of a month has an item a finding, claims its findings as a draft already, and bills all of
them at the rate of the contract that holds on the month's first day. It has no preview and knows no
idempotency keys; whatever a call does stands in an audit log and an outbox as well.
"""

VERSION = "7.3.1"
