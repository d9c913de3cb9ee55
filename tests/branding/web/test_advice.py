"""The pages of the advice: asked once, explained by studies, used and undone at a press."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from branding.advice.forbidden import find_forbidden
from branding.advice.library import load_library
from branding.advice.models import AdviceSettings
from headshots.models import Render, Variant
from integrations.models import Choice
from integrations.places import all_places
from integrations.publishing import choices
from integrations.selectors import current_choices
from tests.support.advice import APPEARANCE, measured_headshots, suggest
from tests.support.people import browser, person, photo_of, sheet_of

pytestmark = pytest.mark.django_db
ANSWERS = {
    "role": "lawyer",
    "audiences": ["clients", "friends"],
    "country": "DE",
    "dress": "suit",
    "taken_by": "selfie",
}
NOTE = re.compile(r'<div class="advice-note">(.*?)</div>', re.S)
# The one sentence that names what is never looked at.
PROMISE = "Never at your body, age, sex or origin."


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def headshots(alice):
    variants = measured_headshots(alice)
    choices.choose_variant(variants["cheerful"], ["linkedin", "instagram", "slack"])
    return variants


def text_of(page):
    """What a reader sees, without markup."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def get(client, name):
    answer = client.get(reverse(f"web:{name}"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_chose_no_profile_gets_suggestions_for_likely_places_to_download(alice):
    AdviceSettings.objects.create(owner=alice, role="lawyer", audiences=["employers"])
    client = browser(alice)
    empty = get(client, "advice")
    assert "As soon as you have headshots" in empty and "Make headshots" in empty
    measured_headshots(alice)
    page = get(client, "advice")
    links = re.findall(r'href="([^"]*/download/\?place=[^"]+)"', page)
    assert any("place=linkedin" in link for link in links) and len(links) == 6
    assert "Choose your profiles" in page and "Use these suggestions" not in page
    assert client.get(unescape(links[0])).headers["Content-Disposition"].startswith("attachment")
    AdviceSettings.objects.update(audiences=["friends"])
    assert "place=instagram" in re.findall(r"place=\w+", get(client, "advice"))


@pytest.mark.usefixtures("headshots")
def test_it_asks_once_and_shows_suggestions_then(alice):
    client = browser(alice)
    assert "For whom are your headshots?" in get(client, "advice")
    assert client.post(reverse("web:advice_settings"), ANSWERS).url == reverse("web:advice")
    shown = text_of(get(client, "advice"))
    assert "Use these suggestions" in shown and "LinkedIn" in shown
    assert AdviceSettings.objects.get(owner=alice).audiences == ["clients", "friends"]
    client.post(reverse("web:advice_settings"), {**ANSWERS, "role": "nurse"})
    assert AdviceSettings.objects.get(owner=alice).role == "nurse"


@pytest.mark.parametrize("wrong", [{"role": "wizard"}, {"audiences": ["cats"]}, {"country": "XX"}])
def test_an_answer_that_is_not_known_is_refused(alice, wrong):
    page = browser(alice).post(reverse("web:advice_settings"), {**ANSWERS, **wrong})
    assert page.status_code == 200 and "errorlist" in page.content.decode()
    assert not AdviceSettings.objects.exists()


@pytest.mark.usefixtures("headshots")
@pytest.mark.parametrize("role", ["lawyer", "founder", "teacher", "family-doctor"])
def test_every_sentence_names_its_study_or_is_called_a_judgement(alice, role):
    AdviceSettings.objects.create(owner=alice, **{**ANSWERS, "role": role})
    notes = NOTE.findall(get(browser(alice), "advice"))
    assert len(notes) > 10
    library = load_library()
    customs, trends = library.conventions.values(), library.trends
    known = {*library.claims, *(row.number for row in (*customs, *trends))}
    for note in notes:
        number = re.search(r"(?:Study|Source) (\d+)", note)
        assert (int(number[1]) in known) if number else "our judgement" in note, note


@pytest.mark.slow
@pytest.mark.usefixtures("headshots")
def test_pages_never_advise_on_a_person_whatever_they_do(alice):
    client = browser(alice)
    for role in load_library().roles:
        AdviceSettings.objects.update_or_create(owner=alice, defaults={**ANSWERS, "role": role})
        assert not find_forbidden(text_of(get(client, "advice")).replace(PROMISE, ""))


@pytest.mark.usefixtures("headshots")
def test_suggestions_are_used_at_a_press_and_undone_at_another(alice):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    client, before = browser(alice), current_choices(alice)["linkedin"].variant
    done = client.post(reverse("web:advice_use"), follow=True).content.decode()
    assert "Nothing is sent yet." in done and "Undo" in done
    assert current_choices(alice)["linkedin"].variant != before
    assert client.post(reverse("web:advice_use")).status_code == 409
    client.post(reverse("web:advice_undo"))
    assert current_choices(alice)["linkedin"].variant == before
    assert client.post(reverse("web:advice_undo")).status_code == 409


def test_profiles_with_the_same_advice_share_a_card(alice, headshots):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    choices.choose_variant(headshots["cheerful"], ["facebook"])
    cards = get(browser(alice), "advice").split('class="advice-card"')
    assert any("Instagram" in card and "Facebook" in card for card in cards)


@pytest.mark.usefixtures("headshots")
def test_the_custom_of_the_country_is_told_for_an_application(alice):
    AdviceSettings.objects.create(owner=alice, **{**ANSWERS, "country": "FI"})
    shown = text_of(get(browser(alice), "advice"))
    assert "In Finland, leave the photo out of a CV unless they ask for one" in shown


def test_without_answers_nothing_is_used(alice):
    assert browser(alice).post(reverse("web:advice_use")).status_code == 409


def test_the_answers_go_with_the_account(alice):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    alice.delete()
    assert not AdviceSettings.objects.exists()


def test_the_sheet_marks_frames_with_the_places_they_suit_best(alice, headshots):
    client, url = browser(alice), reverse("web:sheet", args=[headshots["corporate"].render_id])
    assert "tile-suggestion" not in client.get(url).content.decode()
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    page = client.get(url).content.decode()
    tiles = re.findall(r'<span class="tile-suggestion">(.*?)</a>', page, re.S)
    shown = " ".join(" ".join(re.sub(r"<[^>]+>", " ", tile) for tile in tiles).split())
    assert "suits best: LinkedIn" in shown
    headshots["author"].render.variants.filter(look="author").update(state="waiting")
    assert "tile-suggestion" not in client.get(url).content.decode(), "not before all are made"


@pytest.mark.usefixtures("headshots")
def test_the_dialog_begins_with_the_profiles_that_a_headshot_suits(alice):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    client = browser(alice)
    best = {entry.profile.place.slug: entry.best for entry in suggest(alice)}
    for variant in best.values():
        page = client.get(reverse("web:variant_use", args=[variant.pk])).content.decode()
        first = page[page.index("My profiles") :].split("</li>")[0]
        suited = [all_places()[place].name for place, entry in best.items() if entry == variant]
        assert "suits best" in first and any(name in first for name in suited)


WEIGHTS = {"warm": 5, "approachable": 5, "competent": 0, "trustworthy": 0, "authoritative": 0}


def test_own_weights_change_what_is_suggested_and_the_proposal_comes_back(alice, headshots):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    client, url = browser(alice), reverse("web:story_weights")
    proposed = best_of(alice)
    assert "our proposal" in get(client, "story") and "your choice" not in get(client, "story")
    client.post(url, {"place": "linkedin", **WEIGHTS})
    assert "your choice" in get(client, "story")
    assert best_of(alice)["linkedin"] != proposed["linkedin"]
    assert best_of(alice)["slack"] == proposed["slack"]
    client.post(url, {"place": "linkedin", "reset": "1"})
    assert best_of(alice) == proposed
    client.post(url, {"place": "linkedin", "all": "1", **WEIGHTS})
    assert len(set(best_of(alice).values())) == 1
    assert headshots["corporate"] not in best_of(alice).values()


@pytest.mark.usefixtures("headshots")
@pytest.mark.parametrize("wrong", [{"warm": "6"}, {"warm": "-1"}, {"warm": "many"}, {"warm": "0"}])
def test_weights_that_are_not_possible_are_refused(alice, wrong):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    values = {"place": "linkedin", **dict.fromkeys(WEIGHTS, "0"), **wrong}
    assert browser(alice).post(reverse("web:story_weights"), values).status_code == 400
    assert not AdviceSettings.objects.get().own_weights


def test_weights_are_for_ones_own_profiles(alice):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    answer = browser(alice).post(reverse("web:story_weights"), {"place": "moon", **WEIGHTS})
    assert answer.status_code == 404


def test_the_story_compares_the_profiles_and_says_what_contradicts(alice, headshots):
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    added_at = timezone.now() - timedelta(900)
    old = photo_of(alice, seed=9, appearance=APPEARANCE, added_at=added_at)
    variant = sheet_of(alice, old, count=1).variants.get()
    choices.choose_variant(variant, ["slack"])
    shown = text_of(get(browser(alice), "story"))
    assert "The photo on Slack is more than a year older than that on LinkedIn" in shown
    assert "Your oldest photo is more than two years old" in shown
    choices.choose_variant(headshots["cheerful"], ["slack"])
    shown = text_of(get(browser(alice), "story"))
    assert "Your pictures agree" in shown and "By " in shown
    assert not find_forbidden(shown)


def best_of(owner):
    return {entry.profile.place.slug: entry.best for entry in suggest(owner)}


def test_a_professional_photo_is_used_as_it_is(alice):
    """The page on photographers says so."""
    client = browser(alice)
    photo = photo_of(alice, professional=True)
    assert "Use without edits" in get(client, "photographers")
    page = client.get(reverse("web:photo", args=[photo.pk])).content.decode()
    assert "Use without edits" in page
    client.post(reverse("web:photo_untouched", args=[photo.pk]))
    variant = alice.variants.get()
    steps = {step["name"] for step in variant.wished}
    assert steps.isdisjoint({"retouch", "expression", "relight", "backdrop"})


@pytest.mark.usefixtures("headshots")
@pytest.mark.parametrize(
    ("people", "allowed", "is_told"), [(20, True, True), (19, True, False), (20, False, False)]
)
def test_trends_are_told_of_groups_of_twenty_where_the_operator_allows_it(
    alice, settings, people, allowed, is_told
):
    settings.LOCAL_TRENDS = allowed
    AdviceSettings.objects.create(owner=alice, **ANSWERS)
    photo = photo_of(alice, seed=1)
    for number in range(people - 1):  # alice is the last one
        other = person(f"person-{number}")
        render = Render.objects.create(owner=other, size=512)
        variant = Variant.objects.create(
            owner=other,
            render=render,
            number=1,
            look="cheerful",
            title="Cheerful",
            state="ready",
            picture=photo.picture,
            wished=[],
        )
        Choice.objects.create(owner=other, place="linkedin", variant=variant)
    shown = text_of(get(browser(alice), "advice"))
    sentence = f"Counted here: {people} people use “Cheerful” on LinkedIn."
    assert (sentence in shown) == is_told and ("Counted here" in shown) == is_told
