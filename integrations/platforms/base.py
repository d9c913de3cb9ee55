"""What a platform is, declared, and what an adapter does: the shape every platform file fills.

A description says what is true: hosts, sign-in, picture sizes, limits, sources. Pages, settings,
sign-in routes, the capability table and the contract tests follow from it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, ClassVar, Final

from integrations.outbound.client import Door
from integrations.outbound.responses import Oddity, understood
from integrations.platforms.client import Client

READING: Final = ("meet", "identify", "current", "check")
WRITING: Final = ("publish", "withdraw")
HOUR: Final = 3600
DAY: Final = 24 * HOUR


@dataclass(frozen=True)
class Slot:
    """One picture a profile has, and what it takes."""

    name: str = "avatar"
    pixels: int = 800  # a side, to send; always a square
    max_bytes: int = 1_000_000
    formats: tuple[str, ...] = ("jpeg",)  # the first one is sent
    alt_text: int = 0  # characters it takes; 0: it takes none
    fetched: bool = False  # the platform fetches it from an open address
    idempotent: bool = True  # sending the same picture twice does no harm


@dataclass(frozen=True)
class Rendition:
    """A headshot made for a slot, ready to be sent."""

    data: bytes = field(repr=False)
    form: str = "jpeg"
    alt_text: str = ""
    url: str = ""  # where a platform can fetch it, if its owner opened such an address
    looks: str = ""  # its fingerprint, by which it is recognised when it is read back

    @property
    def media_type(self) -> str:
        return f"image/{self.form}"

    @property
    def file(self) -> tuple[str, bytes, str]:
        """As a part of a form: its name, bytes and type."""
        return f"avatar.{'jpg' if self.form == 'jpeg' else self.form}", self.data, self.media_type


@dataclass(frozen=True)
class Identity:
    """Who was connected: `id` never changes at the platform, the others may."""

    id: str
    name: str
    url: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # what later calls need; no secret


@dataclass(frozen=True)
class Picture:
    """What is live now. `key` changes with the picture; `data` is given where no URL leads."""

    key: str
    url: str = ""
    data: bytes = field(default=b"", repr=False)
    alt_text: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a platform said of a picture it took; plain data, to be kept."""

    key: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Outcome(StrEnum):
    """What a look at the platform says of something that was sent."""

    PUBLISHED = "published"
    PROCESSING = "processing"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # only the pixels can tell


class Readback(StrEnum):
    """How a new picture is recognised."""

    EXACT = "exact"  # by its content's own name
    VERSION = "version"  # by a number the platform counts up
    URL = "url"  # by an address that changes with it
    PIXELS = "pixels"  # by looking


class Kind(StrEnum):
    """Who can set the picture."""

    API = "API"
    ADMIN = "admin"
    HANDOFF = "hand-off"
    SERVED = "served"


@dataclass(frozen=True)
class UserHost:
    """The person names the server."""

    example: str = ""  # shown in the empty field
    default: str = ""  # if they leave it empty


@dataclass(frozen=True)
class OAuth2:
    """Authorization code with PKCE (RFC 6749, 7636); `{server}` stands for the server's address."""

    authorize: str
    token: str
    revoke: str = ""
    scopes: tuple[str, ...] = ()
    pkce: bool = True
    register: str = ""  # where an app registers itself (Mastodon's /api/v1/apps)
    metadata: str = ""  # where a server says its endpoints and takes registrations (RFC 8414, 7591)
    basic: bool = False  # the secret goes into a header, not into the body
    scope_name: str = "scope"  # Slack: user_scope; Zoom: none, the app itself has them
    separator: str = " "
    extra: Mapping[str, str] = field(default_factory=dict)  # further words for the authorize page
    life_days: int = 0  # of a grant that cannot be renewed
    issuer: str = ""  # who answers, if its address is not that of the authorize page (RFC 9207)
    ends_by: str = "refresh"  # which token is revoked where there are two


@dataclass(frozen=True)
class OAuth1:
    """Three legs, signed with HMAC-SHA1 (RFC 5849)."""

    request_token: str
    authorize: str
    access_token: str


@dataclass(frozen=True)
class Atproto:
    """atproto OAuth: the servers are found from the person's handle."""

    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One thing a person pastes."""

    name: str
    label: str
    secret: bool = False
    help: str = ""


@dataclass(frozen=True)
class Pasted:
    """A token that the person makes on the platform's own page and pastes."""

    fields: tuple[Field, ...]
    page: str  # where it is made; `{server}` stands for the server's address
    headers: Mapping[str, str]  # of every call; `{token}` and the other fields are filled in
    basic: tuple[str, str] = ("", "")  # user and password by field instead, as HTTP Basic
    steps: str = ""  # what to do on that page


@dataclass(frozen=True)
class AppPassword(Pasted):
    """An atproto password for apps: exchanged for a session, where OAuth is not to be had."""

    headers: Mapping[str, str] = field(default_factory=dict)  # the session's own


@dataclass(frozen=True)
class Polled:
    """The person says yes on the server's own page while Facet asks it whether they did."""

    start: str  # where a question begins; `{server}` stands for the server's address
    revoke: str  # what ends the password that came of it
    headers: Mapping[str, str] = field(default_factory=dict)  # of that last call


Auth = OAuth2 | OAuth1 | Atproto | Pasted | Polled


@dataclass(frozen=True)
class Platform:
    """One platform, declared."""

    slug: str
    name: str
    docs: str  # the page it was written from
    read: date  # when that page was read
    confidence: str  # high, medium, low
    endpoint: str  # what sets the picture, in one line
    auth: tuple[Auth, ...]  # ways to connect, the best first
    slots: tuple[Slot, ...]
    readback: Readback
    asks: str  # what a person lets Facet do, or gives it, in words
    hosts: frozenset[str] = frozenset()  # besides the server's own
    server: str | UserHost = ""  # its address, or the person names it
    needs: tuple[str, ...] = ()  # settings without which the first way does not work
    setup: str = ""  # for the operator: where to make the app, and how
    kind: Kind = Kind.API
    page: str = ""  # where a person changes the picture by hand; `{server}` is filled in
    warning: str = ""  # a scope wider than needed, a delay, an experiment: said before connecting
    oddities: tuple[Oddity, ...] = ()
    min_interval: int = HOUR  # seconds between two changes
    per_minute: int = 60  # pictures that all people here together send it
    experimental: bool = False

    @property
    def slot(self) -> Slot:
        return self.slots[0]

    @property
    def named_by_person(self) -> bool:
        return isinstance(self.server, UserHost)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the first way asks for."""
        return getattr(self.auth[0], "scopes", ())


def _guarded(verb: Callable[..., Any], *, writes: bool) -> Callable[..., Any]:
    """A verb that takes answers at their documented word, and ends what a client knows of it."""

    @wraps(verb)
    def run(self: "Adapter", client: Any, *told: Any, **known: Any) -> Any:
        try:
            with understood(client.misread):
                return verb(self, client, *told, **known)
        finally:
            if writes:
                client.changed = False

    return run


class Adapter(ABC):
    """What a platform's file does with a client; holds no try, no retry, no log."""

    platform: ClassVar[Platform]

    def __init_subclass__(cls, **known: Any) -> None:
        """No adapter catches anything: an answer it does not understand is judged here, once."""
        super().__init_subclass__(**known)
        for name in (*READING, *WRITING):
            if name in vars(cls):
                setattr(cls, name, _guarded(vars(cls)[name], writes=name in WRITING))

    def meet(self, door: Door, server: str, auth: Auth) -> tuple[str, Auth]:
        """A server that the person named: its true address, and the way in as it wants it."""
        return server, auth

    @abstractmethod
    def identify(self, client: Client) -> Identity:
        """Who was just connected?"""

    @abstractmethod
    def current(self, client: Client, slot: Slot) -> Picture | None:
        """What is live now; None if no picture was ever set."""

    @abstractmethod
    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        """Set the picture: one effect."""

    @abstractmethod
    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        """Put back what was there; None: there was no picture."""

    def check(self, client: Client, slot: Slot, receipt: Receipt) -> Outcome:
        """Did it happen? Reads only; only the pixels can tell where no key says it."""
        live = self.current(client, slot)
        if live is None:
            return Outcome.ABSENT
        if not receipt.key or self.platform.readback == Readback.PIXELS:
            return Outcome.UNKNOWN
        return Outcome.PUBLISHED if live.key == receipt.key else Outcome.ABSENT
