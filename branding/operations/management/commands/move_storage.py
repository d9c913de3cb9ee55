"""manage.py move_storage: copy every stored file from the disk to the bucket, or back."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from branding.operations.stored_files import copy_missing_files
from headshots.storage.disk import AtomicFiles


class Command(BaseCommand):
    help = (
        "Copy every picture to the bucket of S3_BUCKET, or from it to the disk. May be killed and"
        " run again; nothing is deleted."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", choices=("bucket", "disk"))

    def handle(self, **options: Any) -> None:
        """Copy what is missing; to be run before and after the settings are changed."""
        if not settings.S3_BUCKET:
            raise CommandError("Set S3_BUCKET and what else it takes to reach the bucket.")
        disk = AtomicFiles(settings.MEDIA_ROOT)
        storages = (disk, default_storage) if options["to"] == "bucket" else (default_storage, disk)
        copied_flags = [is_copied for _, is_copied in copy_missing_files(*storages)]
        self.stdout.write(
            f"{len(copied_flags)} files are in the {options['to']}, {sum(copied_flags)} new."
        )
