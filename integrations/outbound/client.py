"""The one outbound door: every call to a platform leaves through here, and is judged here.

A door speaks to the hosts it was opened for and to no other. Names are resolved and judged when a
connection is made and the judged address is the one that is used; redirects pass the same way. An
answer is cut at a size and a time, and becomes an `Answer` or one of the five kinds of error.
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
from typing import Any, Final
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

# Libraries below write addresses and tokens into their debug logs; here nobody hears them.
for library in ("urllib3", "oauthlib", "requests_oauthlib"):
    logging.getLogger(library).setLevel(logging.WARNING)
log = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)  # whoever runs Facet may have it traced; else it does nothing

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 20  # between two pieces of an answer
TOTAL_SECONDS: Final = 45  # for the whole of it, however slowly it drips
MAX_ANSWER: Final = 2_000_000
PICTURES: Final = 20_000_000
AGENT: Final = "Facet (a person sets their own profile picture)"
_UNSENT: Final = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
Signer = AuthBase
FAILURES: Final = (requests.RequestException, HTTPError)  # of any session that leaves here


@dataclass(frozen=True)
class Limits:
    """How long and how large an answer may be."""

    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS
    total: float = TOTAL_SECONDS
    size: int = MAX_ANSWER


class Door:
    """A way out to some hosts; None for any public one."""

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
        self._kept: requests.Session | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let the calls in this block share their connections: one handshake for all of them.

        A connection that is kept leads to the address that was judged when it was made.
        """
        with self._session(keep=True) as session:
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._kept = session
            try:
                yield
            finally:
                self._kept = None

    def wider(self, size: int) -> "Door":
        """The same door for larger answers."""
        other = copy.copy(self)
        other.limits = replace(self.limits, size=size)
        other._kept = None
        return other

    def session(self, session: requests.Session | None = None) -> requests.Session:
        """A session of any library that knows no other way out than this door."""
        return self._session(session)

    def _session(
        self, session: requests.Session | None = None, *, keep: bool = False
    ) -> requests.Session:
        session = session or requests.Session()
        session.trust_env = False  # no proxy and no .netrc: they would walk around the check
        session.max_redirects = 3
        session.headers["User-Agent"] = AGENT
        session.headers["Accept-Encoding"] = "identity"
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Guarded(self, keep=keep))
        return session

    def call(
        self,
        method: str,
        url: str,
        *,
        sign: Signer | None = None,
        redirects: bool = False,
        absent: int = 0,
        reads: bool = False,
        **sent: Any,
    ) -> Answer:
        """Send one request and judge the answer; raises one of the five kinds.

        `absent` is the status that means "there is none" here, and is no error; `reads` says that
        this call changes nothing though its method could.
        """
        self.check(url)
        meant = "GET" if reads else method
        started, told = time.monotonic(), self._told(method, url)
        session = self._kept or self.session()
        try:
            got = session.request(method, url, auth=sign, allow_redirects=redirects, **sent)
        except FAILURES as error:
            raise self.failure(error, meant, told) from None  # its text may carry the token
        log.info(
            "%s %s %s %.0f ms",
            told,
            got.status_code,
            len(got.content),
            1000 * (time.monotonic() - started),
        )
        return self.judge(got, meant, absent=absent)

    def fetch(self, url: str) -> Answer:
        """A picture from wherever the platform keeps it: unsigned, any public host."""
        anywhere = Door(
            None,
            platform=self.platform,
            loopback=self.loopback,
            resolve=self.resolve,
            limits=Limits(size=PICTURES),
        )
        return anywhere.call("GET", url, redirects=True)

    def judge(self, got: requests.Response, method: str, *, absent: int = 0) -> Answer:
        """An answer, if it is one; the kind of error it stands for, if not."""
        told = self._told(got.request.method or method, got.url)
        doubt = Unavailable if method in READS else Uncertain

        def fail(message: str, kind: type[PlatformError] = doubt) -> PlatformError:
            return kind(
                f"{self.platform or 'The server'}: {message}",
                platform=self.platform,
                call=told,
                status=got.status_code,
                answer=redact(answer.text, self.secrets),
            )

        answer = Answer(got.status_code, got.headers, got.content, got.url, fail)
        odd = next((one for one in self.oddities if one.fits(answer, method)), None)
        if odd is None and (200 <= got.status_code < 300 or got.status_code == absent):
            return answer
        kind = odd.kind if odd else kind_of(answer, method)
        error = fail(words_of(answer, self.secrets), kind)
        if isinstance(error, RateLimited):
            error.retry_after = seconds_told(got.headers)
        raise error

    def failure(self, error: Exception, method: str, told: str) -> PlatformError:
        """What a call that got no answer means: a read changed nothing, a write may have."""
        cause = _root(error)
        name = self.platform or "The server"
        if isinstance(cause, ForbiddenAddress):
            return ForbiddenAddress(cause.message, platform=self.platform, call=told)
        unsent = isinstance(cause, _UNSENT)
        if unsent or method in READS:
            return Unavailable(f"{name} cannot be reached.", platform=self.platform, call=told)
        return Uncertain(f"{name} gave no clear answer.", platform=self.platform, call=told)

    def misread(self, kind: type[PlatformError] = Unavailable) -> PlatformError:
        """What it means that an answer has another shape than it should."""
        name = self.platform or "The server"
        return kind(f"{name} answered in a way that Facet does not know.", platform=self.platform)

    def hide(self, *secrets: str) -> None:
        """Let nothing that is logged or raised from here on repeat them."""
        self.secrets += [text for text in secrets if text]

    def check(self, url: str) -> None:
        """Forbidden unless this door leads there."""
        _, host, port = check_url(url, loopback=self.loopback)
        if self.hosts is not None and not {host, f"{host}:{port}"} & self.hosts:
            raise ForbiddenAddress(f"'{host}' is no host of {self.platform or 'this call'}.")

    def addresses(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Every address of a name, all of them judged: one that leads inside spoils the name."""
        found = list(self.resolve(host, port, 0, socket.SOCK_STREAM))
        for *_, target in found:
            check_address(target[0], loopback=self.loopback)
        return found

    def _told(self, method: str, url: str) -> str:
        parts = urlsplit(url)
        return redact(f"{method} {parts.hostname}{parts.path}", self.secrets)


def basic(user: str, password: str) -> Signer:
    """HTTP Basic (RFC 7617)."""
    return HTTPBasicAuth(user.encode(), password.encode())  # type: ignore[arg-type]


def _root(error: BaseException) -> BaseException:
    """The first cause among those that this module raises or knows."""
    seen: list[BaseException] = [error]
    for one in seen:
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        seen += [e for e in inner if isinstance(e, BaseException) and e not in seen]
    return next((one for one in seen if isinstance(one, (ForbiddenAddress, *_UNSENT))), error)


class _Guarded(HTTPAdapter):
    """What requests sends through: checks where to, keeps to the limits."""

    def __init__(self, door: Door, *, keep: bool = False) -> None:
        self.door = door
        self.keep = keep
        self.late = False
        self.switches: list[socket.socket] = []
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Pools whose connections pass the door."""
        self.poolmanager = PoolManager()
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self),
        }

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send, and let a trace know how long it took and whom it went to: an address is secret."""
        host = urlsplit(request.url or "").hostname
        with tracer.start_as_current_span(
            f"{request.method} {host}",
            kind=trace.SpanKind.CLIENT,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                got = self._send(request, **options)
            except BaseException:
                span.set_status(trace.StatusCode.ERROR)
                raise
            span.set_attribute("http.response.status_code", got.status_code)
            return got

    def _send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send within the limits; the body is read here, so that nobody reads more of it."""
        limits = self.door.limits
        self.door.check(request.url or "")
        options |= {"stream": True, "timeout": (limits.connect, limits.read), "proxies": {}}
        # Ends even an answer that drips a byte now and then.
        alarm = threading.Timer(limits.total, self._shut)
        alarm.daemon = True
        alarm.start()
        try:
            got = super().send(request, **options)
            got._content = self._read(got)
        except BaseException:
            self.close()  # what is left of an answer is no beginning of the next one
            raise
        finally:
            alarm.cancel()
        if not self.keep:
            self.close()
        return got

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to the first judged address that answers; OSError if none does."""
        for family, kind, protocol, _, target in self.door.addresses(host, port):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.door.limits.connect)
                sock.connect(target)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as urllib3 does
            except OSError:
                sock.close()
                continue
            self.switches.append(sock.dup())
            return sock
        raise ConnectionRefusedError("No address answers.")

    def close(self) -> None:
        """End every connection."""
        while self.switches:
            self.switches.pop().close()
        super().close()

    def _read(self, got: requests.Response) -> bytes:
        data = bytearray()
        for piece in got.iter_content(65_536):
            data += piece
            if len(data) > self.door.limits.size:
                raise requests.exceptions.ChunkedEncodingError("The answer is too long.")
        if self.late:  # where no length was told, the end we made looks like any other
            raise requests.exceptions.ReadTimeout("The answer takes too long.")
        return bytes(data)

    def _shut(self) -> None:
        self.late = True
        for switch in self.switches:
            with suppress(OSError):  # it ended by itself
                switch.shutdown(socket.SHUT_RDWR)


def _pool(pool: type, connection: type, guard: _Guarded) -> type:
    pinned = type(f"Pinned{connection.__name__}", (_Pinned, connection), {"guard": guard})
    return type(f"Pinned{pool.__name__}", (pool,), {"ConnectionCls": pinned})


class _Pinned:
    """A connection that leaves the choice of its address to the door."""

    guard: _Guarded
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        try:
            return self.guard.connect(self.host, self.port)
        except OSError as error:
            raise NewConnectionError(self, "It cannot be reached.") from error  # type: ignore[arg-type]
