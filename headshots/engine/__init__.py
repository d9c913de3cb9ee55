"""The studio engine: arrays in, arrays out; no Django, clock, settings or network."""

from headshots.engine.errors import ModelMissing

try:
    import cv2  # noqa: F401 - imported here first so that a missing library is named once, clearly
except ImportError as error:
    raise ModelMissing(
        f"OpenCV cannot start: {error}.",
        advice="Run `make install`; on a slim Debian or Ubuntu also "
        "`apt-get install libgl1 libglib2.0-0`.",
    ) from error
