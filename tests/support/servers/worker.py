"""A process that waits for a line of input, uses a connection, and prints the account's name."""

import sys

import django

django.setup()

from integrations.connections import tokens  # noqa: E402
from integrations.models import Connection  # noqa: E402
from tests.support.servers import oidc_platform  # noqa: E402


def main(pk: str, server: str) -> None:
    oidc_platform.add_to_registry(oidc_platform.oidc_provider(server))
    connection = Connection.objects.get(pk=pk)
    print("ready", flush=True)
    sys.stdin.readline()
    with tokens.open_client(connection) as client:
        print(client.get_json("/me")["sub"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
