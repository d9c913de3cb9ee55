"""`manage.py platforms`: print what can be published where, and which platforms are set up."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Final

from django.core.management.base import BaseCommand

from integrations.capabilities import Capability, list_capabilities
from integrations.connections import sign_in_setup
from integrations.platforms.registry import all_platforms

COLUMN_TITLES: Final = (
    "platform",
    "who",
    "here",
    "call",
    "scopes",
    "picture",
    "known by",
    "confidence",
    "read",
)


class Command(BaseCommand):
    """Print the capability matrix as a table or as JSON."""

    help = "Print every platform: who sets its picture, by which call, within which limits."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON array")

    def handle(self, **options: Any) -> None:
        platforms_by_slug = {platform.slug: platform for platform in all_platforms()}
        rows = [
            (row, _describe_availability(row, platforms_by_slug)) for row in list_capabilities()
        ]
        if options["json"]:
            entries = [{**row.to_dict(), "here": availability} for row, availability in rows]
            self.stdout.write(json.dumps(entries, indent=1))
            return
        lines = [COLUMN_TITLES, *(_format_line(row, availability) for row, availability in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _describe_availability(row: Capability, platforms_by_slug: Mapping[str, Any]) -> str:
    """Return whether people can connect the platform on this installation, in words."""
    if row.slug not in platforms_by_slug:
        return "ready"
    return (
        "ready"
        if sign_in_setup.available_auth_indexes(platforms_by_slug[row.slug])
        else "needs set-up"
    )


def _format_line(row: Capability, availability: str) -> tuple[str, ...]:
    read_on = row.read.isoformat() if row.read else ""
    return (
        row.slug,
        row.kind,
        availability,
        row.endpoint,
        row.access,
        row.limits,
        row.readback,
        row.confidence,
        read_on,
    )
