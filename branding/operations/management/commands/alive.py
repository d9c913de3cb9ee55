"""manage.py alive ROLE: a health probe by the heartbeat of a process on this machine."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from branding.operations.metrics import PROCESS_TIMEOUT
from branding.operations.models import Sign

ROLES = ("page", "worker", "clock")


class Command(BaseCommand):
    help = "Exit with 0 if a page, worker or clock of this machine was seen lately, with 1 if not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=ROLES)

    def handle(self, **options: Any) -> None:
        process_prefix = f"{options['role']} {socket.gethostname()} "
        earliest = timezone.now() - PROCESS_TIMEOUT
        if not Sign.objects.filter(
            process__startswith=process_prefix, seen_at__gt=earliest
        ).exists():
            raise SystemExit(f"No {options['role']} of this machine was seen lately.")
