"""manage.py restore FILE: restore a backup completely, or change nothing."""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from branding.operations import backup
from branding.supervisor import SupervisorError, hold_data_lock
from integrations.vault import Unreadable


class Command(BaseCommand):
    help = "Put all rows and files of a backup back. Stop Facet first, and run migrate before."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--keys", action="store_true", help="take the keys from it, too")
        parser.add_argument("--replace", action="store_true", help="over what is here")

    def handle(self, **options: Any) -> None:
        passphrase = getpass.getpass("Passphrase for the keys: ") if options["keys"] else ""
        try:
            with hold_data_lock(settings.DATA_DIR), options["file"].open("rb") as source:
                count = backup.restore_archive(
                    source, passphrase=passphrase, replace=options["replace"]
                )
        except (SupervisorError, Unreadable, backup.RestoreError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count.rows} rows and {count.files} files are back.")
