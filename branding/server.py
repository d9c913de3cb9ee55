"""The web child: uvicorn on a socket which the supervisor holds.

So a taken port is known before anything starts, and a visitor who comes while the page restarts
waits instead of being refused.
"""

import socket
import sys
import warnings

import uvicorn

from branding import settings


def serve(descriptor: int) -> None:
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
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    serve(int(sys.argv[1]))
