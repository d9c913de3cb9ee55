"""What every way to be let in does: begin, finish, refresh, revoke, sign."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from typing import Any, ClassVar, Generic, TypeVar

from integrations.errors import PlatformError, Rejected, Unavailable, Uncertain
from integrations.outbound.client import Door, Signer
from integrations.outbound.responses import understood

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class App:
    """What we are at a platform."""

    redirect_uri: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    signing: str = field(
        default="", repr=False
    )  # the private number of our own key, if we have one
    directory: str = ""  # where atproto identities are looked up


@dataclass(frozen=True)
class Tokens:
    """What lets us in; sealed wherever it is kept."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_in: float | None = None
    scope: str = ""
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def renewed(self, got: "Tokens") -> "Tokens":
        """These, after a refresh: an empty refresh token never takes the place of one."""
        return replace(
            got,
            refresh=got.refresh or self.refresh,
            scope=got.scope or self.scope,
            more={**self.more, **got.more},
        )

    @property
    def secrets(self) -> list[str]:
        """Every text in it that nobody may read."""
        told = [self.access, self.refresh, *self.more.values()]
        return [text for text in told if isinstance(text, str) and len(text) >= 8]


@dataclass(frozen=True)
class Begun:
    """Where to send the person, and what to remember until they come back."""

    url: str
    memory: Mapping[str, Any] = field(default_factory=dict, repr=False)


class SignInCancelled(Rejected):
    """The person said no on the platform's own page: a choice, not an error."""

    code = "cancelled"
    advice = "Nothing was connected."


class StateMismatch(Rejected):
    """An answer that does not belong to the question: another server, session or time."""

    code = "mixed_up"
    advice = "Start again from the connections page."


# A refresh token may be spent though the answer cannot be read; elsewhere the person begins anew.
VERBS: dict[str, type[PlatformError]] = {
    "begin": Unavailable,
    "finish": Unavailable,
    "refresh": Uncertain,
    "revoke": Unavailable,
}


class Flow(ABC, Generic[Kind]):
    """One way to be let in, at one server."""

    returns: ClassVar[bool] = True  # the person comes back by a redirect

    def __init_subclass__(cls, **known: Any) -> None:
        """Nothing of what a verb is given comes out in an error, and no answer surprises it."""
        super().__init_subclass__(**known)
        for name, kind in VERBS.items():
            if name in vars(cls):
                setattr(cls, name, _guarded(vars(cls)[name], kind))

    def __init__(self, auth: Kind, *, door: Door, app: App, server: str = "") -> None:
        self.auth = auth
        self.door = door
        self.app = app
        self.server = server
        door.hide(app.client_secret, app.signing)

    @abstractmethod
    def begin(self, state: str, hint: str = "") -> Begun:
        """Ask the platform to ask the person; `hint` is who they say they are."""

    @abstractmethod
    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """What the person came back with, exchanged for tokens."""

    @abstractmethod
    def signer(self, tokens: Tokens) -> Signer:
        """What signs calls with these tokens."""

    def refresh(self, tokens: Tokens) -> Tokens:
        """New tokens for old ones; Unauthorized if the grant is gone."""
        raise Rejected("This connection cannot be renewed.", platform=self.door.platform)

    def revoke(self, tokens: Tokens) -> None:
        """Tell the platform that we are done."""

    @property
    def revokes(self) -> bool:
        """Whether the platform can be told that we are done."""
        return bool(getattr(self.auth, "revoke", ""))

    def at(self, url: str) -> str:
        """An address with the server filled in."""
        return url.replace("{server}", self.server)


def _guarded(verb: Callable[..., Any], kind: type[PlatformError]) -> Callable[..., Any]:
    @wraps(verb)
    def run(self: Flow[Any], *told: Any, **known: Any) -> Any:
        for one in (*told, *known.values()):
            self.door.hide(*_secrets(one))
        with understood(partial(self.door.misread, kind)):
            return verb(self, *told, **known)

    return run


def _secrets(told: Any) -> list[str]:
    """What nobody may read of tokens, of a memory or of an answer; names and addresses may be."""
    if isinstance(told, Tokens):
        return told.secrets
    open_to_all = {"iss", "did", "pds", "issuer", "user", "email", "error", "error_description"}
    known = told.items() if isinstance(told, Mapping) else ()
    return [text for name, text in known if isinstance(text, str) and name not in open_to_all]


def check_denied(answer: Mapping[str, str], platform: str) -> None:
    """Cancelled or Rejected if the platform sent the person back with an error (RFC 6749)."""
    if answer.get("error") in ("access_denied", "user_cancelled") or "denied" in answer:
        raise SignInCancelled("You said no, and that is fine.", platform=platform)
    if "error" in answer:
        said = answer.get("error_description") or answer["error"]
        raise Rejected(f"{platform}: {said[:160]}", platform=platform)


def check_issuer(answer: Mapping[str, str], expected: str, *, required: bool = False) -> None:
    """Mixed if another server answers than the one that was asked (RFC 9207)."""
    told = answer.get("iss", "")
    if (told or required) and told.rstrip("/") != expected.rstrip("/"):
        raise StateMismatch("Another server answered than the one you were sent to.")


class Headers(Signer):
    """Puts headers onto a call."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def __call__(self, request: Any) -> Any:
        request.headers.update(self.headers)
        return request


def bearer(token: str) -> Headers:
    """RFC 6750."""
    return Headers({"Authorization": f"Bearer {token}"})
