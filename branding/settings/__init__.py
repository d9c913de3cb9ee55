"""Django settings, one module per concern; every setting that differs between installations comes
from an environment variable (docs/self-hosting.md lists them)."""

from branding.settings.accounts import *
from branding.settings.api import *
from branding.settings.base import *
from branding.settings.celery import *
from branding.settings.email import *
from branding.settings.jobs import *
from branding.settings.logging import *
from branding.settings.security import *
from branding.settings.storage import *
