"""Our Matrix adapter with a pasted token, against Synapse."""

from itertools import count

import pytest

from integrations.connections import pictures as connection_pictures
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.errors import PlatformError, Rejected, Unauthorized
from integrations.models import Connection, Grant
from integrations.platforms import registry
from integrations.platforms.base import Rendition, UploadStatus
from tests.support.people import jpeg, patches
from tests.support.servers.connections import begin_sign_in
from tests.support.servers.synapse import MatrixPerson

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MATRIX = registry.get_adapter("matrix")
SLOT = MATRIX.platform.slot
OAUTH, TOKEN = range(2)  # its ways to connect
numbers = count()


@pytest.fixture
def person(matrix):
    return MatrixPerson(matrix, f"alice{next(numbers)}")


def paste(owner, server, token):
    return connection_services.connect_with_token(
        owner, "matrix", auth_index=TOKEN, address=server, fields={"token": token}
    )


@pytest.fixture
def connection(alice, person):
    return paste(alice, person.client.server, person.token)


def picture(seed):
    return Rendition(jpeg(patches(seed, side=512)))


def test_token_tells_whose_it_is(connection, person, matrix):
    assert connection.account_id == connection.account_name == person.address
    assert connection.server == matrix


def test_wrong_token_is_not_kept(alice, matrix):
    with pytest.raises(Unauthorized):
        paste(alice, matrix, "syt_a_wrong_token")
    assert not Connection.objects.exists()


def test_picture_is_set_seen_and_put_back(connection, person):
    with tokens.open_client(connection) as client:
        assert MATRIX.read_current_picture(client, SLOT) is None
        first = MATRIX.upload_picture(client, SLOT, picture(1))
        assert MATRIX.read_current_picture(client, SLOT).data == picture(1).data
        second = MATRIX.upload_picture(client, SLOT, picture(2))
        assert MATRIX.check_upload(client, SLOT, first) == UploadStatus.ABSENT
        assert MATRIX.check_upload(client, SLOT, second) == UploadStatus.PUBLISHED
        MATRIX.restore_previous_picture(client, SLOT, picture(1))
        assert MATRIX.read_current_picture(client, SLOT).data == picture(1).data
        MATRIX.restore_previous_picture(client, SLOT, None)
        assert MATRIX.read_current_picture(client, SLOT) is None


def test_picture_can_be_read_only_with_a_token(connection):
    with tokens.open_client(connection) as client:
        key = MATRIX.upload_picture(client, SLOT, picture(1)).key.removeprefix("mxc://")
        for path in ("v1/media/download", "../media/v3/download"):
            with pytest.raises(PlatformError) as refused:
                client.send_unsigned_request("GET", f"/_matrix/client/{path}/{key}")
            assert refused.value.status in (401, 404)


def test_what_hangs_there_is_kept_small(connection):
    with tokens.open_client(connection) as client:
        MATRIX.upload_picture(client, SLOT, picture(1))
    connection_pictures.fetch_current_picture(connection)
    connection.refresh_from_db()
    assert connection.picture_key.startswith("mxc://") and connection.portrait[:2] == b"\xff\xd8"


def test_picture_of_somebody_else_cannot_be_set(connection, person, matrix):
    bob = MatrixPerson(matrix, f"bob{next(numbers)}")
    Connection.objects.update(facts={"user": bob.address})
    connection.refresh_from_db()
    with tokens.open_client(connection) as client, pytest.raises(Rejected):
        MATRIX.upload_picture(client, SLOT, picture(1))


def test_session_that_was_ended_loses_the_connection_and_the_person_is_told(
    connection, person, mailoutbox
):
    person.sign_out()
    with pytest.raises(Unauthorized), tokens.open_client(connection) as client:
        MATRIX.read_current_picture(client, SLOT)
    connection.refresh_from_db()
    assert connection.state == "lost" and not Grant.objects.exists() and len(mailoutbox) == 1


def test_server_without_oauth_says_to_paste_a_token(alice, matrix):
    with pytest.raises(Rejected) as refused:
        begin_sign_in(alice, "matrix", auth_index=OAUTH, address=matrix)
    assert "token" in refused.value.advice
