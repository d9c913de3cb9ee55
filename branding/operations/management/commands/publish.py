"""manage.py publish: publish the headshot that is chosen for each profile, or another one."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from branding.accounts.models import User
from branding.operations.account_command import AmbiguousAccount, CommandResult
from branding.operations.publishing_command import PublishingCommand
from headshots.selectors import variant_by_name
from integrations.errors import ActionNotAvailable
from integrations.publishing import headshot_actions
from integrations.publishing import services as publishing_services
from integrations.selectors import Profile, profiles_matching, profiles_of

NOTHING_TO_SEND_ADVICE = "Connect an account and choose a headshot for it, or say one: --variant."


class Command(PublishingCommand):
    help = "Send some profiles, or all of them, the headshot that is chosen for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_argument = parser.add_argument
        add_argument(
            "places", nargs="*", metavar="PLACE", help="a place (zulip), or the id of an account"
        )
        add_argument(
            "--all", action="store_true", help="every profile that has a headshot or an account"
        )
        add_argument(
            "--variant",
            default="",
            metavar="NAME",
            help="another headshot, by its number on the film (07B) or its id: chosen, then sent",
        )

    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Publish to the selected profiles; each publication succeeds or fails on its own.

        Raises an error before anything is sent if one of them cannot be published to at all.
        """
        profiles = _selected_profiles(owner, options["places"], all_profiles=options["all"])
        if options["variant"]:
            publications = headshot_actions.choose_and_publish(
                variant_by_name(owner, options["variant"]), profiles
            )
        else:
            _require_chosen(profiles if options["places"] else [])
            publications = publishing_services.publish_chosen(owner, profiles)
        if not publications:
            raise ActionNotAvailable("There is nothing to send yet.", advice=NOTHING_TO_SEND_ADVICE)
        return self.follow_publications(owner, publications, wait=options["wait"])


def _selected_profiles(owner: User, place_names: list[str], *, all_profiles: bool) -> list[Profile]:
    if all_profiles == bool(place_names):
        raise AmbiguousAccount("Where to?", advice="Name places or accounts, or say --all.")
    if all_profiles:
        candidates = [profile for profile in profiles_of(owner) if profile.is_in_use]
        return [profile for profile in candidates if profile.is_publishable]
    return profiles_matching(owner, place_names)


def _require_chosen(named_profiles: list[Profile]) -> None:
    """Raise ActionNotAvailable if a profile that was named has nothing to publish."""
    for profile in named_profiles:
        if not (profile.choice and profile.is_publishable):
            raise ActionNotAvailable(
                f"There is nothing to send to {profile.place.name} yet.",
                advice=NOTHING_TO_SEND_ADVICE,
            )
