"""The settings of the advice through the API, as the pages ask for them."""

import pytest

from branding.advice.models import AdviceSettings
from integrations.publishing import choices
from tests.support.people import person, variant_of

pytestmark = pytest.mark.django_db
URL, ADVICE = "/api/v1/advice/settings", "/api/v1/advice"
WEIGHTS = {"competent": 1, "warm": 5}


@pytest.fixture
def linkedin(alice):
    choices.choose_variant(variant_of(alice), ["linkedin"])


def change(client, **values):
    return client.patch(URL, values, format="json")


@pytest.mark.usefixtures("linkedin")
def test_settings_are_empty_until_they_are_said_and_change_one_by_one(client, alice):
    empty = dict.fromkeys(("role", "country", "dress", "taken_by"), "")
    assert client.get(URL).json() == empty | {"audiences": [], "goals": []}
    answer = change(client, role="lawyer", audiences=["clients"], country="DE")
    assert answer.status_code == 200, answer.json()
    answer = change(client, dress="suit")
    settings = client.get(URL).json()
    assert settings == answer.json()
    assert (settings["role"], settings["country"], settings["dress"]) == ("lawyer", "DE", "suit")
    (linkedin,) = settings["goals"]
    assert linkedin["place"] == "linkedin" and not linkedin["own"]
    assert max(linkedin["weights"].values()) == 5
    assert AdviceSettings.objects.get().owner == alice


def first_goal(client, query):
    """What counts most on the first profile, as the advice words it."""
    text = client.get(ADVICE, query).json()[0]["goal"]["text"]
    return text.partition("seen by clients, ")[2].partition(" and ")[0]


@pytest.mark.usefixtures("linkedin")
def test_own_goals_of_a_place_count_and_return_to_the_proposal(client):
    proposal = change(client, role="lawyer").json()["goals"]
    own = [{"place": "linkedin", "weights": WEIGHTS}, {"place": "github", "weights": WEIGHTS}]
    goals = change(client, goals=own).json()["goals"]
    assert {entry["place"] for entry in goals} == {"linkedin", "github"}
    assert all(entry["own"] and entry["weights"]["warm"] == 5 for entry in goals)
    query = {"role": "lawyer", "audience": "clients"}
    assert first_goal(client, query) == "being seen as kind"
    back = [{"place": place, "weights": None} for place in ("linkedin", "github")]
    assert change(client, goals=back).json()["goals"] == proposal
    assert first_goal(client, query) == "being seen as able to do the job"


@pytest.mark.parametrize(
    "values",
    [
        {"role": "wizard"},
        {"audiences": ["elves"]},
        {"age": 30},
        {"goals": [{"place": "linkedin", "weights": {"competent": 6}}]},
        {"goals": [{"place": "linkedin", "weights": {"rich": 1}}]},
        {"goals": [{"place": "linkedin", "weights": {"warm": 0}}]},
        {"goals": [{"place": "nowhere", "weights": WEIGHTS}]},
    ],
)
def test_what_is_not_possible_is_refused_and_changes_nothing(client, values):
    change(client, role="lawyer")
    before = client.get(URL).json()
    assert change(client, country="FI", **values).status_code in (400, 422)
    assert client.get(URL).json() == before


def test_a_role_comes_first_and_others_settings_are_not_seen(client):
    AdviceSettings.objects.create(owner=person("carol"), role="founder")
    assert change(client, country="DE").status_code == 409
    assert client.get(URL).json()["role"] == ""


def test_a_change_of_an_older_state_is_refused(client):
    tag = change(client, role="lawyer").headers["ETag"]
    change(client, role="founder")
    answer = client.patch(URL, {"role": "teacher"}, format="json", headers={"If-Match": tag})
    assert answer.status_code == 412 and client.get(URL).json()["role"] == "founder"
