"""What a person does with a finished headshot: keep, discard, restore, describe, delete."""

import pytest

from headshots.models import Variant
from headshots.services import variants
from headshots.storage import pictures
from tests.support.people import person, photo_of, sheet_of, variant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    return variant_of(person())


def reloaded(variant):
    return Variant.objects.get(pk=variant.pk)


def test_kept_and_discarded_exclude_each_other(variant):
    variants.discard_variant(variant)
    assert reloaded(variant).discarded_at and not reloaded(variant).kept
    variants.keep_variant(variant)
    assert reloaded(variant).kept and reloaded(variant).discarded_at is None
    variants.discard_variant(variant)
    assert not reloaded(variant).kept


def test_discarded_headshot_comes_back(variant):
    variants.discard_variant(variant)
    variants.restore_variant(variant)
    assert reloaded(variant).discarded_at is None
    assert pictures.read_file(reloaded(variant).picture)


def test_verb_twice_is_once(variant):
    for verb in (variants.keep_variant, variants.discard_variant, variants.restore_variant):
        verb(variant)
        once = Variant.objects.values("kept", "state", "picture").get()
        verb(variant)
        assert Variant.objects.values("kept", "state", "picture").get() == once


def test_description_is_trimmed(variant):
    variants.set_alt_text(variant, "  a smiling person " + "x" * 400)
    assert reloaded(variant).alt_text.startswith("a smiling person x")
    assert len(reloaded(variant).alt_text) == 300


def test_deleted_headshot_leaves_no_file_unless_another_shows_it(
    django_capture_on_commit_callbacks,
):
    alice = person()
    render = sheet_of(alice, photo_of(alice), count=2)  # both show the same picture
    first, second = render.variants.all()
    with django_capture_on_commit_callbacks(execute=True):
        variants.delete_variant(first)
    assert pictures.read_file(second.picture)
    with django_capture_on_commit_callbacks(execute=True):
        variants.delete_variant(second)
    assert pictures.list_names() == {render.photos.get().picture}


@pytest.mark.parametrize(
    ("number", "suffix", "label"), [(1, "", "01"), (7, "A", "07A"), (112, "", "112")]
)
def test_label_is_read_off_the_film(number, suffix, label):
    assert Variant(number=number, suffix=suffix).label == label
