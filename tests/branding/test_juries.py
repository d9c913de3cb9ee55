"""Other people choose between headshots: their votes are counted once, and give the right order."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from scipy.special import expit

from branding.juries import selectors, services
from branding.juries.models import Jury, JuryVote
from branding.juries.pairs import MAX_SHOWN, MAX_VOTES, list_pairs
from branding.juries.ranking import rank_pictures
from headshots.errors import NotReady
from tests.support.people import browser, person, sheet_of

# Strengths of six headshots: evenly apart, so that the best is preferred to the second in 65 % of
# votes, or from a normal distribution with this deviation.
EVEN = [index * 0.62 for index in range(6)]
DEVIATION = 1.5
TASTE = 0.5  # deviation of what one voter likes about each headshot, whatever others do


def simulate_votes(seed, *, voters=12, strengths=None, taste=TASTE):
    """The votes that people cast who prefer stronger pictures, each with a taste of their own."""
    chance = random.Random(seed)
    drawn = [chance.gauss(0, DEVIATION) for _ in range(6)]
    order = chance.sample(strengths or drawn, 6)
    votes = []
    for voter in range(voters):
        liked = [strength + chance.gauss(0, taste) for strength in order]
        own = []
        for left, right in list_pairs(len(order), f"{seed} {voter}", votes):
            is_left = chance.random() < expit(liked[left] - liked[right])
            own.append((left, right) if is_left else (right, left))
        assert len(own) == MAX_VOTES
        votes += selectors.drop_control(own)
    return order.index(max(order)), votes


@pytest.mark.slow
@pytest.mark.parametrize("strengths", [EVEN, None], ids=["even", "random"])
def test_twelve_voters_find_the_best_of_six_nine_times_in_ten(strengths):
    best_count = 0
    for seed in range(100):
        best, votes = simulate_votes(seed, strengths=strengths)
        best_count += rank_pictures(6, votes).order[0] == best
    assert best_count >= 90


def test_a_decided_ranking_is_rarely_wrong_and_noise_decides_nothing():
    juries = [simulate_votes(seed, strengths=EVEN) for seed in range(40)]
    decided = [(best, rank_pictures(6, votes)) for best, votes in juries]
    wrong = [best != ranking.order[0] for best, ranking in decided if ranking.is_decided]
    assert len(wrong) > 10 and sum(wrong) / len(wrong) <= 0.1
    assert not rank_pictures(6, []).is_decided
    assert not rank_pictures(3, [(0, 1), (1, 2), (2, 0)]).is_decided


@pytest.mark.slow
def test_a_clear_verdict_holds_where_half_of_taste_is_private():
    """So it is for faces: J. Hönekopp (2006), in selectors.MIN_VOTERS."""
    juries = [simulate_votes(seed, taste=DEVIATION) for seed in range(60)]
    decided = [(best, rank_pictures(6, votes)) for best, votes in juries]
    right = [best == ranking.order[0] for best, ranking in decided if ranking.is_decided]
    assert len(right) > 20 and sum(right) / len(right) >= 0.88


@pytest.mark.parametrize("count", range(3, 11))
def test_pairs_are_few_and_the_first_one_comes_again_with_its_sides_exchanged(count):
    pairs = list_pairs(count, "seed")
    assert len(pairs) <= MAX_VOTES and pairs[-1] == pairs[0][::-1]
    shown = Counter(frozenset(pair) for pair in pairs)
    assert max(shown.values()) <= MAX_SHOWN and shown[frozenset(pairs[0])] == 2
    assert pairs == list_pairs(count, "seed") and pairs != list_pairs(count, "other seed")


@pytest.fixture
def alice(db):  # noqa: ARG001 - rows need it
    return person("alice")


@pytest.fixture
def jury(alice):
    return services.start_jury(alice, list(sheet_of(alice, count=6).variants.all()), "Who?")


def device(name):
    return browser(headers={"user-agent": name})


def vote_until_done(client, jury, prefers=min):
    """Vote as a person with a browser does; return how many pages were answered."""
    url = reverse("web:jury_vote", args=[jury.token])
    for answered in range(MAX_VOTES + 1):
        step = client.get(url).context["step"]
        if step is None:
            return answered
        number, (left, right) = step
        side = "left" if prefers(left, right) == left else "right"
        assert client.post(url, {"number": number, "side": side}).status_code == 302
    raise AssertionError("a voter was asked without end")


@pytest.mark.slow
def test_a_dozen_browsers_decide_a_sheet(alice, jury):
    answered = [vote_until_done(device(f"Browser {index}"), jury) for index in range(12)]
    assert answered[0] == MAX_VOTES and 0 in answered, "it stops asking once it is decided"
    result = selectors.describe_result(jury)
    assert result.is_decided and result.standings[0].variant == jury.pictures.first().variant
    page = browser(alice).get(reverse("web:jury", args=[jury.pk])).content.decode()
    assert "Clearly ahead" in page
    table = browser(alice).get(reverse("web:jury_export", args=[jury.pk])).content.decode()
    assert len(table.splitlines()) == 7


@pytest.mark.slow
def test_few_voters_decide_nothing_however_much_they_agree(jury):
    for index in range(selectors.MIN_VOTERS - 1):
        vote_until_done(device(f"Browser {index}"), jury)
    assert not selectors.describe_result(jury).is_decided
    vote_until_done(device("One more"), jury)
    assert selectors.describe_result(jury).is_decided


def test_one_device_counts_once_however_often_it_comes_back(jury):
    for _ in range(3):
        vote_until_done(device("The same"), jury)
    assert jury.votes.count() == MAX_VOTES
    assert selectors.describe_result(jury).voter_count == 1


def test_a_vote_that_is_sent_twice_counts_once(jury):
    client, url = device("Firefox"), reverse("web:jury_vote", args=[jury.token])
    for _ in range(2):
        client.post(url, {"number": 0, "side": "left"})
    client.post(url, {"number": 9, "side": "left"})
    client.post(url, {"number": "x", "side": "up"})
    assert jury.votes.count() == 1


def test_answers_that_contradict_each_other_are_dropped(jury):
    vote_until_done(device("Always left"), jury, prefers=lambda left, _right: left)
    standings = selectors.describe_result(jury).standings
    assert sum(standing.wins for standing in standings) == MAX_VOTES - 2


def test_a_voter_sees_two_pictures_and_nothing_of_the_owner(alice, jury):
    client = device("Stranger")
    answer = client.get(reverse("web:jury_vote", args=[jury.token]))
    page = answer.content.decode()
    assert alice.email not in page and page.count("<img") == 2
    assert "noindex" in answer["X-Robots-Tag"] and "<script" in page
    picture = client.get(reverse("web:jury_picture", args=[jury.token, 0]))
    assert picture["Cross-Origin-Resource-Policy"] == "same-origin"
    assert client.get(reverse("web:jury_picture", args=[jury.token, 6])).status_code == 404
    assert client.get(reverse("web:jury", args=[jury.pk])).status_code == 302, "to signing in"


def test_the_link_ends_when_its_owner_or_its_time_ends_it(alice, jury):
    url = reverse("web:jury_vote", args=[jury.token])
    Jury.objects.update(expires_at=F("expires_at") - timedelta(days=8))
    assert device("a").get(url).status_code == 404
    Jury.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert device("a").get(url).status_code == 200
    browser(alice).post(reverse("web:jury_end", args=[jury.pk]))
    assert device("a").get(url).status_code == 404
    assert device("a").get(reverse("web:jury_picture", args=[jury.token, 0])).status_code == 404


def test_another_account_has_no_such_question(jury):
    bob = browser(person("bob"))
    for name in ("jury", "jury_export"):
        assert bob.get(reverse(f"web:{name}", args=[jury.pk])).status_code == 404
    assert bob.post(reverse("web:jury_end", args=[jury.pk])).status_code == 404
    assert bob.get(reverse("web:jury_start", args=[jury.render_id])).status_code == 404


def test_the_form_of_a_sheet_makes_a_link(alice):
    render = sheet_of(alice, count=4)
    url, client = reverse("web:jury_start", args=[render.pk]), browser(alice)
    assert client.get(url).status_code == 200
    ids = [variant.pk for variant in render.variants.all()]
    assert client.post(url, {"variants": ids, "own_question": "Who?"}).status_code == 302
    assert Jury.objects.get().pictures.count() == 4
    assert client.post(url, {"variants": ids[:2], "question": "Who?"}).status_code == 409


def test_only_finished_headshots_of_one_sheet_are_compared(alice):
    first = sheet_of(alice)
    second = sheet_of(alice, first.photos.get())
    two_sheets = [*first.variants.all(), *second.variants.all()]
    with pytest.raises(NotReady):
        services.start_jury(alice, two_sheets, "Who?")


def test_votes_die_with_the_sheet(jury):
    vote_until_done(device("a"), jury)
    jury.render.delete()
    assert not Jury.objects.exists() and not JuryVote.objects.exists()
