"""The HTTP client through which every call to another server leaves.

An `OutboundClient` contacts only the hosts that it was made for. Host names are resolved when a
connection is made, every address is checked, and the checked address is the one that is used;
redirects are checked in the same way. A response is limited in size and time. It is returned as a
`PlatformResponse` or raised as one of the five kinds of `PlatformError`.
"""

import copy
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import requote_uri
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from integrations.errors import (
    ForbiddenAddress,
    PlatformError,
    RateLimited,
    Unavailable,
    Uncertain,
)
from integrations.outbound.hosts import check_address, check_url
from integrations.outbound.http_adapter import CheckedHTTPAdapter
from integrations.outbound.redaction import redact
from integrations.outbound.responses import (
    SAFE_METHODS,
    PlatformResponse,
    ResponseRule,
    classify_error,
    extract_message,
    parse_retry_after,
)

# These libraries write URLs and tokens into their debug logs.
for library in ("urllib3", "oauthlib", "requests_oauthlib"):
    logging.getLogger(library).setLevel(logging.WARNING)
log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 20  # between two parts of a response
TOTAL_SECONDS: Final = 45  # for a whole response, however slowly it arrives
MAX_RESPONSE_BYTES: Final = 2_000_000  # bytes of a response
MAX_PICTURE_BYTES: Final = 20_000_000  # bytes of a downloaded picture
MAX_REDIRECTS: Final = 3
USER_AGENT: Final = "Facet (a person sets their own profile picture)"
# Errors that are raised before anything of a request was sent.
UNSENT_ERRORS: Final = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
Resolver = Callable[..., Sequence[tuple[Any, ...]]]  # of the form of `socket.getaddrinfo`
Signer = AuthBase
# What a session of `requests` raises where no response came, or one that it cannot read: the last
# for URLs and headers that are none.
TRANSPORT_ERRORS: Final = (requests.RequestException, HTTPError, HTTPException, ValueError)


@dataclass(frozen=True)
class Limits:
    """How long a response may take, in seconds, and how large it may be, in bytes."""

    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS
    total: float = TOTAL_SECONDS
    size: int = MAX_RESPONSE_BYTES


class OutboundClient:
    """Sends requests to a set of hosts; to any public host if `allowed_hosts` is None.

    `platform` names the platform in errors, `allow_loopback` permits this machine itself (for
    tests and development), `response_rules` are the platform's exceptions to the meaning of status
    codes, and `secrets` are masked in everything that is logged or raised.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str] | None,
        *,
        platform: str = "",
        allow_loopback: bool = False,
        limits: Limits = Limits(),
        resolve: Resolver = socket.getaddrinfo,
        response_rules: Sequence[ResponseRule] = (),
        secrets: Iterable[str] = (),
    ) -> None:
        self.allowed_hosts = (
            None if allowed_hosts is None else frozenset(host.lower() for host in allowed_hosts)
        )
        self.platform = platform
        self.allow_loopback = allow_loopback
        self.limits = limits
        self.resolve = resolve
        self.response_rules = response_rules
        self.secrets = list(secrets)
        self._shared_session: requests.Session | None = None

    @contextmanager
    def share_connections(self) -> Iterator[None]:
        """Let the calls in a `with` block share their connections, to save TLS handshakes.

        A shared connection leads to the address that was checked when it was made. Cookies are not
        kept between the calls.
        """
        with self.make_session(keep_alive=True) as session:
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._shared_session = session
            try:
                yield
            finally:
                self._shared_session = None

    def with_max_size(self, size: int) -> Self:
        """Return the same client with another limit for the size of a response, in bytes."""
        other = copy.copy(self)
        other.limits = replace(self.limits, size=size)
        other._shared_session = None
        return other

    def make_session(
        self, session: requests.Session | None = None, *, keep_alive: bool = False
    ) -> requests.Session:
        """Make a session, also one of a library such as requests-oauthlib, use this client."""
        session = session or requests.Session()
        session.trust_env = False  # proxies and .netrc would bypass the checks
        session.max_redirects = MAX_REDIRECTS
        session.headers["User-Agent"] = USER_AGENT
        session.headers["Accept-Encoding"] = "identity"
        for scheme in ("https://", "http://"):
            session.mount(scheme, CheckedHTTPAdapter(self, keep_alive=keep_alive))
        return session

    def send_request(
        self,
        method: str,
        url: str,
        *,
        sign: Signer | None = None,
        follow_redirects: bool = False,
        absent_status: int = 0,
        read_only: bool = False,
        **options: Any,
    ) -> PlatformResponse:
        """Send one request and return its response; raises one of the kinds of PlatformError.

        `absent_status` is a status that means "there is none" and is returned like a success;
        `read_only` says that the call changes nothing although its method could. `options` are
        those of `requests.request`.
        """
        self.check_allowed(url)
        effective_method = "GET" if read_only else method
        started, description = time.monotonic(), self._describe_call(method, url)
        session = self._shared_session or self.make_session()
        try:
            response = session.request(
                method, url, auth=sign, allow_redirects=follow_redirects, **options
            )
        except TRANSPORT_ERRORS as error:
            # Without its cause, whose text may contain the token.
            raise self.make_connection_error(error, effective_method, description) from None
        log.info(
            "%s %s %s %.0f ms",
            description,
            response.status_code,
            len(response.content),
            1000 * (time.monotonic() - started),
        )
        return self.check_response(response, effective_method, absent_status=absent_status)

    def download_picture(self, url: str) -> PlatformResponse:
        """Download a picture without credentials, following redirects to any public host."""
        any_host = self.for_any_host().with_max_size(MAX_PICTURE_BYTES)
        return any_host.send_request("GET", requote_uri(url), follow_redirects=True)

    def for_any_host(self) -> "OutboundClient":
        """Return a client that may contact every public host, for calls without credentials."""
        return OutboundClient(
            None,
            platform=self.platform,
            allow_loopback=self.allow_loopback,
            resolve=self.resolve,
            limits=replace(Limits(), size=self.limits.size),
            secrets=self.secrets,
        )

    def check_response(
        self, response: requests.Response, method: str, *, absent_status: int = 0
    ) -> PlatformResponse:
        """Return a successful response; raise the kind of error that another one stands for."""
        description = self._describe_call(response.request.method or method, response.url)
        unclear = Unavailable if method in SAFE_METHODS else Uncertain

        def make_error(message: str, error_class: type[PlatformError] = unclear) -> PlatformError:
            return error_class(
                f"{self.platform or 'The server'}: {message}",
                platform=self.platform,
                call=description,
                status=response.status_code,
                answer=redact(parsed.text, self.secrets),
            )

        status = response.status_code
        parsed = PlatformResponse(
            status, response.headers, response.content, response.url, make_error
        )
        rule = next(
            (rule for rule in self.response_rules if rule.matches_response(parsed, method)), None
        )
        if rule is None and (200 <= status < 300 or status == absent_status):
            return parsed
        error_class = rule.error_class if rule else classify_error(parsed, method)
        error = make_error(extract_message(parsed, self.secrets), error_class)
        if isinstance(error, RateLimited) or "Retry-After" in response.headers:
            error.retry_after = parse_retry_after(response.headers)
        raise error

    def make_connection_error(
        self, error: Exception, method: str, description: str
    ) -> PlatformError:
        """Return the error for a call without a response: a read has changed nothing."""
        cause = _find_known_cause(error)
        name = self.platform or "The server"
        if isinstance(cause, ForbiddenAddress):
            return ForbiddenAddress(cause.message, platform=self.platform, call=description)
        if isinstance(cause, UNSENT_ERRORS) or method in SAFE_METHODS:
            # A response that is too long, or a redirect too many, comes again however often.
            status = getattr(getattr(error, "response", None), "status_code", None)
            return Unavailable(
                f"{name} cannot be reached.",
                platform=self.platform,
                call=description,
                status=status,
            )
        return Uncertain(f"{name} gave no clear answer.", platform=self.platform, call=description)

    def unexpected_response_error(
        self, error_class: type[PlatformError] = Unavailable
    ) -> PlatformError:
        """Return the error for a response of an undocumented shape."""
        name = self.platform or "The server"
        message = f"{name} answered in a way that Facet does not know."
        return error_class(message, platform=self.platform)

    def hide_secrets(self, *secrets: str) -> None:
        """Mask these secrets in everything that is logged or raised from now on."""
        self.secrets += [text for text in secrets if text]

    def check_allowed(self, url: str) -> None:
        """Raise ForbiddenAddress unless this client may contact the URL."""
        _, host, port = check_url(url, allow_loopback=self.allow_loopback)
        if self.allowed_hosts is not None and not {host, f"{host}:{port}"} & self.allowed_hosts:
            raise ForbiddenAddress(f"'{host}' is no host of {self.platform or 'this call'}.")

    def resolve_addresses(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Resolve a host name; ForbiddenAddress if any of its addresses is not public."""
        addresses = list(self.resolve(host, port, 0, socket.SOCK_STREAM))
        for *_, socket_address in addresses:
            check_address(socket_address[0], allow_loopback=self.allow_loopback)
        return addresses

    def _describe_call(self, method: str, url: str) -> str:
        """Return method, host and path for logs and errors; the query may carry secrets."""
        parts = urlsplit(url)
        return redact(f"{method} {parts.hostname}{parts.path}", self.secrets)


def basic_auth(user: str, password: str) -> Signer:
    """Sign with HTTP Basic authentication, in UTF-8 (RFC 7617)."""
    return HTTPBasicAuth(user.encode(), password.encode())


def _find_known_cause(error: BaseException) -> BaseException:
    """Return the first ForbiddenAddress or unsent error among the causes, else the error."""
    errors: list[BaseException] = [error]
    for known in errors:
        causes = [known.__cause__, known.__context__, getattr(known, "reason", None), *known.args]
        errors += [
            cause for cause in causes if isinstance(cause, BaseException) and cause not in errors
        ]
    decisive = (ForbiddenAddress, *UNSENT_ERRORS)
    return next((known for known in errors if isinstance(known, decisive)), error)
