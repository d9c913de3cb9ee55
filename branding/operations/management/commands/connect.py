"""manage.py connect: list connected accounts, connect one with a credential, or disconnect one."""

import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from branding.accounts.models import User
from branding.api.serializers import ConnectionSerializer
from branding.operations.account_command import AccountCommand, AmbiguousAccount, CommandResult
from branding.public_urls import absolute_url
from headshots.errors import FacetError
from integrations.connections import services as connection_services
from integrations.connections import sign_in_setup
from integrations.errors import Rejected
from integrations.models import Connection
from integrations.platforms.base import ApiToken, AppPassword, Platform, UserNamedServer
from integrations.selectors import connections_of


class BrowserRequired(FacetError):
    """The platform needs a sign-in, which is bound to a browser session."""

    code = "needs_browser"


class CredentialMissing(FacetError):
    """The credential cannot be read."""

    code = "no_credential"
    advice = "Give what the platform's page is asked for, one line each, in that order."


class Command(AccountCommand):
    help = (
        "List the accounts that are connected, connect one, or end one. What a platform wants"
        " pasted is asked for without an echo, or read from standard input or a file, one line"
        " each; it is never an argument. Platforms that want a sign-in are connected in a browser."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        actions = parser.add_mutually_exclusive_group()
        actions.add_argument("platform", nargs="?", default="", metavar="PLATFORM")
        actions.add_argument(
            "--end", default="", metavar="PLATFORM/ID", help="revoke it there, then forget it here"
        )
        parser.add_argument("--server", default="", help="where the account lives: example.social")
        parser.add_argument(
            "--credential-file", type=Path, metavar="FILE", help="what it wants, one line each"
        )

    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Disconnect, connect or list, depending on the options."""
        if options["end"]:
            return self._disconnect(_find_connection(owner, options["end"]))
        if options["platform"]:
            return self._connect(owner, options)
        connections = list(connections_of(owner))
        for connection in connections:
            state = f"{connection.get_state_display()}. {connection.reason}".rstrip()
            self.print_line(f"{connection.pk}  {_describe_account(connection)}: {state}")
        if not connections:
            self.print_line("No account is connected. `manage.py platforms` says what can be.")
        return CommandResult(ConnectionSerializer(connections, many=True).data)

    def _connect(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        platform = sign_in_setup.get_adapter(options["platform"]).platform
        auth_index = _terminal_auth_index(platform, owner)
        auth, file = platform.auth[auth_index], options["credential_file"]
        is_interactive = file is None and sys.stdin.isatty()
        server = options["server"]
        assert isinstance(auth, ApiToken)  # _terminal_auth_index returns no other
        needs_server = is_interactive and not server and not isinstance(auth, AppPassword)
        if needs_server and isinstance(platform.server, UserNamedServer):
            server = self.ask_question(f"Server, such as {platform.server.example}: ")
        fields = self._ask_fields(auth) if is_interactive else _read_fields(auth, file)
        connection = connection_services.connect_with_token(
            owner, platform.slug, auth_index=auth_index, address=server, fields=fields
        )
        self.print_line(f"{_describe_account(connection)} is connected: {connection.pk}")
        return CommandResult(ConnectionSerializer(connection).data)

    def _ask_fields(self, auth: ApiToken) -> dict[str, str]:
        """Ask for every field of the credential, for secret ones without an echo."""
        self.print_line(f"{auth.steps} {auth.page if '{server}' not in auth.page else ''}".strip())
        return {
            field.name: self._ask_secret(field.label)
            if field.secret
            else self.ask_question(f"{field.label}: ")
            for field in auth.fields
        }

    def _ask_secret(self, label: str) -> str:
        try:
            return getpass.getpass(f"{label}: ")
        except EOFError as error:
            raise CredentialMissing("Nothing was given.") from error

    def _disconnect(self, connection: Connection) -> CommandResult:
        was_connected = connection.is_connected
        is_revoked = connection_services.end_connection(connection)
        connection.refresh_from_db()
        self.print_line(f"{_describe_account(connection)} is disconnected.")
        if was_connected and not is_revoked:
            self.print_line(
                f"{connection.service_name} could not be told: remove Facet, or the token you"
                " made, in your settings there."
            )
        return CommandResult({**ConnectionSerializer(connection).data, "told": is_revoked})


def _terminal_auth_index(platform: Platform, owner: User) -> int:
    """Return the index of the first way to connect that needs no browser.

    Raises BrowserRequired if there are only others, and Rejected if none is configured.
    """
    available = sign_in_setup.available_auth_indexes(platform)
    for auth_index in available:
        if isinstance(platform.auth[auth_index], ApiToken):
            return auth_index
    if not available:
        missing_settings = ", ".join(platform.needs)
        raise Rejected(
            f"{platform.name} is not set up here.",
            advice=f"{platform.setup} Then set {missing_settings}.",
        )
    connect_url = absolute_url("web:connect_platform", platform.slug)
    raise BrowserRequired(
        f"{platform.name} wants a sign-in, which only the browser that begins it may end.",
        advice=f"While Facet runs, open {connect_url} as {owner.email}.",
    )


def _find_connection(owner: User, name: str) -> Connection:
    matches = [
        connection
        for connection in connections_of(owner)
        if name in (connection.slug, str(connection.pk))
    ]
    if not matches:
        raise Connection.DoesNotExist
    if len(matches) > 1:
        advice = "Say its id; `manage.py connect` lists them."
        raise AmbiguousAccount(
            f"There are several accounts at {matches[0].platform.name}.", advice=advice
        )
    return matches[0]


def _describe_account(connection: Connection) -> str:
    return f"{connection.account_name} at {connection.service_name}"


def _read_fields(auth: ApiToken, file: Path | None) -> dict[str, str]:
    """Read the fields of the credential from a file or standard input, one line each."""
    try:
        lines = iter((file.read_text() if file else sys.stdin.read()).splitlines())
        return {field.name: next(lines, "") for field in auth.fields}
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialMissing(f"'{file or 'standard input'}' cannot be read.") from error
