"""How a server describes itself: its software, its address, the scopes that it has.

NodeInfo names the software: https://nodeinfo.diaspora.software/protocol.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

from integrations.errors import PlatformError
from integrations.outbound.client import OutboundClient
from integrations.outbound.hosts import origin_of

NODEINFO_PATH: Final = "/.well-known/nodeinfo"
METADATA_PATH: Final = "/.well-known/oauth-authorization-server"
HOST_META_PATH: Final = "/.well-known/host-meta"
SCHEMA_PREFIX: Final = "http://nodeinfo.diaspora.software/ns/schema/"


@dataclass(frozen=True)
class ServerSoftware:
    """The software that a server says it runs."""

    name: str
    version: str

    @property
    def version_numbers(self) -> tuple[int, ...]:
        """Return the version as comparable numbers: `4.6.0-nightly+glitch` is (4, 6, 0)."""
        parts = self.version.partition("+")[0].partition("-")[0].split(".")
        return tuple(int(part) for part in parts if part.isdecimal())


def detect_software(outbound: OutboundClient, server: str) -> ServerSoftware:
    """Return which software a server runs. Raises PlatformError if it does not say."""
    return discover_server(outbound, server)[1]


def discover_server(outbound: OutboundClient, server: str) -> tuple[str, ServerSoftware]:
    """Return the base URL of the server that answers for a domain, and its software.

    The domain of the accounts may be another one than that of the server (LOCAL_DOMAIN and
    WEB_DOMAIN of Mastodon), which the well-known addresses redirect to:
    https://docs.joinmastodon.org/admin/config/#web_domain.
    """
    public = outbound.for_any_host()
    response = public.send_request("GET", f"{server}{NODEINFO_PATH}", follow_redirects=True)
    url = urljoin(response.url, _newest_link(response.json()["links"]))
    declared = public.send_request("GET", url, follow_redirects=True).json()["software"]
    software = ServerSoftware(str(declared["name"])[:100], str(declared["version"])[:100])
    found_server = origin_of(response.url)
    return (server if found_server == origin_of(server) else found_server), software


def find_named_server(outbound: OutboundClient, server: str) -> str:
    """Return the server that the host-meta of a domain (RFC 6415) leads to or names.

    Returns the domain itself if it says nothing else.
    """
    url = f"{server}{HOST_META_PATH}"
    try:
        host_meta = outbound.for_any_host().send_request("GET", url, follow_redirects=True)
    except PlatformError:
        return server
    if origin_of(host_meta.url) != origin_of(server):
        return origin_of(host_meta.url)
    template = re.search(r"""template=["'](https?://[^/"'{]+)""", host_meta.text)
    return template[1].lower() if template else server


def _newest_link(links: Any) -> str:
    """Return the address of the document of the newest version, among links to other things."""
    documents = [link for link in links if str(link.get("rel", "")).startswith(SCHEMA_PREFIX)]
    return max(documents or links[-1:], key=lambda link: str(link.get("rel", "")))["href"]


def choose_scopes(
    outbound: OutboundClient, server: str, candidates: Sequence[tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the first of some sets of scopes that a server supports, or else the first of all.

    Mastodon 4.3 and others list them (RFC 8414): https://docs.joinmastodon.org/methods/oauth/
    """
    response = outbound.send_request("GET", f"{server}{METADATA_PATH}", absent_status=404)
    listed = {} if response.status == 404 else response.json()
    supported = set(listed.get("scopes_supported") or candidates[0])
    return next((scopes for scopes in candidates if set(scopes) <= supported), candidates[0])
