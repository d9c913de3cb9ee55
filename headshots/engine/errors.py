"""The errors of the engine; each has a code, a message and advice::

EngineError
├── BadImage                  the bytes are no picture
│   └── TooLarge
├── NoFace, SeveralFaces, UnknownFace                     the face in the photo
├── UnusableFace, TooSmall, TurnedPhoto
├── NoFraming, LikenessTooLow                             the result
├── QualityTooLow
│   └── FaceLockFailed
├── ClothesRefused
├── BadRecipe, RenderCancelled
└── ModelMissing, DiffusionUnavailable, OutOfMemory, DeviceUnavailable, UnknownLicence
    └── ModelCorrupt
"""

from headshots.errors import FacetError


class EngineError(FacetError):
    """A photo cannot be used, or a recipe cannot be rendered."""

    code = "engine"


class BadImage(EngineError):
    """The bytes are not a picture that can be read safely."""

    code = "bad_image"
    advice = "Use a JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP or GIF photo straight from the camera."


class TooLarge(BadImage):
    """More bytes or pixels than the engine accepts; checked before pixels are decoded."""

    code = "too_large"
    advice = "Export the photo smaller: 4,000 pixels on the long side are plenty."


class NoFace(EngineError):
    """No face was found."""

    code = "no_face"
    advice = "Use a photo in which your face is turned to the camera and well lit."


class SeveralFaces(EngineError):
    """There are several faces and none is clearly the largest."""

    code = "several_faces"
    advice = "Choose which face is yours."


class UnknownFace(EngineError):
    """A face was chosen that this photo does not show."""

    code = "unknown_face"
    advice = "Choose one of the faces that were found."

    @classmethod
    def by_index(cls, index: int, *, count: int) -> "UnknownFace":
        """Return the error for an index among `count` faces, which are counted from 0."""
        if count == 1:
            message = f"There is no face {index}: this photo shows 1 face."
            return cls(message, advice="0 is the only one.")
        message = f"There is no face {index}: this photo shows {count} faces."
        return cls(message, advice=f"Choose 0, the largest, to {count - 1}.")


class UnusableFace(EngineError):
    """The face is cut off by the edge of the photo, turned away or hidden."""

    code = "unusable_face"
    advice = "Take one with the whole face in the picture, looking towards the camera."


class TurnedPhoto(EngineError):
    """The photo lies on its side or stands on its head.

    `quarter_turns` to the left make it upright: 1, 2 or 3.
    """

    code = "turned"
    advice = "Turn it, then we look at it again."

    def __init__(self, quarter_turns: int) -> None:
        is_upside_down = quarter_turns == 2
        message = "The photo is upside down." if is_upside_down else "The photo is on its side."
        super().__init__(message)
        self.quarter_turns = quarter_turns


class TooSmall(EngineError):
    """The face has too few pixels, or the picture is too small for a step."""

    code = "too_small"
    advice = "Come closer to the camera, or use the original file instead of a shared copy."


class LikenessTooLow(EngineError):
    """The face of a variant differs from the photographed face by more than the limit."""

    code = "likeness"
    advice = "Lower the expression or use another source photo."


class QualityTooLow(EngineError):
    """A variant fails an output check, or fits no file of the size asked for."""

    code = "quality"
    advice = "Try another photo."


class ClothesRefused(EngineError):
    """Clothes of the wardrobe would not sit right on the person of this photo."""

    code = "clothes"
    advice = "Try a photo in which you look straight at the camera, with both shoulders in it."


class NoFraming(EngineError):
    """The photo shows too little around the head for any crop that this look allows."""

    code = "framing"
    advice = "Use a photo with more room around head and shoulders."


class BadRecipe(EngineError):
    """A recipe names an unknown step, parameter, look or scene, or a value out of range."""

    code = "bad_recipe"
    advice = "Check the names and ranges in looks.toml."


class ModelMissing(EngineError):
    """A model file or a system library that a model needs is not installed."""

    code = "model_missing"
    advice = "Run `make install`."


class DiffusionUnavailable(EngineError):
    """A look needs a diffusion pipeline, and this worker has none."""

    code = "needs_gpu"
    advice = "Choose a look without it, or ask whoever runs this Facet for a GPU worker."


class FaceLockFailed(QualityTooLow):
    """A generated picture does not align with the photo, or a pixel of the face changed."""

    code = "face_lock"
    advice = "Try once more: another seed paints another picture."


class RenderCancelled(EngineError):
    """The render was cancelled by the person who started it."""

    code = "cancelled"
    advice = "Start it again whenever you like."


class OutOfMemory(EngineError):
    """The device has too little memory for the network in every configuration that was tried."""

    code = "out_of_memory"
    advice = "Free memory on the device, or choose a smaller model (manage.py models list)."


class DeviceUnavailable(EngineError):
    """This machine does not have the requested device."""

    code = "no_device"
    advice = "Leave the device out, and the best one is used."


class UnknownLicence(EngineError):
    """The weights state no licence, or one that does not allow commercial use."""

    code = "licence"
    advice = "Use one of `manage.py models list`: their licences are known."


class ModelCorrupt(ModelMissing):
    """Weights on disk are incomplete, or differ from the published checksum."""

    code = "model_broken"
    advice = "Run `manage.py models download` once more: it fetches only what is wrong."
