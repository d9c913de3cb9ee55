"""Celery: carries words about rows; what is to be done stands in the rows themselves."""

import os
import warnings

from celery import Celery, signals
from celery.platforms import SecurityWarning
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branding.settings")  # noqa: TID251
TRANSPORT_ALIASES["folder"] = "branding.broker:Transport"

# It warns root of pickled messages; ours are JSON, and in a container root is who there is.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("facet")
app.config_from_object("django.conf:settings", namespace="CELERY")


@signals.setup_logging.connect
def keep_logging(**_: object) -> None:
    """Celery leaves logging alone when somebody answers this: the settings' LOGGING holds."""
