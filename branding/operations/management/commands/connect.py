"""manage.py connect: list connected accounts, connect one with a credential, or disconnect one."""

import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from branding.accounts.models import User
from branding.api.serializers import ConnectionSerializer
from branding.operations.terminal import AmbiguousAccount, Answer, Verb
from headshots.errors import FacetError
from integrations.connections import flows
from integrations.connections import services as connection_services
from integrations.errors import Rejected
from integrations.models import Connection
from integrations.platforms.base import AppPassword, Pasted, Platform, UserHost
from integrations.selectors import connections_of


class BrowserRequired(FacetError):
    """The platform needs a sign-in, which is bound to a browser session."""

    code = "needs_browser"


class CredentialMissing(FacetError):
    """The credential cannot be read."""

    code = "no_credential"
    advice = "Give what the platform's page is asked for, one line each, in that order."


class Command(Verb):
    help = (
        "List the accounts that are connected, connect one, or end one. What a platform wants"
        " pasted is asked for without an echo, or read from standard input or a file, one line"
        " each; it is never an argument. Platforms that want a sign-in are connected in a browser."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("platform", nargs="?", default="", metavar="PLATFORM")
        what.add_argument(
            "--end", default="", metavar="PLATFORM/ID", help="revoke it there, then forget it here"
        )
        parser.add_argument("--server", default="", help="where the account lives: example.social")
        parser.add_argument(
            "--credential-file", type=Path, metavar="FILE", help="what it wants, one line each"
        )

    def act(self, owner: User, options: Mapping[str, Any]) -> Answer:
        """Disconnect, connect or list, depending on the options."""
        if options["end"]:
            return self._end(_named(owner, options["end"]))
        if options["platform"]:
            return self._connect(owner, options)
        found = list(connections_of(owner))
        for one in found:
            state = f"{one.get_state_display()}. {one.reason}".rstrip()
            self.say(f"{one.pk}  {_told(one)}: {state}")
        if not found:
            self.say("No account is connected. `manage.py platforms` says what can be.")
        return Answer(ConnectionSerializer(found, many=True).data)

    def _connect(self, owner: User, options: Mapping[str, Any]) -> Answer:
        platform = flows.adapter_of(options["platform"]).platform
        way = _way(platform, owner)
        auth, file = platform.auth[way], options["credential_file"]
        typed = file is None and sys.stdin.isatty()
        server = options["server"]
        named = isinstance(platform.server, UserHost) and not isinstance(auth, AppPassword)
        if typed and named and not server:
            server = self.ask(f"Server, such as {platform.server.example}: ")
        fields = self._typed(auth) if typed else _written(auth, file)
        made = connection_services.paste(owner, platform.slug, way=way, told=server, fields=fields)
        self.say(f"{_told(made)} is connected: {made.pk}")
        return Answer(ConnectionSerializer(made).data)

    def _typed(self, auth: Pasted) -> dict[str, str]:
        """Ask for every field of the credential, for secret ones without an echo."""
        self.say(f"{auth.steps} {auth.page if '{server}' not in auth.page else ''}".strip())
        return {
            one.name: self._secret(one.label) if one.secret else self.ask(f"{one.label}: ")
            for one in auth.fields
        }

    def _secret(self, label: str) -> str:
        try:
            return getpass.getpass(f"{label}: ")
        except EOFError as error:
            raise CredentialMissing("Nothing was given.") from error

    def _end(self, connection: Connection) -> Answer:
        known = connection.is_connected
        told = connection_services.disconnect(connection)
        connection.refresh_from_db()
        self.say(f"{_told(connection)} is disconnected.")
        if known and not told:
            self.say(
                f"{connection.platform.name} could not be told: remove Facet, or the token you"
                " made, in your settings there."
            )
        return Answer({**ConnectionSerializer(connection).data, "told": told})


def _way(platform: Platform, owner: User) -> int:
    """Return the index of the first way to connect that needs no browser.

    Raises BrowserRequired if there are only others, and Rejected if none is configured.
    """
    open_here = flows.open_ways(platform)
    for way in open_here:
        if isinstance(platform.auth[way], Pasted):
            return way
    if not open_here:
        needs = ", ".join(platform.needs)
        raise Rejected(
            f"{platform.name} is not set up here.", advice=f"{platform.setup} Then set {needs}."
        )
    address = settings.SITE_URL + reverse("web:connect_platform", args=[platform.slug])
    raise BrowserRequired(
        f"{platform.name} wants a sign-in, which only the browser that begins it may end.",
        advice=f"While Facet runs, open {address} as {owner.email}.",
    )


def _named(owner: User, name: str) -> Connection:
    found = [one for one in connections_of(owner) if name in (one.slug, str(one.pk))]
    if not found:
        raise Connection.DoesNotExist
    if len(found) > 1:
        advice = "Say its id; `manage.py connect` lists them."
        raise AmbiguousAccount(
            f"There are several accounts at {found[0].platform.name}.", advice=advice
        )
    return found[0]


def _told(connection: Connection) -> str:
    return f"{connection.account_name} at {connection.platform.name}"


def _written(auth: Pasted, file: Path | None) -> dict[str, str]:
    """Read the fields of the credential from a file or standard input, one line each."""
    try:
        lines = iter((file.read_text() if file else sys.stdin.read()).splitlines())
        return {one.name: next(lines, "") for one in auth.fields}
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialMissing(f"'{file or 'standard input'}' cannot be read.") from error
