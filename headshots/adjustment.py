"""The few values of a recipe that a person turns by hand, read from it and put back into it."""

from dataclasses import dataclass, fields

from headshots.engine.recipes import FRAME_RANGES, Recipe

KEEP = ""  # the backdrop as it is
PLAIN = ("own", "paper", "plain")  # backdrops that are no room
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
    """What the sliders say; every value in the range of its step, `backdrop` one of CHOICES.

    `backdrop` is '' to keep it, 'own', 'paper', 'plain', or a scene as '<slug>/<mood>'.
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
        """Where the sliders stand for a recipe."""
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
        """The recipe with these values; BadRecipe if one is out of range."""
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
        if self.backdrop == KEEP:
            return recipe
        if "/" in self.backdrop:
            return recipe.changed("backdrop", kind="scene", scene=self.backdrop)
        return recipe.changed("backdrop", kind=self.backdrop, scene="")


NAMES = tuple(field.name for field in fields(Adjustment))
