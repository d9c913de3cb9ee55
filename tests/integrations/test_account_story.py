"""The life of an account, on servers with the API of Mastodon that behave in two ways."""

import pytest
from django.conf import settings as django_settings

from integrations.connections import services as connection_services
from integrations.models import Publication, Run
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.scheduling import services as scheduling_services
from integrations.selectors import profiles_of
from tests.integrations.publishing.sending import headshot, publish_headshot, run_worker
from tests.integrations.scheduling.examples import daily
from tests.support import celery_messages
from tests.support.people import jpeg, patches, person
from tests.support.platforms.mastodon_family import (
    TEMPERAMENTS,
    MastodonFamilyServer,
    encode_webp,
)

pytestmark = pytest.mark.django_db(transaction=True)
OWN, OTHER = jpeg(patches(90, side=256)), jpeg(patches(91, side=256))


@pytest.fixture(params=TEMPERAMENTS, ids=lambda temperament: temperament.software)
def server(request, settings, tmp_path):
    """A strict server, which refuses scopes that it does not know."""
    settings.MEDIA_ROOT = tmp_path
    celery_messages.lose()
    server = MastodonFamilyServer(request.param, is_strict=True)
    yield server
    server.close()


def connect(owner, server):
    address = server.url.removeprefix("http://")
    url = connection_services.begin_connection(
        owner, "mastodon", binding="session", address=address
    ).url
    return connection_services.finish_connection(
        owner, "mastodon", binding="session", callback_parameters=server.say_yes(url)
    )


@pytest.mark.slow
def test_account_is_connected_changed_restored_scheduled_and_disconnected(server):
    assert django_settings.OPEN_LOOPBACK
    server.set_by_hand(OWN)
    alice = person()
    account = connect(alice, server)

    first = run_worker(publish_headshot(account))
    assert first.state == "published", first.message

    server.set_by_hand(OTHER)
    second = run_worker(publish_headshot(account, seed=2))
    assert second.code == "drifted" and len(server.uploads) == 1
    publishing_services.resolve_blocked(second, "send")
    assert run_worker(second).state == "published"

    assert run_worker(publishing_services.undo_publication(second)).state == "published"
    assert server.uploads[-1] == encode_webp(OTHER)
    assert run_worker(publishing_services.undo_publication(first)).state == "published"
    assert server.uploads[-1] == encode_webp(OWN)

    choices.choose_variant(headshot(alice, seed=3), ["mastodon"])
    keys = tuple(profile.key for profile in profiles_of(alice) if profile.connection)
    schedule = daily(alice, profiles=keys)
    run = scheduling_services.run_now(schedule)
    celery_messages.deliver()
    sent = Publication.objects.get(batch=run.pk)
    run.refresh_from_db()
    assert (run.state, sent.state) == (Run.State.SENT, "published"), sent.message

    server.access.clear()  # ended there by the person
    server.forget_apps()
    refused = run_worker(publish_headshot(account, seed=4))
    account.refresh_from_db()
    assert (refused.state, account.state) == ("blocked", "lost"), refused.message
    assert connect(alice, server) == account
    refused.refresh_from_db()
    assert run_worker(refused).state == "published"

    connection_services.end_connection(account)
    assert server.revoked, "the token is ended at the server, too"
