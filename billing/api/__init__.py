"""The admin API: the calls of :mod:`billing.invoices` over HTTP, as JSON.

One application, made by :func:`billing.api.app.create_app`. Around it, outermost first: the request
id and its log line, the token, the size of the body. Every error is a problem detail (RFC 9457).
"""
