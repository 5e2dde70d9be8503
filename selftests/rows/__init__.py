"""Platforms that keep the reference platform's data in other shapes: ``test_platform_rows``."""
