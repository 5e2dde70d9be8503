"""Faults: Ledgerline, and its data, wrong in exactly one way.

A Python module's ``build_in`` is called in the server, named by ``LEDGERLINE_FAULT``; an SQL script
is run on the database.
"""
