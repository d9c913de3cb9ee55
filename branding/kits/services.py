"""Functions that change brand kits and apply them to recipes."""

from collections.abc import Iterable

from django.utils import timezone

from branding.accounts.models import User
from branding.kits.models import Kit
from branding.kits.selectors import kit_of
from headshots import selectors
from headshots.engine.recipes import Recipe, built_in_looks
from headshots.errors import NotReady
from headshots.models import Render
from headshots.services import renders

# Colour temperatures in kelvin, chosen by eye on the development photos.
LIGHT_KELVIN = {"warm": 4300, "neutral": 5400, "cool": 6400}
PAPER_FALLOFF = "#3C4148"  # the darker edge of studio paper, behind any colour; chosen by eye

# Looks that suit an industry or an audience, best first. They are suggestions, not limits.
LOOKS_BY_INDUSTRY = {
    "law": ("corporate", "linkedin", "plain"),
    "care": ("approachable", "linkedin", "corporate"),
    "tech": ("developer", "linkedin", "founder"),
    "creative": ("founder", "author", "social"),
    "trade": ("approachable", "social", "cheerful"),
}
DEFAULT_LOOKS = ("linkedin", "corporate", "social")
LOOKS_BY_AUDIENCE = {
    "employers": ("linkedin", "corporate"),
    "clients": ("approachable", "linkedin"),
    "readers": ("author", "speaker"),
    "friends": ("social", "cheerful"),
}


def save_kit(kit: Kit) -> Kit:
    """Save a kit, which applies to headshots made from now on."""
    kit.smile_low, kit.smile_high = sorted((kit.smile_low, kit.smile_high))
    kit.changed_at = timezone.now()
    kit.save()
    return kit


def apply_kit(recipe: Recipe, kit: Kit) -> Recipe:
    """Return a recipe with the preferences of a kit.

    The values are copied, so that a headshot does not change with the kit later. A plain backdrop
    stays plain, because official documents require it.
    """
    smile = recipe.step_params("expression").smile
    recipe = recipe.with_params("expression", smile=min(max(smile, kit.smile_low), kit.smile_high))
    if kit.light:
        recipe = recipe.with_params("relight", kelvin=LIGHT_KELVIN[kit.light])
    if recipe.step_params("backdrop").kind == "plain":
        return recipe
    if kit.backdrop == Kit.Backdrop.SCENE and kit.scene:
        recipe = recipe.with_params("backdrop", kind="scene", scene=kit.scene)
    elif kit.backdrop == Kit.Backdrop.OWN:
        recipe = recipe.with_params("backdrop", kind="own")
    elif kit.backdrop == Kit.Backdrop.PAPER:
        paper_color = {"color": kit.accent} if kit.accent else {}
        recipe = recipe.with_params("backdrop", kind="paper", second=PAPER_FALLOFF, **paper_color)
    return recipe.with_params("backdrop", accent=kit.accent) if kit.accent else recipe


def apply_kit_of(owner: User, recipes: Iterable[Recipe]) -> list[Recipe]:
    """Return recipes with the preferences of the owner's kit."""
    kit = kit_of(owner)
    return [apply_kit(recipe, kit) for recipe in recipes]


def rerender_latest_sheet(owner: User) -> Render:
    """Start to render the looks of the newest sheet again, with the current kit.

    Raises NotReady if there is no sheet.
    """
    latest_sheet = selectors.latest_sheet(owner)
    if latest_sheet is None:
        raise NotReady("There is no sheet to make again.", advice="Make your first one.")
    look_slugs = selectors.variants_of_render(latest_sheet).values_list("look", flat=True)
    recipes = apply_kit_of(
        owner, [built_in_looks()[slug] for slug in look_slugs if slug in built_in_looks()]
    )
    return renders.start_render(
        owner, list(latest_sheet.photos.all()), recipes, seed=latest_sheet.seed
    )


def suggested_looks(kit: Kit) -> list[str]:
    """Return slugs of looks that suit the audience and the industry of a kit, best first."""
    look_slugs = (
        *LOOKS_BY_AUDIENCE.get(kit.audience, ()),
        *LOOKS_BY_INDUSTRY.get(kit.industry, ()),
    ) or DEFAULT_LOOKS
    return [slug for slug in dict.fromkeys(look_slugs) if slug in built_in_looks()]
