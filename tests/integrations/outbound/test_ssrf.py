"""Addresses that are never contacted: private hosts, odd spellings, redirects, DNS rebinding."""

import socket
from pathlib import Path

import pytest

from integrations.errors import ForbiddenAddress, Unavailable
from integrations.outbound.client import OutboundClient
from integrations.outbound.hosts import check_address, check_url, parse_host
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

TABLE = Path(__file__).with_name("ssrf.txt").read_text().split("# ")
ADDRESSES, URLS = (part.split("\n", 1)[1].split() for part in TABLE[1:])


def make_client(*, allow_loopback=False, resolve=socket.getaddrinfo):
    return OutboundClient(None, allow_loopback=allow_loopback, resolve=resolve)


@pytest.mark.parametrize("address", ADDRESSES)
def test_inner_address_is_refused(address):
    with pytest.raises(ForbiddenAddress):
        check_address(address)


@pytest.mark.parametrize("url", URLS)
def test_address_in_disguise_is_refused(url):
    with pytest.raises(ForbiddenAddress):
        make_client().send_request("GET", url)


@pytest.mark.parametrize("address", ADDRESSES)
def test_name_that_leads_inside_is_refused_when_the_connection_is_made(address):
    bare = address.partition("%")[0]
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET

    def resolve(_, port, *__):
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))
        return [public, (family, socket.SOCK_STREAM, 6, "", (bare, port))]

    with pytest.raises(ForbiddenAddress):
        make_client(resolve=resolve).send_request("GET", "https://pds.example.com/")


def test_the_table_is_long_enough():
    assert len(set(ADDRESSES)) + len(set(URLS)) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("target", URLS + [f"https://[{a}]/" for a in ADDRESSES if ":" in a])
def test_redirect_is_checked_like_the_first_address(script: ScriptedServer, target):
    if "://" not in target or "127" in target or "localhost" in target or "::1" in target:
        pytest.skip("an open loopback leads to itself; see the next test")
    script.responses["GET /a.jpg"] = ScriptedResponse(
        302, headers={"Location": target.encode("utf-8").decode("latin1")}
    )
    with pytest.raises((ForbiddenAddress, Unavailable)):
        make_client(allow_loopback=True).download_picture(f"{script.url}/a.jpg")
    assert len(script.requests) == 1


def test_loopback_is_closed_unless_opened(script: ScriptedServer):
    script.responses["GET /"] = ScriptedResponse()
    with pytest.raises(ForbiddenAddress):
        make_client().send_request("GET", script.url)
    assert not script.requests
    assert make_client(allow_loopback=True).send_request("GET", f"{script.url}/").status == 200


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "fd00:ec2::254"])
def test_open_loopback_opens_nothing_else(address):
    with pytest.raises(ForbiddenAddress):
        check_address(address, allow_loopback=True)


def test_name_cannot_change_its_mind_between_check_and_use(script: ScriptedServer):
    port = int(script.url.rsplit(":", 1)[1])
    looked_up = []

    def resolve(host, *_):
        looked_up.append(host)
        address = "127.0.0.1" if len(looked_up) > 1 else "93.184.215.14"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    client = make_client(resolve=resolve)
    addresses = client.resolve_addresses("rebind.example.com", port)
    assert [target[0] for *_, target in addresses] == ["93.184.215.14"]
    with pytest.raises(ForbiddenAddress):
        client.send_request("GET", "https://rebind.example.com/")
    assert len(looked_up) == 2 and not script.requests


def test_client_contacts_only_its_hosts():
    with pytest.raises(ForbiddenAddress):
        OutboundClient({"slack.com"}).send_request("GET", "https://slack.com.example.org/")
    assert OutboundClient({"slack.com"}).check_allowed("https://slack.com/api") is None


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.social", "example.social"),
        (" @alice@Example.Social ", "example.social"),
        ("https://example.social/@alice", "example.social"),
        ("https://git.example.org:8443/", "git.example.org:8443"),
        ("https://example.social:443", "example.social"),
    ],
)
def test_server_is_understood_as_people_write_it(text, host):
    assert parse_host(text) == host


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "https://sub.example.org:8443/"])
def test_public_address_is_let_through(url):
    assert check_url(url)[0] == "https"


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111"])
def test_public_number_is_let_through(address):
    assert check_address(address) is None
