"""A sign-in that sends nobody back: the server is asked until the person has said yes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.auth.flow import StateMismatch
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.errors import AlreadyConnected, ForbiddenAddress, PlatformError, Unavailable
from integrations.models import Connection, Grant, Handshake
from tests.support.people import person
from tests.support.platforms.nextcloud import PASSWORD, TOKEN
from tests.support.platforms.scripted_server import ScriptedResponse

pytestmark = pytest.mark.django_db(transaction=True)
POLL = "POST /index.php/login/v2/poll"


@pytest.fixture
def alice():
    return person("alice")


def begin(owner, cloud):
    return connection_services.begin_connection(
        owner, "nextcloud", binding="session", address=cloud.url
    )


def poll(owner, question, binding="session"):
    return connection_services.poll_connection(
        owner, "nextcloud", binding=binding, state=question.state
    )


@pytest.mark.slow
def test_person_says_yes_there_and_is_connected_here(alice, cloud):
    question = begin(alice, cloud)
    assert question.url == f"{cloud.url}/index.php/login/v2/flow/canary"
    assert poll(alice, question) is None and Handshake.objects.exists()
    cloud.says_yes = True
    connection = poll(alice, question)
    assert (connection.account_id, connection.account_name, connection.server) == (
        "alice",
        "Alice",
        cloud.url,
    )
    assert PASSWORD.encode() not in bytes(Grant.objects.get().sealed)
    with tokens.open_client(connection) as client:
        assert client.facts["user"] == "alice"
    with pytest.raises(StateMismatch):
        poll(alice, question)


def test_answer_is_asked_for_where_the_question_was(alice, cloud):
    """Behind a proxy a Nextcloud often believes to be somewhere else."""
    cloud.named = "https://inside.example"
    question = begin(alice, cloud)
    assert question.url.startswith("https://inside.example/")
    cloud.says_yes = True
    assert poll(alice, question).is_connected


def test_only_the_session_that_asked_hears_the_answer(alice, cloud):
    question = begin(alice, cloud)
    cloud.says_yes = True
    for owner, binding in ((alice, "another"), (person("eve"), "session")):
        with pytest.raises(StateMismatch):
            poll(owner, question, binding)
    assert poll(alice, question).owner == alice


def test_question_ends_after_ten_minutes(alice, cloud):
    question = begin(alice, cloud)
    Handshake.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    cloud.says_yes = True
    with pytest.raises(StateMismatch):
        poll(alice, question)
    assert cloud.says_yes and not Connection.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        ScriptedResponse(503),
        ScriptedResponse(429),
        ScriptedResponse(200, b"<html>"),
        ScriptedResponse(200, b'{"loginName": "alice"}'),
    ],
)
def test_server_that_is_away_for_a_moment_is_asked_again(alice, cloud, bad, caplog):
    question, answer = begin(alice, cloud), cloud.responses[POLL]
    cloud.responses[POLL] = bad
    assert poll(alice, question) is None
    cloud.responses[POLL], cloud.says_yes = answer, True
    assert poll(alice, question).is_connected
    assert TOKEN not in caplog.text and PASSWORD not in caplog.text


@pytest.mark.parametrize(
    "away", [ScriptedResponse(503), ScriptedResponse(401), ScriptedResponse(200, b"{}")]
)
def test_password_that_connects_nothing_is_ended(alice, cloud, away):
    """It is told once: asked again, the server would be silent until the time is over."""
    question = begin(alice, cloud)
    cloud.says_yes, cloud.responses["GET /ocs/v2.php/cloud/user"] = True, away
    with pytest.raises(PlatformError):
        poll(alice, question)
    assert cloud.ended and not Handshake.objects.exists() and not Connection.objects.exists()


def test_account_that_is_somebody_elses_is_not_taken_and_theirs_goes_on(alice, cloud):
    eve = person("eve")
    questions = begin(alice, cloud), begin(eve, cloud)
    cloud.says_yes = True
    connection = poll(alice, questions[0])
    cloud.says_yes = True
    with pytest.raises(AlreadyConnected):
        poll(eve, questions[1])
    assert cloud.ended and Connection.objects.get() == connection


def test_server_that_has_no_such_sign_in_says_so(alice, cloud):
    cloud.responses["POST /index.php/login/v2"] = ScriptedResponse(
        200, b'{"login": "https://a.example"}'
    )
    with pytest.raises(Unavailable):
        begin(alice, cloud)
    assert not Handshake.objects.exists()


def test_person_is_never_sent_inside(alice, cloud):
    cloud.named = "http://169.254.169.254"
    with pytest.raises(ForbiddenAddress):
        begin(alice, cloud)


def test_disconnecting_ends_the_password_there(alice, cloud):
    question = begin(alice, cloud)
    cloud.says_yes = True
    connection = poll(alice, question)
    assert connection_services.can_revoke(connection) and connection_services.end_connection(
        connection
    )
    assert cloud.ended and not Grant.objects.exists()
