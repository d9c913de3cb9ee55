"""What every platform says of itself holds: sources, limits, set-up, warnings, a plain file."""

import ast
import re
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode, resize
from integrations.connections import flows
from integrations.outbound.hosts import check_url
from integrations.platforms import registry
from integrations.platforms.base import HOUR, AppPassword, Kind, OAuth2, Pasted, UserHost
from integrations.renditions import square
from tests.support.platform_account import FOLDERS
from tests.support.recordings import recording

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "headshots" / "samples" / "eileen-collins.jpg"
PLATFORMS = registry.platforms()
FILES = sorted(Path(sys.modules[type(one).__module__].__file__) for one in registry.ADAPTERS)
# Scopes that reach little more than a picture; with any other a person is warned.
NARROW = {
    "read:accounts",
    "write:accounts",
    "atproto",
    "blob:image/*",
    "users.profile:read",
    "repo:app.bsky.actor.profile?action=create&action=update",
    "users.profile:write",
    "auth",
    "user:read:user",
    "user:write:profile_picture",
    "user:delete:profile_picture",
    "gravatar-profile:read",
    "gravatar-profile:manage",
    "account_info.read",
    "account_info.write",
}
KERNEL = {
    "integrations.outbound.responses",
    "integrations.platforms.base",
    "integrations.errors",
    "integrations.outbound.client",
    "integrations.platforms.nodeinfo",
}
STANDARD = {"base64", "dataclasses", "datetime", "typing"}

each = pytest.mark.parametrize("one", PLATFORMS, ids=lambda one: one.slug)
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_every_file_is_registered_once():
    there = {p for p in FILES[0].parent.glob("*.py") if p.stem != "__init__"}
    assert there == set(FILES) and len(FILES) == len(PLATFORMS)
    assert [path.stem for path in FILES] == sorted(one.slug for one in PLATFORMS)


@each
def test_source_is_named_and_dated(one):
    assert one.docs.startswith("https://") and one.confidence in {"high", "medium", "low"}
    assert date(2026, 1, 1) <= one.read <= date.today()
    assert one.experimental == (one.confidence == "low")
    assert one.kind in (Kind.API, Kind.ADMIN)


@each
def test_endpoint_is_one_that_is_called(one):
    """The one line of the capability table is a call that publishing makes."""
    told = recording(one.slug)
    method, path = one.endpoint.split(" ")
    pattern = re.compile(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(path)))
    asked = [told["calls"][name]["ask"].split(" ") for name in told["verbs"]["publish"]]
    assert any(m == method and pattern.fullmatch(urlsplit(url).path) for m, url in asked)


@each
def test_hosts_are_public_names(one):
    if isinstance(one.server, UserHost):
        assert one.server.example
        named = {one.server.example, one.server.default} - {""}
    else:
        named = {one.server.removeprefix("https://")}
    for host in named | one.hosts | flows.hosts_of(one):
        assert check_url(f"https://{host}") == ("https", host, 443)


@each
def test_operator_is_told_where_the_app_is_made(one):
    if one.needs:
        name = one.slug.upper()
        assert one.needs == (f"{name}_CLIENT_ID", f"{name}_CLIENT_SECRET")
        assert "https://" in one.setup and one.setup.endswith(".")
    else:
        assert not one.setup


@each
def test_platform_without_set_up_has_a_way_in_of_its_own(one):
    needing = [
        isinstance(auth, OAuth2) and not (auth.register or auth.metadata) for auth in one.auth
    ]
    assert bool(one.needs) or not any(needing)


@each
def test_wide_scope_is_said_before_connecting(one):
    wide = any(isinstance(auth, Pasted) for auth in one.auth) or not set(one.scopes) <= NARROW
    unscoped = not one.scopes and isinstance(one.auth[0], OAuth2)
    assert one.warning or not (wide or unscoped)
    assert not one.warning or one.warning.endswith(".")


@each
def test_person_finds_the_page_and_the_token(one):
    assert one.page.startswith(("https://", "{server}"))
    for auth in one.auth:
        if isinstance(auth, Pasted):
            assert auth.page.startswith(("https://", "{server}")) and auth.steps
            assert sum(field.secret for field in auth.fields) == 1
            exchanged = isinstance(auth, AppPassword)
            assert exchanged or bool(auth.headers) != any(auth.basic)


@each
def test_picture_is_not_changed_more_often_than_once_an_hour(one):
    assert one.min_interval >= HOUR


@each
def test_slot_is_within_what_the_platform_takes(one, tmp_path):
    """A portrait with the grain of a bad night fits, at the pixels that are asked for."""
    limits, slot = recording(one.slug)["limits"], one.slot
    assert slot.formats[0] == "jpeg" and set(slot.formats) <= set(limits["formats"])
    photo = resize(square(decode(SAMPLE.read_bytes())), slot.pixels).astype(float)
    grain = np.random.default_rng(1).normal(scale=12, size=photo.shape)
    noise = (photo + grain).clip(0, 255).astype(np.uint8)
    path = tmp_path / "it.jpg"
    path.write_bytes(encode(noise, form=slot.formats[0], max_bytes=slot.max_bytes))
    assert path.stat().st_size <= slot.max_bytes <= limits["bytes"]
    with Image.open(path) as made:
        assert made.format == "JPEG" and made.size == (slot.pixels, slot.pixels)
    assert limits.get("least", 1) <= slot.pixels <= limits["most"]


def test_alt_text_is_sent_where_it_is_taken():
    taking = {one.slug for one in PLATFORMS if one.slot.alt_text}
    sending = {
        told.get("platform", folder)
        for folder in FOLDERS
        if "{alt}" in str((told := recording(folder))["calls"])
    }
    assert taking == sending == {"mastodon", "gravatar"}


@files
def test_file_is_short_and_names_its_source(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 120
    words = ast.get_docstring(ast.parse(text)) or ""
    assert re.search(r"https://|\w+\.\w+/\w+|\.php", words)


@files
def test_file_declares_and_does_and_nothing_else(path):
    """No try, no loop for another attempt, no settings, no rows, no log, no clock."""
    tree = ast.parse(path.read_text())
    kinds = {type(node) for node in ast.walk(tree)}
    assert not kinds & {ast.Try, ast.TryStar, ast.With, ast.While, ast.For, ast.Global, ast.Await}
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= KERNEL | STANDARD
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"print", "open", "eval", "exec", "getattr", "setattr"}
