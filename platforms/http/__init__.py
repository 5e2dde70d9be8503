"""Any platform that is spoken to over HTTP, as its description says."""

from platforms.http.adapter import HttpAdapter

__all__ = ["HttpAdapter"]
