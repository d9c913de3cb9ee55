"""Which servers may be spoken to: what a name may look like and which addresses are public.

People name servers themselves (an instance, a PDS), and servers name others (a redirect, a picture,
an authorization server), so nothing here trusts a name. An address is judged when the connection
is made and that very address is used: there is no moment in which a name could change its mind.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from integrations.errors import ForbiddenAddress

PORTS: Final = frozenset({443, 8443})
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Names that never leave a network (RFC 6761, 6762, 8375, 9476 and what clouds use).
_INNER: Final = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "alt", "onion")
# Addresses the standard library may call global though they lead inside: multicast, translation
# and tunnels that carry an IPv4 address, and the metadata services of Azure and Oracle.
_REFUSED: Final = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
        "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/9",
        "ff00::/8",
    )
]  # fmt: skip

Address = IPv4Address | IPv6Address


def host_of(told: str) -> str:
    """The server that a person means: `@me@Example.Social`, `example.social`, `https://…/`.

    Returns `host` or `host:port`, in lower case; ForbiddenAddress if it is none.
    """
    text = told.strip()
    if "://" not in text:
        text = "https://" + text.rsplit("@", 1)[-1]
    parts = _split(text)
    return parts.netloc.lower().removesuffix(":443")


def base_of(told: str, *, loopback: bool = False) -> str:
    """The address of the server that a person means; http only for an open loopback."""
    host = host_of(told)
    name = urlsplit(f"//{host}").hostname or ""
    base = f"{'http' if loopback and _is_loopback_name(name) else 'https'}://{host}"
    check_url(base, loopback=loopback)
    return base


def check_url(url: str, *, loopback: bool = False) -> tuple[str, str, int]:
    """Scheme, host name and port of a URL that may be spoken to; ForbiddenAddress if it may not."""
    parts = _split(url)
    host, port = parts.hostname or "", parts.port
    if loopback and _is_loopback_name(host):
        return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)
    if parts.scheme != "https":
        raise ForbiddenAddress(f"Only https is spoken, not '{parts.scheme}'.")
    if (port or 443) not in PORTS:
        raise ForbiddenAddress(f"Port {port} is not one that Facet speaks to.")
    _check_name(host)
    return parts.scheme, host, port or 443


def check_address(address: str, *, loopback: bool = False) -> None:
    """Forbidden unless the address is public; an open loopback is this machine itself, no more."""
    told = ip_address(address.partition("%")[0])
    if loopback and told.is_loopback:
        return
    inside = any(told.version == net.version and told in net for net in _REFUSED)
    if inside or not told.is_global or told.is_multicast or getattr(told, "is_site_local", False):
        raise ForbiddenAddress(f"{address} is not a public address.")


def _split(url: str) -> SplitResult:
    if not url.isascii() or any(ord(sign) <= 32 or sign in '\\"<>^`{|}' for sign in url):
        raise ForbiddenAddress("This is not an address that can be spoken to.")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise ForbiddenAddress("This is not an address that can be spoken to.") from error
    if parts.username is not None or parts.password is not None or not parts.hostname:
        raise ForbiddenAddress("An address names a server and no person.")
    return parts


def _check_name(host: str) -> None:
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ForbiddenAddress(f"'{host}' is not the name of a public server.")
    if not re.fullmatch(r"[a-z][a-z0-9-]+", labels[-1]):  # digits last: an address, no name
        raise ForbiddenAddress("Name the server, not its number.")
    if any(host == name or host.endswith(f".{name}") for name in _INNER):
        raise ForbiddenAddress(f"'{host}' is a name inside a network.")


def _is_loopback_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
