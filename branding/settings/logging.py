"""Log lines, metrics and traces."""

from branding import env

# Missing pages are not logged. The debug messages of these libraries are never logged, because they
# contain keys, tokens and personal data.
LOG_LEVEL = env.text("LOG_LEVEL", "WARNING").upper()
LOG_FORMAT = env.text("LOG_FORMAT", "text")
TALKATIVE = (
    *("amqp", "boto3", "botocore", "celery", "django.db", "kombu"),
    *("oauth2_provider", "oauthlib", "s3transfer", "urllib3"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "branding.operations.logs.Following"}},
    "formatters": {
        "text": {"()": "branding.operations.logs.Line"},
        "json": {"()": "branding.operations.logs.JsonLine"},
    },
    "handlers": {
        "terminal": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["terminal"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        **({name: {"level": "INFO"} for name in TALKATIVE} if LOG_LEVEL == "DEBUG" else {}),
    },
}
METRICS_TOKEN = env.text("METRICS_TOKEN")
OTLP_ENDPOINT = env.address("OTEL_EXPORTER_OTLP_ENDPOINT")
