"""The command line: `facet` where the package is installed, `manage.py` in a checkout."""

import sys

from django.core.management import execute_from_command_line

from branding import env


def main() -> None:
    """Run the command that the arguments name."""
    env.set_default("DJANGO_SETTINGS_MODULE", "branding.settings")
    # A terminal that cannot show a sign gets a question mark instead of an error.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a TextIOWrapper
    execute_from_command_line(sys.argv)
