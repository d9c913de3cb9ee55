"""Log lines, metrics and traces."""

from branding import env

# Missing pages are not logged. The debug messages of these libraries are never logged, because they
# contain keys, tokens and personal data.
LOG_LEVEL = env.read_choice(
    "LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)
LOG_FORMAT = env.read_choice("LOG_FORMAT", "text", ("text", "json"))
VERBOSE_LIBRARIES = (
    *("amqp", "boto3", "botocore", "celery", "django.db", "kombu"),
    *("oauth2_provider", "oauthlib", "s3transfer", "urllib3"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "repetition": {"()": "branding.operations.logs.RepetitionFilter"},
        "request_id": {"()": "branding.operations.logs.RequestIdFilter"},
    },
    "formatters": {
        "text": {"()": "branding.operations.logs.TextFormatter"},
        "json": {"()": "branding.operations.logs.JsonFormatter"},
    },
    "handlers": {
        "terminal": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["repetition", "request_id"],
        }
    },
    "root": {"handlers": ["terminal"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        **({name: {"level": "INFO"} for name in VERBOSE_LIBRARIES} if LOG_LEVEL == "DEBUG" else {}),
    },
}
HEARTBEAT_FILE = env.read_text("HEARTBEAT_FILE")  # "": none
METRICS_TOKEN = env.read_text("METRICS_TOKEN")
OTLP_ENDPOINT = env.read_address("OTEL_EXPORTER_OTLP_ENDPOINT")
