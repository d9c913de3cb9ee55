"""A program sees what waits for the person's hand, takes the file, and says that it is done."""

import io

import pytest
from PIL import Image

from branding.api.models import Scope
from integrations.models import HandOff, PublicName
from integrations.places import all_places
from integrations.publishing import handoffs
from tests.api.conftest import api_client_for
from tests.support import celery_messages
from tests.support.people import browser, person, unknown_id, variant_of

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def begun_handoff(client, alice):
    """What a program handed over for GitHub."""
    wish = {"variant": str(variant_of(alice).pk), "place": "github"}
    answer = client.post(f"{V1}/handoffs", wish, format="json")
    assert answer.status_code == 201
    return answer


def test_program_hands_over_and_says_that_it_is_done(client, begun_handoff):
    url, handoff = begun_handoff.headers["Location"], begun_handoff.json()
    place = all_places()["github"]
    assert handoff["state"] == "waiting" and handoff["frame"]["page"] == place.page
    assert (
        handoff["frame"]["steps"] == place.steps
        and handoff["frame"]["max_bytes"] == place.max_bytes
    )
    (listed,) = client.get(f"{V1}/handoffs?state=waiting").json()["results"]
    assert listed == handoff == client.get(url).json()
    file = client.get(handoff["file"])
    picture = Image.open(io.BytesIO(file.content))
    assert (picture.format, picture.size) == ("PNG", (place.pixels, place.pixels))
    assert file.headers["Content-Type"] == "image/png"
    done = client.post(f"{url}/done").json()
    assert done["state"] == "done" and done["done_at"]
    assert client.post(f"{url}/cancel").json()["state"] == "done"
    assert client.get(f"{V1}/handoffs?state=waiting").json()["results"] == []


def test_sending_to_a_place_by_hand_waits_for_the_programs_word(client, alice):
    wish = {"variant": str(variant_of(alice).pk), "profiles": ["linkedin"]}
    (sent,) = client.post(f"{V1}/publications", wish, format="json").json()
    (waiting,) = client.get(f"{V1}/handoffs?batch={sent['batch']}").json()["results"]
    client.post(f"{V1}/handoffs/{waiting['id']}/done")
    assert client.get(f"{V1}/publications/{sent['id']}").json()["state"] == "published"


def test_program_sets_one_aside(client, begun_handoff):
    url = begun_handoff.headers["Location"]
    assert client.post(f"{url}/cancel").json()["state"] == "cancelled"


def test_name_is_kept_and_looked_for(client, alice, begun_handoff):
    url = f"{begun_handoff.headers['Location']}/name"
    celery_messages.lose()
    handoff = client.post(url, {"name": "alice-example"}, format="json").json()
    assert (
        handoff["public_name"] == "alice-example" and HandOff.objects.get().next_poll_at is not None
    )
    assert PublicName.objects.get(owner=alice).place == "github"
    wrong = client.post(url, {"name": "https://"}, format="json")
    assert wrong.status_code == 400 and wrong.json()["code"] == "bad_name"


def test_address_for_the_phone_opens_without_signing_in(client, begun_handoff):
    link = client.post(f"{begun_handoff.headers['Location']}/phone").json()
    path = link["url"].removeprefix("http://localhost:8000")
    assert browser().get(path).status_code == 200


def test_own_address_needs_no_hand(client, alice):
    wish = {"variant": str(variant_of(alice).pk), "place": "avatar"}
    answer = client.post(f"{V1}/handoffs", wish, format="json")
    assert answer.status_code == 409 and answer.json()["code"] == "not_here"


def test_same_key_hands_over_once(client, alice):
    wish = {"variant": str(variant_of(alice).pk), "place": "github"}
    answers = [
        client.post(f"{V1}/handoffs", wish, format="json", HTTP_IDEMPOTENCY_KEY="once")
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json() and HandOff.objects.count() == 1
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_list_asks_no_more_the_more_there_is(client, alice, django_assert_max_num_queries):
    headshot = variant_of(alice)
    for place in ("github", "linkedin"):
        handoffs.begin_handoff(headshot, place)
    with django_assert_max_num_queries(5):
        assert len(client.get(f"{V1}/handoffs").json()["results"]) == 2


def test_reader_may_look_and_do_nothing(alice, begun_handoff):
    reader, url = api_client_for(alice, Scope.READ), begun_handoff.headers["Location"]
    assert reader.get(url).status_code == 200
    for verb in ("done", "cancel", "phone", "name"):
        assert reader.post(f"{url}/{verb}", {"name": "x"}, format="json").status_code == 403


def test_headshot_of_somebody_else_is_not_handed_over(alice):
    carol = api_client_for(person("carol"))
    for pk in (variant_of(alice).pk, unknown_id()):
        wish = {"variant": str(pk), "place": "github"}
        assert carol.post(f"{V1}/handoffs", wish, format="json").status_code == 404
