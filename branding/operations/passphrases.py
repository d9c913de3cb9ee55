"""Passphrases of commands: typed without being shown, or read from a file; never empty."""

import getpass
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError


def add_passphrase_argument(parser: ArgumentParser) -> None:
    """Add the option that names a file with the passphrase, for commands without a terminal."""
    parser.add_argument(
        "--passphrase-file", type=Path, help="file whose first line is the passphrase"
    )


def choose_passphrase(file: Path | None) -> str:
    """Return a new passphrase, typed twice unless it is in a file. CommandError if it is empty."""
    passphrase = read_passphrase(file)
    if file is None and getpass.getpass("The same passphrase again: ") != passphrase:
        raise CommandError("The two passphrases differ.")
    return passphrase


def read_passphrase(file: Path | None) -> str:
    """Return the passphrase of a file, or one that is typed. CommandError if it is empty."""
    try:
        passphrase = (
            getpass.getpass("Passphrase: ") if file is None else file.read_text().partition("\n")[0]
        )
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CommandError(f"The passphrase cannot be read: {error or 'no terminal'}.") from error
    if not passphrase.strip():
        raise CommandError("An empty passphrase protects nothing.")
    return passphrase
