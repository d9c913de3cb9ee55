"""Bodies and headers are bounded before Django sees them, and read whole however they are sent."""

import json
import socket
import time

import pytest
from django.test import override_settings

from branding.api.models import Scope
from branding.api.services import create_token
from branding.operations import request_limits
from headshots.models import Photo
from tests.support import celery_messages
from tests.support.openapi import operations
from tests.support.people import person, selfie
from tests.support.servers.asgi_server import asgi_server, read_response
from tests.support.urls import Belongings, urls_of_operation

pytestmark = pytest.mark.django_db(transaction=True)
WITH_BODY = [
    (method.upper(), path)
    for path, method, operation in operations()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
]
LIMIT = request_limits.BODY_LIMIT


@pytest.fixture(scope="module")
def server():
    with asgi_server(grace_seconds=1) as running:
        yield running


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


@pytest.fixture
def credentials(alice):
    return {"Authorization": f"Bearer {create_token(alice, 'test', scopes=Scope.values)[1]}"}


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_every_operation_reads_its_body_both_ways(server, alice, credentials, method, path):
    body, headers = b'{"no_such_field": 1}', {**credentials, "Content-Type": "application/json"}
    for url in urls_of_operation(path, Belongings(alice))[:1]:
        answers = [
            server.send(method, url, body, chunked=chunked, **headers) for chunked in (False, True)
        ]
        (status, _, said), (chunked_status, _, chunked_said) = answers
        assert status == chunked_status == 400, (said, chunked_said)
        assert json.loads(said) == json.loads(chunked_said)
        assert "no_such_field" in json.loads(said)["fields"]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_photo_arrives_both_ways(server, alice, credentials, chunked):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="me.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n" + selfie() + b"\r\n--x--\r\n"
    )
    headers = {**credentials, "Content-Type": "multipart/form-data; boundary=x"}
    status, _, said = server.send("POST", "/api/v1/photos", body, chunked=chunked, **headers)
    assert status == 201, said
    assert Photo.objects.get(owner=alice).name == "me.jpg"


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/kit", "/o/token/", "/no/such/page"])
def test_body_beyond_the_limit_is_refused_for_everybody(server, path, chunked):
    status, headers, said = server.send("POST", path, b"x" * (LIMIT + 1), chunked=chunked)
    assert status == 413 and headers["connection"] == "close"
    if path.startswith("/api/"):
        assert json.loads(said).keys() == {"code", "message", "advice", "fields"}
        assert json.loads(said)["code"] == "too_large"


def test_announced_length_is_refused_before_a_byte_of_it_arrives(server):
    head = f"POST /kit/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**12}\r\n\r\n"
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", request_limits.UPLOAD_PATHS)
def test_only_upload_paths_take_photos(server, path):
    status, _, _ = server.send("POST", path, b"x" * (LIMIT + 1), chunked=True)
    assert status in (401, 403)  # read, and then refused by Django
    too_much = {"Content_Length": str(request_limits.UPLOAD_LIMIT + 1)}
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in too_much.items())
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"
    assert server.exchange(head.encode())[0] == 413


@pytest.mark.slow
@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_body_that_trickles_is_ended(server, framing):
    head = f"POST /api/v1/kit HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(head.encode() + (b"1\r\n{\r\n" if "chunked" in framing else b"{"))
        status, _, said = read_response(connection)
    assert status == 408 and json.loads(said)["code"] == "too_slow"


def test_client_that_leaves_ends_its_request(server, credentials):
    head = "POST /api/v1/kit HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(head.encode() + b"1\r\n{\r\n")
    assert server.send("GET", "/api/v1/me", b"", chunked=False, **credentials)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {f"X-{index}": "a" for index in range(request_limits.MAX_HEADERS)},
        {"Cookie": "a" * request_limits.MAX_HEADER_BYTES},
    ],
    ids=["many", "large"],
)
def test_too_many_or_too_large_headers_are_refused(server, headers):
    assert server.send("GET", "/", b"", chunked=False, **headers)[0] == 431


@override_settings(SECURE_SSL_REDIRECT=False)
def test_both_framings_at_once_are_read_as_chunks(server, credentials):
    """RFC 9112, section 6.3: the chunks count, whatever length is announced beside them."""
    status, _, said = server.send(
        "PATCH",
        "/api/v1/kit",
        b'{"no_such_field": 1}',
        chunked=True,
        Content_Length="3",
        Content_Type="application/json",
        **credentials,
    )
    assert status == 400 and b"no_such_field" in said
