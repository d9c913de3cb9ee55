"""The documentation agrees with the code: generated tables, paths, names, links and sizes.

`python -m tests.test_docs` writes the generated tables.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from branding.advice.library import load_library
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


def join_cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def looks_table() -> str:
    rows = ["| look | for | first impression | head | background |", "|---|---|---|---|---|"]
    for look in recipes.built_in_looks().values():
        backdrop = look.step_params("backdrop")
        background = backdrop.scene if backdrop.kind == "scene" else backdrop.kind
        head = f"{look.framing_wish.head:.2f}"
        rows.append(join_cells(f"`{look.slug}`", look.title, look.feel, head, background))
    return "\n".join(rows)


def scenes_table() -> str:
    rows = ["| scene | name | looks it suits |", "|---|---|---|"]
    look_slugs = set(recipes.built_in_looks())
    for scene in scenes.scene_library().values():
        suited_looks = ", ".join(sorted(scene.tags & look_slugs))
        rows.append(join_cells(f"`{scene.slug}`", scene.name, suited_looks))
    return "\n".join(rows)


def networks_table() -> str:
    rows = ["| network | purpose | license |", "|---|---|---|"]
    for network in CATALOG:
        name = f"[{network.name}]({network.source})"
        rows.append(join_cells(name, network.purpose, network.licence))
    return "\n".join(rows)


def image_models_table() -> str:
    rows = ["| image model | purpose | license | memory |", "|---|---|---|---|"]
    for tier in TIERS:
        name = f"[{tier.name}]({tier.model_page})"
        memory = f"{tier.memory / GIB:.0f} GB"
        rows.append(join_cells(name, tier.purpose, tier.licence, memory))
    return "\n".join(rows)


def describe_setter(place: Place) -> str:
    """Who sets the picture at a place."""
    if place.by_hand:
        return "you, by hand"
    return "this server" if place.slug == AVATAR_SLUG else "an app"


def places_table() -> str:
    rows = ["| place | shape | file | shown at | set by |", "|---|---|---|---|---|"]
    for place in all_places().values():
        file = f"{place.pixels} px {place.form.upper()}, {place.max_bytes / 1e6:g} MB"
        sizes = f"{', '.join(map(str, place.shown))} px"
        rows.append(join_cells(place.name, place.shape, file, sizes, describe_setter(place)))
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
        rows.append(join_cells(name, row.kind, call, scopes, row.limits, row.readback, read))
    return "\n".join(rows)


def operators_table() -> str:
    rows = ["| platform | settings | set-up |", "|---|---|---|"]
    for platform in all_platforms():
        if platform.needs:
            variables = ", ".join(f"`{name}`" for name in platform.needs)
            rows.append(join_cells(platform.name, variables, platform.setup))
    return "\n".join(rows)


def layers_table() -> str:
    rows = ["| package | layers, from the highest to the lowest |", "|---|---|"]
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for contract in pyproject["tool"]["importlinter"]["contracts"]:
        if contract["type"] != "layers":
            continue
        package = contract.get("containers", [""])[0].replace(".", "/")
        layers = [
            ", ".join(f"`{module}`" for module in layer.split(" | "))
            for layer in contract["layers"]
        ]
        rows.append(join_cells(f"`{package}/`" if package else "all", " → ".join(layers)))
    return "\n".join(rows)


def claims_table() -> str:
    rows = ["| | what was found | numbers | n | year | grade | used | source |", "|" + "---|" * 8]
    for claim in load_library().claims.values():
        text = claim.text if claim.is_shown else f"({claim.why_never or claim.text})"
        year = f"{claim.year_means} {claim.year}".strip()
        row = (str(claim.number), text, claim.figure, claim.n, year, claim.grade, claim.use)
        rows.append(join_cells(*row, claim.source))
    return "\n".join(rows)


def judgements_table() -> str:
    rows = ["| what the editors think | about |", "|---|---|"]
    for judgement in load_library().judgements:
        features = dict.fromkeys(effect.feature for effect in judgement.effects)
        rows.append(join_cells(judgement.text, ", ".join(f"`{name}`" for name in features)))
    return "\n".join(rows)


def conventions_table() -> str:
    rows = ["| | country | a photo on a CV is | year | source |", "|---|---|---|---|---|"]
    for custom in load_library().conventions.values():
        detail = f": {custom.detail}" if custom.detail else ""
        year = f"{custom.year or ''}{' (old)' if custom.old else ''}"
        row = (str(custom.number), custom.name, f"{custom.cv_photo}{detail}", year, custom.source)
        rows.append(join_cells(*row))
    return "\n".join(rows)


def roles_table() -> str:
    rows = ["| role | industry | what counts, and on which claim it rests |", "|---|---|---|"]
    for role in load_library().roles.values():
        weights = ", ".join(
            f"{goal} {weight.value} ({weight.claim or 'judgement'})"
            for goal, weight in role.weights.items()
        )
        rows.append(join_cells(f"`{role.slug}`", role.industry, weights))
    return "\n".join(rows)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "looks": ("docs/looks.md", looks_table),
    "scenes": ("docs/looks.md", scenes_table),
    "image-models": ("docs/looks.md", image_models_table),
    "networks": ("docs/looks.md", networks_table),
    "places": ("docs/platforms.md", places_table),
    "operators": ("docs/platforms.md", operators_table),
    "platforms": ("docs/platforms.md", platforms_table),
    "claims": ("docs/advice.md", claims_table),
    "judgements": ("docs/advice.md", judgements_table),
    "conventions": ("docs/advice.md", conventions_table),
    "roles": ("docs/advice.md", roles_table),
    "layers": ("docs/architecture.md", layers_table),
    "publication-states": ("docs/architecture.md", publication_states.draw_diagram),
}
PATH = re.compile(r"`((?:headshots|branding|integrations|tests|benchmarks|deploy|docs)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAME = re.compile(r"`([A-Za-z]\w*[A-Za-z0-9])`")  # an identifier; `is_` is a prefix
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


documents = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


def table_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(\n<!-- /{name} -->)", re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    headings = HEADING.findall(CODE.sub("", document.read_text()))
    plain = (re.sub(r"[^\w\- ]", "", heading).lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", TABLES)
def test_generated_table_agrees_with_the_code(name):
    document, table = TABLES[name]
    match = table_pattern(name).search((ROOT / document).read_text())
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


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md"])
def test_names_of_code_in_a_document_exist(name):
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    words = {word for path in sources for word in re.findall(r"\w+", path.read_text())}
    words |= {part for path in sources for part in path.with_suffix("").parts}
    names = set(NAME.findall(CODE.sub("", (ROOT / name).read_text())))
    assert names and names <= words, names - words


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
        written = table_pattern(name).sub(
            lambda match, text=text: match[1] + text + match[3], path.read_text()
        )
        path.write_text(written)


if __name__ == "__main__":
    write()
