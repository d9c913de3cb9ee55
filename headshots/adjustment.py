"""The values of a recipe that a person adjusts with sliders."""

from dataclasses import dataclass, fields

from headshots.engine.recipes import FRAME_RANGES, Recipe

KEEP = ""  # value of `backdrop` that leaves it as it is
PLAIN = ("own", "paper", "plain")  # backdrops other than scenes
# Lowest and highest value of each slider: those of the steps, see STEPS in engine/steps.py.
RANGES = {
    "smile": (-1, 1),
    "contemplative": (0, 1),
    "retouch": (0, 1),
    "light_azimuth": (-90, 90),
    "light_strength": (0, 1),
    "kelvin": (3000, 9000),
    "head": FRAME_RANGES["head"],
}


@dataclass(frozen=True)
class Adjustment:
    """The values of the sliders, each within ADJUSTMENT_RANGES.

    `backdrop` is '' to keep it, one of PLAIN_BACKDROPS, or a scene as '<slug>/<mood>'.
    """

    smile: float = 0.0
    contemplative: float = 0.0
    retouch: float = 0.0
    light_azimuth: float = 0.0
    light_strength: float = 0.0
    kelvin: float = 5500.0
    head: float = 0.55
    backdrop: str = KEEP

    @classmethod
    def of(cls, recipe: Recipe) -> "Adjustment":
        """Return the values that the sliders have for a recipe."""
        face, light = recipe.params("expression"), recipe.params("relight")
        return cls(
            smile=face.smile,
            contemplative=face.contemplative,
            retouch=recipe.params("retouch").strength,
            light_azimuth=light.azimuth,
            light_strength=light.strength,
            kelvin=light.kelvin,
            head=recipe.wish.head,
        )

    def applied(self, recipe: Recipe) -> Recipe:
        """Return the recipe with these values; raises BadRecipe if one is out of range."""
        recipe = (
            recipe.changed("expression", smile=self.smile, contemplative=self.contemplative)
            .changed("retouch", strength=self.retouch)
            .changed(
                "relight",
                azimuth=self.light_azimuth,
                strength=self.light_strength,
                kelvin=self.kelvin,
            )
            .framed(head=self.head)
        )
        return self._placed(recipe)

    def _placed(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the chosen backdrop."""
        if self.backdrop == KEEP:
            return recipe
        if "/" in self.backdrop:
            return recipe.changed("backdrop", kind="scene", scene=self.backdrop)
        return recipe.changed("backdrop", kind=self.backdrop, scene="")


NAMES = tuple(field.name for field in fields(Adjustment))
