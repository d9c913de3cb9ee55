"""The registry of steps: their parameters, ranges and functions, in the order they are run."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from headshots.engine.diffusion import steps as diffusion_steps
from headshots.engine.errors import BadRecipe, TooSmall
from headshots.engine.operations import backdrops, compositing
from headshots.engine.operations.color_grading import Grade, apply_grade, harmonise_foreground
from headshots.engine.operations.dressing import Dress, check_dress, wear_clothes
from headshots.engine.operations.expression import Expression, apply_expression
from headshots.engine.operations.relight import Relight, relight_subject
from headshots.engine.operations.retouch import Retouch, retouch_skin
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
    params_type: type[Params]
    function: Callable[[Image, Facts, Params], Image]
    version: int
    ranges: dict[str, tuple[float, float]]
    identity: Params | None
    check_params: Callable[[Params], None] = lambda _: None
    needs_diffusion: Callable[[Params], bool] = lambda _: False

    def run(self, image: Image, facts: Facts, params: Params) -> Image:
        """Return a new image of the same shape, float32 in [0, 1].

        Raises TooSmall below MIN_SIDE pixels.
        """
        if min(image.shape[:2]) < MIN_SIDE:
            raise TooSmall(f"The picture is smaller than {MIN_SIDE} pixels.")
        return self.function(image, facts, params)

    def parse_params(self, values: dict[str, Any]) -> Params:
        """Parse parameters from plain data.

        Raises BadRecipe for an unknown name, a wrong type or a value out of range.
        """
        fields_by_name = {field.name: field for field in fields(self.params_type)}
        for parameter, value in values.items():
            if parameter not in fields_by_name:
                raise BadRecipe(f"'{self.name}' has no parameter '{parameter}'.")
            self._check_value(parameter, value, fields_by_name[parameter].default)
        params = self.params_type(**values)
        self.check_params(params)
        return params

    def _check_value(self, parameter: str, value: Any, default: Any) -> None:
        is_number = isinstance(default, (int, float)) and not isinstance(default, bool)
        if is_number and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise BadRecipe(f"'{self.name}.{parameter}' must be a number.")
        if not is_number and not isinstance(value, type(default)):
            raise BadRecipe(f"'{self.name}.{parameter}' must be a {type(default).__name__}.")
        lowest, highest = self.ranges.get(parameter, (float("-inf"), float("inf")))
        if is_number and not lowest <= value <= highest:
            raise BadRecipe(
                f"'{self.name}.{parameter}' is {value}; it must be {lowest} to {highest}."
            )


def replace_backdrop(image: Image, facts: Facts, params: backdrops.Backdrop) -> Image:
    """Draw the backdrop and composite the person over it, matched to its light and colour."""
    backdrop = backdrops.draw_backdrop(params, facts)
    azimuth = float(facts.light.coefficients[1])
    backdrop = compositing.cast_shadow(
        backdrop, facts.alpha, strength=params.shadow, azimuth=azimuth
    )
    foreground = compositing.clean_edges(image, facts.alpha)
    foreground = harmonise_foreground(foreground, facts.alpha, backdrop, strength=params.harmonise)
    foreground = compositing.wrap_light(foreground, facts.alpha, backdrop, strength=params.wrap)
    return compositing.composite_over(foreground, facts.alpha, backdrop)


UNIT_RANGE = (0.0, 1.0)
KELVIN_RANGE = (3000, 9000)  # where color.from_kelvin was fitted

STEPS = (
    Step(
        name="dress",
        params_type=Dress,
        function=wear_clothes,
        version=1,
        ranges={},
        identity=Dress(),
        check_params=check_dress,
    ),
    Step(
        name="retouch",
        params_type=Retouch,
        function=retouch_skin,
        version=1,
        ranges={"strength": UNIT_RANGE},
        identity=Retouch(strength=0),
    ),
    Step(
        name="expression",
        params_type=Expression,
        function=apply_expression,
        version=1,
        ranges={"smile": (-1, 1), "contemplative": UNIT_RANGE},
        identity=Expression(),
    ),
    Step(
        name="relight",
        params_type=Relight,
        function=relight_subject,
        version=2,
        ranges={
            "azimuth": (-90, 90),
            "elevation": (-30, 80),
            "ratio": (1, 8),
            "kelvin": KELVIN_RANGE,
            "rim": UNIT_RANGE,
            "rim_kelvin": KELVIN_RANGE,
            "strength": UNIT_RANGE,
        },
        identity=Relight(strength=0),
    ),
    Step(
        name="backdrop",
        params_type=backdrops.Backdrop,
        function=replace_backdrop,
        version=2,
        ranges={
            "blur": UNIT_RANGE,
            "shadow": UNIT_RANGE,
            "wrap": UNIT_RANGE,
            "harmonise": UNIT_RANGE,
        },
        identity=None,
    ),
    Step(
        name="generate_backdrop",
        params_type=diffusion_steps.GenerateBackdrop,
        function=diffusion_steps.generate_backdrop,
        version=2,
        ranges={"wrap": UNIT_RANGE, "harmonise": UNIT_RANGE},
        identity=diffusion_steps.GenerateBackdrop(),
        check_params=diffusion_steps.check_backdrop,
        needs_diffusion=lambda params: bool(params.place),
    ),
    Step(
        name="change_outfit",
        params_type=diffusion_steps.ChangeOutfit,
        function=diffusion_steps.change_outfit,
        version=2,
        ranges={"harmonise": UNIT_RANGE},
        identity=diffusion_steps.ChangeOutfit(),
        check_params=diffusion_steps.check_outfit,
        needs_diffusion=lambda params: bool(params.outfit),
    ),
    Step(
        name="restyle",
        params_type=diffusion_steps.Restyle,
        function=diffusion_steps.restyle,
        version=1,
        ranges={},
        identity=diffusion_steps.Restyle(),
        check_params=diffusion_steps.check_change,
        needs_diffusion=lambda params: bool(params.change),
    ),
    Step(
        name="grade",
        params_type=Grade,
        function=apply_grade,
        version=3,
        ranges={
            "exposure": (-1, 1),
            "contrast": UNIT_RANGE,
            "fade": UNIT_RANGE,
            "saturation": (0, 1.3),
            "shadows": (-1, 1),
            "highlights": (-1, 1),
            "vignette": UNIT_RANGE,
            "grain": UNIT_RANGE,
            "strength": UNIT_RANGE,
        },
        identity=Grade(strength=0),
    ),
)

STEPS_BY_NAME: dict[str, Step] = {step.name: step for step in STEPS}
