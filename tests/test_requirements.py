"""What is installed: pinned versions of everything, and none that is known to be unsafe."""

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
PINS = {
    canonicalize_name(name): Version(version)
    for name, _, version in (
        line.partition("==") for line in (ROOT / "constraints.txt").read_text().split()
    )
}
# Pillow before 13: CVE-2026-96639, which an uploaded photo reaches.
UNSAFE = {"pillow": "12.999"}

extras = pytest.mark.parametrize("extra", EXTRAS)


def requirements_of(extra):
    return [Requirement(text) for text in EXTRAS[extra]]


def iterate_installed(requirements, seen):
    """Yield the names of requirements and of all that they need, as far as it is installed."""
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        environments = [{"extra": extra} for extra in ("", *requirement.extras)]
        key = (name, *sorted(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        yield name
        try:
            needed = map(Requirement, metadata.requires(name) or [])
        except metadata.PackageNotFoundError:
            continue
        yield from iterate_installed(
            [
                item
                for item in needed
                if not item.marker or any(map(item.marker.evaluate, environments))
            ],
            seen,
        )


@extras
def test_everything_that_an_extra_installs_has_a_version(extra):
    assert set(iterate_installed(requirements_of(extra), set())) - PINS.keys() == set()


@extras
def test_pinned_versions_satisfy_the_requirements(extra):
    for requirement in requirements_of(extra):
        version = PINS[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_version_is_neither_pinned_nor_allowed(name):
    allowed = [
        requirement
        for extra in EXTRAS
        for requirement in requirements_of(extra)
        if requirement.name == name and requirement.specifier.contains(UNSAFE[name])
    ]
    assert allowed == [] and PINS[name] > Version(UNSAFE[name])
