"""Functions that change brand kits and apply them to recipes."""

from collections.abc import Iterable

from django.utils import timezone

from branding.accounts.models import User
from branding.kits.models import Kit
from branding.kits.selectors import kit_of
from headshots import selectors
from headshots.engine.recipes import Recipe, looks
from headshots.errors import NotReady
from headshots.models import Render
from headshots.services import renders

# Colour temperatures in kelvin, chosen by eye on the development photos.
KELVIN = {"warm": 4300, "neutral": 5400, "cool": 6400}
PAPER_FALLOFF = "#3C4148"  # the darker edge of studio paper, behind any colour; chosen by eye

# Looks that suit an industry or an audience, best first. They are suggestions, not limits.
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
    """Save a kit, which applies to headshots made from now on."""
    kit.smile_low, kit.smile_high = sorted((kit.smile_low, kit.smile_high))
    kit.changed_at = timezone.now()
    kit.save()
    return kit


def dress(recipe: Recipe, kit: Kit) -> Recipe:
    """Return a recipe with the preferences of a kit.

    The values are copied, so that a headshot does not change with the kit later. A plain backdrop
    stays plain, because official documents require it.
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


def dressed(owner: User, recipes: Iterable[Recipe]) -> list[Recipe]:
    """Return recipes with the preferences of the owner's kit."""
    kit = kit_of(owner)
    return [dress(recipe, kit) for recipe in recipes]


def make_again(owner: User) -> Render:
    """Start to render the looks of the newest sheet again, with the current kit.

    Raises NotReady if there is no sheet.
    """
    latest = selectors.latest_sheet(owner)
    if latest is None:
        raise NotReady("There is no sheet to make again.", advice="Make your first one.")
    slugs = selectors.frames_of(latest).values_list("look", flat=True)
    wished = dressed(owner, [looks()[slug] for slug in slugs if slug in looks()])
    return renders.start(owner, list(latest.photos.all()), wished, seed=latest.seed)


def suggested(kit: Kit) -> list[str]:
    """Return slugs of looks that suit the audience and the industry of a kit, best first."""
    wished = (*AUDIENCES.get(kit.audience, ()), *INDUSTRIES.get(kit.industry, ())) or USUAL
    return [slug for slug in dict.fromkeys(wished) if slug in looks()]
