"""manage.py publish: publish the headshot that is chosen for each profile, or another one."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from branding.accounts.models import User
from branding.operations.receipts import Sender
from branding.operations.terminal import AmbiguousAccount, Answer
from headshots.selectors import variant_called
from integrations.errors import ActionNotAvailable
from integrations.publishing import decisions
from integrations.publishing import services as publishing_services
from integrations.selectors import Profile, profiles_called, profiles_of

ADVICE = "Connect an account and choose a headshot for it, or say one: --variant."


class Command(Sender):
    help = "Send some profiles, or all of them, the headshot that is chosen for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add = parser.add_argument
        add("places", nargs="*", metavar="PLACE", help="a place (zulip), or the id of an account")
        add("--all", action="store_true", help="every profile that has a headshot or an account")
        add(
            "--variant",
            default="",
            metavar="NAME",
            help="another headshot, by its number on the film (07B) or its id: chosen, then sent",
        )

    def act(self, owner: User, options: Mapping[str, Any]) -> Answer:
        """Publish to the selected profiles; each publication succeeds or fails on its own.

        Raises an error before anything is sent if one of them cannot be published to at all.
        """
        profiles = _profiles(owner, options["places"], everywhere=options["all"])
        if options["variant"]:
            made = decisions.send(variant_called(owner, options["variant"]), profiles)
        else:
            _require_chosen(profiles if options["places"] else [])
            made = publishing_services.refresh(owner, profiles)
        if not made:
            raise ActionNotAvailable("There is nothing to send yet.", advice=ADVICE)
        return self.follow(owner, made, wait=options["wait"])


def _profiles(owner: User, places: list[str], *, everywhere: bool) -> list[Profile]:
    if everywhere == bool(places):
        raise AmbiguousAccount("Where to?", advice="Name places or accounts, or say --all.")
    if everywhere:
        hung = [one for one in profiles_of(owner) if one.choice or one.connection]
        return [one for one in hung if one.takes_part]
    return profiles_called(owner, places)


def _require_chosen(named: list[Profile]) -> None:
    """Raise ActionNotAvailable if a profile that was named has nothing to publish."""
    for one in named:
        if not (one.choice and one.takes_part):
            raise ActionNotAvailable(
                f"There is nothing to send to {one.frame.name} yet.", advice=ADVICE
            )
