"""Input that no program means is answered with 400, never with an error of the server."""

import base64
from urllib.parse import quote, urlencode

import pytest

from tests.operations.test_request_limits import WITH_BODY
from tests.support.openapi import load_schema, operations
from tests.support.urls import Belongings, urls_of_operation

pytestmark = pytest.mark.django_db
LISTS = [
    path
    for path, method, operation in operations()
    if method == "get"
    and any(parameter["name"] == "cursor" for parameter in operation.get("parameters", []))
]
BODIES = {
    "infinite": b"1e400",
    "huge": b"9" * 400,
    "deep list": b"[" * 100_000,
    "nested": b"[" * 500 + b"]" * 500,
    "surrogate": b'"\\ud800"',
    "no UTF-8": b'"\xff"',
    "NaN": b"NaN",
}


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_crooked_json_is_refused_everywhere(client, alice, method, path):
    schema = load_schema()
    operation = schema["paths"][path][method.lower()]
    content = operation["requestBody"]["content"]["application/json"]
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    fields = schema["components"]["schemas"].get(name, {}).get("properties", {"x": {}})
    url = urls_of_operation(path, Belongings(alice))[0]
    for body in BODIES.values():
        whole = b",".join(b'"%b":%b' % (field.encode(), body) for field in fields)
        for sent in (body, b"{" + whole + b"}"):
            answer = client.generic(method, url, sent, content_type="application/json")
            assert answer.status_code == 400, (sent[:80], answer.content)


@pytest.mark.parametrize("path", LISTS)
def test_crooked_cursor_is_refused(client, path):
    for position in ("x", "2026-99-99", "\0", "9" * 400, "1e400", "[1]"):
        assert client.get(f"{path}?cursor={encode_cursor(position)}").status_code == 400, position
    for text in ("x", "%00", "%FF"):
        assert client.get(f"{path}?cursor={text}").status_code in (200, 400), text


def encode_cursor(position):
    """Return a cursor as the API writes it, with another position."""
    text = urlencode({"p": position, "o": "0", "r": "1"})
    return quote(base64.b64encode(text.encode()).decode())
