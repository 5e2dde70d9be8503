"""The platform: a reference implementation of gain-share billing.

It knows nothing of the gate that judges it. Money is :class:`~decimal.Decimal` in major units
of the invoice's currency; instants are timezone-aware; a period is half-open and in UTC.
"""
