"""name → (params dataclass, function): everything a recipe may say, in the order it is done."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from headshots.engine.diffusion import steps as diffusion_steps
from headshots.engine.errors import BadRecipe, TooSmall
from headshots.engine.operations import backdrops, compositing
from headshots.engine.operations.color_grading import Grade, grade, harmonise
from headshots.engine.operations.expression import Expression, expression
from headshots.engine.operations.relight import Relight, relight
from headshots.engine.operations.retouch import Retouch, retouch
from headshots.engine.types import Facts, Image

MIN_SIDE = 64
Params = Any  # one of the frozen params dataclasses below


@dataclass(frozen=True)
class Step:
    """One operation: `version` is bumped when its pixels change, `identity` switches it off."""

    name: str
    params: type[Params]
    function: Callable[[Image, Facts, Params], Image]
    version: int
    ranges: dict[str, tuple[float, float]]
    identity: Params | None
    check: Callable[[Params], None] = lambda _: None  # of what types and ranges do not say
    paints: Callable[[Params], bool] = lambda _: False  # whether it needs a diffusion network

    def run(self, image: Image, facts: Facts, params: Params) -> Image:
        """A new image of the same shape, float32 in [0, 1]; TooSmall below MIN_SIDE pixels."""
        if min(image.shape[:2]) < MIN_SIDE:
            raise TooSmall(f"The picture is smaller than {MIN_SIDE} pixels.")
        return self.function(image, facts, params)

    def parse(self, values: dict[str, Any]) -> Params:
        """Params from plain data; BadRecipe for an unknown name, a wrong type or range."""
        known = {field.name: field for field in fields(self.params)}
        for name, value in values.items():
            if name not in known:
                raise BadRecipe(f"'{self.name}' has no parameter '{name}'.")
            self._check(name, value, known[name].default)
        params = self.params(**values)
        self.check(params)
        return params

    def _check(self, name: str, value: Any, default: Any) -> None:
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        if number and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise BadRecipe(f"'{self.name}.{name}' must be a number.")
        if not number and not isinstance(value, type(default)):
            raise BadRecipe(f"'{self.name}.{name}' must be a {type(default).__name__}.")
        low, high = self.ranges.get(name, (float("-inf"), float("inf")))
        if number and not low <= value <= high:
            raise BadRecipe(f"'{self.name}.{name}' is {value}; it must be {low} to {high}.")


def put_in_place(image: Image, facts: Facts, params: backdrops.Backdrop) -> Image:
    """Paint the backdrop and lay the person over it."""
    behind = backdrops.paint(params, facts)
    azimuth = float(facts.light.estimate[1])
    behind = compositing.shadow(behind, facts.alpha, strength=params.shadow, azimuth=azimuth)
    front = compositing.clean_edges(image, facts.alpha)
    front = harmonise(front, facts.alpha, behind, strength=params.harmonise)
    front = compositing.light_wrap(front, facts.alpha, behind, strength=params.wrap)
    return compositing.over(front, facts.alpha, behind)


UNIT = (0.0, 1.0)

STEPS = (
    Step("retouch", Retouch, retouch, 1, {"strength": UNIT}, Retouch(strength=0)),
    Step(
        "expression",
        Expression,
        expression,
        1,
        {"smile": (-1, 1), "contemplative": UNIT},
        Expression(),
    ),
    Step(
        "relight",
        Relight,
        relight,
        1,
        {
            "azimuth": (-90, 90),
            "elevation": (-30, 80),
            "ratio": (1, 8),
            "kelvin": (3000, 9000),
            "rim": UNIT,
            "rim_kelvin": (3000, 9000),
            "strength": UNIT,
        },
        Relight(strength=0),
    ),
    Step(
        "backdrop",
        backdrops.Backdrop,
        put_in_place,
        1,
        {"blur": UNIT, "shadow": UNIT, "wrap": UNIT, "harmonise": UNIT},
        None,
    ),
    Step(
        "generate_backdrop",
        diffusion_steps.GenerateBackdrop,
        diffusion_steps.generate_backdrop,
        1,
        {"wrap": UNIT, "harmonise": UNIT},
        diffusion_steps.GenerateBackdrop(),
        diffusion_steps.check_backdrop,
        lambda params: bool(params.place),
    ),
    Step(
        "change_outfit",
        diffusion_steps.ChangeOutfit,
        diffusion_steps.change_outfit,
        1,
        {"harmonise": UNIT},
        diffusion_steps.ChangeOutfit(),
        diffusion_steps.check_outfit,
        lambda params: bool(params.outfit),
    ),
    Step(
        "restyle",
        diffusion_steps.Restyle,
        diffusion_steps.restyle,
        1,
        {},
        diffusion_steps.Restyle(),
        diffusion_steps.check_change,
        lambda params: bool(params.change),
    ),
    Step(
        "grade",
        Grade,
        grade,
        1,
        {
            "exposure": (-1, 1),
            "contrast": UNIT,
            "fade": UNIT,
            "saturation": (0, 1.3),
            "shadows": (-1, 1),
            "highlights": (-1, 1),
            "vignette": UNIT,
            "grain": UNIT,
            "strength": UNIT,
        },
        Grade(strength=0),
    ),
)

BY_NAME = {step.name: step for step in STEPS}
