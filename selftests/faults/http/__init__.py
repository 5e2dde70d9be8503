"""Faults: what a network, or a liar between gate and platform, does to a call."""
