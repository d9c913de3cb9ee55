"""E-mail settings, from EMAIL_URL."""

from urllib.parse import parse_qs, unquote, urlsplit

from branding import env
from branding.settings.base import DATA_DIR, SITE_URL

SECURE_PORT, SUBMISSION_PORT, PLAIN_PORT = 465, 587, 25
OUTBOX_BACKEND = "branding.accounts.outbox.EmailBackend"
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def email_settings(url: str) -> dict[str, object]:
    """Return Django's e-mail settings for a URL; without one, e-mails are stored as files.

    `smtp://user:password@host:587/?tls=1` uses STARTTLS, `smtps://…` implicit TLS. Raises
    ValueError for any other URL.
    """
    if not url:
        return {"EMAIL_BACKEND": OUTBOX_BACKEND}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("EMAIL_URL must look like smtp://user:password@host:587/?tls=1")
    secure = parts.scheme == "smtps"
    tls = not secure and parse_qs(parts.query).get("tls", ["0"])[-1] == "1"
    usual = SECURE_PORT if secure else SUBMISSION_PORT if tls else PLAIN_PORT
    return {
        "EMAIL_BACKEND": SMTP_BACKEND,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or usual,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": tls,
        "EMAIL_TIMEOUT": 10,
    }


EMAIL_URL = env.text("EMAIL_URL")
vars().update(email_settings(EMAIL_URL))
OUTBOX = DATA_DIR / "outbox"
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"Facet <facet@{urlsplit(SITE_URL).hostname}>")
