"""`manage.py platforms`: print what can be published where, and which platforms are set up."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Final

from django.core.management.base import BaseCommand

from integrations.capabilities import Capability, matrix
from integrations.connections import flows
from integrations.platforms.registry import platforms

TITLES: Final = (
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
        known = {one.slug: one for one in platforms()}
        rows = [(row, _here(row, known)) for row in matrix()]
        if options["json"]:
            told = [{**row.told(), "here": here} for row, here in rows]
            self.stdout.write(json.dumps(told, indent=1))
            return
        lines = [TITLES, *(_line(row, here) for row, here in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            told = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(told).rstrip())


def _here(row: Capability, known: Mapping[str, Any]) -> str:
    """Return whether people can connect the platform on this installation, in words."""
    if row.slug not in known:
        return "ready"
    return "ready" if flows.open_ways(known[row.slug]) else "needs set-up"


def _line(row: Capability, here: str) -> tuple[str, ...]:
    read = row.read.isoformat() if row.read else ""
    return (
        row.slug,
        row.kind,
        here,
        row.endpoint,
        row.access,
        row.limits,
        row.readback,
        row.confidence,
        read,
    )
