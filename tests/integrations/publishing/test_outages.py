"""A platform that is away for an hour, and clocks that jump: nothing is lost, none doubled."""

import pytest

from integrations.errors import Unavailable
from integrations.models import Publication
from integrations.publication_states import State
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of
from integrations.tasks import process_due_work
from tests.support import celery_messages
from tests.support.clock import Clock
from tests.support.people import person, variant_of
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNTS = 3


@pytest.fixture
def clock(monkeypatch):
    """The time of everything that asks Django for it."""
    stopped = Clock("2026-06-01T09:00")
    monkeypatch.setattr("django.utils.timezone.now", stopped)
    return stopped


@pytest.fixture
def platform(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    celery_messages.lose()
    return put_in_registry(monkeypatch, min_interval=0)


@pytest.fixture
def publications(request):
    """Some accounts of one person, and a headshot on its way to each."""
    for fixture in ("clock", "platform"):
        request.getfixturevalue(fixture)
    alice = person()
    for index in range(ACCOUNTS):
        create_connection(alice, account=str(index))
    profiles = [profile for profile in profiles_of(alice) if profile.connection]
    return publishing_services.publish_variant(variant_of(alice), profiles)


def pass_time(clock, seconds, *, step):
    """The clock ticks and a worker works, for so long."""
    for _ in range(seconds // step):
        celery_messages.deliver()
        clock.forward(seconds=step)
        process_due_work()
    celery_messages.deliver()


def states():
    return set(Publication.objects.values_list("state", flat=True))


@pytest.mark.slow
@pytest.mark.usefixtures("publications")
def test_platform_that_is_away_for_an_hour_is_waited_for(clock, platform):
    platform.trouble["current"] = [Unavailable("away", status=503)] * 10**4
    pass_time(clock, 3600, step=60)
    assert states() == {"ready"} and platform.effects == []
    tries = Publication.objects.values_list("attempts", flat=True)
    assert max(tries) <= 8, "it is not hammered"
    platform.trouble["current"] = []
    pass_time(clock, 2 * 3600, step=30)  # less than a turn holds, which is kept by the real clock
    assert states() == {"published"} and len(platform.effects) == ACCOUNTS


@pytest.mark.slow
@pytest.mark.usefixtures("publications")
@pytest.mark.parametrize("hours", [2, -2])
def test_clock_that_jumps_loses_and_doubles_nothing(clock, platform, hours):
    platform.trouble["current"] = [Unavailable("away", status=503)] * ACCOUNTS
    pass_time(clock, 0, step=1)
    clock.forward(hours=hours)
    pass_time(clock, max(0, -hours) * 3600 + 600, step=200)
    assert states() == {"published"} and len(platform.effects) == ACCOUNTS


def test_clock_that_jumps_while_it_is_sent_is_looked_for(clock, platform, publications):
    publication = publications[0]
    Publication.objects.filter(pk=publication.pk).update(state=State.SENDING, touched_at=clock())
    clock.forward(hours=2)
    pass_time(clock, 600, step=60)
    assert states() == {"published"} and len(platform.effects) == ACCOUNTS
