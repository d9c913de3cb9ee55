"""The documentation agrees with the code: generated tables, paths, links and sizes.

`python -m tests.test_docs` writes the generated tables.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from headshots.engine import recipes
from headshots.engine.diffusion.models import GIB, TIERS
from headshots.engine.networks.catalog import CATALOG
from headshots.engine.operations import scenes
from integrations import publication_states
from integrations.capabilities import list_capabilities
from integrations.places import AVATAR_SLUG, Place, all_places
from integrations.platforms.registry import all_platforms

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PACKAGES = ("headshots", "integrations", "branding")
README_LINES = 180
MAX_IMAGE_BYTES = 250_000


def looks_table() -> str:
    rows = ["| look | for | first impression | head | background |", "|---|---|---|---|---|"]
    for look in recipes.built_in_looks().values():
        backdrop = look.step_params("backdrop")
        place = backdrop.scene if backdrop.kind == "scene" else backdrop.kind
        row = (f"`{look.slug}`", look.title, look.feel, f"{look.framing_wish.head:.2f}", place)
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows)


def scenes_table() -> str:
    rows = ["| scene | name | looks it suits |", "|---|---|---|"]
    slugs = set(recipes.built_in_looks())
    for scene in scenes.scene_library().values():
        suits = ", ".join(sorted(scene.tags & slugs))
        rows.append(f"| `{scene.slug}` | {scene.name} | {suits} |")
    return "\n".join(rows)


def models_table() -> str:
    rows = ["| network | purpose | license |", "|---|---|---|"]
    rows += [f"| [{one.name}]({one.source}) | {one.purpose} | {one.licence} |" for one in CATALOG]
    return "\n".join(rows)


def tiers_table() -> str:
    rows = ["| image model | purpose | license | memory |", "|---|---|---|---|"]
    for one in TIERS:
        row = (
            f"[{one.name}]({one.model_page})",
            one.purpose,
            one.licence,
            f"{one.memory / GIB:.0f} GB",
        )
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows)


def set_by(frame: Place) -> str:
    """Who puts a picture there."""
    if frame.by_hand:
        return "you, by hand"
    return "this server" if frame.slug == AVATAR_SLUG else "an app"


def frames_table() -> str:
    rows = ["| place | shape | file | shown at | set by |", "|---|---|---|---|---|"]
    for frame in all_places().values():
        sizes = ", ".join(map(str, frame.shown))
        file = f"{frame.pixels} px {frame.form.upper()}, {frame.max_bytes / 1e6:g} MB"
        rows.append(f"| {frame.name} | {frame.shape} | {file} | {sizes} px | {set_by(frame)} |")
    return "\n".join(rows)


def platforms_table() -> str:
    rows = [
        "| platform | who sets it | call | scopes | picture | seen by | read |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in list_capabilities():
        name = f"[{row.name}]({row.docs})" if row.docs else row.name
        name += " (experimental)" if row.experimental else ""
        read = f"{row.read}, {row.confidence}" if row.read else ""
        scopes = ", ".join(f"`{scope}`" for scope in row.scopes)
        call = f"`{row.endpoint}`" if row.endpoint else ""
        told = (name, row.kind, call, scopes, row.limits, row.readback, read)
        rows.append(f"| {' | '.join(told)} |")
    return "\n".join(rows)


def operators_table() -> str:
    rows = ["| platform | settings | set-up |", "|---|---|---|"]
    for one in all_platforms():
        if one.needs:
            needs = ", ".join(f"`{name}`" for name in one.needs)
            rows.append(f"| {one.name} | {needs} | {one.setup} |")
    return "\n".join(rows)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "looks": ("docs/looks.md", looks_table),
    "scenes": ("docs/looks.md", scenes_table),
    "image-models": ("docs/looks.md", tiers_table),
    "networks": ("docs/looks.md", models_table),
    "places": ("docs/platforms.md", frames_table),
    "operators": ("docs/platforms.md", operators_table),
    "platforms": ("docs/platforms.md", platforms_table),
    "publication-states": ("docs/architecture.md", publication_states.draw_diagram),
}
PATH = re.compile(r"`((?:headshots|branding|integrations|tests|benchmarks|deploy|docs)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


documents = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


def between(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(\n<!-- /{name} -->)", re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    headings = HEADING.findall(CODE.sub("", document.read_text()))
    plain = (re.sub(r"[^\w\- ]", "", heading).lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", TABLES)
def test_generated_table_agrees_with_the_code(name):
    document, table = TABLES[name]
    match = between(name).search((ROOT / document).read_text())
    assert match, f"{document} has no table '{name}'"
    assert match[2] == table(), "run `python -m tests.test_docs` to write it"


@documents
def test_paths_in_a_document_exist(document):
    for path in PATH.findall(document.read_text()):
        assert (ROOT / path).exists(), path


@documents
def test_links_between_documents_lead_somewhere(document):
    for link in LINK.findall(CODE.sub("", document.read_text())):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_names_in_the_glossary_exist():
    sources = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    defined = {name for path in sources for name in CLASS.findall(path.read_text())}
    named = re.findall(r"`([A-Z]\w+)`", (ROOT / "docs" / "glossary.md").read_text())
    assert named and set(named) <= defined


def test_commands_of_workers_name_modules_that_exist():
    commands = (ROOT / "docs" / "self-hosting.md").read_text()
    modules = re.findall(r"--include ([\w.]+)", commands)
    assert modules
    for module in modules:
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), module


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES


def test_every_document_is_linked_from_the_readme():
    links = LINK.findall((ROOT / "README.md").read_text())
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links if "://" not in link}
    assert {path.resolve() for path in DOCUMENTS} - linked == {ROOT / "README.md"}


def test_pictures_of_the_documentation_are_small():
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size <= MAX_IMAGE_BYTES, picture.name


def write() -> None:
    """Write every generated table into its document."""
    for name, (document, table) in TABLES.items():
        path, text = ROOT / document, table()
        written = between(name).sub(
            lambda match, text=text: match[1] + text + match[3], path.read_text()
        )
        path.write_text(written)


if __name__ == "__main__":
    write()
