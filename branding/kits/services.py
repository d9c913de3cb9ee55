"""The verbs of kits: save one, dress a recipe in it, make the newest sheet again in it."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from branding.kits.models import Kit
from branding.kits.selectors import kit_of
from headshots import selectors
from headshots.engine.recipes import Recipe, looks
from headshots.errors import NotReady
from headshots.models import Render
from headshots.services import renders

KELVIN = {"warm": 4300, "neutral": 5400, "cool": 6400}
PAPER_FALLOFF = "#3C4148"  # what studio paper falls off to behind any colour

# Which looks suit whom, best first; the order in which they are suggested, never a limit.
INDUSTRIES = {
    "law": ("corporate", "linkedin", "plain"),
    "care": ("approachable", "linkedin", "corporate"),
    "tech": ("developer", "linkedin", "founder"),
    "creative": ("founder", "author", "social"),
    "trade": ("approachable", "social", "cheerful"),
}
USUAL = ("linkedin", "corporate", "social")
AUDIENCES = {
    "employers": ("linkedin", "corporate"),
    "clients": ("approachable", "linkedin"),
    "readers": ("author", "speaker"),
    "friends": ("social", "cheerful"),
}


def save(kit: Kit) -> Kit:
    """Keep the kit; headshots made from now on wear it."""
    kit.smile_low, kit.smile_high = sorted((kit.smile_low, kit.smile_high))
    kit.changed_at = timezone.now()
    kit.save()
    return kit


def dress(recipe: Recipe, kit: Kit) -> Recipe:
    """The look as this person wears it: values only, so that it stays what it was when made.

    A plain ground stays plain: that look is for papers which ask for it.
    """
    smile = recipe.params("expression").smile
    recipe = recipe.changed("expression", smile=min(max(smile, kit.smile_low), kit.smile_high))
    if kit.light:
        recipe = recipe.changed("relight", kelvin=KELVIN[kit.light])
    if recipe.params("backdrop").kind == "plain":
        return recipe
    if kit.backdrop == Kit.Backdrop.SCENE and kit.scene:
        recipe = recipe.changed("backdrop", kind="scene", scene=kit.scene)
    elif kit.backdrop == Kit.Backdrop.OWN:
        recipe = recipe.changed("backdrop", kind="own")
    elif kit.backdrop == Kit.Backdrop.PAPER:
        ground = {"color": kit.accent} if kit.accent else {}
        recipe = recipe.changed("backdrop", kind="paper", second=PAPER_FALLOFF, **ground)
    return recipe.changed("backdrop", accent=kit.accent) if kit.accent else recipe


def dressed(owner: Any, recipes: Iterable[Recipe]) -> list[Recipe]:
    """The looks as this person wears them."""
    kit = kit_of(owner)
    return [dress(recipe, kit) for recipe in recipes]


def make_again(owner: Any) -> Render:
    """The newest sheet once more, in the kit as it is now; NotReady if there is none."""
    latest = selectors.latest_sheet(owner)
    if latest is None:
        raise NotReady("There is no sheet to make again.", advice="Make your first one.")
    slugs = selectors.frames_of(latest).values_list("look", flat=True)
    wished = dressed(owner, [looks()[slug] for slug in slugs if slug in looks()])
    return renders.start(owner, list(latest.photos.all()), wished, seed=latest.seed)


def suggested(kit: Kit) -> list[str]:
    """Slugs of the looks that suit industry and audience, best first."""
    wished = (*AUDIENCES.get(kit.audience, ()), *INDUSTRIES.get(kit.industry, ())) or USUAL
    return [slug for slug in dict.fromkeys(wished) if slug in looks()]
