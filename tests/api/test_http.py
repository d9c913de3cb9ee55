"""The API follows HTTP: conditions, ranges, limits, challenges, origins, compression."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.test import Client

from branding.api import throttling
from branding.api.models import Scope
from branding.api.services import create_token
from tests.support.people import person, photo_of

pytestmark = pytest.mark.django_db
KIT = "/api/v1/kit"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def headers(alice):
    token = create_token(alice, "http", scopes=Scope.values)[1]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def picture(alice):
    return f"/api/v1/photos/{photo_of(alice).pk}/picture"


@pytest.mark.parametrize("other", ['"a", {}', '"a",{}', ' {} ,"a"', '"a" , {} , "b"', "W/{}"])
def test_list_of_tags_may_have_any_spacing(headers, other):
    etag = Client().get(KIT, headers=headers).headers["ETag"]
    condition = {"If-Match": other.format(etag), **headers}
    changed = Client().patch(
        KIT, {"name": "Alice"}, content_type="application/json", headers=condition
    )
    assert changed.status_code == 200
    condition = {"If-None-Match": other.format(changed.headers["ETag"]), **headers}
    assert Client().get(KIT, headers=condition).status_code == 304


def test_tag_of_another_state_is_refused(headers):
    condition = {"If-Match": '"a", "b"', **headers}
    refused = Client().patch(KIT, {"name": "A"}, content_type="application/json", headers=condition)
    assert refused.status_code == 412


@pytest.mark.parametrize("path", [KIT, "/api/v1/photos", "/api/v1/me", "/api/schema/"])
def test_head_is_answered_as_get_without_a_body(headers, path):
    read, headed = (
        ask(path, headers=headers | {"Accept-Encoding": "identity"})
        for ask in (Client().get, Client().head)
    )
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("ETag", "Content-Type"):
        assert read.headers.get(name) == headed.headers.get(name)


def test_head_with_a_known_tag_is_not_modified(headers, picture):
    for path in (KIT, picture):
        etag = Client().head(path, headers=headers).headers["ETag"]
        assert Client().head(path, headers={"If-None-Match": etag, **headers}).status_code == 304


@pytest.mark.parametrize(
    ("range_header", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=10-", slice(10, None)), ("bytes=-5", slice(-5, None))],
)
def test_picture_is_sent_in_parts(headers, picture, range_header, part):
    whole = Client().get(picture, headers=headers)
    answer = Client().get(picture, headers={"Range": range_header, **headers})
    assert answer.status_code == 206 and answer.content == whole.content[part]
    first, last = answer.headers["Content-Range"].removeprefix("bytes ").split("/")[0].split("-")
    assert int(last) - int(first) + 1 == len(answer.content)
    assert answer.headers["Content-Range"].endswith(f"/{len(whole.content)}")


@pytest.mark.parametrize("range_header", ["bytes=999999999-", "bytes=5-2"])
def test_part_beyond_the_end_is_refused(headers, picture, range_header):
    answer = Client().get(picture, headers={"Range": range_header, **headers})
    assert answer.status_code == 416 and answer.headers["Content-Range"].startswith("bytes */")


@pytest.mark.parametrize(
    "extra",
    [{"Range": "bytes=0-1,3-4"}, {"Range": "lines=1-2"}, {"Range": "bytes=0-1", "If-Range": '"x"'}],
)
def test_range_that_is_not_understood_gives_the_whole_picture(headers, picture, extra):
    assert Client().get(picture, headers={**extra, **headers}).status_code == 200


def test_limit_is_said_in_headers_and_parallel_calls_do_not_pass_it(headers, monkeypatch):
    monkeypatch.setattr(throttling.AccountRateThrottle, "get_rate", lambda _: "5/hour")
    first = Client().get("/api/v1/me", headers=headers)
    assert first.headers["RateLimit-Limit"] == "5"
    assert first.headers["RateLimit-Remaining"] == "4"
    assert 0 < int(first.headers["RateLimit-Reset"]) <= 3600
    answers = [Client().get("/api/v1/me", headers=headers) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[-1].headers["RateLimit-Remaining"] == "0"
    assert answers[-1].headers["Retry-After"] == answers[-1].headers["RateLimit-Reset"]


def test_simultaneous_requests_are_all_counted():
    with ThreadPoolExecutor(8) as threads:
        counts = threads.map(lambda _: throttling._count_request("one", seconds=60), range(64))
        assert sorted(counts) == list(range(1, 65))


def test_wrong_token_and_missing_scope_are_challenged(alice):
    def challenge(token, method="get"):
        ask = getattr(Client(), method)
        return ask("/api/v1/photos", headers={"Authorization": f"Bearer {token}"})

    assert Client().get("/api/v1/photos").headers["WWW-Authenticate"] == "Bearer"
    assert challenge("wrong").headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    token = create_token(alice, "reads", scopes=[Scope.READ])[1]
    assert challenge(token, "post").headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", scope="make"'
    )


@pytest.mark.parametrize("accept", ["text/html", "image/jpeg", "text/csv", "*/*", ""])
@pytest.mark.parametrize("path", [KIT, "/api/v1/nothing", "/api/v1/photos"])
def test_refusals_are_json_whatever_is_accepted(path, accept):
    answer = Client().get(path, headers={"Accept": accept} if accept else {})
    assert answer.status_code in {401, 404, 406}
    assert answer.headers["Content-Type"] == "application/json" and answer.json()["code"]


def test_slash_at_the_end_is_answered_with_the_right_path(headers):
    for path in ("/api/v1/photos/", "/api/v1/kit//"):
        answer = Client().get(path, headers=headers)
        assert answer.status_code == 404
        assert path.rstrip("/") in answer.json()["message"]


def test_addresses_follow_the_site_and_not_the_host_header(alice, headers, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://faces.example", ["*"]
    photo_of(alice)
    photo_of(alice, seed=1)
    page = Client(HTTP_HOST="other.example").get("/api/v1/photos?limit=1", headers=headers).json()
    assert page["next"].startswith("https://faces.example/api/v1/photos?")
    assert page["results"][0]["picture"].startswith("https://faces.example/")


def test_json_is_compressed_and_a_tag_of_it_still_matches(headers):
    answer = Client().get("/api/v1/looks", headers={"Accept-Encoding": "gzip", **headers})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_pictures_and_pages_are_not_compressed(headers, picture):
    for path in (picture, "/"):
        answer = Client().get(path, headers={"Accept-Encoding": "gzip", **headers})
        assert "Content-Encoding" not in answer.headers


def test_other_origins_are_allowed_only_where_the_operator_lists_them(headers, settings):
    origin = {"Origin": "https://app.example", **headers}
    assert "Access-Control-Allow-Origin" not in Client().get(KIT, headers=origin).headers
    assert "origin" not in Client().get(KIT, headers=origin).headers["Vary"].lower()
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    answer = Client().get(KIT, headers=origin)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "origin" in Client().get(KIT, headers=headers).headers["Vary"].lower()
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    question = {"Access-Control-Request-Method": "PATCH", "Origin": "https://app.example"}
    assert Client().options(KIT, headers=question).status_code == 200
    assert "Access-Control-Allow-Origin" not in Client().get("/", headers=origin).headers
    stranger = {"Origin": "https://evil.example", **headers}
    assert "Access-Control-Allow-Origin" not in Client().get(KIT, headers=stranger).headers
