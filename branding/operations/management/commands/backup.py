"""manage.py backup FILE: write all rows and files to one archive."""

import tempfile
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from branding.operations.backups import encryption
from branding.operations.backups.layout import ArchiveCounts, BackupError, describe_missing
from branding.operations.backups.writing import write_archive
from branding.operations.passphrases import add_passphrase_argument, choose_passphrase


class Command(BaseCommand):
    help = (
        "Write all rows and files into FILE. The keys (DATA_DIR/secrets, or VAULT_KEY) are not in"
        " it unless --keys is given: keep them elsewhere, without them no sealed row can be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--keys", action="store_true", help="put them in, under a passphrase")
        parser.add_argument(
            "--encrypt", action="store_true", help="encrypt the whole file with a passphrase"
        )
        parser.add_argument(
            "--allow-missing",
            action="store_true",
            help="write it although files that the database names are missing",
        )
        add_passphrase_argument(parser)

    def handle(self, **options: Any) -> None:
        """Write to a draft beside FILE, which takes its place when it is complete."""
        file: Path = options["file"]
        passphrase = (
            choose_passphrase(options["passphrase_file"])
            if options["keys"] or options["encrypt"]
            else ""
        )
        try:
            with tempfile.NamedTemporaryFile(
                dir=file.parent, prefix=f"{file.name}.", suffix=".part", delete=False
            ) as draft:
                draft_path = Path(draft.name)
                try:
                    counts = _write(draft, passphrase, options)
                    draft_path.replace(file)
                finally:
                    draft_path.unlink(missing_ok=True)
        except (OSError, BackupError) as error:
            raise CommandError(f"No backup was written. {error}") from error
        if counts.missing:
            self.stderr.write(describe_missing(counts.missing))
        self.stdout.write(f"{counts.rows} rows and {counts.files} files: {file}")


def _write(draft: Any, passphrase: str, options: dict[str, Any]) -> ArchiveCounts:
    """Write the archive, encrypted if that is asked for."""
    target = encryption.encrypt(draft, passphrase) if options["encrypt"] else nullcontext(draft)
    with target as plain_target:
        counts = write_archive(
            plain_target,
            keys_passphrase=passphrase if options["keys"] else "",
            allow_missing=options["allow_missing"],
        )
    draft.flush()
    return counts
