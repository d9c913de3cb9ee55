"""The ASGI entry point with its limits; also starts tracing and the heartbeat of this process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branding.settings")  # noqa: TID251

django_application = get_asgi_application()
from branding.operations import heartbeats, traces  # noqa: E402  they need the loaded apps
from branding.operations.private_files import protect_data_folder  # noqa: E402
from branding.operations.request_limits import RequestLimits  # noqa: E402

protect_data_folder()

application = RequestLimits(django_application)

traces.start_tracing("page")
heartbeats.Reporter("page").start()
