"""manage.py export_account FILE: write everything of one account into a zip file."""

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from branding.accounts.models import User
from branding.exports.writing import iterate_export
from branding.operations.account_command import AccountCommand, CommandResult
from headshots.errors import StorageFull


class Command(AccountCommand):
    help = (
        "Write everything of one account into FILE, a zip file: photos, headshots, previous"
        " pictures, and all rows as JSON. Passwords, tokens and other secrets are not in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Write to a draft beside FILE, which takes its place when it is complete."""
        file: Path = options["file"]
        try:
            _write_complete(file, owner)
        except OSError as error:
            raise StorageFull(
                f"No export was written: {error.strerror or error}.",
                advice="Name a file in a folder that has room.",
            ) from error
        size = file.stat().st_size
        self.print_line(f"{size / 1e6:.1f} MB: {file}")
        return CommandResult({"file": str(file), "bytes": size})


def _write_complete(file: Path, owner: User) -> None:
    """Write the export, readable for this user only, or leave no file."""
    descriptor, draft_name = tempfile.mkstemp(".part", f"{file.name}.", file.parent)
    try:
        with os.fdopen(descriptor, "wb") as draft:
            draft.writelines(iterate_export(owner))
        Path(draft_name).replace(file)
    finally:
        Path(draft_name).unlink(missing_ok=True)
