"""manage.py backup FILE: write all rows and files to one archive."""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from branding.operations import backup


class Command(BaseCommand):
    help = (
        "Write all rows and files into FILE. The keys (DATA_DIR/secrets, or VAULT_KEY) are not in"
        " it unless --keys is given: keep them elsewhere, without them no sealed row can be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--keys", action="store_true", help="put them in, under a passphrase")

    def handle(self, **options: Any) -> None:
        """Write to a `.part` file, which is renamed when it is complete."""
        passphrase = getpass.getpass("Passphrase for the keys: ") if options["keys"] else ""
        draft_path: Path = options["file"].with_name(options["file"].name + ".part")
        draft_path.touch(mode=0o600)
        with draft_path.open("wb") as target:
            count = backup.write_archive(target, passphrase=passphrase)
        draft_path.replace(options["file"])
        self.stdout.write(f"{count.rows} rows and {count.files} files: {options['file']}")
