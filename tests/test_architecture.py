"""The house keeps its order: who imports whom, what modules are called, which models are used."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from headshots.engine.networks.catalog import CATALOG, model

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("branding", "headshots", "integrations", "tests")
ENGINE = [
    path for path in sorted((ROOT / "headshots" / "engine").rglob("*.py")) if path.stat().st_size
]
NAMELESS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared"}

# Licences that allow commercial use without conditions a photo service could not meet.
COMMERCIAL = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "BSL-1.0"}

models = pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)
modules = pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.stem)


def parsed(path):
    return ast.parse(path.read_text())


def test_nobody_imports_upwards():
    command = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_no_module_is_a_drawer_for_everything():
    names = {
        path.stem if path.suffix == ".py" else path.name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix == ".py" or path.is_dir()
    }
    assert names & NAMELESS == set()
    assert "render" in names


@modules
def test_engine_module_says_what_it_is_for(path):
    words = ast.get_docstring(parsed(path)) or ""
    first = words.split("\n\n")[0].replace("\n", " ")
    assert len(first) > 20 and first.endswith("."), words
    assert ". " not in first, "one sentence"


def test_files_and_functions_of_the_engine_are_short():
    lines = [len(path.read_text().splitlines()) for path in ENGINE]
    functions = [
        node.end_lineno - node.lineno + 1
        for path in ENGINE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
    ]
    assert np.percentile(lines, 95) <= 250
    assert np.percentile(functions, 95) <= 25 and max(functions) <= 50


@models
def test_model_file_is_the_one_the_catalog_was_written_for(row):
    assert row.intact()


@models
def test_model_may_be_used_commercially(row):
    assert row.licence in COMMERCIAL
    assert row.source.startswith("https://") and row.purpose


def test_models_are_found_by_name():
    assert [model(row.name) for row in CATALOG] == list(CATALOG)
    with pytest.raises(KeyError):
        model("style-transfer")
