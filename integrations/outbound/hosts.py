"""Which servers may be contacted: valid host names and public addresses.

People name servers themselves (a Mastodon instance, a PDS), and servers name others (in redirects,
picture URLs, server metadata), so no name is trusted. An address is checked when a connection is
made and that very address is used, so a name that changes in between (DNS rebinding) does no harm.
"""

import re
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from integrations.errors import ForbiddenAddress
from integrations.outbound.typed_addresses import HTTPS_PORT, parse_typed_address

ALLOWED_PORTS: Final = frozenset({443, 8443})
_HOST_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_TOP_LEVEL_DOMAIN: Final = re.compile(r"[a-z][a-z0-9-]+")  # digits only: an IPv4 address
_FORBIDDEN_CHARACTERS: Final = frozenset('\\"<>^`{|}')
# Names that are not resolved in the public DNS (RFC 6761, 6762, 8375, 9476), and what cloud
# providers use for internal services.
_PRIVATE_DOMAINS: Final = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "alt",
    "onion",
)
# The special-purpose registries of IANA, with some networks that the standard library calls global
# although they lead inside: multicast, IPv6 networks that embed an IPv4 address, and the metadata
# services of clouds.
_FORBIDDEN_NETWORKS: Final = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # metadata service of Azure
        "169.254.0.0/16",  # link-local, metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, metadata service of Oracle
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discard-only
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fe80::/9",  # link-local, site-local
        "ff00::/8",  # multicast
    )
]


_NAT64: Final = ip_network("64:ff9b::/96")  # the well-known prefix


def parse_host(text: str) -> str:
    """Return the host that a person means, such as `@me@Example.Social` or `https://…/@me`.

    Returns `host` or `host:port` in lower case and ASCII; raises ForbiddenAddress if the text is
    neither a host, an account name nor a URL.
    """
    host = parse_typed_address(text).host
    _split_url(f"https://{host}")
    return host


def parse_base_url(text: str, *, allow_loopback: bool = False) -> str:
    """Return the base URL of the server that a person means, without any folder.

    The scheme is https, or http for this machine itself if loopback is allowed. ForbiddenAddress
    if the server must not be contacted.
    """
    host = parse_host(text)
    name = urlsplit(f"//{host}").hostname or ""
    base_url = f"{'http' if allow_loopback and _is_loopback_name(name) else 'https'}://{host}"
    check_url(base_url, allow_loopback=allow_loopback)
    return base_url


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL, in lower case: the URL without its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_url(url: str, *, allow_loopback: bool = False) -> tuple[str, str, int]:
    """Return scheme, host name and port of a URL; ForbiddenAddress if it must not be contacted."""
    parts = _split_url(url)
    host, port = parts.hostname or "", parts.port
    if allow_loopback and _is_loopback_name(host):
        return parts.scheme, host, port or (HTTPS_PORT if parts.scheme == "https" else 80)
    if parts.scheme != "https":
        raise ForbiddenAddress(f"Only https is spoken, not '{parts.scheme}'.")
    if (port or HTTPS_PORT) not in ALLOWED_PORTS:
        raise ForbiddenAddress(f"Port {port} is not one that Facet speaks to.")
    _check_host_name(host)
    return parts.scheme, host, port or HTTPS_PORT


def check_address(text: str, *, allow_loopback: bool = False) -> None:
    """Raise ForbiddenAddress unless an IP address is public (or allowed loopback)."""
    address = ip_address(text.partition("%")[0])
    if address in _NAT64:  # a host without IPv4 reaches the address inside (RFC 6052)
        address = IPv4Address(int(address) & 0xFFFF_FFFF)
        allow_loopback = False
    if allow_loopback and address.is_loopback:
        return
    is_forbidden = any(
        address.version == network.version and address in network for network in _FORBIDDEN_NETWORKS
    )
    is_site_local = getattr(address, "is_site_local", False)
    if is_forbidden or not address.is_global or address.is_multicast or is_site_local:
        raise ForbiddenAddress(f"{text} is not a public address.")


def _split_url(url: str) -> SplitResult:
    has_forbidden_character = any(
        ord(character) <= 32 or character in _FORBIDDEN_CHARACTERS for character in url
    )
    if not url.isascii() or has_forbidden_character:
        raise ForbiddenAddress("This is not an address that can be spoken to.")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading the property validates the port
    except ValueError as error:
        raise ForbiddenAddress("This is not an address that can be spoken to.") from error
    if parts.username is not None or parts.password is not None or not parts.hostname:
        raise ForbiddenAddress("An address names a server and no person.")
    return parts


def _check_host_name(host: str) -> None:
    labels = host.split(".")
    if len(labels) < 2 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise ForbiddenAddress(f"'{host}' is not the name of a public server.")
    if not _TOP_LEVEL_DOMAIN.fullmatch(labels[-1]):
        raise ForbiddenAddress("Name the server, not its number.")
    if any(host == name or host.endswith(f".{name}") for name in _PRIVATE_DOMAINS):
        raise ForbiddenAddress(f"'{host}' is a name inside a network.")


def _is_loopback_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
