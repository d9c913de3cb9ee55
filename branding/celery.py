"""The Celery application. A message only names a database row; the row says what is to be done."""

import os
import warnings

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branding.settings")  # noqa: TID251
TRANSPORT_ALIASES["folder"] = "branding.broker:Transport"

# Celery warns root users about pickled messages. Ours are JSON, and containers often run as root.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("facet")
app.config_from_object("django.conf:settings", namespace="CELERY")


@signals.setup_logging.connect
def keep_logging(**_: object) -> None:
    """Keep the LOGGING setting: Celery configures no logging if this signal has a receiver."""
