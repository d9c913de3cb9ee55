"""Sending from a terminal, following it, and putting the old picture back."""

from types import SimpleNamespace

import pytest

from branding.operations import receipts
from integrations.errors import Rejected
from integrations.models import Choice, Publication
from integrations.publishing import choices
from integrations.selectors import profiles_of
from tests.integrations.publishing.sending import ORIGINAL, headshot
from tests.support import celery_messages
from tests.support.memory_platform import SLUG, connected
from tests.support.people import nobody, person
from tests.support.processes import until

pytestmark = pytest.mark.django_db(transaction=True)

SEEN = "Zulip, Alice 1: verified. Seen at the platform."


@pytest.fixture
def chosen(shot, account):
    choices.choose(shot, [account.slug])
    return shot


def chosen_at(owner):
    """What is chosen where, by the profile's name."""
    return {one.name: one.choice.variant_id for one in profiles_of(owner) if one.choice}


@pytest.mark.usefixtures("chosen", "worker")
def test_what_is_chosen_is_sent_and_followed_to_its_end(manage, platform):
    ended = manage("publish", SLUG, "--wait")
    lines = ended.out.splitlines()
    first = {f"Zulip, Alice 1: {stage}." for stage in ("waiting", "sending")}
    assert ended.code == 0 and lines[0] in first  # a worker may be quicker than the first look
    assert lines[-1] == SEEN and len(platform.effects) == 1
    assert len(lines) == len(set(lines)), "each step once"


@pytest.mark.usefixtures("chosen", "worker")
def test_programs_read_the_same_receipts(manage):
    told = manage("publish", "--all", "--wait", "--json").told
    assert told["working"] is True and len(told["publications"]) == 1
    (one,) = told["publications"]
    assert (one["state"], one["place"], one["batch"]) == ("published", SLUG, told["batch"])


@pytest.mark.usefixtures("chosen", "worker")
def test_what_failed_says_why_and_ends_with_another_code(manage, platform):
    platform.trouble["publish"] = [Rejected("It is too big.", advice="Make it smaller.")]
    ended = manage("publish", SLUG, "--wait")
    assert ended.code == 3 and "failed. It is too big. Make it smaller." in ended.out


@pytest.mark.usefixtures("chosen")
def test_nobody_at_work_is_said_instead_of_waiting(manage):
    ended = manage("publish", SLUG, "--wait")
    assert ended.code == 3 and receipts.NOBODY in ended.out
    told = manage("publish", SLUG, "--json").told
    assert told["working"] is False and told["publications"][0]["state"] == "ready"


@pytest.mark.usefixtures("chosen", "worker")
def test_who_stops_waiting_stops_nothing_else(manage, platform, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    platform.lag = 1
    monkeypatch.setattr(receipts, "time", SimpleNamespace(sleep=interrupt))
    assert manage("publish", SLUG, "--wait").code == 130
    until(lambda: platform.effects)


@pytest.mark.usefixtures("chosen")
def test_without_waiting_it_is_asked_for_and_no_more(manage, platform):
    assert manage("publish", SLUG).code == 0 and platform.effects == []
    celery_messages.deliver()
    assert len(platform.effects) == 1


@pytest.mark.usefixtures("chosen")
def test_another_headshot_is_chosen_before_it_is_sent(manage, alice):
    other = headshot(alice, seed=2)
    told = manage("publish", SLUG, "--variant", other.label, "--json").told
    assert told["publications"][0]["variant"] == str(other.pk)
    assert chosen_at(alice)["Alice 1"] == other.pk
    assert Choice.objects.filter(place=SLUG, connection=None, current=True).exists()


def test_one_account_of_several_has_a_choice_of_its_own(manage, alice, chosen):
    second, other = connected(alice, account="2"), headshot(alice, seed=2)
    told = manage("publish", second.pk, "--variant", other.pk, "--json").told
    assert [one["connection"] for one in told["publications"]] == [str(second.pk)]
    assert chosen_at(alice)["Alice 1"] == chosen.pk
    assert chosen_at(alice)["Alice 2"] == other.pk
    manage("publish", SLUG, "--variant", headshot(alice, seed=3).pk)
    assert chosen_at(alice)["Alice 1"] == chosen_at(alice)["Alice 2"], "both are sent the third"


def test_headshot_is_not_chosen_where_it_cannot_be_sent(manage, alice, chosen):
    other = headshot(alice, seed=2)
    refusal = manage("publish", SLUG, "gravatar", "--variant", other.pk, "--json").refusal
    assert refusal["code"] == "not_here"
    assert chosen_at(alice)["Alice 1"] == chosen.pk and not Publication.objects.exists()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "words, code",
    [
        ((), "ambiguous"),
        (("--all",), "not_here"),
        ((SLUG,), "not_here"),
        (("github",), "not_here"),
        (("myspace",), "unknown_place"),
        ((SLUG, "--all"), "ambiguous"),
        ((SLUG, "--variant", "99Z"), "not_found"),
        ((SLUG, "--variant", "the best"), "not_found"),
    ],
)
def test_what_cannot_be_sent_is_refused(manage, words, code):
    assert manage("publish", *words, "--json").refusal["code"] == code
    assert not Publication.objects.exists()


@pytest.mark.usefixtures("chosen")
def test_place_without_a_choice_is_not_left_out_in_silence(manage):
    refusal = manage("publish", SLUG, "avatar", "--json").refusal
    assert refusal["code"] == "not_here" and not Publication.objects.exists()


def test_somebody_elses_headshot_is_not_there(manage, chosen):
    connected(person("carol"), account="2")
    carols = ("--account", "carol@example.com", "--json")
    told = manage("publish", SLUG, "--variant", chosen.pk, *carols)
    assert told.refusal["code"] == "not_found"


@pytest.mark.usefixtures("chosen", "worker")
def test_undo_goes_back_step_by_step(manage, alice, platform):
    manage("publish", SLUG, "--wait")
    manage("publish", SLUG, "--variant", headshot(alice, seed=2).pk, "--wait")
    first = platform.effects[0]
    ended = manage("undo", SLUG, "--wait")
    assert ended.code == 0 and ended.out.splitlines()[-1] == SEEN
    assert platform.live.data == first
    told = manage("undo", "--all", "--wait", "--json").told
    assert told["publications"][0]["undoes"] and platform.live.data == ORIGINAL
    assert manage("undo", SLUG, "--json").refusal["code"] == "not_here"


@pytest.mark.usefixtures("chosen", "worker")
def test_undo_that_failed_can_be_asked_for_again(manage, platform):
    manage("publish", SLUG, "--wait")
    platform.trouble["publish"] = [Rejected("Not now.")]
    assert manage("undo", SLUG, "--wait").code == 3
    assert manage("undo", SLUG, "--wait").code == 0 and platform.live.data == ORIGINAL


@pytest.mark.usefixtures("chosen", "worker")
def test_one_publication_is_undone_by_its_id(manage, platform):
    sent = manage("publish", SLUG, "--wait", "--json").told["publications"][0]["id"]
    assert manage("undo", sent, "--wait").code == 0
    assert platform.live.data == ORIGINAL


@pytest.mark.usefixtures("chosen", "worker")
def test_somebody_elses_publication_is_not_there(manage, platform):
    sent = manage("publish", SLUG, "--wait", "--json").told["publications"][0]["id"]
    person("carol")
    carols = ("--account", "carol@example.com", "--json")
    assert manage("undo", sent, *carols).refusal["code"] == "not_found"
    assert manage("undo", "--all", *carols).refusal["code"] == "not_here"
    assert len(platform.effects) == 1


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "words, code",
    [
        ((), "ambiguous"),
        (("--all",), "not_here"),
        ((SLUG, "--all"), "ambiguous"),
        (("myspace",), "unknown_place"),
        ((nobody(),), "not_found"),
        (("github",), "not_here"),
    ],
)
def test_nothing_to_undo_is_said(manage, words, code):
    assert manage("undo", *words, "--json").refusal["code"] == code
