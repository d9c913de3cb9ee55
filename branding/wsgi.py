"""The WSGI entry point; also starts tracing and the heartbeat of this process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branding.settings")  # noqa: TID251

application = get_wsgi_application()
from branding.operations import heartbeats, traces  # noqa: E402  they need the loaded apps
from branding.operations.private_files import protect_data_folder  # noqa: E402

protect_data_folder()

traces.start_tracing("page")
heartbeats.Reporter("page").start()
