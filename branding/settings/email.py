"""E-mail settings, from EMAIL_URL."""

from urllib.parse import parse_qs, unquote, urlsplit

from branding import env
from branding.settings.base import DATA_DIR, SITE_URL

SECURE_PORT, SUBMISSION_PORT, PLAIN_PORT = 465, 587, 25
OUTBOX_BACKEND = "branding.accounts.outbox.EmailBackend"
QUEUE_BACKEND = "branding.accounts.mail_queue.QueueBackend"
EMAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"  # to which the queue is sent


def email_settings(url: str) -> dict[str, object]:
    """Return Django's e-mail settings for a URL; without one, e-mails are stored as files.

    `smtp://user:password@host:587/?tls=1` uses STARTTLS, `smtps://…` implicit TLS.
    """
    if not url:
        return {"EMAIL_BACKEND": OUTBOX_BACKEND}
    url_parts = urlsplit(url)
    uses_ssl = url_parts.scheme == "smtps"
    uses_starttls = not uses_ssl and parse_qs(url_parts.query).get("tls", ["0"])[-1] == "1"
    default_port = SECURE_PORT if uses_ssl else SUBMISSION_PORT if uses_starttls else PLAIN_PORT
    return {
        "EMAIL_BACKEND": QUEUE_BACKEND,
        "EMAIL_HOST": url_parts.hostname,
        "EMAIL_PORT": url_parts.port or default_port,
        "EMAIL_HOST_USER": unquote(url_parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url_parts.password or ""),
        "EMAIL_USE_SSL": uses_ssl,
        "EMAIL_USE_TLS": uses_starttls,
        "EMAIL_TIMEOUT": 10,
    }


EMAIL_URL = env.read_url(
    "EMAIL_URL", schemes={"smtp", "smtps"}, example="smtp://user:password@host:587/?tls=1"
)
vars().update(email_settings(EMAIL_URL))
OUTBOX = DATA_DIR / "outbox"
DEFAULT_FROM_EMAIL = env.read_text("EMAIL_FROM", f"Facet <facet@{urlsplit(SITE_URL).hostname}>")
