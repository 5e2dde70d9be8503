"""Django's settings, from ``DATABASE_URL``, a libpq connection string, and ``LEDGERLINE_API_KEY``.

Both are taken out of the environment, so that nothing started later inherits them.
"""

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict

LOCK_SECONDS, STATEMENT_SECONDS = 10, 60

_given: dict[str, Any] = conninfo_to_dict(os.environ.pop("DATABASE_URL", ""))
_options = [
    _given.pop("options", ""),
    f"-c lock_timeout={LOCK_SECONDS}s",
    f"-c statement_timeout={STATEMENT_SECONDS}s",
]

API_KEY = os.environ.pop("LEDGERLINE_API_KEY", "")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _given.pop("dbname", ""),
        "USER": _given.pop("user", ""),
        "PASSWORD": _given.pop("password", ""),
        "HOST": _given.pop("host", ""),
        "PORT": _given.pop("port", ""),
        "OPTIONS": {
            "application_name": "ledgerline",
            "connect_timeout": 10,
            **_given,
            "options": " ".join(filter(None, _options)),
        },
        "CONN_HEALTH_CHECKS": True,  # a database that was restarted costs no failed request
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["selftests.platforms.ledgerline"]
MIDDLEWARE = ["selftests.platforms.ledgerline.urls.errors_in_one_shape"]
ROOT_URLCONF = "selftests.platforms.ledgerline.urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}
