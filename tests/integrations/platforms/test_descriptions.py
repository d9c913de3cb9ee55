"""Every platform description holds: sources, limits, set-up, warnings, a plain file."""

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
from headshots.engine.io.encode import encode, resize_square
from integrations.connections import sign_in_setup
from integrations.outbound.hosts import check_url
from integrations.platforms import registry
from integrations.platforms.base import (
    HOUR_SECONDS,
    ApiToken,
    AppPassword,
    OAuth2,
    Platform,
    PlatformKind,
    Readback,
    UserNamedServer,
)
from integrations.renditions import crop_center_square
from tests.support.platforms.platform_account import FOLDERS
from tests.support.platforms.recordings import load_recording

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "headshots" / "samples" / "eileen-collins.jpg"
PLATFORMS = registry.all_platforms()
FILES = sorted(
    Path(sys.modules[type(adapter).__module__].__file__) for adapter in registry.ADAPTERS
)
MAX_LINES = 150  # of a platform file: it fits on two screens
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
    "integrations.errors",
    "integrations.platforms",
    "integrations.platforms.fediverse",
    "integrations.platforms.nodeinfo",
}
STANDARD = {"base64", "dataclasses", "datetime", "typing"}

each = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.slug)
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_every_file_is_registered_once():
    shared = {"__init__", "base", "client", "fediverse", "nodeinfo", "registry"}
    existing = {path for path in FILES[0].parent.glob("*.py") if path.stem not in shared}
    assert existing == set(FILES) and len(FILES) == len(PLATFORMS)
    assert [path.stem for path in FILES] == sorted(platform.slug for platform in PLATFORMS)


@each
def test_key_saves_a_download_only_where_that_is_documented(platform: Platform):
    is_exact = platform.readback == Readback.EXACT
    assert platform.key_guarantee.startswith("https://") if is_exact else not platform.key_guarantee


@each
def test_source_is_named_and_dated(platform: Platform):
    assert platform.docs.startswith("https://") and platform.confidence in {"high", "medium", "low"}
    assert date(2026, 1, 1) <= platform.read <= date.today()
    assert platform.experimental == (platform.confidence == "low")
    assert platform.kind in (PlatformKind.API, PlatformKind.ADMIN)


@each
def test_endpoint_is_one_that_is_called(platform: Platform):
    """The one line of the capability table is a call that publishing makes."""
    recorded = load_recording(platform.slug)
    method, path = platform.endpoint.split(" ")
    pattern = re.compile(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(path)))
    requests = [recorded["calls"][name]["ask"].split(" ") for name in recorded["verbs"]["publish"]]
    assert any(
        sent_by == method and pattern.fullmatch(urlsplit(url).path) for sent_by, url in requests
    )


@each
def test_hosts_are_public_names(platform: Platform):
    if isinstance(platform.server, UserNamedServer):
        assert platform.server.example
        named = {platform.server.example, platform.server.default} - {""}
    else:
        named = {platform.server.removeprefix("https://")}
    for host in named | platform.hosts | sign_in_setup.sign_in_hosts(platform):
        assert check_url(f"https://{host}") == ("https", host, 443)


@each
def test_operator_is_told_where_the_app_is_made(platform: Platform):
    if platform.needs:
        name = platform.slug.upper()
        assert platform.needs == (f"{name}_CLIENT_ID", f"{name}_CLIENT_SECRET")
        assert "https://" in platform.setup and platform.setup.endswith(".")
    else:
        assert not platform.setup


@each
def test_platform_without_set_up_has_a_way_in_of_its_own(platform: Platform):
    needing = [
        isinstance(auth, OAuth2) and not (auth.register or auth.metadata) for auth in platform.auth
    ]
    assert bool(platform.needs) or not any(needing)


@each
def test_wide_scope_is_said_before_connecting(platform: Platform):
    wide = (
        any(isinstance(auth, ApiToken) for auth in platform.auth)
        or not set(platform.scopes) <= NARROW
    )
    unscoped = not platform.scopes and isinstance(platform.auth[0], OAuth2)
    assert platform.warning or not (wide or unscoped)
    assert not platform.warning or platform.warning.endswith(".")


@each
def test_person_finds_the_page_and_the_token(platform: Platform):
    assert platform.page.startswith(("https://", "{server}"))
    for auth in platform.auth:
        if isinstance(auth, ApiToken):
            assert auth.page.startswith(("https://", "{server}")) and auth.steps
            assert sum(field.secret for field in auth.fields) == 1
            exchanged = isinstance(auth, AppPassword)
            assert exchanged or bool(auth.headers) != any(auth.basic_auth_fields)


@each
def test_picture_is_not_changed_more_often_than_once_an_hour(platform: Platform):
    assert platform.min_interval >= HOUR_SECONDS


@each
def test_slot_is_within_what_the_platform_takes(platform: Platform, tmp_path):
    """A portrait with the grain of a bad night fits, at the pixels that are asked for."""
    limits, slot = load_recording(platform.slug)["limits"], platform.slot
    assert slot.formats[0] == "jpeg" and set(slot.formats) <= set(limits["formats"])
    assert set(slot.also_restores) <= set(limits["formats"]) - set(slot.formats)
    photo = resize_square(crop_center_square(decode(SAMPLE.read_bytes())), slot.pixels).astype(
        float
    )
    grain = np.random.default_rng(1).normal(scale=12, size=photo.shape)
    noise = (photo + grain).clip(0, 255).astype(np.uint8)
    path = tmp_path / "it.jpg"
    path.write_bytes(encode(noise, file_format=slot.formats[0], max_bytes=slot.max_bytes))
    assert path.stat().st_size <= slot.max_bytes <= limits["bytes"]
    with Image.open(path) as picture:
        assert picture.format == "JPEG" and picture.size == (slot.pixels, slot.pixels)
    assert limits.get("least", 1) <= slot.pixels <= limits["most"]


def test_alt_text_is_sent_where_it_is_taken():
    taking = {platform.slug for platform in PLATFORMS if platform.slot.max_alt_text}
    sending = {
        load_recording(folder).get("platform", folder)
        for folder in FOLDERS
        if "{alt}" in str(load_recording(folder)["calls"])
    }
    assert taking == sending == {"mastodon", "gravatar"}


@files
def test_file_is_short_and_names_its_source(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_LINES
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
