"""The registry of steps: their parameters, ranges and functions, in the order they are run."""

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

MIN_SIDE = 64  # pixels: below it masks and blurs are coarser than what they should separate
Params = Any  # an instance of one of the frozen dataclasses in STEPS


@dataclass(frozen=True)
class Step:
    """One operation of the engine.

    `params_type` is the dataclass of its parameters, `ranges` their lowest and highest values.
    `version` is raised when its pixels change, so that cached pictures are made again. `identity`
    is the parameters that change nothing, None if there are none. `check_params` raises BadRecipe
    for what types and ranges do not express; `needs_diffusion` is whether parameters need a
    diffusion pipeline.
    """

    name: str
    params: type[Params]
    function: Callable[[Image, Facts, Params], Image]
    version: int
    ranges: dict[str, tuple[float, float]]
    identity: Params | None
    check: Callable[[Params], None] = lambda _: None
    paints: Callable[[Params], bool] = lambda _: False

    def run(self, image: Image, facts: Facts, params: Params) -> Image:
        """Return a new image of the same shape, float32 in [0, 1].

        Raises TooSmall below MIN_SIDE pixels.
        """
        if min(image.shape[:2]) < MIN_SIDE:
            raise TooSmall(f"The picture is smaller than {MIN_SIDE} pixels.")
        return self.function(image, facts, params)

    def parse(self, values: dict[str, Any]) -> Params:
        """Parse parameters from plain data.

        Raises BadRecipe for an unknown name, a wrong type or a value out of range.
        """
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
    """Draw the backdrop and composite the person over it, matched to its light and colour."""
    behind = backdrops.paint(params, facts)
    azimuth = float(facts.light.estimate[1])
    behind = compositing.shadow(behind, facts.alpha, strength=params.shadow, azimuth=azimuth)
    front = compositing.clean_edges(image, facts.alpha)
    front = harmonise(front, facts.alpha, behind, strength=params.harmonise)
    front = compositing.light_wrap(front, facts.alpha, behind, strength=params.wrap)
    return compositing.over(front, facts.alpha, behind)


UNIT = (0.0, 1.0)
KELVIN = (3000, 9000)  # where color.from_kelvin was fitted

STEPS = (
    Step(
        name="retouch",
        params=Retouch,
        function=retouch,
        version=1,
        ranges={"strength": UNIT},
        identity=Retouch(strength=0),
    ),
    Step(
        name="expression",
        params=Expression,
        function=expression,
        version=1,
        ranges={"smile": (-1, 1), "contemplative": UNIT},
        identity=Expression(),
    ),
    Step(
        name="relight",
        params=Relight,
        function=relight,
        version=1,
        ranges={
            "azimuth": (-90, 90),
            "elevation": (-30, 80),
            "ratio": (1, 8),
            "kelvin": KELVIN,
            "rim": UNIT,
            "rim_kelvin": KELVIN,
            "strength": UNIT,
        },
        identity=Relight(strength=0),
    ),
    Step(
        name="backdrop",
        params=backdrops.Backdrop,
        function=put_in_place,
        version=1,
        ranges={"blur": UNIT, "shadow": UNIT, "wrap": UNIT, "harmonise": UNIT},
        identity=None,
    ),
    Step(
        name="generate_backdrop",
        params=diffusion_steps.GenerateBackdrop,
        function=diffusion_steps.generate_backdrop,
        version=1,
        ranges={"wrap": UNIT, "harmonise": UNIT},
        identity=diffusion_steps.GenerateBackdrop(),
        check=diffusion_steps.check_backdrop,
        paints=lambda params: bool(params.place),
    ),
    Step(
        name="change_outfit",
        params=diffusion_steps.ChangeOutfit,
        function=diffusion_steps.change_outfit,
        version=1,
        ranges={"harmonise": UNIT},
        identity=diffusion_steps.ChangeOutfit(),
        check=diffusion_steps.check_outfit,
        paints=lambda params: bool(params.outfit),
    ),
    Step(
        name="restyle",
        params=diffusion_steps.Restyle,
        function=diffusion_steps.restyle,
        version=1,
        ranges={},
        identity=diffusion_steps.Restyle(),
        check=diffusion_steps.check_change,
        paints=lambda params: bool(params.change),
    ),
    Step(
        name="grade",
        params=Grade,
        function=grade,
        version=1,
        ranges={
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
        identity=Grade(strength=0),
    ),
)

BY_NAME: dict[str, Step] = {step.name: step for step in STEPS}
