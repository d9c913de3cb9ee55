"""Our Bluesky, adapter and sign-in, against its own server: what is promised of it, seen."""

import json
from dataclasses import replace
from itertools import count

import pytest

from integrations.auth import client_metadata
from integrations.auth.dpop import DPoPSigner
from integrations.auth.flow import SignInCancelled, StateMismatch
from integrations.connections import services as connection_services
from integrations.connections import sign_in_setup
from integrations.connections import tokens as connection_tokens
from integrations.errors import Rejected, Unauthorized, Unavailable
from integrations.models import Connection, Grant
from integrations.platforms import registry
from integrations.platforms.base import PlatformClient, Rendition, UploadStatus
from integrations.vault import SigningKey
from tests.support.concurrency import together
from tests.support.people import jpeg, patches
from tests.support.platforms.scripted_server import ScriptedResponse
from tests.support.servers.atproto import PROFILE, BlueskyPerson
from tests.support.servers.connections import begin_sign_in, expire_token, finish_sign_in

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BLUESKY = registry.get_adapter("bluesky")
SLOT = BLUESKY.platform.slot
WORKERS = 8
numbers = count()


@pytest.fixture
def person(pds, settings):
    server, settings.PLC_URL = pds
    return BlueskyPerson(server, f"alice{next(numbers)}")


@pytest.fixture
def connection(alice, person):
    return finish_sign_in(
        alice,
        person.sign_in_and_consent(begin_sign_in(alice, "bluesky", address=person.did)),
        "bluesky",
    )


def picture(seed):
    return Rendition(jpeg(patches(seed, side=400)))


def whoami(connection):
    with connection_tokens.open_client(connection) as client:
        return client.get_json("/xrpc/com.atproto.server.getSession")["did"]


def test_account_is_connected_from_its_identifier(connection, person):
    assert connection.account_id == person.did
    assert connection.account_name == f"@{person.handle}"
    assert connection.grant.scope.split() == list(BLUESKY.platform.scopes)


def test_server_may_be_named_instead_of_the_account(alice, person):
    answer = person.sign_in_and_consent(begin_sign_in(alice, "bluesky", address=person.server))
    assert finish_sign_in(alice, answer, "bluesky").account_id == person.did


def test_signing_in_as_another_account_than_the_one_named_is_refused(alice, person):
    other = BlueskyPerson(person.server, f"bob{next(numbers)}")
    answer = other.sign_in_and_consent(begin_sign_in(alice, "bluesky", address=person.did))
    with pytest.raises(StateMismatch, match="another account"):
        finish_sign_in(alice, answer, "bluesky")
    assert not Connection.objects.exists()


def test_no_on_the_page_is_a_choice(alice, person):
    answer = person.sign_in_and_consent(
        begin_sign_in(alice, "bluesky", address=person.did), consents=False
    )
    with pytest.raises(SignInCancelled):
        finish_sign_in(alice, answer, "bluesky")


@pytest.mark.parametrize("issuer", ["https://evil.example", ""])
def test_answer_of_another_issuer_is_refused(alice, person, issuer):
    answer = person.sign_in_and_consent(begin_sign_in(alice, "bluesky", address=person.did))
    with pytest.raises(StateMismatch, match="Another server"):
        finish_sign_in(alice, answer | {"iss": issuer}, "bluesky")


def test_first_picture_of_a_profile_without_any_words(connection, person):
    with connection_tokens.open_client(connection) as client:
        assert BLUESKY.read_current_picture(client, SLOT) is None
        receipt = BLUESKY.upload_picture(client, SLOT, picture(1))
        assert BLUESKY.check_upload(client, SLOT, receipt) == UploadStatus.PUBLISHED
        assert (
            client.outbound.download_picture(BLUESKY.read_current_picture(client, SLOT).url).data
            == picture(1).data
        )


def test_words_of_the_profile_stay_whatever_hangs_there(connection, person):
    words = {
        "displayName": "Alice",
        "description": "Sails.",
        "labels": {
            "$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": "!no-unauthenticated"}],
        },
    }
    person.write_profile(**words)
    with connection_tokens.open_client(connection) as client:
        first = BLUESKY.upload_picture(client, SLOT, picture(1))
        second = BLUESKY.upload_picture(client, SLOT, picture(2))
        assert person.fetch_record() | words == person.fetch_record() and first.key != second.key
        assert BLUESKY.check_upload(client, SLOT, first) == UploadStatus.ABSENT
        BLUESKY.restore_previous_picture(client, SLOT, picture(1))
        assert BLUESKY.check_upload(client, SLOT, first) == UploadStatus.PUBLISHED
        BLUESKY.restore_previous_picture(client, SLOT, None)
        assert BLUESKY.read_current_picture(client, SLOT) is None
    assert person.fetch_record() == {"$type": PROFILE, **words}


def test_same_picture_again_changes_nothing(connection, person):
    with connection_tokens.open_client(connection) as client:
        assert BLUESKY.upload_picture(client, SLOT, picture(1)) == BLUESKY.upload_picture(
            client, SLOT, picture(1)
        )


def test_other_app_that_wrote_meanwhile_is_not_overwritten(connection, person):
    class ConcurrentUpdate(PlatformClient):
        def post_for_json(self, path, **sent):
            if path.endswith("putRecord"):
                person.write_profile(description="Written meanwhile.")
            return super().post_for_json(path, **sent)

    with connection_tokens.open_client(connection) as client:
        late = ConcurrentUpdate(
            client.outbound, client.server, sign=client._sign, facts=client.facts
        )
        with pytest.raises(Unavailable, match="Record was at"):
            BLUESKY.upload_picture(late, SLOT, picture(1))
    assert person.fetch_record() == {"$type": PROFILE, "description": "Written meanwhile."}


@pytest.mark.parametrize(
    "rendition",
    [
        Rendition(picture(1).data + bytes(1_100_000)),
        Rendition(b"GIF89a" + bytes(200), image_format="gif"),
    ],
    ids=["too large", "gif"],
)
def test_picture_it_does_not_take_is_refused_and_nothing_changes(connection, person, rendition):
    person.write_profile(description="Sails.")
    with connection_tokens.open_client(connection) as client, pytest.raises(Rejected):
        BLUESKY.upload_picture(client, SLOT, rendition)
    assert person.fetch_record() == {"$type": PROFILE, "description": "Sails."}


def test_token_opens_the_profile_and_nothing_else(connection, person):
    post = {"repo": person.did, "collection": "app.bsky.feed.post", "record": {"text": "Hello."}}
    with (
        connection_tokens.open_client(connection) as client,
        pytest.raises(Unauthorized, match="scope"),
    ):
        client.post_for_json("/xrpc/com.atproto.repo.createRecord", json=post)


def test_token_is_worth_nothing_without_its_key(connection, person):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    thief = DPoPSigner(SigningKey.generate(), tokens.access)
    with pytest.raises(Unauthorized):
        flow.outbound.send_request(
            "GET", f"{person.server}/xrpc/com.atproto.server.getSession", sign=thief
        )


def test_renewing_spends_the_old_token_and_keeps_the_session(connection):
    before = connection_tokens.unseal_tokens(connection.grant)[0]
    expire_token(connection)
    workers = [lambda: whoami(Connection.objects.get(pk=connection.pk))] * WORKERS
    assert together(*workers) == [connection.account_id] * WORKERS
    after = connection_tokens.unseal_tokens(Grant.objects.get())[0]
    assert after.refresh != before.refresh and after.access != before.access


def test_spent_token_ends_the_session_and_the_person_is_told(connection, mailoutbox):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    connection_tokens.refresh_tokens(connection.grant)
    with pytest.raises(Unauthorized) as refused:
        flow.refresh_tokens(tokens)
    assert "invalid_grant" in refused.value.answer
    with pytest.raises(Unauthorized):
        whoami(connection)  # though its own token was never spent
    connection.refresh_from_db()
    assert connection.state == "lost" and not Grant.objects.exists() and len(mailoutbox) == 1


def test_disconnecting_revokes_the_session(connection, person):
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    assert connection_services.end_connection(connection)
    with pytest.raises(Unauthorized):
        flow.refresh_tokens(tokens)


@pytest.fixture
def public_site(settings, site):
    """Facet where others can reach it: it shows who it is, and proves it with a key."""
    settings.SITE_URL = "https://facet.example.edu"
    app = sign_in_setup.build_atproto_app(BLUESKY.platform)
    metadata = client_metadata.build_client_metadata(
        app, site=settings.SITE_URL, scopes=BLUESKY.platform.scopes
    )
    json_type = {"Content-Type": "application/json"}
    site.responses[f"GET {sign_in_setup.CLIENT_METADATA_PATH}"] = ScriptedResponse(
        body=json.dumps(metadata).encode(), headers=json_type
    )
    return app


def test_public_installation_proves_who_it_is_with_its_key(alice, public_site, person, site):
    answer = person.sign_in_and_consent(begin_sign_in(alice, "bluesky", address=person.did))
    assert site.requests[-1].path == sign_in_setup.CLIENT_METADATA_PATH
    connection = finish_sign_in(alice, answer, "bluesky")
    expire_token(connection)
    assert whoami(connection) == person.did
    assert connection_services.end_connection(connection)


def test_installation_with_another_key_is_not_the_one_it_says_it_is(alice, public_site, person):
    flow, _ = sign_in_setup.prepare_flow(BLUESKY, 0, "")
    flow.app = replace(flow.app, signing_key=SigningKey.generate().private_number)
    with pytest.raises(Rejected, match="client_assertion"):
        flow.begin_sign_in("a state", person.did)


@pytest.fixture
def password(person):
    """What a person makes for an app on the server's own page."""
    return person.app_password("facet")


def paste(alice, person, password):
    fields = {"handle": person.did, "password": password}
    return connection_services.connect_with_token(
        alice, "bluesky", auth_index=1, address="", fields=fields
    )


def test_password_for_apps_connects_where_there_is_no_oauth(alice, person, password):
    person.write_profile(displayName="Alice", description="Sails.")
    connection = paste(alice, person, password)
    assert (connection.account_id, whoami(connection)) == (person.did, person.did)
    with connection_tokens.open_client(connection) as client:
        receipt = BLUESKY.upload_picture(client, SLOT, picture(5))
        assert BLUESKY.check_upload(client, SLOT, receipt) is UploadStatus.PUBLISHED
    assert (
        person.fetch_picture() == picture(5).data
        and person.fetch_record()["description"] == "Sails."
    )


def test_session_of_a_password_is_renewed_and_ends_with_it(alice, person, password):
    connection = paste(alice, person, password)
    before, _ = connection_tokens.unseal_tokens(connection.grant)
    expire_token(connection)
    assert whoami(connection) == person.did  # which renews it first
    after, _ = connection_tokens.unseal_tokens(Grant.objects.get())
    assert after.refresh != before.refresh
    person.end_app_password("facet")
    with pytest.raises(Unauthorized):
        expire_token(connection)
        whoami(connection)
    connection.refresh_from_db()
    assert connection.state == Connection.State.LOST


def test_wrong_password_and_unknown_handle_are_refused(alice, person, password):
    with pytest.raises(Unauthorized):
        paste(alice, person, "abcd-efgh-ijkl-mnop")
    for fields in ({"handle": "", "password": "x"}, {"handle": "nobody.test", "password": "x"}):
        with pytest.raises(Rejected):
            connection_services.connect_with_token(
                alice, "bluesky", auth_index=1, address="", fields=fields
            )
    assert not Connection.objects.exists()


def test_disconnecting_ends_the_session_of_a_password(alice, person, password):
    connection = paste(alice, person, password)
    tokens, flow = connection_tokens.unseal_tokens(connection.grant)
    assert connection_services.end_connection(connection)
    with pytest.raises(Unauthorized):
        flow.refresh_tokens(tokens)
