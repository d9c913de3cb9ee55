"""Connecting, renewing, losing and disconnecting an account, against a strict server."""

import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.db import connection as database
from django.utils import timezone
from PIL import Image

from branding.accounts.services import delete_account
from headshots.metrics import REGISTRY
from integrations.auth.flow import SignInCancelled, StateMismatch, Tokens
from integrations.connections import pictures as connection_pictures
from integrations.connections import services as connection_services
from integrations.connections import tokens as connection_tokens
from integrations.errors import (
    AlreadyConnected,
    ForbiddenAddress,
    PlatformError,
    Rejected,
    Unauthorized,
    Unavailable,
)
from integrations.models import Connection, Grant, Handshake, Registration
from integrations.selectors import connection_for, connections_of
from tests.support.platforms.mastodon import FakeMastodon, json_response

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return get_user_model().objects.create_user("alice@example.com", "x")


@pytest.fixture
def bob():
    return get_user_model().objects.create_user("bob@example.com", "x")


@pytest.fixture
def instance():
    server = FakeMastodon()
    yield server
    server.close()


@pytest.fixture
def renewing():
    server = FakeMastodon(lives=1000, rotates=True)
    yield server
    server.close()


def begin(owner, instance, binding="session"):
    host = instance.url.removeprefix("http://")
    return connection_services.begin_connection(
        owner, "mastodon", binding=binding, address=host
    ).url


def connect(owner, instance):
    answer = instance.say_yes(begin(owner, instance))
    return connection_services.finish_connection(
        owner, "mastodon", binding="session", callback_parameters=answer
    )


def due(connection):
    now = timezone.now() - timedelta(seconds=1)
    Grant.objects.filter(connection=connection).update(refresh_at=now)
    return Connection.objects.get(pk=connection.pk)


def use(connection):
    with connection_tokens.open_client(connection) as client:
        return client.get_json("/api/v1/accounts/verify_credentials")


def test_account_is_connected_and_used(alice, instance):
    connection = connect(alice, instance)
    assert connection.account_name == f"@alice@{instance.url.removeprefix('http://')}"
    assert connection.facts["software"] == "mastodon" and connection.is_connected
    assert use(connection)["username"] == "alice"
    assert list(connections_of(alice)) == [connection]


def test_server_is_told_once_who_we_are(alice, bob, instance):
    begin(alice, instance)
    begin(bob, instance)
    assert len(instance.apps) == 1 == Registration.objects.count()


def test_picture_that_hangs_there_is_kept_small(alice, instance):
    picture_file = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(picture_file, "PNG")
    instance.avatar = picture_file.getvalue()
    connection = connect(alice, instance)
    connection_pictures.fetch_current_picture(connection)
    connection.refresh_from_db()
    small = Image.open(io.BytesIO(connection.portrait))
    assert small.size == (400, 400) and small.format == "JPEG"


@pytest.mark.parametrize("binding", ["another session", ""])
def test_answer_in_another_session_is_refused(alice, instance, binding):
    answer = instance.say_yes(begin(alice, instance))
    with pytest.raises(StateMismatch):
        connection_services.finish_connection(
            alice, "mastodon", binding=binding, callback_parameters=answer
        )
    assert not Connection.objects.exists()


def test_answer_is_used_once(alice, instance):
    answer = instance.say_yes(begin(alice, instance))
    connection, again = (
        connection_services.finish_connection(
            alice, "mastodon", binding="session", callback_parameters=answer
        )
        for _ in range(2)
    )
    assert again == connection and Grant.objects.count() == 1
    with pytest.raises(StateMismatch):
        connection_services.finish_connection(
            alice, "mastodon", binding="another session", callback_parameters=answer
        )


def test_answer_of_somebody_else_or_for_another_platform_is_refused(alice, bob, instance):
    answer = instance.say_yes(begin(alice, instance))
    for owner, slug in ((bob, "mastodon"), (alice, "gitlab")):
        with pytest.raises(StateMismatch):
            connection_services.finish_connection(
                owner, slug, binding="session", callback_parameters=answer
            )


def test_answer_after_ten_minutes_is_refused(alice, instance):
    answer = instance.say_yes(begin(alice, instance))
    Handshake.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(StateMismatch):
        connection_services.finish_connection(
            alice, "mastodon", binding="session", callback_parameters=answer
        )
    connection_tokens.delete_expired_handshakes()
    assert not Handshake.objects.exists()


def test_answer_of_another_server_is_refused(alice, instance):
    answer = instance.say_yes(begin(alice, instance), iss="https://evil.example")
    with pytest.raises(StateMismatch):
        connection_services.finish_connection(
            alice, "mastodon", binding="session", callback_parameters=answer
        )
    assert not instance.access


def test_saying_no_is_a_choice(alice, instance):
    state = instance.say_yes(begin(alice, instance))["state"]
    answer = {"error": "access_denied", "state": state}
    with pytest.raises(SignInCancelled):
        connection_services.finish_connection(
            alice, "mastodon", binding="session", callback_parameters=answer
        )


def test_same_account_is_one_connection_with_one_history(alice, instance):
    first = connect(alice, instance)
    connection_services.end_connection(first)
    again = connect(alice, instance)
    assert again.pk == first.pk and again.is_connected and Connection.objects.count() == 1
    assert connect(alice, instance).pk == first.pk


def test_account_of_somebody_else_cannot_be_taken(alice, bob, instance):
    first = connect(alice, instance)
    with pytest.raises(AlreadyConnected):
        connect(bob, instance)
    connection_services.end_connection(first)
    assert connect(bob, instance).owner == bob


def test_stranger_does_not_see_a_connection(alice, bob, instance):
    connection = connect(alice, instance)
    assert connection_for(alice, connection.pk) == connection
    with pytest.raises(Connection.DoesNotExist):
        connection_for(bob, connection.pk)


def test_disconnecting_revokes_then_forgets(alice, instance):
    connection = connect(alice, instance)
    (token,) = instance.access
    assert connection_services.end_connection(connection)
    assert instance.revoked == [token] and not Grant.objects.exists()
    with pytest.raises(Unauthorized):
        use(connection)


def test_disconnecting_works_though_the_server_is_gone(alice, instance):
    connection = connect(alice, instance)
    instance.responses["POST /oauth/revoke"] = json_response({}, 503)
    assert not connection_services.end_connection(connection)
    assert not Grant.objects.exists()


def test_deleting_the_account_revokes_first(alice, instance):
    connect(alice, instance)
    (token,) = instance.access
    assert delete_account(alice) == []
    assert instance.revoked == [token] and not Grant.objects.exists()


def test_deleting_the_account_names_the_platform_that_could_not_be_told(alice, instance):
    connect(alice, instance)
    instance.responses["POST /oauth/revoke"] = json_response({}, 503)
    assert delete_account(alice) == ["Mastodon"]
    assert not get_user_model().objects.exists() and not Grant.objects.exists()


def test_revoked_token_loses_the_connection_and_tells_the_person(alice, instance):
    connection = connect(alice, instance)
    instance.access.clear()
    with pytest.raises(Unauthorized):
        use(connection)
    connection.refresh_from_db()
    assert connection.state == "lost" and connection.reason and not Grant.objects.exists()
    (email,) = mail.outbox
    assert email.to == ["alice@example.com"] and "connect again" in email.subject
    assert connect(alice, instance).is_connected


def test_renewed_at_three_quarters_of_its_life(alice, renewing):
    grant = connect(alice, renewing).grant
    life = (grant.refresh_at - grant.issued_at).total_seconds()
    assert 700 <= life <= 800
    assert connection_tokens.refresh_due_tokens() == 0


def renewals(connection, outcome):
    labels = {"platform": connection.slug, "outcome": outcome}
    return REGISTRY.get_sample_value("facet_token_refreshes_total", labels) or 0


def test_new_token_is_committed_before_it_is_used(alice, renewing):
    connection = connect(alice, renewing)
    counted = renewals(connection, "renewed")
    before = connection_tokens.unseal_tokens(connection.grant)[0]
    renewing.access.clear()
    use(due(connection))
    after = connection_tokens.unseal_tokens(Grant.objects.get())[0]
    assert after.access in renewing.access and after.refresh != before.refresh
    assert renewing.refreshed == 1
    assert renewals(connection, "renewed") == counted + 1


def test_empty_refresh_token_never_takes_the_place_of_one(alice):
    server = FakeMastodon(lives=1000)
    connection = connect(alice, server)
    before = connection_tokens.unseal_tokens(connection.grant)[0].refresh
    for _ in range(2):
        use(due(connection))
        assert connection_tokens.unseal_tokens(Grant.objects.get())[0].refresh == before
    server.close()


def test_old_token_holds_while_the_server_is_away(alice, renewing):
    connection = due(connect(alice, renewing))
    renewing.responses["POST /oauth/token"] = json_response({}, 503)
    assert use(connection)["username"] == "alice"
    connection.refresh_from_db()
    assert connection.is_connected and connection.grant.failures == 1


def test_one_failure_after_the_end_does_not_disconnect(alice, renewing):
    connection = due(connect(alice, renewing))
    Grant.objects.update(expires_at=timezone.now())
    for status in (503, 500, 401):
        due(connection)
        renewing.responses["POST /oauth/token"] = json_response({"error": "invalid_client"}, status)
        with pytest.raises(PlatformError):
            connection_tokens.refresh_tokens(Grant.objects.get())
        connection.refresh_from_db()
        assert connection.is_connected, status
    assert not mail.outbox


def test_ended_token_is_never_used_though_it_is_young(alice, renewing):
    connection = due(connect(alice, renewing))
    Grant.objects.update(expires_at=timezone.now())
    renewing.access.clear()
    away = renewing.responses["POST /oauth/token"]
    renewing.responses["POST /oauth/token"] = json_response({}, 503)
    for _ in range(2):  # the second one comes before its next renewal is due
        with pytest.raises(Unavailable):
            use(connection)
    renewing.responses["POST /oauth/token"] = away
    assert use(connection)["username"] == "alice"
    connection.refresh_from_db()
    assert connection.is_connected and not mail.outbox


def test_grant_that_is_gone_disconnects_and_tells(alice, renewing):
    connection = due(connect(alice, renewing))
    renewing.refresh.clear()
    assert connection_tokens.refresh_due_tokens() == 1
    connection.refresh_from_db()
    assert connection.state == "lost" and len(mail.outbox) == 1


def test_disconnecting_while_it_is_renewed_leaves_no_token(alice, renewing):
    connection = due(connect(alice, renewing))

    def meanwhile(request):
        Grant.objects.all().delete()
        database.close()
        return renewing.token(request)

    renewing.responses["POST /oauth/token"] = meanwhile
    with pytest.raises(Unauthorized, match="not connected"):
        use(connection)
    assert not Grant.objects.exists() and renewing.revoked == [*renewing.refresh]


def test_refused_old_token_is_renewed_first(alice, renewing):
    connection = connect(alice, renewing)
    Grant.objects.update(issued_at=timezone.now() - timedelta(minutes=5))
    renewing.access.clear()
    with pytest.raises(Unavailable):
        use(connection)
    assert use(connection)["username"] == "alice"


def test_person_is_warned_14_7_and_1_days_before_the_end(alice, instance):
    connection = connect(alice, instance)
    for left, expected in ((20, 0), (13.9, 1), (13.5, 1), (6.9, 2), (0.9, 3), (0.1, 3)):
        ends = timezone.now() + timedelta(days=left)
        Grant.objects.filter(connection=connection).update(ends_at=ends)
        connection_tokens.warn_about_expiry()
        assert len(mail.outbox) == expected, left


@pytest.mark.parametrize("host", ["printer.local", "10.0.0.1", "a b", "x@"])
def test_server_inside_a_network_is_refused(alice, host):
    with pytest.raises(ForbiddenAddress):
        connection_services.begin_connection(alice, "mastodon", binding="s", address=host)


def test_platform_that_is_not_set_up_says_so(alice):
    with pytest.raises(Rejected, match="not set up"):
        connection_services.begin_connection(alice, "slack", binding="s")


def test_no_token_is_in_the_database_or_any_text(alice, renewing, caplog):
    caplog.set_level("DEBUG")
    connection = connect(alice, renewing)
    use(due(connection))
    secrets = [*renewing.access, *renewing.refresh, *renewing.apps.values()]
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    tokens, auth_flow = connection_tokens.unseal_tokens(Grant.objects.get())
    shown = f"{tokens!r} {auth_flow!r} {auth_flow.app!r} {connection!r} {vars(connection)}"
    for secret in secrets:
        assert secret not in dump.getvalue() + shown + caplog.text
    assert json.loads(dump.getvalue())


def test_tokens_know_their_secrets():
    tokens = Tokens("access-token", "refresh-token", more={"secret": "other-secret", "did": "x"})
    assert set(tokens.secret_values) == {"access-token", "refresh-token", "other-secret"}
