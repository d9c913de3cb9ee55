"""Refresh the chosen headshots: render them anew from the newest photo, then replace them."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser

from headshots.errors import NotReady
from headshots.models import Render, Variant
from headshots.selectors import newest_usable_photo, recipe_of
from headshots.services import renders
from integrations.models import Choice, Publication
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of, worn_by


def begin(owner: AbstractBaseUser) -> Render:
    """Render every chosen headshot anew from the newest photo, without changing any choice.

    Raises NotReady without a photo or a chosen headshot.
    """
    photo, worn = newest_usable_photo(owner), worn_by(owner)
    if photo is None or not worn:
        raise NotReady(
            "There is nothing to refresh yet.",
            advice="Add a photo and choose a headshot for at least one place first.",
        )
    wished = [recipe_of(variant) for variant in worn]
    return renders.start(owner, [photo], wished, kind=Render.Kind.REFRESH, parents=worn)


def accept(wanted: Iterable[Variant]) -> tuple[list[Choice], list[Publication]]:
    """Choose refreshed variants of one person instead of the old ones, and publish them.

    Variants that are not ready are ignored. Returns the new choices and publications.
    """
    ready = [variant for variant in wanted if variant.is_ready]
    if not ready:
        return [], []
    made = choices.replace(ready)
    keys = {choice.pk for choice in made}
    mine = profiles_of(ready[0].owner)
    changed = [one for one in mine if one.choice and one.choice.pk in keys]
    return made, publishing_services.refresh(ready[0].owner, changed)
