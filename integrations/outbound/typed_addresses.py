"""What people type or paste when they are asked for their server or their handle.

It may be a name, an account (`@alice@example.social`), a profile page or a page of settings, with
capitals, invisible characters from copying, an international name, or a folder in which the server
is installed. The host is always the one that was named: nothing in a path leads to another server.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import idna

from integrations.errors import ForbiddenAddress

HTTPS_PORT: Final = 443
_MAX_LENGTH: Final = 500  # characters that are looked at
_WRAPPING: Final = "<>\"'“”‘’«»,;"
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# An account of Matrix, or a link to one: https://spec.matrix.org/v1.15/appendices/#user-identifiers
_MATRIX_ACCOUNT: Final = re.compile(
    r"(?:(?:https://)?(?:matrix\.to|app\.element\.io)/#/(?:user/)?@|matrix:u/|@)"
    r"[^@:/\s]+:(?P<server>[^@/?#\s]*[a-z][^@/?#\s]*)",
    re.IGNORECASE,
)
# Pages of any account or of the whole installation, below the folder of the installation.
_PAGES: Final = re.compile(
    r"index\.php|remote\.php|status\.php|apps|ocs|login|logout|signup|settings|s|u|users?|web|admin"
    r"|-|t|c|home|direct|channel|messages|api|account|oauth|profile|explore|about|[@~].*",
    re.IGNORECASE,
)
_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")  # https://atproto.com/specs/did


@dataclass(frozen=True)
class TypedAddress:
    """The server that a person means: its host, with a port, and the folders of a path."""

    host: str
    folders: tuple[str, ...] = ()
    account: str = ""  # the part before the host in `alice@example.social`


def clean_typed_text(text: str) -> str:
    """Return a text without invisible characters and with common forms of its letters (NFKC)."""
    visible = "".join(
        character
        for character in unicodedata.normalize("NFKC", text[:_MAX_LENGTH])
        if unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn")
        and not "\ufe00" <= character <= "\ufe0f"  # variation selectors
    )
    return visible.strip().strip(_WRAPPING).strip()


def parse_typed_address(text: str) -> TypedAddress:
    """Return the server that a person means; ForbiddenAddress if the text names none."""
    text = clean_typed_text(text)
    account = ""
    if matched := _MATRIX_ACCOUNT.fullmatch(unquote(text)):
        text = matched["server"]
    if not _SCHEME.match(text):
        text = text.removeprefix("acct:").removeprefix("//")
        authority, slash, path = re.match(r"([^/?#]*)([/?#]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        account, _, host = authority.rpartition("@")
        account = account.removeprefix("@")
        if set(account) & set("@\\") or (authority.startswith("@") and not account):
            raise ForbiddenAddress("This names no server.")
        text = f"https://{host}{slash}{path}"
    parts = _split(text)
    if "\\" in parts.netloc:  # browsers take it for a slash, others do not
        raise ForbiddenAddress("This is not an address that can be spoken to.")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenAddress("An address names a server and no person.")
    return TypedAddress(_host_of(parts), _folders_of(parts.path), account)


def parse_handle(text: str) -> str:
    """Return the handle or DID of atproto in `@Alice.Example`, or in a page of a profile.

    The address of another page stays as it is: it names a server.
    """
    text = clean_typed_text(text)
    if did := _DID.search(text):
        return did[0]
    if profile := re.search(r"/(?:profile|@)/?([^/?#]+)", text):
        text = profile[1]
    elif _SCHEME.match(text) and not text.startswith("at://"):
        return text.rstrip("/")
    handle = re.split(r"[/?#]", text.removeprefix("at://").lstrip("@"))[0]
    handle = _encode_host(handle.lower().strip("."))
    return handle if "." in handle or not handle else f"{handle}.bsky.social"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading the property validates the port
    except ValueError as error:
        raise ForbiddenAddress("This is not an address that can be spoken to.") from error
    return parts


def _host_of(parts: SplitResult) -> str:
    """Return the host in lower case and ASCII, with its port unless that is the default one."""
    name = parts.hostname or ""
    is_ipv6_address = ":" in name
    host = f"[{name}]" if is_ipv6_address else _encode_host(name.removesuffix("."))
    return host if parts.port in (None, HTTPS_PORT) else f"{host}:{parts.port}"


def _encode_host(host: str) -> str:
    """Return an international host name as it is sent to servers (RFC 5891, UTS 46)."""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise ForbiddenAddress(f"'{host}' is not the name of a server.") from error


def _folders_of(path: str) -> tuple[str, ...]:
    """Return the folders of a path, up to the first page that is no folder."""
    folders: list[str] = []
    for folder in path.split("/"):
        if _PAGES.fullmatch(folder):
            break
        if folder and re.fullmatch(r"[\w.-]+", folder, re.ASCII) and folder not in (".", ".."):
            folders.append(folder)
    return tuple(folders[:3])
