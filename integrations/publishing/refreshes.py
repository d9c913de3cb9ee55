"""Refresh the chosen headshots: render them anew from the newest photo, then replace them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from headshots.errors import NotReady
from headshots.models import Render, Variant
from headshots.selectors import newest_usable_photo, recipe_of
from headshots.services import renders
from integrations.models import Choice, Publication
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of, refreshable_variants

if TYPE_CHECKING:
    from headshots.models import User


def begin_refresh(owner: User) -> Render:
    """Render every chosen headshot anew from the newest photo, without changing any choice.

    Raises NotReady without a photo or a chosen headshot.
    """
    chosen_variants = refreshable_variants(owner)
    photo = newest_usable_photo(owner, chosen_variants)
    if photo is None or not chosen_variants:
        raise NotReady(
            "There is nothing to refresh yet.",
            advice="Add a photo and choose a headshot for at least one place first.",
        )
    recipes = [recipe_of(variant) for variant in chosen_variants]
    return renders.start_render(
        owner, [photo], recipes, kind=Render.Kind.REFRESH, parents=chosen_variants
    )


def accept_refresh(variants: Iterable[Variant]) -> tuple[list[Choice], list[Publication]]:
    """Choose refreshed variants of one person instead of the old ones, and publish them.

    Variants that are not ready are ignored. Returns the new choices and publications.
    """
    ready_variants = [variant for variant in variants if variant.is_ready]
    if not ready_variants:
        return [], []
    new_choices = choices.replace_choices(ready_variants)
    choice_ids = {choice.pk for choice in new_choices}
    own_profiles = profiles_of(ready_variants[0].owner)
    changed_profiles = [
        profile for profile in own_profiles if profile.choice and profile.choice.pk in choice_ids
    ]
    return new_choices, publishing_services.publish_chosen(
        ready_variants[0].owner, changed_profiles
    )
