"""The web process: uvicorn on HOST and PORT, or on a socket that the supervisor opened.

The supervisor opens the socket so that a port in use is reported before anything starts, and so
that connections wait, instead of being refused, while this process is restarted.
"""

import signal
import socket
import sys
import warnings
from importlib import import_module

import django
import uvicorn

from branding import settings
from branding.supervisor import SupervisorError, open_listener

MAX_HEAD_BYTES = 65_536  # of a request line and its headers


def serve_requests(listener: socket.socket) -> None:
    """Serve HTTP on a listening socket until the process receives a signal."""
    # Static files are small and read at once; Django warns about that once for each kind of file.
    warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")
    config = uvicorn.Config(
        "branding.asgi:application",
        http="h11",
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        lifespan="off",
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    # uvicorn raises the signal again after shutdown; exiting normally lets pending traces be sent.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    uvicorn.Server(config).run(sockets=[listener])


def inherited_or_new_listener(arguments: list[str]) -> socket.socket:
    """Return the socket of the file descriptor in the arguments, or open one on HOST and PORT."""
    try:
        return (
            socket.socket(fileno=int(arguments[0]))
            if arguments
            else open_listener(settings.HOST, settings.PORT)
        )
    except SupervisorError as error:
        sys.exit(f"Facet stops: {error}.")


if __name__ == "__main__":
    django.setup()
    # Imported only now, because it needs the loaded models.
    import_module("branding.operations.start_checks").require_usable_installation()
    serve_requests(inherited_or_new_listener(sys.argv[1:]))
