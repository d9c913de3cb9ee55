"""The ASGI entry point."""

import os
from importlib import import_module

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branding.settings")  # noqa: TID251

application = get_asgi_application()
import_module("branding.operations.traces").begin("page")
import_module("branding.operations.reporter").Reporter("page").start()
