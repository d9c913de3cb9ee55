"""Nobody's picture is lost: pictures are known by what they show, whatever the server does."""

import base64
import io
from dataclasses import asdict

import pytest
from PIL import Image

from integrations.auth.flow import Tokens
from integrations.errors import ActionNotAvailable
from integrations.models import Backup, Connection, Grant
from integrations.platforms import registry
from integrations.platforms.base import ProfilePicture
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import publish_headshot, run_worker
from tests.support.people import browser, jpeg, patches
from tests.support.platforms.mastodon_family import (
    FIXED,
    MOVING,
    TEMPERAMENTS,
    MastodonFamilyServer,
    encode_webp,
)
from tests.support.platforms.scripted_server import ScriptedResponse

pytestmark = pytest.mark.django_db(transaction=True)
OWN, OTHER = jpeg(patches(90, side=256)), jpeg(patches(91, side=256))


@pytest.fixture(params=TEMPERAMENTS, ids=lambda temperament: temperament.software)
def server(request):
    server = MastodonFamilyServer(request.param, is_strict=False)
    yield server
    server.close()


@pytest.fixture
def there(alice, server):
    """An account whose token is accepted, as after signing in."""
    facts = {"software": server.temperament.software, "version": server.temperament.version}
    connection = Connection.objects.create(
        owner=alice,
        slug="mastodon",
        server=server.url,
        account_id="1",
        account_name="@alice@here",
        facts=facts,
    )
    server.access.add("secret")
    grant = Grant(connection=connection)
    grant.seal({"tokens": asdict(Tokens(access="secret")), "remembered": {}})
    grant.save()
    return connection


def undo(publication):
    return run_worker(publishing_services.undo_publication(publication))


def kept_bytes(publication):
    return base64.b64decode(publication.before.unseal()["data"])


def gif(count=3):
    target = io.BytesIO()
    frames = [Image.fromarray(patches(seed, side=64)) for seed in range(count)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=80)
    return target.getvalue()


def test_picture_set_by_hand_is_seen_whatever_its_address(there, server):
    server.set_by_hand(OWN)
    first = run_worker(publish_headshot(there))
    assert first.state == "published", first.message
    assert run_worker(publish_headshot(there, seed=2)).state == "published"
    server.set_by_hand(OTHER)
    third = run_worker(publish_headshot(there, seed=3))
    assert third.code == "drifted" and len(server.uploads) == 2
    publishing_services.resolve_blocked(third, "send")
    assert run_worker(third).state == "published" and kept_bytes(third) == encode_webp(OTHER)


def test_undo_brings_back_the_bytes_that_were_there(there, server):
    server.set_by_hand(OWN)
    first = run_worker(publish_headshot(there))
    assert kept_bytes(first) == encode_webp(OWN)
    assert undo(first).state == "published" and server.uploads[-1] == encode_webp(OWN)


@pytest.mark.parametrize("has_original", [True, False])
def test_original_is_kept_where_the_platform_has_it(there, server, monkeypatch, has_original):
    """Some platforms show a scaled variant beside the file as it was uploaded."""
    server.set_by_hand(OTHER)
    picture = ProfilePicture(
        "k", f"{server.url}{server.avatar_path}", original_url=f"{server.url}/original.gif"
    )
    if has_original:
        server.responses["GET /original.gif"] = lambda _: ScriptedResponse(body=gif())
    adapter = registry.get_adapter("mastodon")
    monkeypatch.setattr(adapter, "read_current_picture", lambda *_: picture)
    sent = run_worker(publish_headshot(there))
    assert kept_bytes(sent) == (gif() if has_original else encode_webp(OTHER))


def test_undo_after_a_picture_set_by_hand_brings_back_that_one(there, server):
    server.set_by_hand(OWN)
    run_worker(publish_headshot(there))
    server.set_by_hand(OTHER)
    second = run_worker(publish_headshot(there, seed=2))
    publishing_services.resolve_blocked(second, "send")
    assert undo(run_worker(second)).state == "published"
    assert server.uploads[-1] == encode_webp(OTHER)


@pytest.mark.parametrize("make", [gif, lambda: encode_webp(gif())], ids=["gif", "webp"])
def test_animation_is_kept_and_put_back_as_it_was(there, server, make):
    server.show(animation := make())
    first = run_worker(publish_headshot(there))
    assert kept_bytes(first) == animation
    undo(first)
    assert server.uploads[-1] == animation and Image.open(io.BytesIO(animation)).is_animated


def test_verified_means_that_the_picture_was_seen(there, server):
    server.responses["PATCH /api/v1/accounts/update_credentials"] = server.me
    server.set_by_hand(OWN)
    assert run_worker(publish_headshot(there)).state == "processing", "it shows the old one"


def test_placeholder_is_no_picture(there, server):
    first = run_worker(publish_headshot(there))
    assert first.before.is_none and first.state == "published"
    assert undo(first).state == "blocked" and len(server.uploads) == 1, "it cannot be removed by us"


def test_picture_of_every_unknown_account_is_no_picture(there, server):
    shown = encode_webp(OWN)
    digest, unknown = "a" * 32, ScriptedResponse(body=shown)

    class AnyPath(dict):
        def get(self, key, default=None):
            is_picture = key.startswith("GET /pictures/")
            return unknown if is_picture else super().get(key, default)

    server.responses = AnyPath(server.responses)
    server.responses["GET /api/v1/accounts/verify_credentials"] = lambda _: ScriptedResponse(
        body=f'{{"id": "1", "avatar": "{server.url}/pictures/{digest}.png"}}'.encode()
    )
    first = run_worker(publish_headshot(there))
    assert first.before.is_none
    assert undo(first).state == "blocked" and len(server.uploads) == 1, "it cannot be removed by us"


BROKEN = {
    "gone": ScriptedResponse(404),
    "deleted": ScriptedResponse(410),
    "forbidden": ScriptedResponse(403),
    "private": ScriptedResponse(401),
    "a page": ScriptedResponse(200, b"<!doctype html><title>Sign in"),
    "empty": ScriptedResponse(200, b""),
    "too large": ScriptedResponse(200, bytes(20_000_001)),
    "looping": ScriptedResponse(302, b"", {"Location": "/media/loop"}),
    "elsewhere": ScriptedResponse(302, b"", {"Location": "http://10.0.0.1/a.png"}),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("server", [MOVING], indirect=True)
def test_picture_that_cannot_be_read_does_not_stop_sending(there, server, name, alice):
    server.set_by_hand(OWN)
    server.responses["GET /media/loop"] = BROKEN["looping"]
    server.responses[f"GET {server.avatar_path}"] = BROKEN[name]
    publication = run_worker(publish_headshot(there))
    assert publication.state == "published" and len(server.uploads) == 1
    assert publication.before is None and "could not be kept" in publication.backup_error
    client = browser(alice)
    for path in (f"/sent/{publication.batch}/", "/changes/"):
        page = client.get(path).content.decode()
        assert "cannot be brought back" in page and "Bring the old one back" not in page, path
    with pytest.raises(ActionNotAvailable, match="could not be kept"):
        publishing_services.undo_publication(publication)


@pytest.mark.parametrize("server", [FIXED], indirect=True)
def test_picture_that_may_be_read_later_is_waited_for(there, server, settings):
    server.set_by_hand(OWN)
    server.responses[f"GET {server.avatar_path}"] = ScriptedResponse(503)
    publication = publish_headshot(there)
    for _ in range(settings.PUBLISH_ATTEMPTS - 1):
        assert run_worker(publication).state == "ready" and not server.uploads
    assert run_worker(publication).sent_at and publication.backup_error and len(server.uploads) == 1


@pytest.mark.parametrize("server", [FIXED], indirect=True)
def test_picture_that_only_the_account_may_see_is_asked_for_signed(there, server):
    server.set_by_hand(OWN)
    shown = server.avatar

    def private(request):
        is_allowed = server.is_signed_in(request)
        return ScriptedResponse(body=shown) if is_allowed else ScriptedResponse(403)

    server.responses[f"GET {server.avatar_path}"] = private
    assert kept_bytes(run_worker(publish_headshot(there))) == shown
    assert Backup.objects.exists()
