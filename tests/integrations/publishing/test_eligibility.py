"""What may be sent, who may see it, and which moves there are."""

import pytest

from integrations import publication_states
from integrations.errors import (
    ActionNotAvailable,
    NotOwner,
    NotPublishable,
)
from integrations.models import Attempt, Backup, Publication
from integrations.publication_states import TRANSITIONS, State
from integrations.publishing import choices, transitions
from integrations.publishing import services as publishing_services
from integrations.selectors import profile_history, profiles_of, publication_for
from tests.integrations.publishing.sending import (
    headshot,
    profile_of,
    publish_headshot,
    run_worker,
    step_targets,
)
from tests.support.people import person, variant_of
from tests.support.platforms.memory_platform import SLUG

pytestmark = pytest.mark.django_db(transaction=True)


def test_headshot_of_somebody_else_is_not_sent(account):
    with pytest.raises(NotOwner):
        publishing_services.publish_variant(headshot(person("bob")), [profile_of(account)])


@pytest.mark.parametrize("likeness", [None, 0.26, float("nan")])
def test_headshot_that_is_not_like_its_person_is_not_sent(alice, account, likeness):
    if likeness != likeness:
        variant = headshot(alice)
        variant.likeness = likeness
    else:
        variant = headshot(alice, likeness=likeness)
    with pytest.raises(NotOwner):
        publishing_services.publish_variant(variant, [profile_of(account)])


def test_guard_holds_in_the_worker_too(account, platform):
    publication = publish_headshot(account)
    type(publication.variant).objects.update(likeness=0.6)
    assert (
        run_worker(publication).state == "failed"
        and publication.code == "not_you"
        and platform.effects == []
    )


def test_headshot_that_is_not_ready_is_not_sent(alice, account):
    with pytest.raises(NotPublishable):
        publishing_services.publish_variant(
            variant_of(alice, state="waiting"), [profile_of(account)]
        )


def test_deleted_headshot_is_said(account):
    publication = publish_headshot(account)
    publication.variant.delete()
    assert (
        run_worker(publication).state == "failed"
        and publication.code == "not_here"
        and publication.advice
    )


def test_place_without_account_takes_no_part(alice):
    choices.choose_variant(headshot(alice), ["slack", "linkedin"])
    assert [row.place for row in publishing_services.publish_chosen(alice)] == ["linkedin"]
    (slack,) = [row for row in profiles_of(alice) if row.place.slug == "slack"]
    with pytest.raises(ActionNotAvailable):
        publishing_services.publish_variant(headshot(alice), [slack])


def test_what_waits_for_one_person_is_not_taken_back_by_another(alice):
    """Both set LinkedIn by hand, where no account of theirs tells their rows apart."""
    publications = []
    for somebody in (alice, person("bob")):
        choices.choose_variant(headshot(somebody), ["linkedin"])
        publications += publishing_services.publish_chosen(somebody)
    assert [Publication.objects.get(pk=publication.pk).state for publication in publications] == [
        "blocked",
        "blocked",
    ]


def test_history_tells_before_and_after(alice, account):
    first, second = (
        run_worker(publish_headshot(account)),
        run_worker(publish_headshot(account, seed=2)),
    )
    newest, oldest = profile_history(alice, SLUG, account.pk)
    assert (newest, oldest) == (second, first)
    assert newest.before.fingerprint == oldest.fingerprint
    assert list(profile_history(person("bob"), SLUG)) == []


def test_stranger_cannot_see_publication(account):
    with pytest.raises(Publication.DoesNotExist):
        publication_for(person("bob"), publish_headshot(account).pk)


def test_everything_goes_with_the_account(alice, account):
    run_worker(publish_headshot(account))
    alice.delete()
    assert not Publication.objects.exists() and not Attempt.objects.exists()
    assert not Backup.objects.exists()


def test_move_outside_the_table_raises(account):
    publication = publish_headshot(account)
    for target in set(State) - TRANSITIONS[State.READY]:
        with pytest.raises(publication_states.InvalidTransition):
            transitions.change_state(publication, target)
    assert step_targets(publication) == []


def test_move_of_what_moved_on_changes_nothing(account):
    publication = publish_headshot(account)
    stale = Publication.objects.get(pk=publication.pk)
    assert publishing_services.cancel_publication(publication)
    assert not transitions.change_state(stale, State.CANCELLED) and step_targets(publication) == [
        "cancelled"
    ]
