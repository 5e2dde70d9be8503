"""The reference platform, described like any other; the only package that knows ``billing``."""
