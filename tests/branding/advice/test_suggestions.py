"""Suggestions for a person's profiles: the best of their headshots, used and undone at once."""

import re

import pytest
from django.urls import reverse

from branding.advice import selectors, services
from branding.advice.models import AdviceSettings
from branding.juries import services as jury_services
from headshots.errors import NotReady
from headshots.models import Variant
from integrations.models import Connection
from integrations.publishing import choices
from integrations.selectors import current_choices
from tests.support.advice import STERN, measured_headshots, suggest
from tests.support.people import browser, person, sheet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def headshots(alice):
    return measured_headshots(alice, **STERN)


@pytest.fixture
def lawyer(alice):
    return AdviceSettings.objects.create(owner=alice, role="lawyer", audiences=["clients"])


def chosen(owner):
    return {place: choice.variant.look for place, choice in current_choices(owner).items()}


def test_each_profile_gets_the_best_of_the_persons_headshots(headshots, lawyer):
    choices.choose_variant(headshots["cheerful"], ["linkedin", "instagram"])
    by_place = {entry.profile.place.slug: entry for entry in suggest(lawyer.owner)}
    assert set(by_place) == {"linkedin", "instagram"}
    linkedin = by_place["linkedin"]
    assert linkedin.best.look == "corporate" and linkedin.variants[1] != linkedin.best
    assert linkedin.advice.reasons and by_place["instagram"].best.look != "corporate"


def test_suggestions_are_used_for_all_profiles_at_once_and_undone(alice, headshots, lawyer):
    choices.choose_variant(headshots["cheerful"], ["linkedin", "instagram"])
    before = chosen(alice)
    assert services.use_suggestions(lawyer) == 2
    assert chosen(alice)["linkedin"] == "corporate"
    with pytest.raises(NotReady):
        services.use_suggestions(lawyer)
    assert services.undo_suggestions(lawyer) == 2
    assert chosen(alice) == before
    with pytest.raises(NotReady):
        services.undo_suggestions(lawyer)


def test_undoing_keeps_what_was_chosen_since(alice, headshots, lawyer):
    choices.choose_variant(headshots["cheerful"], ["linkedin", "instagram"])
    services.use_suggestions(lawyer)
    choices.choose_variant(headshots["author"], ["linkedin"])
    assert services.undo_suggestions(lawyer) == 1
    assert chosen(alice) == {"linkedin": "author", "instagram": "cheerful"}


def test_undoing_goes_on_where_the_earlier_headshot_was_deleted(alice, headshots, lawyer):
    choices.choose_variant(headshots["cheerful"], ["linkedin"])
    services.use_suggestions(lawyer)
    Variant.objects.filter(pk=headshots["cheerful"].pk).delete()
    assert services.undo_suggestions(lawyer) == 1
    assert chosen(alice) == {}


def test_headshots_of_others_and_dismissed_ones_are_not_suggested(headshots, lawyer):
    choices.choose_variant(headshots["cheerful"], ["linkedin"])
    sheet_of(person("carol"), count=10)
    Variant.objects.filter(pk=headshots["corporate"].pk).update(
        discarded_at=lawyer.owner.date_joined
    )
    (entry,) = suggest(lawyer.owner)
    ranked = {ranked.candidate.key for ranked in entry.advice.ranked}
    assert ranked == {str(variant.pk) for look, variant in headshots.items() if look != "corporate"}


def test_without_headshots_nothing_is_suggested(lawyer):
    assert suggest(lawyer.owner) == []
    with pytest.raises(NotReady):
        services.use_suggestions(lawyer)


def test_photos_that_were_never_measured_are_no_obstacle(alice, lawyer):
    sheet = sheet_of(alice, count=3)
    choices.choose_variant(sheet.variants.first(), ["linkedin"])
    (entry,) = suggest(lawyer.owner)
    assert entry.best is not None


def test_a_profile_with_an_account_gets_a_choice_of_its_own_and_loses_it_again(
    alice, headshots, lawyer
):
    account = Connection.objects.create(owner=alice, slug="mastodon", account_id="1")
    choices.choose_variant(headshots["corporate"], ["mastodon"])
    assert services.use_suggestions(lawyer) == 1
    assert alice.choices.get(connection=account).variant != headshots["corporate"]
    assert services.undo_suggestions(lawyer) == 1
    assert not alice.choices.filter(connection=account, current=True).exists()


@pytest.mark.usefixtures("headshots")
def test_nothing_is_sent_by_using_suggestions(alice, lawyer):
    Connection.objects.create(owner=alice, slug="mastodon", account_id="1")
    services.use_suggestions(lawyer)
    assert not alice.publications.exists()


@pytest.mark.usefixtures("lawyer")
def test_a_role_that_the_data_do_not_have_any_more_is_asked_for_again(alice):
    AdviceSettings.objects.update(role="wizard", audiences=["cats"], country="XX")
    assert selectors.advice_settings_of(alice) is None
    page = browser(alice).get(reverse("web:advice")).content.decode()
    assert "For whom are your headshots?" in page
    AdviceSettings.objects.update(role="lawyer")
    wishes = selectors.wishes_of(selectors.advice_settings_of(alice))
    assert (wishes.audiences, wishes.country) == ((), "")


@pytest.mark.usefixtures("lawyer")
def test_what_people_said_who_were_asked_is_shown_as_theirs(alice, headshots):
    choices.choose_variant(headshots["cheerful"], ["linkedin"])
    candidates = [headshots[look] for look in ("corporate", "cheerful", "social")]
    jury = jury_services.start_jury(alice, candidates, "Who would you hire?")
    for number in range(8):
        while step := jury_services.next_pair(jury, f"voter {number}"):
            position, (left, right) = step
            side = 0 if left < right else 1  # the first is the best, and the last the worst
            jury_services.record_vote(jury, f"voter {number}", number=position, side=side)
    html = browser(alice).get(reverse("web:advice")).content.decode()
    assert "from people you asked" in html
    assert re.search(r"\d of \d preferred", html)
