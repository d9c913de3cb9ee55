"""Sending from a terminal, following it, and putting the old picture back."""

from types import SimpleNamespace

import pytest

from branding.operations import publishing_command
from integrations.errors import Rejected
from integrations.models import Choice, Publication
from integrations.publishing import choices
from integrations.selectors import profiles_of
from tests.integrations.publishing.sending import ORIGINAL, headshot
from tests.support import celery_messages
from tests.support.people import person, unknown_id
from tests.support.platforms.memory_platform import SLUG, create_connection
from tests.support.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SEEN = "Zulip, Alice 1: verified. Seen at the platform."


@pytest.fixture
def chosen(variant, account):
    choices.choose_variant(variant, [account.slug])
    return variant


def chosen_variants(owner):
    """What is chosen where, by the profile's name."""
    return {
        profile.name: profile.choice.variant_id for profile in profiles_of(owner) if profile.choice
    }


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
    document = manage("publish", "--all", "--wait", "--json").document
    assert document["working"] is True and len(document["publications"]) == 1
    (publication,) = document["publications"]
    assert (publication["state"], publication["place"], publication["batch"]) == (
        "published",
        SLUG,
        document["batch"],
    )


@pytest.mark.usefixtures("chosen", "worker")
def test_what_failed_says_why_and_ends_with_another_code(manage, platform):
    platform.trouble["publish"] = [Rejected("It is too big.", advice="Make it smaller.")]
    ended = manage("publish", SLUG, "--wait")
    assert ended.code == 3 and "failed. It is too big. Make it smaller." in ended.out


@pytest.mark.usefixtures("chosen")
def test_nobody_at_work_is_said_instead_of_waiting(manage):
    ended = manage("publish", SLUG, "--wait")
    assert ended.code == 3 and publishing_command.NO_WORKER_MESSAGE in ended.out
    document = manage("publish", SLUG, "--json").document
    assert document["working"] is False and document["publications"][0]["state"] == "ready"


@pytest.mark.usefixtures("chosen", "worker")
def test_who_stops_waiting_stops_nothing_else(manage, platform, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    platform.lag = 1
    monkeypatch.setattr(publishing_command, "time", SimpleNamespace(sleep=interrupt))
    assert manage("publish", SLUG, "--wait").code == 130
    wait_until(lambda: platform.effects)


@pytest.mark.usefixtures("chosen")
def test_without_waiting_it_is_asked_for_and_no_more(manage, platform):
    assert manage("publish", SLUG).code == 0 and platform.effects == []
    celery_messages.deliver()
    assert len(platform.effects) == 1


@pytest.mark.usefixtures("chosen")
def test_another_headshot_is_chosen_before_it_is_sent(manage, alice):
    other = headshot(alice, seed=2)
    document = manage("publish", SLUG, "--variant", other.label, "--json").document
    assert document["publications"][0]["variant"] == str(other.pk)
    assert chosen_variants(alice)["Alice 1"] == other.pk
    assert Choice.objects.filter(place=SLUG, connection=None, current=True).exists()


def test_one_account_of_several_has_a_choice_of_its_own(manage, alice, chosen):
    second, other = create_connection(alice, account="2"), headshot(alice, seed=2)
    document = manage("publish", second.pk, "--variant", other.pk, "--json").document
    assert [publication["connection"] for publication in document["publications"]] == [
        str(second.pk)
    ]
    assert chosen_variants(alice)["Alice 1"] == chosen.pk
    assert chosen_variants(alice)["Alice 2"] == other.pk
    manage("publish", SLUG, "--variant", headshot(alice, seed=3).pk)
    assert chosen_variants(alice)["Alice 1"] == chosen_variants(alice)["Alice 2"], (
        "both are sent the third"
    )


def test_headshot_is_not_chosen_where_it_cannot_be_sent(manage, alice, chosen):
    other = headshot(alice, seed=2)
    refusal = manage("publish", SLUG, "gravatar", "--variant", other.pk, "--json").refusal
    assert refusal["code"] == "not_here"
    assert chosen_variants(alice)["Alice 1"] == chosen.pk and not Publication.objects.exists()


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
    create_connection(person("carol"), account="2")
    carols = ("--account", "carol@example.com", "--json")
    ended = manage("publish", SLUG, "--variant", chosen.pk, *carols)
    assert ended.refusal["code"] == "not_found"


@pytest.mark.usefixtures("chosen", "worker")
def test_undo_goes_back_step_by_step(manage, alice, platform):
    manage("publish", SLUG, "--wait")
    manage("publish", SLUG, "--variant", headshot(alice, seed=2).pk, "--wait")
    first = platform.effects[0]
    ended = manage("undo", SLUG, "--wait")
    assert ended.code == 0 and ended.out.splitlines()[-1] == SEEN
    assert platform.live.data == first
    document = manage("undo", "--all", "--wait", "--json").document
    assert document["publications"][0]["undoes"] and platform.live.data == ORIGINAL
    assert manage("undo", SLUG, "--json").refusal["code"] == "not_here"


@pytest.mark.usefixtures("chosen", "worker")
def test_undo_that_failed_can_be_asked_for_again(manage, platform):
    manage("publish", SLUG, "--wait")
    platform.trouble["publish"] = [Rejected("Not now.")]
    assert manage("undo", SLUG, "--wait").code == 3
    assert manage("undo", SLUG, "--wait").code == 0 and platform.live.data == ORIGINAL


@pytest.mark.usefixtures("chosen", "worker")
def test_one_publication_is_undone_by_its_id(manage, platform):
    sent = manage("publish", SLUG, "--wait", "--json").document["publications"][0]["id"]
    assert manage("undo", sent, "--wait").code == 0
    assert platform.live.data == ORIGINAL


@pytest.mark.usefixtures("chosen", "worker")
def test_somebody_elses_publication_is_not_there(manage, platform):
    sent = manage("publish", SLUG, "--wait", "--json").document["publications"][0]["id"]
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
        ((unknown_id(),), "not_found"),
        (("github",), "not_here"),
    ],
)
def test_nothing_to_undo_is_said(manage, words, code):
    assert manage("undo", *words, "--json").refusal["code"] == code
