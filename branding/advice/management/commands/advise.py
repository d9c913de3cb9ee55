"""Say which look of some photos suits whom, and why."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from branding.advice.appearance import DRESSES, TAKEN_BY, Measured, measured_of_photo
from branding.advice.explanations import advise
from branding.advice.library import load_library
from branding.advice.looks import build_candidate
from branding.advice.plain_data import advice_to_plain_data
from branding.advice.ranking import Candidate
from branding.advice.records import CV, Library
from branding.advice.situations import build_situation
from headshots import local_files
from headshots.engine.appearance import measure_appearance
from headshots.engine.io.decode import MAX_BYTES, decode
from headshots.engine.prediction import predict
from headshots.engine.recipes import built_in_looks
from headshots.engine.render import Renderer
from headshots.errors import FacetError
from integrations.places import all_places

EXIT_UNUSABLE: Final = 2  # exit code if no advice can be given
SIZE: Final = 512  # pixels a side of the headshots that are thought of
SHOWN: Final = 3  # looks of each place on the terminal

Details = dict[str, dict[str, str]]


class Command(BaseCommand):
    """Measure photos, and rank the looks that they would give for every place."""

    help = "Say which look of one or more photos of one person suits whom, with the studies."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_argument = parser.add_argument
        add_argument("photos", nargs="+", metavar="PHOTO", type=Path)
        add_argument("--role", required=True, help="what you do: lawyer, teacher, founder, …")
        add_argument("--audience", required=True, help="who looks: clients, or clients,peers")
        add_argument("--country", default="", help="where they are, as two letters: DE")
        add_argument("--place", action="append", help="only this place; cv is an application")
        add_argument("--dress", default="", choices=("", *DRESSES), help="what you wear")
        add_argument("--taken", default="", choices=("", *TAKEN_BY), help="who took the photos")
        add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            report = build_report(options)
        except FacetError as error:
            if options["json"]:
                fields = {"code": error.code, "message": error.message, "advice": error.advice}
                self.stdout.write(json.dumps({"error": fields}))
            else:
                self.stderr.write(f"{error.message}\n{error.advice}")
            raise SystemExit(EXIT_UNUSABLE) from error
        self.stdout.write(json.dumps(report) if options["json"] else format_report(report))


def build_report(options: dict[str, Any]) -> dict[str, Any]:
    """Return the advice for every place as plain data; raises FacetError."""
    library = load_library()
    situations = [
        build_situation(
            library,
            role=options["role"],
            audiences=options["audience"].split(","),
            country=options["country"].upper(),
            place=place,
        )
        for place in options["place"] or (CV, *all_places())
    ]
    candidates, details = _build_candidates(options, library)
    return {
        "role": options["role"],
        "audience": options["audience"],
        "country": options["country"].upper(),
        "places": [
            advice_to_plain_data(advise(candidates, situation, library), library, details)
            for situation in situations
        ],
    }


def _build_candidates(options: dict[str, Any], library: Library) -> tuple[list[Candidate], Details]:
    """Return each look that the photos would give, and its names; raises a photo's error."""
    pixels = [
        decode(local_files.read_file(path, max_bytes=MAX_BYTES)) for path in options["photos"]
    ]
    renderer = Renderer(pixels, size=SIZE)
    looks = built_in_looks()
    candidates: list[Candidate] = []
    details: Details = {}
    for index, path in enumerate(options["photos"]):
        photo = renderer.prepare_photo(index)
        measured = measured_of_photo(
            vars(measure_appearance(photo.subject)), dress=options["dress"], taken=options["taken"]
        )
        for slug in predict(photo, list(looks.values())).looks:
            key = f"{index}/{slug}"
            candidates.append(_build_look(key, measured, slug, library))
            details[key] = {"look": slug, "title": looks[slug].title, "photo": str(path)}
    return candidates, details


def _build_look(key: str, measured: Measured, slug: str, library: Library) -> Candidate:
    return build_candidate(key, measured, built_in_looks()[slug].to_plain_data(), library)


def format_report(report: dict[str, Any]) -> str:
    """Return the report for the terminal; places with the same advice are told once."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for place in report["places"]:
        same = json.dumps({**place, "place": ""}, sort_keys=True)
        groups.setdefault(same, []).append(place)
    sources: dict[int, str] = {}
    sections = [_format_group(places, sources) for places in groups.values()]
    return "\n\n".join([*sections, "\n".join(sources[number] for number in sorted(sources))])


def _format_group(places: list[dict[str, Any]], sources: dict[int, str]) -> str:
    """Return the advice for places that have the same."""
    advice = places[0]
    lines = [", ".join(place["place"] for place in places), f"  {_cite(advice['goal'], sources)}"]
    if advice["convention"]:
        lines.append(f"  {_cite(advice['convention'], sources)}")
    for rank, look in enumerate(advice["looks"][:SHOWN], start=1):
        lines.append(f"  {rank}. {look['title']}, from {look['photo']}")
    reasons = advice["looks"][0]["reasons"] if advice["looks"] else []
    lines += [f"  Why: {_cite(sentence, sources)}" for sentence in reasons]
    lines += [f"  But: {_cite(sentence, sources)}" for sentence in advice["drawbacks"]]
    lines.append(f"  How sure: {advice['confidence']['text']}")
    for first, second in advice["conflicts"]:
        lines.append(f"  The evidence conflicts: {_cite(first, sources)} {_cite(second, sources)}")
    lines += [f"  No effect: {_cite(sentence, sources)}" for sentence in advice["no_effect"]]
    lines += [
        f"  Better: {entry['text']} {_cite(entry['reason'], sources)}" for entry in advice["better"]
    ]
    return "\n".join(lines)


def _cite(sentence: dict[str, Any], sources: dict[int, str]) -> str:
    """Return a sentence with its footnote, and remember the source."""
    number = sentence["claim"]
    if number is None:
        return f"{sentence['text']} [editorial judgement]"
    parts = (sentence["source"], sentence["n"], str(sentence["year"]), f"grade {sentence['grade']}")
    sources[number] = f"[{number}] {', '.join(part for part in parts if part)}"
    return f"{sentence['text']} [{number}]"
