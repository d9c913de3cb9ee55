"""manage.py restore FILE: restore a backup completely, or change nothing."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from branding.operations.backups import encryption
from branding.operations.backups.layout import ArchiveCounts, RestoreError
from branding.operations.backups.restoring import restore_archive
from branding.operations.passphrases import add_passphrase_argument, read_passphrase
from branding.supervisor import SupervisorError, hold_data_lock
from integrations.vault import Unreadable


class Command(BaseCommand):
    help = (
        "Put all rows and files of a backup back, and sign everybody out. Stop Facet first, and"
        " run migrate before. A backup of an older version is brought up to date."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--keys", action="store_true", help="take the keys from it, too")
        parser.add_argument("--replace", action="store_true", help="over what is here")
        add_passphrase_argument(parser)

    def handle(self, **options: Any) -> None:
        try:
            with hold_data_lock(settings.DATA_DIR), options["file"].open("rb") as source:
                counts = _restore(source, options)
        except (
            *(OSError, SupervisorError, Unreadable, RestoreError),
            encryption.DecryptionError,
        ) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        self.stdout.write(
            f"{counts.rows} rows and {counts.files} files are back. Everybody has to sign in again."
        )


def _restore(source: IO[bytes], options: dict[str, Any]) -> ArchiveCounts:
    """Restore an archive, decrypting it if it is encrypted."""
    is_encrypted = encryption.is_encrypted(source)
    passphrase = (
        read_passphrase(options["passphrase_file"]) if is_encrypted or options["keys"] else ""
    )
    archive = encryption.decrypt(source, passphrase) if is_encrypted else nullcontext(source)
    with archive as plain_source:
        return restore_archive(
            plain_source,
            keys_passphrase=passphrase if options["keys"] else "",
            replace=options["replace"],
        )
