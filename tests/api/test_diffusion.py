"""A program orders paintings where somebody paints, and hears clearly where nobody does."""

import pytest
from django.core.cache import cache

from headshots.engine import recipes
from headshots.models import Render
from headshots.services import diffusion_workers, queue
from tests.support import celery_messages
from tests.support.people import variant_of

pytestmark = pytest.mark.django_db(transaction=True)
V1 = "/api/v1"
PLACE = {"place": "a bright atelier", "outfit": "a navy blazer"}


@pytest.fixture(autouse=True)
def nobody_paints():
    cache.delete(diffusion_workers.PRESENCE_KEY)
    yield
    cache.delete(diffusion_workers.PRESENCE_KEY)


@pytest.fixture
def painter():
    diffusion_workers.report_presence()


@pytest.fixture
def headshot(alice):
    return variant_of(alice)


def request_diffusion(client, headshot, wish, **headers):
    return client.post(f"{V1}/variants/{headshot.pk}/paint", wish, format="json", **headers)


def test_without_a_gpu_worker_paintings_are_refused_clearly(client, headshot):
    assert client.get(f"{V1}/painter").json()["available"] is False
    answer = request_diffusion(client, headshot, PLACE)
    assert answer.status_code == 409 and answer.json()["code"] == "not_ready"
    assert "no GPU worker" in answer.json()["message"] and answer.json()["advice"]
    assert not Render.objects.filter(kind="painted").exists() and celery_messages.waiting() == []


@pytest.mark.usefixtures("painter")
def test_words_become_paintings_to_poll_and_to_stop(client, headshot):
    assert client.get(f"{V1}/painter").json()["available"] is True
    answers = [
        request_diffusion(client, headshot, PLACE, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2)
    ]
    assert answers[0].status_code == 202 and answers[0].json() == answers[1].json()
    url = answers[0].headers["Location"]
    render = client.get(url).json()
    assert render["kind"] == "painted" and not render["finished"]
    assert [variant["parent"] for variant in render["variants"]] == 4 * [str(headshot.pk)]
    assert celery_messages.waiting() == [(queue.DIFFUSION_TASK, [render["id"]])]
    wished = Render.objects.get(kind="painted").variants.first()
    painted = dict(recipes.restore_recipe(wished.look, wished.wished).diffusion_steps)
    assert painted["generate_backdrop"].place == PLACE["place"]
    assert painted["change_outfit"].outfit == PLACE["outfit"]
    stopped = client.post(f"{url}/stop").json()
    assert stopped["finished"] and stopped["variants"][0]["reason"] == "You stopped it."


@pytest.mark.usefixtures("painter")
def test_more_like_a_painted_one_needs_no_words(client, headshot):
    headshot.wished = recipes.built_in_looks()["linkedin"].with_diffusion(**PLACE).to_plain_data()
    headshot.save()
    first, second = [request_diffusion(client, headshot, {"count": 1}).json() for _ in "ab"]
    assert len(first["variants"]) == 1 and first["seed"] != second["seed"]
    assert Render.objects.get(pk=first["id"]).variants.get().wished == headshot.wished
    slid = client.post(f"{V1}/variants/{headshot.pk}/adjust", {"smile": 0.1}, format="json")
    assert slid.status_code == 409  # sliders would not move what is painted


@pytest.mark.usefixtures("painter")
@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({}, "no words"),
        ({"outfit": "lighter skin"}, "stays as they are"),
        ({"place": "x" * 161}, "160"),
        ({"place": "a room {% now %}"}, "pattern"),
        ({"change": "younger"}, "not a valid choice"),
        ({"count": 9}, "4"),
    ],
)
def test_words_out_of_bounds_are_refused_in_a_sentence(client, headshot, wish, said):
    answer = request_diffusion(client, headshot, wish)
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not Render.objects.filter(kind="painted").exists()


@pytest.mark.usefixtures("painter")
def test_what_is_shown_untouched_is_not_painted(client, headshot):
    headshot.look = recipes.UNTOUCHED.slug
    headshot.save()
    assert request_diffusion(client, headshot, PLACE).status_code == 409


def test_only_paintings_are_stopped(client, headshot):
    answer = client.post(f"{V1}/renders/{headshot.render_id}/stop")
    assert answer.status_code == 409 and answer.json()["code"] == "not_ready"
