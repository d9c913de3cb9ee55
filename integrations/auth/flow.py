"""What every way to sign in has in common: begin, finish, refresh, revoke, sign."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from typing import Any, ClassVar, Final, Generic, TypeVar

from integrations.errors import PlatformError, Rejected, Unavailable, Uncertain
from integrations.outbound.client import OutboundClient, Signer
from integrations.outbound.redaction import redact
from integrations.outbound.responses import expect_documented_shape
from integrations.platforms.base import DevicePoll, OAuth2

AuthDescription = TypeVar("AuthDescription")
MAX_TOKEN_LENGTH: Final = 16_384  # characters
MIN_SECRET: Final = 8  # characters; shorter texts in tokens are no secrets
# Seconds: nobody means a longer lifetime of an access token than ten years; such a number is a
# moment, in seconds or milliseconds.
MAX_LIFETIME: Final = 10 * 365 * 86_400.0
MAX_ERROR_TEXT: Final = 160  # characters of a platform's error description that are shown
# Fields of saved states and callbacks that are not secret.
PUBLIC_FIELDS: Final = frozenset(
    {"iss", "did", "pds", "issuer", "user", "email", "error", "error_description"}
)


@dataclass(frozen=True)
class ClientApp:
    """This installation as a client (an "app") of a platform."""

    redirect_uri: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    # A private key, see SigningKey.private_number; "" if there is none.
    signing_key: str = field(default="", repr=False)
    plc_directory: str = ""  # base URL of the PLC directory of atproto identities


@dataclass(frozen=True)
class Tokens:
    """The credentials of a grant; encrypted wherever they are stored."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_in: float | None = None  # seconds
    scope: str = ""
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)  # depends on the flow

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError for tokens that no request could carry."""
        for token in (self.access, self.refresh):
            if not isinstance(token, str):
                raise TypeError("A token is a text.")
            if not token.isprintable() or len(token) > MAX_TOKEN_LENGTH:
                raise ValueError("This is no token.")

    def renewed(self, fresh: "Tokens") -> "Tokens":
        """Return fresh tokens completed by these: an empty refresh token replaces none."""
        return replace(
            fresh,
            refresh=fresh.refresh or self.refresh,
            scope=fresh.scope or self.scope,
            more={**self.more, **fresh.more},
        )

    @property
    def secret_values(self) -> list[str]:
        """Return every text that has to be masked in logs and errors."""
        values = [self.access, self.refresh, *self.more.values()]
        return [text for text in values if isinstance(text, str) and len(text) >= MIN_SECRET]


@dataclass(frozen=True)
class SignInStart:
    """A started sign-in: the page to send the person to, and what `finish_sign_in` needs."""

    url: str
    saved_state: Mapping[str, Any] = field(default_factory=dict, repr=False)


class SignInCancelled(Rejected):
    """The person denied access on the platform's page, which is not an error."""

    code = "cancelled"
    advice = "Nothing was connected."


class ClientForgotten(Rejected):
    """The server does not know this installation's client app; it was forgotten here, too.

    `server` is the base URL and `auth_index` the way to connect, to begin again at once.
    """

    code = "client_forgotten"
    advice = "Connect once more: Facet introduces itself there again."
    server = ""
    auth_index = 0


class StateMismatch(Rejected):
    """A callback that does not belong to this sign-in: another server, session or account."""

    code = "mixed_up"
    advice = "Start again from the connections page."


class SignInFlow(ABC, Generic[AuthDescription]):
    """One way to sign in at one server, following a description from `platforms.base`.

    Flows take responses to have the documented shape: `__init_subclass__` wraps their methods so
    that another shape becomes a PlatformError, and so that no error repeats what they were given.
    """

    uses_redirect: ClassVar[bool] = True  # whether the platform redirects the person back

    def __init_subclass__(cls, **options: Any) -> None:
        """Wrap the methods that talk to the platform."""
        super().__init_subclass__(**options)
        for method, error_class in ERROR_BY_METHOD.items():
            name = method.__name__
            if name in vars(cls):
                setattr(cls, name, _wrap_method(vars(cls)[name], error_class))

    def __init__(
        self, auth: AuthDescription, *, outbound: OutboundClient, app: ClientApp, server: str = ""
    ) -> None:
        self.auth = auth
        self.outbound = outbound
        self.app = app
        self.server = server
        outbound.hide_secrets(app.client_secret, app.signing_key)

    @abstractmethod
    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Prepare the page on which the person allows access.

        `state` comes back with the callback; `hint` is the account that the person typed.
        """

    @abstractmethod
    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Exchange the parameters of the callback (or the submitted fields) for tokens."""

    @abstractmethod
    def make_signer(self, tokens: Tokens) -> Signer:
        """Return what adds these tokens to requests."""

    def refresh_tokens(self, tokens: Tokens) -> Tokens:
        """Return new tokens; Unauthorized if the grant has ended."""
        raise Rejected("This connection cannot be renewed.", platform=self.outbound.platform)

    def revoke_tokens(self, tokens: Tokens) -> None:
        """Revoke the tokens at the platform, where it can be done."""

    def find_moved_server(self, tokens: Tokens) -> Tokens | None:
        """Return the tokens for the server to which the account has moved; None if it has not.

        Unauthorized if the tokens are not valid there.
        """
        return None

    @property
    def can_revoke(self) -> bool:
        """Return whether the platform has a call that revokes tokens."""
        return isinstance(self.auth, OAuth2 | DevicePoll) and bool(self.auth.revoke)

    def fill_in_server(self, url: str) -> str:
        """Fill the base URL of the server into a URL."""
        return url.replace("{server}", self.server)


# What it means that the response to a method has an undocumented shape. A refresh token may be
# spent already; after the others the person can simply start again.
ERROR_BY_METHOD: Final[Mapping[Callable[..., Any], type[PlatformError]]] = {
    SignInFlow.begin_sign_in: Unavailable,
    SignInFlow.finish_sign_in: Unavailable,
    SignInFlow.refresh_tokens: Uncertain,
    SignInFlow.revoke_tokens: Unavailable,
    SignInFlow.find_moved_server: Unavailable,
}


def _wrap_method(
    method: Callable[..., Any], error_class: type[PlatformError]
) -> Callable[..., Any]:
    """Mask the secrets among the arguments and turn undocumented responses into errors."""

    @wraps(method)
    def wrapped(self: SignInFlow[Any], *args: Any, **options: Any) -> Any:
        for argument in (*args, *options.values()):
            self.outbound.hide_secrets(*_collect_secrets(argument))
        with expect_documented_shape(partial(self.outbound.unexpected_response_error, error_class)):
            return method(self, *args, **options)

    return wrapped


def _collect_secrets(argument: Any) -> list[str]:
    """Return the secret texts of tokens, of a saved state or of a callback."""
    if isinstance(argument, Tokens):
        return argument.secret_values
    items = argument.items() if isinstance(argument, Mapping) else ()
    return [text for name, text in items if isinstance(text, str) and name not in PUBLIC_FIELDS]


def parse_lifetime(value: Any) -> float | None:
    """Return the seconds of an `expires_in` (RFC 6749, 5.1); None if it says nothing useful."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= MAX_LIFETIME else None


def raise_if_denied(callback: Mapping[str, str], platform: str) -> None:
    """Raise SignInCancelled or Rejected if the callback is an error (RFC 6749, 4.1.2.1)."""
    if callback.get("error") in ("access_denied", "user_cancelled") or "denied" in callback:
        raise SignInCancelled("You did not allow access.", platform=platform)
    if "error" in callback:
        message = callback.get("error_description") or callback["error"]
        error = callback["error"][:MAX_ERROR_TEXT]
        raise Rejected(
            f"{platform}: {redact(message, limit=MAX_ERROR_TEXT)}", platform=platform, answer=error
        )


def require_issuer(callback: Mapping[str, str], expected: str, *, required: bool = False) -> None:
    """Raise StateMismatch if another server sent the person back than was asked (RFC 9207)."""
    issuer = callback.get("iss", "")
    if (issuer or required) and issuer.rstrip("/") != expected.rstrip("/"):
        raise StateMismatch("Another server answered than the one you were sent to.")


class HeaderSigner(Signer):
    """Signs a request by setting headers."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def __call__(self, request: Any) -> Any:
        request.headers.update(self.headers)
        return request


def bearer_auth(token: str) -> HeaderSigner:
    """Sign with a bearer token (RFC 6750)."""
    return HeaderSigner({"Authorization": f"Bearer {token}"})
