"""The pages offer painting where somebody paints, label it truly, and let a person stop it."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from headshots.engine import recipes
from headshots.models import Render
from headshots.services import diffusion_workers
from tests.support import celery_messages
from tests.support.people import browser, person, variant_of

pytestmark = pytest.mark.django_db
OFFER = "Describe a background or clothes"


@pytest.fixture
def alice():
    celery_messages.lose()
    cache.delete(diffusion_workers.PRESENCE_KEY)
    yield person("alice")
    cache.delete(diffusion_workers.PRESENCE_KEY)


def shown(alice, variant):
    return browser(alice).get(reverse("web:variant", args=[variant.pk])).content.decode()


def paint(alice, variant, **fields):
    return browser(alice).post(reverse("web:variant_paint", args=[variant.pk]), fields)


def test_painting_is_offered_only_where_a_worker_paints(alice):
    variant = variant_of(alice)
    without = shown(alice, variant)
    assert OFFER not in without and "GPU" not in without
    diffusion_workers.report_presence()
    page = shown(alice, variant)
    assert OFFER in page and "stay yours" in page and "Four more like this" not in page


def test_words_become_four_paintings(alice):
    diffusion_workers.report_presence()
    answer = paint(alice, variant_of(alice), place="a bright atelier", outfit="a navy blazer")
    render = Render.objects.get(kind="painted")
    assert answer.url == reverse("web:sheet", args=[render.pk])
    wished = [recipes.restore_recipe(row.look, row.wished) for row in render.variants.all()]
    assert len(wished) == 4 and all(len(recipe.diffusion_steps) == 2 for recipe in wished)
    assert wished[0].step_params("generate_backdrop").feel == "competent, present"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "no words"),
        ({"place": "x" * 500}, "160"),
        ({"outfit": "lighter skin"}, "stays as they are"),
        ({"place": "a room {% now %}"}, "plain line"),
    ],
)
def test_words_out_of_bounds_are_refused_in_a_sentence(alice, fields, said):
    diffusion_workers.report_presence()
    answer = paint(alice, variant_of(alice), **fields)
    assert 400 <= answer.status_code < 500 and said in answer.content.decode()
    assert not Render.objects.filter(kind="painted").exists()


def test_no_worker_no_painting(alice):
    answer = paint(alice, variant_of(alice), place="a bright atelier")
    assert 400 <= answer.status_code < 600 and "no GPU worker" in answer.content.decode()
    assert not Render.objects.filter(kind="painted").exists()


def test_more_like_this_keeps_the_words_and_changes_the_seed(alice):
    diffusion_workers.report_presence()
    variant = variant_of(alice)
    variant.wished = (
        recipes.built_in_looks()["linkedin"]
        .with_diffusion(place="a bright atelier")
        .to_plain_data()
    )
    variant.save()
    assert "Four more like this" in shown(alice, variant)
    for _ in range(2):
        paint(alice, variant, more="1")
    first, second = Render.objects.filter(kind="painted")
    assert first.seed != second.seed
    assert first.variants.first().wished == second.variants.first().wished == variant.wished


def test_painted_headshot_has_no_sliders_that_would_need_the_painter(alice):
    variant = variant_of(alice)
    variant.wished = (
        recipes.built_in_looks()["linkedin"]
        .with_diffusion(place="a bright atelier")
        .to_plain_data()
    )
    variant.save()
    assert "data-adjust" not in shown(alice, variant)


def test_painting_can_be_stopped_from_its_sheet(alice):
    diffusion_workers.report_presence()
    paint(alice, variant_of(alice), place="a bright atelier")
    render = Render.objects.get(kind="painted")
    sheet = browser(alice).get(reverse("web:sheet", args=[render.pk])).content.decode()
    assert reverse("web:stop", args=[render.pk]) in sheet
    browser(alice).post(reverse("web:stop", args=[render.pk]))
    assert Render.objects.get(pk=render.pk).is_finished
    assert {variant.reason for variant in render.variants.all()} == {"You stopped it."}
