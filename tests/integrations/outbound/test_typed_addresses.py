"""What people type or paste as their server or handle leads to the server that they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import ForbiddenAddress
from integrations.outbound.hosts import check_address, parse_base_url
from integrations.outbound.typed_addresses import (
    clean_typed_text,
    parse_handle,
    parse_typed_address,
)

ZERO_WIDTH, BOM, LEFT_TO_RIGHT, SOFT_HYPHEN = "\u200b", "\ufeff", "\u200e", "\u00ad"


@pytest.mark.parametrize(
    ("text", "base_url"),
    [
        ("mastodon.social/@alice", "https://mastodon.social"),
        ("mastodon.social/@alice.dev", "https://mastodon.social"),
        ("https://mastodon.social/@alice@evil.example", "https://mastodon.social"),
        ("mastodon.social/users/alice?a=@evil.example#@evil.example", "https://mastodon.social"),
        ("@alice@mastodon.social", "https://mastodon.social"),
        ("acct:alice@mastodon.social", "https://mastodon.social"),
        ("Alice@MASTODON.Social/", "https://mastodon.social"),
        ("//mastodon.social/@alice", "https://mastodon.social"),
        ("http://mastodon.social", "https://mastodon.social"),
        ("mastodon.social.", "https://mastodon.social"),
        ("mastodon.social:443", "https://mastodon.social"),
        ("git.example.org:8443/alice", "https://git.example.org:8443"),
        ("müller.social", "https://xn--mller-kva.social"),
        ("MÜLLER.social", "https://xn--mller-kva.social"),
        ("https://müller.social/@alice", "https://xn--mller-kva.social"),
        ("mu\u0308ller.social", "https://xn--mller-kva.social"),  # decomposed, as macOS types it
        ("straße.example", "https://xn--strae-oqa.example"),
        ("例え.テスト.example", "https://xn--r8jz45g.xn--zckzah.example"),
        (f"{BOM}mastodon.social{ZERO_WIDTH}", "https://mastodon.social"),
        (f"{LEFT_TO_RIGHT}mastodon{SOFT_HYPHEN}.social\u00a0", "https://mastodon.social"),
        ("\u202amastodon.social\u202c", "https://mastodon.social"),
        ("mastodon．social", "https://mastodon.social"),
        ("＠alice＠mastodon.social", "https://mastodon.social"),
        ("<https://mastodon.social/@alice>", "https://mastodon.social"),
        ("“mastodon.social”", "https://mastodon.social"),
        ("@alice:example.org", "https://example.org"),
        ("@alice:example.org:8443", "https://example.org:8443"),
    ],
)
def test_server_is_the_one_that_is_meant(text, base_url):
    assert parse_base_url(text) == base_url


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "@", "@alice", "@a@b@example.social", "https://alice@example.social/"),
        *("https://mastodon.social@evil.example/", "mastodon.social\\@evil.example", "a b.example"),
        *("https://[bad", "https://", "://x", "example.social:99999", "10.0.0.1", "x.local"),
        *("℀.example", "xn--.example\u2044evil.example", "x" * 300 + ".example", "\x00"),
    ],
)
def test_what_names_no_public_server_is_refused(text):
    with pytest.raises(ForbiddenAddress):
        parse_base_url(text)


@given(st.text(max_size=60))
def test_any_text_is_a_server_or_refused(text):
    for parse in (parse_base_url, parse_typed_address, parse_handle, clean_typed_text):
        try:
            parse(text)
        except ForbiddenAddress:
            continue


@pytest.mark.slow
@given(st.text(max_size=40))
def test_nothing_behind_the_host_leads_to_another_server(text):
    for separator in "/?#":
        assert parse_base_url(f"mastodon.social{separator}{text}") == "https://mastodon.social"


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        ("cloud.example.org/nextcloud", ("nextcloud",)),
        ("https://cloud.example.org/nextcloud/index.php/apps/files/?dir=/", ("nextcloud",)),
        ("https://cloud.example.org/a/b/apps/dashboard/", ("a", "b")),
        ("https://cloud.example.org/index.php/s/x", ()),
        ("https://cloud.example.org/../x", ("x",)),
        ("https://gitlab.example.org/gitlab/-/user_settings/profile", ("gitlab",)),
        ("https://forum.example.org/u/alice/summary", ()),
    ],
)
def test_folder_of_an_installation_is_kept(text, folders):
    assert parse_typed_address(text).folders == folders


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("alice.bsky.social", "alice.bsky.social"),
        ("@Alice.Bsky.Social", "alice.bsky.social"),
        ("\u202aalice.bsky.social\u202c", "alice.bsky.social"),
        ("https://bsky.app/profile/alice.bsky.social", "alice.bsky.social"),
        ("bsky.app/profile/alice.bsky.social/post/3k", "alice.bsky.social"),
        ("https://bsky.app/profile/did:plc:AbC", "did:plc:AbC"),
        ("at://alice.example", "alice.example"),
        ("at://did:plc:abc/app.bsky.feed.post/3k", "did:plc:abc"),
        ("alice.bsky.social/", "alice.bsky.social"),
        ("alice", "alice.bsky.social"),
        ("did:web:example.org", "did:web:example.org"),
        ("https://pds.example.org/", "https://pds.example.org"),
        ("müller.example", "xn--mller-kva.example"),
        ("", ""),
    ],
)
def test_handle_is_the_one_that_is_meant(text, handle):
    assert parse_handle(text) == handle


@pytest.mark.parametrize(
    "text",
    [
        *("@alice:example.org", "https://matrix.to/#/@alice:example.org", "example.org"),
        *("https://matrix.to/#/%40alice%3Aexample.org", "matrix:u/alice:example.org"),
        "https://app.element.io/#/user/@alice:example.org",
    ],
)
def test_account_of_matrix_names_its_server(text):
    assert parse_base_url(text) == "https://example.org"


@pytest.mark.parametrize("address", ["64:ff9b::344:101", "64:ff9b::808:808"])
def test_nat64_address_is_judged_by_the_one_inside(address):
    assert check_address(address) is None


@pytest.mark.parametrize(
    "address",
    [
        *("64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a83f:8110"),
        *("64:ff9b:1::808:808", "64:ff9b::c0a8:101", "64:ff9b::"),
    ],
)
def test_nat64_address_of_a_private_one_is_refused(address):
    with pytest.raises(ForbiddenAddress):
        check_address(address, allow_loopback=True)
