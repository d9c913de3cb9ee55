"""A headshot with what was measured of it, without rendering one."""

from dataclasses import asdict

import pytest

from headshots.evidence import Evidence, hash_file
from headshots.models import Variant
from headshots.storage import pictures
from tests.support import people


@pytest.fixture
def owner(db):  # noqa: ARG001 - rows need it
    return people.person()


def add_evidence(variant, face="light_and_color"):
    """Store what the worker would have measured."""
    evidence = Evidence(
        engine_version="1.2.3",
        face=face,
        structure=0.99,
        worst_structure=0.96,
        likeness=0.21,
        photo_sha256="ab" * 32,
        picture_sha256=hash_file(pictures.read_file(variant.picture)),
    )
    Variant.objects.filter(pk=variant.pk).update(evidence=asdict(evidence))
    variant.refresh_from_db()
    return variant


@pytest.fixture
def variant(owner):
    return add_evidence(people.variant_of(owner))
