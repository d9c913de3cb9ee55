"""The vocabulary of platform files: how a platform is described and what its adapter does.

A description (`Platform`) states facts: hosts, ways to sign in, picture sizes, limits, sources. The
pages, settings, sign-in routes, the capability table and the contract tests are derived from it. An
adapter (`PlatformAdapter`) reads and sets the profile picture of one account.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, ClassVar, Final

from integrations.outbound.client import OutboundClient as OutboundClient
from integrations.outbound.responses import ResponseRule as ResponseRule
from integrations.outbound.responses import expect_documented_shape
from integrations.platforms.client import PlatformClient as PlatformClient

HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 24 * HOUR_SECONDS
MAX_ID_LENGTH: Final = 255  # characters, as in the model


@dataclass(frozen=True)
class PictureSlot:
    """One of the pictures of a profile, and which files it takes."""

    name: str = "avatar"
    pixels: int = 800  # width and height that are sent; the picture is always square
    max_bytes: int = 1_000_000
    formats: tuple[str, ...] = ("jpeg",)  # accepted formats; the first one is sent
    also_restores: tuple[str, ...] = ()  # accepted formats that only earlier pictures have
    max_alt_text: int = 0  # longest alt text in characters; 0 where none is accepted
    needs_public_url: bool = False  # the platform downloads the picture from a public URL
    is_idempotent: bool = True  # uploading the same picture twice has no further effect


@dataclass(frozen=True)
class Rendition:
    """A headshot encoded for a picture slot, ready to be uploaded."""

    data: bytes = field(repr=False)
    image_format: str = "jpeg"
    alt_text: str = ""
    url: str = ""  # public URL of the file, for platforms that download it; "" if there is none
    fingerprint: str = ""  # fingerprint (hexadecimal, see perceptual_hash) that recognises it later
    is_signed: bool = False  # whether it carries content credentials
    earlier_key: str = ""  # of an earlier picture: the identifier that the platform had for it

    @property
    def media_type(self) -> str:
        """Return the media type, such as "image/jpeg"."""
        return f"image/{self.image_format}"

    @property
    def multipart_file(self) -> tuple[str, bytes, str]:
        """Return file name, content and media type, as `requests` takes a multipart file."""
        return (
            f"avatar.{'jpg' if self.image_format == 'jpeg' else self.image_format}",
            self.data,
            self.media_type,
        )


@dataclass(frozen=True)
class AccountIdentity:
    """The account that was connected."""

    id: str  # never changes at the platform; `name` and `url` may
    name: str
    url: str = ""  # the public profile
    facts: Mapping[str, Any] = field(default_factory=dict)  # for later calls; not secret

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError for an id or a name that cannot be one."""
        _require_texts(self.id, self.name, self.url)
        if not self.id or len(self.id) > MAX_ID_LENGTH:
            raise ValueError("An account has an id.")


@dataclass(frozen=True)
class ProfilePicture:
    """The profile picture that a platform shows now."""

    key: str  # the platform's identifier of it; see Platform.key_guarantee
    url: str = ""
    data: bytes = field(default=b"", repr=False)  # the file, where no URL leads to it
    alt_text: str = ""
    original_url: str = ""  # of the file as it was uploaded, where `url` leads to a scaled one

    def __post_init__(self) -> None:
        """Raise TypeError for a key or an URL that is no text."""
        _require_texts(self.key, self.url, self.alt_text, self.original_url)


@dataclass(frozen=True)
class UploadReceipt:
    """What a platform answered to an upload; stored as JSON with the publication."""

    key: str = ""  # the `key` that the picture will have; "" if it is not known
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise TypeError for a key that is no text."""
        _require_texts(self.key)


def _require_texts(*values: Any) -> None:
    if not all(isinstance(value, str) for value in values):
        raise TypeError("A text was expected.")


class UploadStatus(StrEnum):
    """What a platform shows some time after an upload."""

    PUBLISHED = "published"  # it shows the uploaded picture
    PROCESSING = "processing"  # it has accepted the picture and does not show it yet
    ABSENT = "absent"  # it shows another picture, or none
    UNKNOWN = "unknown"  # the pictures themselves have to be compared


class Readback(StrEnum):
    """How an uploaded picture is recognised at the platform."""

    EXACT = "exact"  # by an identifier derived from its content
    VERSION = "version"  # by a version number that the platform assigns
    URL = "url"  # by a URL that changes with the picture
    PIXELS = "pixels"  # by comparing the pictures


class PlatformKind(StrEnum):
    """Who can set the picture at a place."""

    API = "API"  # an app, in the name of the person
    ADMIN = "admin"  # an app, in the name of an administrator
    HANDOFF = "hand-off"  # only the person, on the platform's own page
    SERVED = "served"  # this server, which serves the picture itself


@dataclass(frozen=True)
class UserNamedServer:
    """The server is named by the person who connects."""

    example: str = ""  # placeholder of the form field
    default: str = ""  # used if the field is left empty
    # A path of the API that is answered with JSON to everybody, where a server can be installed in
    # a folder, such as cloud.example.org/nextcloud.
    probe: str = ""


@dataclass(frozen=True)
class OAuth2:
    """OAuth 2 authorization code grant with PKCE (RFC 6749, RFC 7636).

    In URLs, `{server}` stands for the base URL of the server.
    """

    authorize: str
    token: str
    revoke: str = ""
    scopes: tuple[str, ...] = ()
    pkce: bool = True
    register: str = ""  # where an app registers itself (Mastodon's /api/v1/apps)
    metadata: str = ""  # server metadata with a registration endpoint (RFC 8414, RFC 7591)
    basic: bool = False  # client credentials go into the Authorization header, not into the body
    scope_name: str = "scope"  # name of the scope parameter; "" if scopes are not requested
    separator: str = " "  # between scopes
    extra: Mapping[str, str] = field(default_factory=dict)  # more authorization parameters
    life_days: int = 0  # lifetime of a grant that cannot be refreshed; 0 if it can be
    issuer: str = ""  # expected `iss` (RFC 9207), if not the origin of the authorization URL
    revokes_whole_grant: bool = False  # revoking one token ends all others of the account, too
    ends_by: str = "refresh"  # the token that is revoked where there are two: refresh or access


@dataclass(frozen=True)
class OAuth1:
    """OAuth 1.0a with HMAC-SHA1 signatures (RFC 5849)."""

    request_token: str
    authorize: str
    access_token: str


@dataclass(frozen=True)
class AtprotoOAuth:
    """OAuth of atproto, where the person's handle leads to the server."""

    scopes: tuple[str, ...]


@dataclass(frozen=True)
class CredentialField:
    """One form field of credentials that a person pastes."""

    name: str
    label: str
    secret: bool = False
    help: str = ""


@dataclass(frozen=True)
class ApiToken:
    """A token that the person creates on the platform's own page and pastes here."""

    fields: tuple[CredentialField, ...]
    page: str  # where the token is created; `{server}` is filled in
    headers: Mapping[str, str]  # of every call; `{token}` and other field names are filled in
    # Names of the fields for HTTP Basic, instead of headers.
    basic_auth_fields: tuple[str, str] = ("", "")
    steps: str = ""  # instructions for that page


@dataclass(frozen=True)
class AppPassword(ApiToken):
    """An atproto app password, exchanged for a session where OAuth is not available."""

    headers: Mapping[str, str] = field(default_factory=dict)  # unused: the session signs calls


@dataclass(frozen=True)
class DevicePoll:
    """The person allows access on the server's page while Facet polls for the app password."""

    start: str  # starts a login; `{server}` is filled in
    revoke: str  # revokes the app password
    headers: Mapping[str, str] = field(default_factory=dict)  # of the revocation call


AuthMethod = OAuth2 | OAuth1 | AtprotoOAuth | ApiToken | DevicePoll


@dataclass(frozen=True)
class Platform:
    """The description of one platform."""

    slug: str
    name: str
    docs: str  # URL of the documentation that the description follows
    read: date  # when that documentation was read
    confidence: str  # how sure the description is: high, medium or low
    endpoint: str  # the call that sets the picture, in one line
    auth: tuple[AuthMethod, ...]  # ways to connect, the preferred one first
    slots: tuple[PictureSlot, ...]
    readback: Readback
    asks: str  # what the person allows Facet to do, in plain words
    # URL of the documentation by which the key of a picture changes whenever its bytes do. Without
    # one, pictures are downloaded and compared whatever their key.
    key_guarantee: str = ""
    hosts: frozenset[str] = frozenset()  # hosts that are called besides the server itself
    server: str | UserNamedServer = ""  # base URL of the API
    needs: tuple[str, ...] = ()  # settings that the first way to connect requires
    setup: str = ""  # how the operator registers an app at the platform
    kind: PlatformKind = PlatformKind.API
    page: str = ""  # where a person changes the picture by hand; `{server}` is filled in
    warning: str = ""  # broad scopes, delays, experimental state: shown before connecting
    response_rules: tuple[ResponseRule, ...] = ()  # responses whose status code alone is misleading
    min_interval: int = HOUR_SECONDS  # seconds between two changes of one account
    per_minute: int = 60  # uploads a minute over all accounts of this installation
    experimental: bool = False

    @property
    def slot(self) -> PictureSlot:
        """Return the main picture of the profile."""
        return self.slots[0]

    @property
    def has_user_named_server(self) -> bool:
        """Return whether the person who connects names the server."""
        return isinstance(self.server, UserNamedServer)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return the scopes of the preferred way to connect; empty if it has none."""
        return getattr(self.auth[0], "scopes", ())


class PlatformAdapter(ABC):
    """Reads and sets the profile picture of one account, by calls of a `PlatformClient`.

    An adapter takes responses to have the documented shape. It catches no errors, does not retry
    and does not log: `__init_subclass__` wraps its methods so that a response of another shape
    becomes a PlatformError.
    """

    platform: ClassVar[Platform]

    def __init_subclass__(cls, **options: Any) -> None:
        """Wrap the methods that talk to the platform."""
        super().__init_subclass__(**options)
        for method in (*READ_METHODS, *WRITE_METHODS):
            name = method.__name__
            if name in vars(cls):
                writes = method in WRITE_METHODS
                setattr(cls, name, _wrap_method(vars(cls)[name], writes=writes))

    def resolve_server(
        self, outbound: OutboundClient, server: str, auth: AuthMethod
    ) -> tuple[str, AuthMethod]:
        """Return the base URL of a server that the person named and how to sign in there.

        `server` is the base URL as it was typed and `auth` the declared way to connect.
        """
        return server, auth

    @abstractmethod
    def identify_account(self, client: PlatformClient) -> AccountIdentity:
        """Return the account that the client is signed in to."""

    @abstractmethod
    def read_current_picture(
        self, client: PlatformClient, slot: PictureSlot
    ) -> ProfilePicture | None:
        """Return the picture that is shown now; None if none was ever set."""

    @abstractmethod
    def upload_picture(
        self, client: PlatformClient, slot: PictureSlot, rendition: Rendition
    ) -> UploadReceipt:
        """Set the picture."""

    @abstractmethod
    def restore_previous_picture(
        self, client: PlatformClient, slot: PictureSlot, previous: Rendition | None
    ) -> None:
        """Set the previous picture again; None removes the picture.

        ManualActionRequired if the platform does not let an app do that.
        """

    def check_upload(
        self, client: PlatformClient, slot: PictureSlot, receipt: UploadReceipt
    ) -> UploadStatus:
        """Return whether an upload is visible. Only reads, so it may be repeated."""
        shown = self.read_current_picture(client, slot)
        if shown is None:
            return UploadStatus.ABSENT
        if not receipt.key or self.platform.readback == Readback.PIXELS:
            return UploadStatus.UNKNOWN
        return UploadStatus.PUBLISHED if shown.key == receipt.key else UploadStatus.ABSENT


READ_METHODS: Final = (
    PlatformAdapter.resolve_server,
    PlatformAdapter.identify_account,
    PlatformAdapter.read_current_picture,
    PlatformAdapter.check_upload,
)
WRITE_METHODS: Final = (PlatformAdapter.upload_picture, PlatformAdapter.restore_previous_picture)


def _wrap_method(method: Callable[..., Any], *, writes: bool) -> Callable[..., Any]:
    """Turn responses of an undocumented shape into errors, and reset the client after a write."""

    @wraps(method)
    def wrapped(
        self: PlatformAdapter, client: PlatformClient | OutboundClient, *args: Any, **options: Any
    ) -> Any:
        try:
            with expect_documented_shape(client.unexpected_response_error):
                return method(self, client, *args, **options)
        finally:
            if writes:
                client.has_written = False  # type: ignore[union-attr]

    return wrapped
