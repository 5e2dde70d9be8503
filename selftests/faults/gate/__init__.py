"""Faults: runs of the gate that do not do what they should."""
