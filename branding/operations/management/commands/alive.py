"""manage.py alive ROLE: a health probe by the heartbeat of a process on this machine."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from branding.operations.models import Sign

ROLES = ("page", "worker", "clock")


class Command(BaseCommand):
    help = "Exit with 0 if a page, worker or clock of this machine was seen lately, with 1 if not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=ROLES)

    def handle(self, **options: Any) -> None:
        process_prefix = f"{options['role']} {socket.gethostname()} "
        if not Sign.objects.recent().filter(process__startswith=process_prefix).exists():
            raise SystemExit(f"No {options['role']} of this machine was seen lately.")
