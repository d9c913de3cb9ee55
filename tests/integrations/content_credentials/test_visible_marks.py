"""A painted face is marked in every file that leaves, unless its owner objects; others are not."""

import numpy as np
import pytest
from django.urls import reverse

from headshots.engine.io.decode import decode
from headshots.storage import pictures
from integrations import renditions
from integrations.content_credentials import identity, manifests
from integrations.places import all_places
from tests.integrations.content_credentials.conftest import add_evidence
from tests.support import people


@pytest.fixture
def painted(owner, variant):
    return add_evidence(people.variant_of(owner, photo=variant.photo), face="regenerated")


FILES = {
    "download": lambda variant: renditions.build_download(variant).data,
    "place": lambda variant: renditions.encode_for_place(variant, all_places()["linkedin"]),
    "size": lambda variant: renditions.build_wished_download(variant, "png", "256").data,
    "address": lambda variant: renditions.encode_at_size(variant, 256),
}


def shows_mark(variant, data):
    """Whether the middle of the lower edge differs from the stored picture."""
    shown = decode(data).astype(int)
    stored = renditions.resize_square(pictures.read_pixels(variant.picture), len(shown)).astype(int)
    part = slice(int(len(shown) * 0.9), int(len(shown) * 0.95))
    middle = slice(int(len(shown) * 0.45), int(len(shown) * 0.55))
    return np.abs(shown - stored)[part, middle].mean() > 20


@pytest.mark.parametrize("make_file", FILES.values(), ids=list(FILES))
def test_a_painted_face_is_marked_unless_its_owner_objects(painted, variant, make_file):
    assert shows_mark(painted, make_file(painted))
    assert not shows_mark(variant, make_file(variant)), "a photographed face never is"
    url = reverse("web:variant_mark", args=[painted.pk])
    assert people.browser(painted.owner).post(url).status_code == 302
    painted.refresh_from_db()
    assert not shows_mark(painted, make_file(painted))


def test_the_file_says_so_and_stays_signed(painted):
    data = renditions.build_download(painted).data
    report = manifests.read_manifest(data, "jpeg", known_chains=identity.known_chains())
    descriptions = [
        action.get("description") for action in report.assertions["c2pa.actions.v2"]["actions"]
    ]
    assert report.is_ours and report.is_intact
    assert "Marked visibly as made with AI" in descriptions
    assert b"trainedAlgorithmicMedia" in data, "machine-readable with the label and without it"


def test_the_page_offers_it_for_painted_faces_only(painted, variant):
    client = people.browser(painted.owner)
    for headshot, is_offered in ((painted, True), (variant, False)):
        page = client.get(reverse("web:variant", args=[headshot.pk])).content.decode()
        assert (reverse("web:variant_mark", args=[headshot.pk]) in page) == is_offered
