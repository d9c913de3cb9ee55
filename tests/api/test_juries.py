"""Juries through the API: asked, read with their result, ended and deleted by their owner alone."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from branding.juries import services
from branding.juries.models import Jury, JuryVote
from integrations.publishing import choices
from tests.support.people import browser, person, sheet_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/juries"
QUESTION = "Who looks most trustworthy?"


@pytest.fixture
def variants(alice):
    return list(sheet_of(alice, count=4).variants.all())


def ask(client, variants, /, **fields):
    body = {"variants": [str(variant.pk) for variant in variants], "question": QUESTION}
    return client.post(URL, body | fields, format="json")


def vote(jury, *, voters, best=0):
    """Let people vote who prefer the picture at `best`, and otherwise the one further left."""
    for index in range(voters):
        voter = f"voter {index}"
        while step := services.next_pair(jury, voter):
            left, right = step[1]
            is_left = left == best or (right != best and left < right)
            services.record_vote(jury, voter, number=step[0], side=0 if is_left else 1)


@pytest.mark.slow
def test_program_asks_reads_the_result_ends_and_deletes(client, variants):
    answer = ask(client, variants)
    assert answer.status_code == 201, answer.json()
    row = answer.json()
    assert row["open"] and row["result"]["voter_count"] == 0 and row["audience"] == "strangers"
    url = answer.headers["Location"]
    assert browser().get(urlsplit(row["link"]).path).status_code == 200
    jury = Jury.objects.get(pk=row["id"])
    vote(jury, voters=6)
    result = client.get(url).json()["result"]
    assert client.get(url).json()["decided_at"] and result["difference"] == ""
    assert result["decided"] and result["standings"][0]["variant"] == str(variants[0].pk)
    assert "found 01 more trustworthy" in result["standings"][0]["words"]
    ended = client.post(f"{url}/end").json()
    assert not ended["open"] and ended["ended_at"] and ended["result"]["decided"]
    assert client.delete(url).status_code == 204
    assert not Jury.objects.exists() and not JuryVote.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"question": ""}, 400),
        ({"question": "x" * 121}, 400),
        ({"variants": []}, 400),
        ({"audience": "enemies"}, 400),
        ({"mood": "good"}, 400),
    ],
    ids=["no question", "long question", "no headshots", "audience", "unknown field"],
)
def test_what_makes_no_question_is_refused(client, variants, fields, status):
    assert ask(client, variants, **fields).status_code == status
    assert not Jury.objects.exists()


def test_the_same_headshot_thrice_is_one(client, variants):
    assert ask(client, [variants[0]] * 3).status_code == 409


def test_headshots_and_juries_of_others_do_not_exist(client, variants):
    bob = person("bob")
    theirs = list(sheet_of(bob, count=3).variants.all())
    assert ask(client, [*variants[:2], theirs[0]]).status_code == 404
    jury = services.start_jury(bob, theirs, QUESTION)
    url = f"{URL}/{jury.pk}"
    statuses = [client.get(url), client.delete(url), client.post(f"{url}/end")]
    assert {answer.status_code for answer in statuses} == {404}
    assert client.get(URL).json()["results"] == [] and Jury.objects.get().is_open


def test_the_list_is_filtered_by_sheet(client, alice, variants):
    ask(client, variants)
    others = list(sheet_of(alice, variants[0].photo, count=3).variants.all())
    ask(client, others, audience="friends")
    rows = client.get(URL, {"render": str(others[0].render_id)}).json()["results"]
    assert [row["audience"] for row in rows] == ["friends"]


def test_what_people_chose_counts_in_the_advice_as_evidence_about_this_person(client, variants):
    choices.choose_variant(variants[0], ["linkedin"])
    query = {"role": "lawyer", "audience": "clients"}

    def ranked():
        (row,) = client.get("/api/v1/advice", query).json()
        return row["looks"]

    before = ranked()
    last = before[-1]
    position = [str(variant.pk) for variant in variants].index(last["variant"])
    jury = services.start_jury(variants[0].owner, variants, QUESTION)
    vote(jury, voters=8, best=position)
    after = {look["variant"]: look for look in ranked()}
    chosen = after[last["variant"]]
    assert list(after).index(last["variant"]) < len(before) - 1
    assert chosen["score"] > last["score"]
    reasons = [reason for look in after.values() for reason in look["reasons"]]
    texts = [reason["text"] for reason in reasons if reason["grade"] == "asked"]
    assert texts and all("more trustworthy" in text for text in texts)
    jury.delete()
    assert ranked() == before, "the evidence dies with the question"


@pytest.mark.slow
def test_page_compares_friends_with_strangers_and_marks_the_sheet(alice, variants):
    friends = services.start_jury(alice, variants, QUESTION, Jury.Audience.FRIENDS)
    strangers = services.start_jury(alice, variants, QUESTION)
    vote(friends, voters=6, best=1)
    vote(strangers, voters=6, best=2)
    client = browser(alice)
    page = client.get(reverse("web:jury", args=[strangers.pk])).content.decode()
    assert "People who know you put 02 first, strangers 03." in page
    sheet = client.get(reverse("web:sheet", args=[strangers.render_id])).content.decode()
    assert "found 03 more trustworthy" in sheet and "others’ choice" in sheet
    assert client.post(reverse("web:jury_delete", args=[strangers.pk])).status_code == 302
    assert list(Jury.objects.all()) == [friends]
