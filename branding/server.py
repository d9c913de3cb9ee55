"""The web program: uvicorn on HOST and PORT, or on a socket which the supervisor holds.

With the latter a taken port is known before anything starts, and a visitor who comes while the page
restarts waits instead of being refused.
"""

import signal
import socket
import sys
import warnings

import uvicorn

from branding import settings
from branding.supervisor import SupervisorError, listen


def serve(door: socket.socket) -> None:
    """Answer on an open listening socket until a signal ends it."""
    # Files are small and read whole; Django would say so once for each kind.
    warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")
    config = uvicorn.Config(
        "branding.asgi:application",
        lifespan="off",
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    # uvicorn passes the signal on once it has ended: now what was traced can still be sent.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    uvicorn.Server(config).run(sockets=[door])


def given(words: list[str]) -> socket.socket:
    """The socket whose descriptor was handed over, or one of our own."""
    try:
        return (
            socket.socket(fileno=int(words[0])) if words else listen(settings.HOST, settings.PORT)
        )
    except SupervisorError as error:
        sys.exit(f"Facet stops: {error}.")


if __name__ == "__main__":
    serve(given(sys.argv[1:]))
