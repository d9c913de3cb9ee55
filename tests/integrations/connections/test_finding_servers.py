"""The server is found from what a person typed: by redirects, by its own documents, in a folder."""

import json

import pytest

from integrations.connections import pictures as connection_pictures
from integrations.connections import services as connection_services
from integrations.connections import sign_in_setup
from integrations.errors import PlatformError
from integrations.platforms import registry
from integrations.publication_states import State
from tests.integrations.publishing.sending import publish_headshot, run_worker
from tests.support import celery_messages
from tests.support.people import jpeg, patches, person
from tests.support.platforms.mastodon import FakeMastodon, json_response
from tests.support.platforms.nextcloud import FakeNextcloud
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)
NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/2.0"


@pytest.fixture
def server():
    fake = FakeMastodon()
    yield fake
    fake.close()


@pytest.fixture
def domain():
    fake = ScriptedServer()
    yield fake
    fake.close()


def begin(address, slug="mastodon"):
    return connection_services.begin_connection(
        person(), slug, binding="session", address=address
    ).url


@pytest.mark.parametrize(
    "further",
    [
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": "/actor"},
        {"rel": "http://nodeinfo.diaspora.software/ns/schema/1.0", "href": "/old"},
        {"href": "/unknown"},
    ],
    ids=str,
)
@pytest.mark.parametrize("href", ["/nodeinfo", "{url}/nodeinfo"])
def test_document_of_nodeinfo_is_chosen_by_its_rel(server, further, href):
    links = [{"rel": NODEINFO, "href": href.format(url=server.url)}, further]
    server.responses["GET /.well-known/nodeinfo"] = json_response({"links": links})
    assert begin(server.url[7:]).startswith(server.url)


@pytest.mark.parametrize("paths", [("nodeinfo",), ("nodeinfo", "host-meta"), ("host-meta",)])
def test_domain_of_an_account_leads_to_its_server(server, domain, paths):
    for path in paths:
        there = f"{server.url}/.well-known/{path}"
        domain.responses[f"GET /.well-known/{path}"] = ScriptedResponse(
            301, b"", {"Location": there}
        )
    server.responses["GET /.well-known/host-meta"] = ScriptedResponse(200, b"<XRD/>")
    assert begin(f"@alice@{domain.url[7:]}").startswith(server.url)


def test_template_of_host_meta_leads_to_the_server(server, domain):
    template = f'<Link rel="lrdd" template="{server.url}/.well-known/webfinger?resource={{uri}}"/>'
    domain.responses["GET /.well-known/host-meta"] = ScriptedResponse(200, template.encode())
    assert begin(domain.url[7:]).startswith(server.url)


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "file:///etc/passwd", "http://[bad", ""])
def test_redirect_to_no_public_server_is_refused(domain, location):
    domain.responses["GET /.well-known/nodeinfo"] = ScriptedResponse(
        301, b"", {"Location": location}
    )
    with pytest.raises(PlatformError):
        begin(domain.url[7:])


def test_domain_without_a_server_says_so(domain):
    with pytest.raises(PlatformError, match=domain.url[7:]):
        begin(domain.url[7:])


def move_into(server, folder):
    server.responses = {
        key.replace(" /", f" {folder}/", 1): value for key, value in server.responses.items()
    }


@pytest.mark.parametrize("suffix", ["", "/", "/index.php/apps/files/", "/index.php/login"])
@pytest.mark.parametrize("has_probe", [True, False])
def test_nextcloud_in_a_folder_is_connected(suffix, has_probe):
    cloud = FakeNextcloud()
    if has_probe:
        cloud.responses["GET /status.php"] = json_response({"installed": True})
    move_into(cloud, "/nextcloud")
    cloud.named = f"{cloud.url}/nextcloud"
    alice = person()
    started = connection_services.begin_connection(
        alice, "nextcloud", binding="s", address=f"{cloud.url}/nextcloud{suffix}"
    )
    assert started.url.startswith(cloud.named)
    cloud.says_yes = True
    connection = connection_services.poll_connection(
        alice, "nextcloud", binding="s", state=started.state
    )
    assert connection.server == cloud.named
    assert connection_services.end_connection(connection) and cloud.ended
    cloud.close()


@pytest.mark.parametrize(("folder", "page"), [("/git", "/git/alice"), ("", "/alice/project")])
@pytest.mark.parametrize("slug", ["gitlab", "gitea"])
def test_profile_page_leads_to_the_server_wherever_it_is_installed(domain, slug, folder, page):
    probe = registry.get_adapter(slug).platform.server.probe
    domain.responses[f"GET {folder}{probe}"] = json_response({"message": "401"}, 401)
    platform = registry.get_adapter(slug).platform
    assert sign_in_setup.resolve_server(platform, domain.url + page) == domain.url + folder


def test_page_that_answers_everything_is_no_api(domain):
    page = ScriptedResponse(200, b"<!doctype html>")
    domain.responses["GET /alice/api/v4/user"] = page
    domain.responses["GET /api/v4/user"] = json_response({}, 401)
    platform = registry.get_adapter("gitlab").platform
    assert sign_in_setup.resolve_server(platform, f"{domain.url}/alice") == domain.url


class FakeForum(ScriptedServer):
    """A forum whose user can be renamed."""

    def __init__(self):
        super().__init__()
        self.picture, self.number, self.user_id = jpeg(patches(90, side=256)), 1, 7
        self.rename("alice")

    def rename(self, name):
        self.responses = {
            "GET /session/current.json": lambda _: json_response(
                {"current_user": {"id": self.user_id, "username": name}}
            ),
            f"GET /u/{name}.json": lambda _: self.user(name),
            "POST /uploads.json": self.take,
            f"PUT /u/{name}/preferences/avatar/pick.json": lambda _: self.pick(),
        }

    def user(self, name):
        path = f"/user_avatar/h/{name}/{{size}}/{self.number}_2.png"
        self.responses["GET " + path.replace("{size}", "360")] = ScriptedResponse(200, self.picture)
        return json_response({"user": {"id": 7, "avatar_template": path}})

    def take(self, request):
        start = request.body.index(b"\r\n\r\n", request.body.index(b'name="file"')) + 4
        self.next_picture = request.body[start : request.body.index(b"\r\n--", start)]
        return json_response({"id": 55})

    def pick(self):
        self.picture, self.number = self.next_picture, self.number + 1
        return json_response({})


@pytest.fixture
def forum(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    celery_messages.lose()
    fake = FakeForum()
    yield fake
    fake.close()


def connect_forum(forum):
    return connection_services.connect_with_token(
        person(),
        "discourse",
        auth_index=0,
        address=forum.url[7:],
        fields={"user": "alice", "key": "k" * 20},
    )


@pytest.mark.parametrize("is_name_taken", [False, True])
def test_renamed_user_is_found_by_id(forum, is_name_taken):
    connection = connect_forum(forum)
    assert run_worker(publish_headshot(connection)).state == State.PUBLISHED
    forum.rename("alice_smith")
    if is_name_taken:
        stranger = {"user": {"id": 8, "avatar_template": "/user_avatar/h/alice/{size}/1_2.png"}}
        forum.responses["GET /u/alice.json"] = json_response(stranger)
    assert run_worker(publish_headshot(connection, seed=2)).state == State.PUBLISHED
    connection.refresh_from_db()
    assert connection.account_name == "@alice_smith" and connection.facts["user"] == "alice_smith"


def test_token_of_another_account_asks_to_connect_again(forum):
    connection = connect_forum(forum)
    forum.rename("alice_smith")
    forum.user_id = 9
    run_worker(publish_headshot(connection))
    connection.refresh_from_db()
    assert connection.state == "lost"


def test_picture_of_a_server_that_calls_itself_otherwise_is_its_own(domain):
    avatar = f"{domain.url.replace('127.0.0.1', 'LOCALHOST')}/avatars/1"
    domain.responses["GET /api/v1/user"] = json_response(
        {"id": 1, "login": "alice", "avatar_url": avatar}
    )
    connection = connection_services.connect_with_token(
        person(), "gitea", auth_index=1, address=domain.url[7:], fields={"token": "t" * 20}
    )
    domain.responses["GET /avatars/1"] = ScriptedResponse(200, jpeg(patches(1, side=256)))
    connection_pictures.fetch_current_picture(connection)
    connection.refresh_from_db()
    assert connection.picture_key == avatar and connection.portrait


@pytest.mark.parametrize("token", ["ghp_abc\u200b", "\ufeffghp_abc", " ghp_abc\u00a0", "ghp_ä"])
def test_pasted_token_is_taken_without_what_nobody_sees(domain, token):
    seen = []

    def answer(request):
        seen.append(request.headers["Authorization"])
        return json_response({"id": 1, "login": "alice", "avatar_url": ""})

    domain.responses["GET /api/v1/user"] = answer
    options = {"auth_index": 1, "address": domain.url[7:], "fields": {"token": token}}
    if token.endswith("ä"):
        with pytest.raises(PlatformError):
            connection_services.connect_with_token(person(), "gitea", **options)
    else:
        connection_services.connect_with_token(person(), "gitea", **options)
        assert seen == ["token ghp_abc"]


@pytest.mark.parametrize(
    "body", [b"<!doctype html>Just a moment...", b'{"token_type": "Bearer"}', b"[]", b""]
)
def test_failure_of_the_token_endpoint_is_a_sentence_about_the_server(server, body):
    server.issue = lambda: ScriptedResponse(200, body)
    alice, host = person(), server.url[7:]
    url = connection_services.begin_connection(
        alice, "mastodon", binding="session", address=host
    ).url
    with pytest.raises(PlatformError) as raised:
        connection_services.finish_connection(
            alice, "mastodon", binding="session", callback_parameters=server.say_yes(url)
        )
    assert host in raised.value.message and "Error" not in raised.value.message
    assert "Pixelfed" not in json.dumps(raised.value.message)
