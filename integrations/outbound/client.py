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
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
from opentelemetry import trace
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from integrations.errors import (
    ForbiddenAddress,
    PlatformError,
    RateLimited,
    Unavailable,
    Uncertain,
)
from integrations.outbound.hosts import check_address, check_url
from integrations.outbound.redaction import redact
from integrations.outbound.responses import READS, Answer, Oddity, kind_of, seconds_told, words_of

# These libraries write URLs and tokens into their debug logs.
for library in ("urllib3", "oauthlib", "requests_oauthlib"):
    logging.getLogger(library).setLevel(logging.WARNING)
log = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)  # does nothing unless the operator configures tracing

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 20  # between two parts of a response
TOTAL_SECONDS: Final = 45  # for a whole response, however slowly it arrives
MAX_ANSWER: Final = 2_000_000  # bytes of a response
PICTURES: Final = 20_000_000  # bytes of a downloaded picture
MAX_REDIRECTS: Final = 3
CHUNK_BYTES: Final = 65_536
AGENT: Final = "Facet (a person sets their own profile picture)"
# Errors that are raised before anything of a request was sent.
UNSENT_ERRORS: Final = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
Resolve = Callable[..., Sequence[tuple[Any, ...]]]  # of the form of `socket.getaddrinfo`
Signer = AuthBase
# What a session of `requests` raises where no response came.
FAILURES: Final = (requests.RequestException, HTTPError)


@dataclass(frozen=True)
class Limits:
    """How long a response may take, in seconds, and how large it may be, in bytes."""

    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS
    total: float = TOTAL_SECONDS
    size: int = MAX_ANSWER


class Door:
    """Sends requests to a set of hosts; to any public host if `hosts` is None.

    `platform` names the platform in errors, `allow_loopback` permits this machine itself (for
    tests and development), `response_rules` are the platform's exceptions to the meaning of status
    codes, and `secrets` are masked in everything that is logged or raised.
    """

    def __init__(
        self,
        hosts: Iterable[str] | None,
        *,
        platform: str = "",
        loopback: bool = False,
        limits: Limits = Limits(),
        resolve: Resolve = socket.getaddrinfo,
        oddities: Sequence[Oddity] = (),
        secrets: Iterable[str] = (),
    ) -> None:
        self.hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self.platform = platform
        self.loopback = loopback
        self.limits = limits
        self.resolve = resolve
        self.oddities = oddities
        self.secrets = list(secrets)
        self._shared_session: requests.Session | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let the calls in a `with` block share their connections, to save TLS handshakes.

        A shared connection leads to the address that was checked when it was made. Cookies are not
        kept between the calls.
        """
        with self.session(keep_alive=True) as session:
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._shared_session = session
            try:
                yield
            finally:
                self._shared_session = None

    def wider(self, size: int) -> Self:
        """Return the same client with another limit for the size of a response, in bytes."""
        other = copy.copy(self)
        other.limits = replace(self.limits, size=size)
        other._shared_session = None
        return other

    def session(
        self, session: requests.Session | None = None, *, keep_alive: bool = False
    ) -> requests.Session:
        """Make a session, also one of a library such as requests-oauthlib, use this client."""
        session = session or requests.Session()
        session.trust_env = False  # proxies and .netrc would bypass the checks
        session.max_redirects = MAX_REDIRECTS
        session.headers["User-Agent"] = AGENT
        session.headers["Accept-Encoding"] = "identity"
        for scheme in ("https://", "http://"):
            session.mount(scheme, _CheckedHTTPAdapter(self, keep_alive=keep_alive))
        return session

    def call(
        self,
        method: str,
        url: str,
        *,
        sign: Signer | None = None,
        redirects: bool = False,
        absent_status: int = 0,
        read_only: bool = False,
        **options: Any,
    ) -> Answer:
        """Send one request and return its response; raises one of the kinds of PlatformError.

        `absent_status` is a status that means "there is none" and is returned like a success;
        `read_only` says that the call changes nothing although its method could. `options` are
        those of `requests.request`.
        """
        self.check(url)
        effective_method = "GET" if read_only else method
        started, description = time.monotonic(), self._describe_call(method, url)
        session = self._shared_session or self.session()
        try:
            response = session.request(method, url, auth=sign, allow_redirects=redirects, **options)
        except FAILURES as error:
            # Without its cause, whose text may contain the token.
            raise self.failure(error, effective_method, description) from None
        log.info(
            "%s %s %s %.0f ms",
            description,
            response.status_code,
            len(response.content),
            1000 * (time.monotonic() - started),
        )
        return self.judge(response, effective_method, absent_status=absent_status)

    def fetch(self, url: str) -> Answer:
        """Download a picture without credentials, following redirects to any public host."""
        any_host = Door(
            None,
            platform=self.platform,
            loopback=self.loopback,
            resolve=self.resolve,
            limits=Limits(size=PICTURES),
        )
        return any_host.call("GET", url, redirects=True)

    def judge(self, response: requests.Response, method: str, *, absent_status: int = 0) -> Answer:
        """Return a successful response; raise the kind of error that another one stands for."""
        description = self._describe_call(response.request.method or method, response.url)
        unclear = Unavailable if method in READS else Uncertain

        def make_error(message: str, error_class: type[PlatformError] = unclear) -> PlatformError:
            return error_class(
                f"{self.platform or 'The server'}: {message}",
                platform=self.platform,
                call=description,
                status=response.status_code,
                answer=redact(parsed.text, self.secrets),
            )

        status = response.status_code
        parsed = Answer(status, response.headers, response.content, response.url, make_error)
        rule = next((rule for rule in self.oddities if rule.fits(parsed, method)), None)
        if rule is None and (200 <= status < 300 or status == absent_status):
            return parsed
        error_class = rule.kind if rule else kind_of(parsed, method)
        error = make_error(words_of(parsed, self.secrets), error_class)
        if isinstance(error, RateLimited):
            error.retry_after = seconds_told(response.headers)
        raise error

    def failure(self, error: Exception, method: str, description: str) -> PlatformError:
        """Return the error for a call without a response: a read has changed nothing."""
        cause = _find_known_cause(error)
        name = self.platform or "The server"
        if isinstance(cause, ForbiddenAddress):
            return ForbiddenAddress(cause.message, platform=self.platform, call=description)
        if isinstance(cause, UNSENT_ERRORS) or method in READS:
            message, error_class = f"{name} cannot be reached.", Unavailable
            return error_class(message, platform=self.platform, call=description)
        return Uncertain(f"{name} gave no clear answer.", platform=self.platform, call=description)

    def misread(self, error_class: type[PlatformError] = Unavailable) -> PlatformError:
        """Return the error for a response of an undocumented shape."""
        name = self.platform or "The server"
        message = f"{name} answered in a way that Facet does not know."
        return error_class(message, platform=self.platform)

    def hide(self, *secrets: str) -> None:
        """Mask these secrets in everything that is logged or raised from now on."""
        self.secrets += [text for text in secrets if text]

    def check(self, url: str) -> None:
        """Raise ForbiddenAddress unless this client may contact the URL."""
        _, host, port = check_url(url, loopback=self.loopback)
        if self.hosts is not None and not {host, f"{host}:{port}"} & self.hosts:
            raise ForbiddenAddress(f"'{host}' is no host of {self.platform or 'this call'}.")

    def addresses(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Resolve a host name; ForbiddenAddress if any of its addresses is not public."""
        addresses = list(self.resolve(host, port, 0, socket.SOCK_STREAM))
        for *_, socket_address in addresses:
            check_address(socket_address[0], loopback=self.loopback)
        return addresses

    def _describe_call(self, method: str, url: str) -> str:
        """Return method, host and path for logs and errors; the query may carry secrets."""
        parts = urlsplit(url)
        return redact(f"{method} {parts.hostname}{parts.path}", self.secrets)


def basic(user: str, password: str) -> Signer:
    """Sign with HTTP Basic authentication, in UTF-8 (RFC 7617)."""
    return HTTPBasicAuth(user.encode(), password.encode())  # type: ignore[arg-type]


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


class _CheckedHTTPAdapter(HTTPAdapter):
    """The transport of a session: checks the address and enforces the limits of its client."""

    def __init__(self, outbound: Door, *, keep_alive: bool = False) -> None:
        self.outbound = outbound
        self.keep_alive = keep_alive
        self.timed_out = False
        self.open_sockets: list[socket.socket] = []
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Use connection pools whose connections go to checked addresses."""
        self.poolmanager = PoolManager()
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pinned_pool(HTTPConnectionPool, HTTPConnection, self),
            "https": _pinned_pool(HTTPSConnectionPool, HTTPSConnection, self),
        }

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send within a trace span that names method and host; URLs may carry secrets."""
        host = urlsplit(request.url or "").hostname
        with tracer.start_as_current_span(
            f"{request.method} {host}",
            kind=trace.SpanKind.CLIENT,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                response = self._send_within_limits(request, **options)
            except BaseException:
                span.set_status(trace.StatusCode.ERROR)
                raise
            span.set_attribute("http.response.status_code", response.status_code)
            return response

    def _send_within_limits(
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Send a request and read the whole body, so that nobody reads beyond the limits."""
        limits = self.outbound.limits
        self.outbound.check(request.url or "")
        options |= {"stream": True, "timeout": (limits.connect, limits.read), "proxies": {}}
        # `timeout` restarts with every byte; the timer also ends a response that trickles in.
        timer = threading.Timer(limits.total, self._abort_transfer)
        timer.daemon = True
        timer.start()
        try:
            response = super().send(request, **options)
            response._content = self._read_body(response)
        except BaseException:
            self.close()  # the rest of this response must not be read as the next one
            raise
        finally:
            timer.cancel()
        if not self.keep_alive:
            self.close()
        return response

    def open_connection(self, host: str, port: int) -> socket.socket:
        """Connect to the first checked address that answers; OSError if none does."""
        for family, kind, protocol, _, address in self.outbound.addresses(host, port):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.outbound.limits.connect)
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as urllib3 does
            except OSError:
                sock.close()
                continue
            self.open_sockets.append(sock.dup())
            return sock
        raise ConnectionRefusedError("No address answers.")

    def close(self) -> None:
        """Close every connection."""
        while self.open_sockets:
            self.open_sockets.pop().close()
        super().close()

    def _read_body(self, response: requests.Response) -> bytes:
        data = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            data += chunk
            if len(data) > self.outbound.limits.size:
                raise requests.exceptions.ChunkedEncodingError("The answer is too long.")
        # Without a Content-Length, a connection that the timer ended looks like a complete body.
        if self.timed_out:
            raise requests.exceptions.ReadTimeout("The answer takes too long.")
        return bytes(data)

    def _abort_transfer(self) -> None:
        self.timed_out = True
        for open_socket in self.open_sockets:
            with suppress(OSError):  # it has ended by itself
                open_socket.shutdown(socket.SHUT_RDWR)


def _pinned_pool(
    pool_class: type, connection_class: type, http_adapter: _CheckedHTTPAdapter
) -> type:
    """Return a pool class of urllib3 whose connections `http_adapter` opens."""
    attributes = {"http_adapter": http_adapter}
    pinned = type(
        f"Pinned{connection_class.__name__}", (_PinnedConnection, connection_class), attributes
    )
    return type(f"Pinned{pool_class.__name__}", (pool_class,), {"ConnectionCls": pinned})


class _PinnedConnection:
    """Mixin for connections of urllib3: the HTTP adapter chooses the address."""

    http_adapter: _CheckedHTTPAdapter
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        try:
            return self.http_adapter.open_connection(self.host, self.port)
        except OSError as error:
            raise NewConnectionError(self, "It cannot be reached.") from error  # type: ignore[arg-type]
