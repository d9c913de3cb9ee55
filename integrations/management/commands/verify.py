"""`manage.py verify`: tell whether a picture was made here and what was done to it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from headshots import local_files
from headshots.engine.io.decode import MAX_BYTES
from headshots.errors import FacetError
from integrations.content_credentials.verification import verify_file

# Exit codes: 0 if it was made here and not changed since.
EXIT_CODES: Final = {"signed_here": 0, "recognized": 0}
EXIT_NOT_OURS: Final = 1
EXIT_UNUSABLE: Final = 2


class Command(BaseCommand):
    """Verify a picture file and print the result in sentences or as JSON."""

    help = "Tell whether a picture was made here, what was done to it, and whether it was changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            result = verify_file(local_files.read_file(options["file"], max_bytes=MAX_BYTES))
        except FacetError as error:
            error_fields = {"code": error.code, "message": error.message, "advice": error.advice}
            self.stdout.write(
                json.dumps({"error": error_fields}) if options["json"] else error.message
            )
            raise SystemExit(EXIT_UNUSABLE) from error
        if options["json"]:
            self.stdout.write(json.dumps(result.to_plain_data()))
        else:
            self.stdout.write("\n".join([*result.sentences, *result.actions]))
        raise SystemExit(EXIT_CODES.get(result.outcome, EXIT_NOT_OURS))
