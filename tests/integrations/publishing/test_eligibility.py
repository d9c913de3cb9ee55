"""What may be sent, who may see it, and which moves there are."""

import pytest

from integrations import publication_states
from integrations.errors import (
    ActionNotAvailable,
    NotOwner,
    NotPublishable,
)
from integrations.models import Attempt, Backup, Publication
from integrations.publication_states import EDGES, State
from integrations.publishing import choices, transitions
from integrations.publishing import services as publishing_services
from integrations.selectors import history_of, profiles_of, publication_for
from tests.integrations.publishing.sending import ask, at, headshot, trail, work
from tests.support.memory_platform import SLUG
from tests.support.people import person, variant_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_headshot_of_somebody_else_is_not_sent(account):
    with pytest.raises(NotOwner):
        publishing_services.publish(headshot(person("bob")), [at(account)])


@pytest.mark.parametrize("likeness", [None, 0.26, float("nan")])
def test_headshot_that_is_not_like_its_person_is_not_sent(alice, account, likeness):
    if likeness != likeness:
        variant = headshot(alice)
        variant.likeness = likeness
    else:
        variant = headshot(alice, likeness=likeness)
    with pytest.raises(NotOwner):
        publishing_services.publish(variant, [at(account)])


def test_guard_holds_in_the_worker_too(account, platform):
    one = ask(account)
    type(one.variant).objects.update(likeness=0.6)
    assert work(one).state == "failed" and one.code == "not_you" and platform.effects == []


def test_headshot_that_is_not_ready_is_not_sent(alice, account):
    with pytest.raises(NotPublishable):
        publishing_services.publish(variant_of(alice, state="waiting"), [at(account)])


def test_deleted_headshot_is_said(account):
    one = ask(account)
    one.variant.delete()
    assert work(one).state == "failed" and one.code == "not_here" and one.advice


def test_place_without_account_takes_no_part(alice):
    choices.choose(headshot(alice), ["slack", "linkedin"])
    assert [one.place for one in publishing_services.refresh(alice)] == ["linkedin"]
    (slack,) = [one for one in profiles_of(alice) if one.frame.slug == "slack"]
    with pytest.raises(ActionNotAvailable):
        publishing_services.publish(headshot(alice), [slack])


def test_what_waits_for_one_person_is_not_taken_back_by_another(alice):
    """Both set LinkedIn by hand, where no account of theirs tells their rows apart."""
    asked = []
    for somebody in (alice, person("bob")):
        choices.choose(headshot(somebody), ["linkedin"])
        asked += publishing_services.refresh(somebody)
    assert [Publication.objects.get(pk=one.pk).state for one in asked] == ["blocked", "blocked"]


def test_history_tells_before_and_after(alice, account):
    first, second = work(ask(account)), work(ask(account, seed=2))
    newest, oldest = history_of(alice, SLUG, account.pk)
    assert (newest, oldest) == (second, first)
    assert newest.before.fingerprint == oldest.fingerprint
    assert list(history_of(person("bob"), SLUG)) == []


def test_stranger_cannot_see_publication(account):
    with pytest.raises(Publication.DoesNotExist):
        publication_for(person("bob"), ask(account).pk)


def test_everything_goes_with_the_account(alice, account):
    work(ask(account))
    alice.delete()
    assert not Publication.objects.exists() and not Attempt.objects.exists()
    assert not Backup.objects.exists()


def test_move_outside_the_table_raises(account):
    one = ask(account)
    for target in set(State) - EDGES[State.READY]:
        with pytest.raises(publication_states.InvalidTransition):
            transitions.move(one, target)
    assert trail(one) == []


def test_move_of_what_moved_on_changes_nothing(account):
    one = ask(account)
    stale = Publication.objects.get(pk=one.pk)
    assert publishing_services.cancel(one)
    assert not transitions.move(stale, State.CANCELLED) and trail(one) == ["cancelled"]
