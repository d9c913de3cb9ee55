"""The advice through the API: the caller's own headshots, ranked for each of their profiles."""

import pytest
from django.db.models import F

from headshots.models import Variant
from integrations.publishing import choices
from tests.support.people import person, photo_of, sheet_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/advice"
LAWYER = {"role": "lawyer", "audience": "clients"}
APPEARANCE = {
    "smile": 0.1, "teeth": 0.0, "gaze": 0.05, "yaw": 1.0, "pitch": -4.0, "light_azimuth": 10.0,
    "light_elevation": 30.0, "light_ratio": 2.0, "head_height": 300.0, "background_spread": 40.0,
}  # fmt: skip


@pytest.fixture
def headshots(alice):
    sheet = sheet_of(alice, photo_of(alice, appearance=APPEARANCE), count=10)
    sheet.variants.update(steps=F("wished"))
    variants = {variant.look: variant for variant in sheet.variants.all()}
    choices.choose_variant(variants["cheerful"], ["linkedin", "instagram"])
    return variants


def test_each_profile_gets_the_headshots_in_the_order_that_suits_it(client, headshots):
    answer = client.get(URL, LAWYER)
    assert answer.status_code == 200, answer.json()
    by_place = {row["place"]: row for row in answer.json()}
    assert set(by_place) == {"linkedin", "instagram"}
    linkedin = by_place["linkedin"]["looks"]
    assert linkedin[0]["variant"] == str(headshots["corporate"].pk)
    assert len(linkedin) == 10 and linkedin[0]["reasons"][0]["text"]
    assert by_place["instagram"]["looks"][0]["look"] != "corporate"


def test_only_ones_own_headshots_that_were_not_dismissed_are_ranked(client, alice, headshots):
    sheet_of(person("carol"), count=10)
    dismissed = headshots["corporate"]
    Variant.objects.filter(pk=dismissed.pk).update(discarded_at=alice.date_joined)
    ranked = {look["variant"] for look in client.get(URL, LAWYER).json()[0]["looks"]}
    assert ranked == {str(entry.pk) for entry in headshots.values() if entry != dismissed}


def test_photos_that_were_never_measured_are_no_obstacle(client, alice):
    sheet = sheet_of(alice, count=3)
    choices.choose_variant(sheet.variants.first(), ["linkedin"])
    (row,) = client.get(URL, LAWYER).json()
    assert len(row["looks"]) == 3


def test_without_profiles_there_is_nothing_to_advise_on(client):
    assert client.get(URL, LAWYER).json() == []


@pytest.mark.parametrize(
    "query",
    [{}, {"role": "lawyer"}, {**LAWYER, "role": "wizard"}, {**LAWYER, "age": "30"}],
)
def test_a_query_that_is_not_known_is_refused(client, query):
    answer = client.get(URL, query)
    assert answer.status_code == 400 and answer.json()["fields"]
