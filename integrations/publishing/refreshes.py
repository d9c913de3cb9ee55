"""The verbs of a refresh: make everything that hangs somewhere anew, then let it take its place."""

from collections.abc import Iterable
from typing import Any

from headshots.errors import NotReady
from headshots.models import Render, Variant
from headshots.selectors import newest_usable_photo, recipe_of
from headshots.services import renders
from integrations.models import Choice, Publication
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of, worn_by

Owner = Any  # a settings.AUTH_USER_MODEL


def begin(owner: Owner) -> Render:
    """Make every chosen look from the newest photo; nothing that hangs changes yet.

    Raises NotReady without a photo or a headshot that hangs somewhere.
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
    """Let new variants of one person take the places of the old ones, and send them there.

    What is not ready stays out of it.
    """
    ready = [variant for variant in wanted if variant.is_ready]
    if not ready:
        return [], []
    made = choices.replace(ready)
    keys = {choice.pk for choice in made}
    mine = profiles_of(ready[0].owner)
    changed = [one for one in mine if one.choice and one.choice.pk in keys]
    return made, publishing_services.refresh(ready[0].owner, changed)
