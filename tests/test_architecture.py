"""The layout keeps its order: imports, sizes, names, licences and numbers that may only improve."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from headshots.engine.networks.catalog import CATALOG, find_model

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("branding", "headshots", "integrations")
PACKAGES = (*PRODUCT, "benchmarks", "tests")
TEMPLATES = ROOT / "branding" / "web" / "templates"
MEANINGLESS_MODULES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared"}
MEANINGLESS_VARIABLES = {"one", "told", "made", "found", "got", "asked"}
LARGE_FOLDERS = {"integrations/platforms"}  # one file a platform
REPEATED_CLASSES = {"Command"}  # Django finds a command by this name

# The engine and the pure kernel of integrations keep every strict rule of mypy.
STRICT = (
    "headshots.engine",
    "integrations.auth",
    "integrations.avatars.libravatar",
    "integrations.capabilities",
    "integrations.errors",
    "integrations.outbound",
    "integrations.perceptual_hash",
    "integrations.places",
    "integrations.platforms",
    "integrations.publication_states",
    "integrations.recurrence",
    "integrations.vault",
)

# Licences that allow commercial use without conditions a photo service could not meet.
COMMERCIAL = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "BSL-1.0"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*packages):
    return [
        path
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and path.stat().st_size
    ]


def parse(path):
    return ast.parse(path.read_text())


def functions_of(*packages):
    for path in python_files(*packages):
        for node in ast.walk(parse(path)):
            if isinstance(node, Function) and not node.name.startswith("__"):
                yield node


def variables_of(*packages):
    """Names of parameters and assigned variables, with the file they are in."""
    for path in python_files(*packages):
        for node in ast.walk(parse(path)):
            name = None
            if isinstance(node, ast.arg):
                name = node.arg
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                name = node.id
            if name and name not in {"self", "cls", "_"}:
                yield path.relative_to(ROOT), name


def words_in(name):
    return [word for word in name.split("_") if word]


engine_modules = pytest.mark.parametrize(
    "path", python_files("headshots/engine"), ids=lambda path: path.stem
)
networks = pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)


def test_nobody_imports_upwards():
    command = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_every_module_has_a_meaningful_name():
    names = {
        path.stem if path.suffix == ".py" else path.name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix == ".py" or path.is_dir()
    }
    assert names & MEANINGLESS_MODULES == set()
    assert "render" in names


def test_no_folder_holds_more_than_twenty_modules():
    modules = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in python_files(*PACKAGES)
        if path.name != "__init__.py"
    )
    large = {folder for folder, count in modules.items() if count > 20}
    assert large <= LARGE_FOLDERS


def test_function_names_say_what_the_functions_do():
    names = [words_in(function.name) for function in functions_of(*PRODUCT)]
    assert np.mean([len(words) == 1 for words in names]) <= 0.40
    assert np.mean([len(words) for words in names]) >= 1.8


def test_variable_names_say_what_the_variables_hold():
    assert np.mean([len(name) for _, name in variables_of(*PRODUCT)]) >= 7
    meaningless = {
        (path.as_posix(), name)
        for path, name in variables_of(*PACKAGES)
        if name in MEANINGLESS_VARIABLES
    }
    assert meaningless == set()


def test_one_class_name_has_one_meaning():
    places = defaultdict(list)
    for path in python_files(*PRODUCT):
        for node in parse(path).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(ROOT).as_posix())
    repeated = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert set(repeated) <= REPEATED_CLASSES, repeated


def test_functions_and_files_are_short():
    lengths = [node.end_lineno - node.lineno + 1 for node in functions_of(*PRODUCT)]
    lines = [len(path.read_text().splitlines()) for path in python_files(*PRODUCT)]
    assert np.percentile(lengths, 95) <= 22 and max(lengths) <= 50
    assert np.percentile(lines, 95) <= 300


def test_template_lines_are_short():
    lines = [
        line for path in TEMPLATES.rglob("*.html") for line in path.read_text().splitlines() if line
    ]
    assert np.mean([len(line) > 120 for line in lines]) <= 0.03


def test_types_are_checked_strictly_with_few_exceptions():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] and set(settings["files"]) == set(PRODUCT)
    exceptions = [
        module
        for override in settings["overrides"]
        for module in override["module"]
        if module.split(".")[0] in PRODUCT
    ]
    assert len(exceptions) <= 8  # this number may only go down
    assert not [module for module in exceptions if module.startswith(STRICT)]
    assert not [module for module in exceptions if "*" in module]


def test_few_lines_are_kept_from_the_formatter():
    marks = ("# fmt: " + "skip", "# fmt: " + "off")
    marked = [
        path.relative_to(ROOT).as_posix()
        for path in python_files(*PACKAGES)
        for line in path.read_text().splitlines()
        if any(mark in line for mark in marks)
    ]
    assert len(marked) <= 10, marked


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 180


def test_most_public_functions_are_documented():
    documented = [
        ast.get_docstring(function) is not None
        for function in functions_of(*PRODUCT)
        if not function.name.startswith("_")
    ]
    assert np.mean(documented) >= 0.8


@engine_modules
def test_engine_module_says_what_it_is_for(path):
    docstring = ast.get_docstring(parse(path)) or ""
    summary = docstring.split("\n\n")[0].replace("\n", " ")
    assert len(summary) > 20 and summary[-1] in ".:", docstring
    assert ". " not in summary, "one sentence"


@networks
def test_network_file_is_the_one_the_catalog_was_written_for(row):
    assert row.is_intact()


@networks
def test_network_may_be_used_commercially(row):
    assert row.licence in COMMERCIAL
    assert row.source.startswith("https://") and row.purpose


def test_networks_are_found_by_name():
    assert [find_model(row.name) for row in CATALOG] == list(CATALOG)
    with pytest.raises(KeyError):
        find_model("style-transfer")
