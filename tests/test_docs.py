"""The README's tables say what the code says; `python -m tests.test_docs` writes them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from headshots.engine import recipes, scenes
from headshots.engine.models.catalog import CATALOG
from headshots.engine.models.tiers import GIB, TIERS
from integrations import lifecycle
from integrations.capabilities import matrix
from integrations.frames import AVATAR, frames
from integrations.registry import platforms

README = Path(__file__).parent.parent / "README.md"


def looks_table() -> str:
    rows = ["| look | for | a stranger should feel | head | place |", "|---|---|---|---|---|"]
    for look in recipes.looks().values():
        backdrop = look.params("backdrop")
        place = backdrop.scene if backdrop.kind == "scene" else backdrop.kind
        row = (f"`{look.slug}`", look.title, look.feel, f"{look.wish.head:.2f}", place)
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows)


def scenes_table() -> str:
    rows = ["| scene | name | suits |", "|---|---|---|"]
    slugs = set(recipes.looks())
    for scene in scenes.library().values():
        suits = ", ".join(sorted(scene.tags & slugs))
        rows.append(f"| `{scene.slug}` | {scene.name} | {suits} |")
    return "\n".join(rows)


def models_table() -> str:
    rows = ["| model | what for | licence |", "|---|---|---|"]
    rows += [f"| [{one.name}]({one.source}) | {one.purpose} | {one.licence} |" for one in CATALOG]
    return "\n".join(rows)


def tiers_table() -> str:
    rows = ["| image model | what for | licence | memory |", "|---|---|---|---|"]
    for one in TIERS:
        row = (
            f"[{one.name}]({one.source})",
            one.purpose,
            one.licence,
            f"{one.memory / GIB:.0f} GB",
        )
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows)


def frames_table() -> str:
    rows = ["| place | shape | file | shown at | who puts it there |", "|---|---|---|---|---|"]
    for frame in frames().values():
        sizes = ", ".join(map(str, frame.shown))
        file = f"{frame.pixels} px {frame.form.upper()}, {frame.max_bytes / 1e6:g} MB"
        who = (
            "you, by hand"
            if frame.by_hand
            else "this server"
            if frame.slug == AVATAR
            else "an app may"
        )
        rows.append(f"| {frame.name} | {frame.shape} | {file} | {sizes} px | {who} |")
    return "\n".join(rows)


def platforms_table() -> str:
    rows = [
        "| platform | who sets it | call | scopes | picture | seen by | read |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in matrix():
        name = f"[{row.name}]({row.docs})" if row.docs else row.name
        name += " (experimental)" if row.experimental else ""
        read = f"{row.read}, {row.confidence}" if row.read else ""
        scopes = ", ".join(f"`{scope}`" for scope in row.scopes)
        call = f"`{row.endpoint}`" if row.endpoint else ""
        told = (name, row.kind, call, scopes, row.limits, row.readback, read)
        rows.append(f"| {' | '.join(told)} |")
    return "\n".join(rows)


def operators_table() -> str:
    rows = ["| platform | settings | where and how |", "|---|---|---|"]
    for one in platforms():
        if one.needs:
            needs = ", ".join(f"`{name}`" for name in one.needs)
            rows.append(f"| {one.name} | {needs} | {one.setup} |")
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "looks": looks_table,
    "scenes": scenes_table,
    "models": models_table,
    "tiers": tiers_table,
    "frames": frames_table,
    "platforms": platforms_table,
    "operators": operators_table,
    "lifecycle": lifecycle.drawing,
}


def between(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(\n<!-- /{name} -->)", re.DOTALL)


@pytest.mark.parametrize("name", TABLES)
def test_table_in_the_readme_is_true(name):
    found = between(name).search(README.read_text())
    assert found, f"README.md has no table '{name}'"
    assert found[2] == TABLES[name](), "run `python -m tests.test_docs` to write it"


def test_readme_names_only_files_that_exist():
    for path in re.findall(
        r"`((?:headshots|branding|integrations|tests)/[\w./]*)`", README.read_text()
    ):
        assert (README.parent / path).exists(), path


def write() -> None:
    text = README.read_text()
    for name, table in TABLES.items():
        text = between(name).sub(lambda found, table=table: found[1] + table() + found[3], text)
    README.write_text(text)


if __name__ == "__main__":
    write()
