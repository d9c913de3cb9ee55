"""The values of a recipe that a person adjusts with sliders."""

from dataclasses import dataclass, fields

from headshots.engine.recipes import FRAMING_RANGES, Recipe

OWN_CLOTHES = ""  # value of `wear` for the clothes of the photo
KEEP_BACKDROP = ""  # value of `backdrop` that leaves it as it is
PLAIN_BACKDROPS = ("own", "paper", "plain")  # backdrops other than scenes
# Lowest and highest value of each slider: those of the steps, see STEPS in engine/steps.py.
ADJUSTMENT_RANGES = {
    "smile": (-1, 1),
    "contemplative": (0, 1),
    "retouch": (0, 1),
    "light_azimuth": (-90, 90),
    "light_strength": (0, 1),
    "kelvin": (3000, 9000),
    "head": FRAMING_RANGES["head"],
}


@dataclass(frozen=True)
class Adjustment:
    """The values of the sliders, each within ADJUSTMENT_RANGES.

    `backdrop` is '' to keep it, one of PLAIN_BACKDROPS, or a scene as '<slug>/<mood>'; `wear` is ''
    for the person's own clothes, or '<garment>:<colour>' from the wardrobe.
    """

    smile: float = 0.0
    contemplative: float = 0.0
    retouch: float = 0.0
    light_azimuth: float = 0.0
    light_strength: float = 0.0
    kelvin: float = 5500.0
    head: float = 0.55
    backdrop: str = KEEP_BACKDROP
    wear: str = OWN_CLOTHES

    @classmethod
    def from_recipe(cls, recipe: Recipe) -> "Adjustment":
        """Return the values that the sliders have for a recipe."""
        expression, relighting = recipe.step_params("expression"), recipe.step_params("relight")
        dress = recipe.step_params("dress")
        return cls(
            smile=expression.smile,
            contemplative=expression.contemplative,
            retouch=recipe.step_params("retouch").strength,
            light_azimuth=relighting.azimuth,
            light_strength=relighting.strength,
            kelvin=relighting.kelvin,
            head=recipe.framing_wish.head,
            wear=f"{dress.garment}:{dress.color}" if dress.garment else OWN_CLOTHES,
        )

    def apply_to(self, recipe: Recipe) -> Recipe:
        """Return the recipe with these values; raises BadRecipe if one is out of range."""
        recipe = (
            recipe.with_params("expression", smile=self.smile, contemplative=self.contemplative)
            .with_params("retouch", strength=self.retouch)
            .with_params(
                "relight",
                azimuth=self.light_azimuth,
                strength=self.light_strength,
                kelvin=self.kelvin,
            )
            .with_framing(head=self.head)
            .with_clothes(self.wear)
        )
        return self._apply_backdrop(recipe)

    def _apply_backdrop(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the chosen backdrop."""
        if self.backdrop == KEEP_BACKDROP:
            return recipe
        if "/" in self.backdrop:
            return recipe.with_params("backdrop", kind="scene", scene=self.backdrop)
        return recipe.with_params("backdrop", kind=self.backdrop, scene="")


ADJUSTMENT_NAMES = tuple(field.name for field in fields(Adjustment))
