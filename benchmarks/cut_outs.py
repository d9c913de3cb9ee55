"""`make bench-cut-outs PHOTOS=folder`: cut-outs against known truth, and the model of their error.

Every person is cut out, laid on known grounds, saved as JPEG and cut out again: the first alpha is
the truth for the second. Printed are the error by ground and region, the weights of
analysis/matte_error.py as these photos give them, and its reliability: of the regions said to be
fine, how many are. A person behind is not in the fit: what is kept of one cannot be measured in the
cut-out, so that its reliability is printed by itself.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from headshots.engine.analysis import matte_error, matting, subject
from headshots.engine.errors import EngineError
from headshots.engine.io.decode import decode
from headshots.engine.operations import scenes
from headshots.engine.types import FACE_POINTS, Image, Pixels

SAMPLE_FOLDER = Path("headshots/samples")
SIZE = 384  # pixels of the headshots for which photos are prepared
JPEG_QUALITY = 85
SCENE = "office/morning"
PERSON_BEHIND = "person behind"
MIN_PREDICTED = 0.004  # face heights: smaller errors are not told apart when fitting


@dataclass(frozen=True, eq=False)
class Trial:
    """One region of one cut-out: evidence, prediction, and true error in face heights."""

    photo: str
    ground: str
    region: str
    evidence: NDArray[np.float64]
    predicted: float
    error: float


def draw_grounds(
    prepared: subject.Subject, other: subject.Subject | None
) -> Iterator[tuple[str, Image]]:
    """Yield names and pictures of grounds, RGB in 0..255, of the size of the canvas."""
    height, width = prepared.canvas.shape[:2]
    generator = np.random.default_rng(1)
    crown = int(prepared.head.crown)
    axis = int(np.clip(prepared.head.axis, 8, width - 8))
    hair = np.median(prepared.matte.foreground[crown + 4 : crown + 16, axis - 8 : axis + 8], (0, 1))
    yield "light", np.full((height, width, 3), 225, np.float32)
    yield "hair colour", np.clip(hair + generator.normal(0, 4, (height, width, 3)), 0, 255)
    noise = generator.normal(0, 1, (height // 12 + 1, width // 12 + 1, 3)).astype(np.float32)
    texture = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    yield "texture", np.clip(hair + 40 + 45 * texture, 0, 255)
    side = max(height, width)
    scene = cv2.resize(scenes.load_scene(SCENE, with_accent=False).picture, (side, side))
    yield "scene", cv2.GaussianBlur(scene[:height, :width], (0, 0), 3).astype(np.float32)
    if other is not None:
        yield PERSON_BEHIND, draw_person_behind(prepared, other)


def draw_person_behind(prepared: subject.Subject, other: subject.Subject) -> Image:
    """Draw another photo, out of focus, so that its person stands behind one shoulder."""
    height, width = prepared.canvas.shape[:2]
    scale = 0.8 * prepared.face.height / other.face.height
    behind = cv2.resize(other.canvas, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left = round(prepared.head.axis + 0.95 * prepared.face.height - scale * other.head.axis)
    top = round(prepared.head.eyes + 0.2 * prepared.face.height - scale * other.head.eyes)
    moved = cv2.warpAffine(
        behind,
        np.array([[1, 0, left], [0, 1, top]], np.float32),
        (width, height),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cv2.GaussianBlur(moved, (0, 0), 0.03 * prepared.face.height).astype(np.float32)


def compress(picture: Image) -> Pixels:
    """Save as JPEG and read again."""
    pixels = np.clip(np.round(picture), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def try_grounds(
    name: str, prepared: subject.Subject, other: subject.Subject | None
) -> Iterator[Trial]:
    """Lay a cut-out on every ground, cut it out again, and yield each region's errors."""
    truth = prepared.matte.alpha
    weight = truth[..., None]
    landmarks = prepared.face.landmarks[:, :2]
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    for ground_name, ground in draw_grounds(prepared, other):
        scene = compress(weight * prepared.matte.foreground + (1 - weight) * ground)
        again = matting.cut_out(scene, prepared.face)
        difference = np.abs(again.alpha - truth)
        all_rows = matte_error.split_rows(len(truth), landmarks)
        for region, rows in zip(again.regions, all_rows, strict=True):
            outline = matte_error.measure_outline(truth, rows, face_height=face_height)
            error = float(difference[rows].sum()) / outline / face_height
            yield Trial(name, ground_name, region.name, region.evidence, region.error, error)


def fit_weights(trials: list[Trial]) -> NDArray[np.float64]:
    """Fit the weights by least squares of relative errors, none of them negative."""
    errors = np.array([trial.error for trial in trials])
    evidence = np.array([trial.evidence for trial in trials])
    scale = 1 / np.maximum(errors, MIN_PREDICTED)
    weights, _ = nnls(evidence * scale[:, None], errors * scale)
    return np.asarray(weights)


def print_reliability(trials: list[Trial]) -> None:
    """Print how often regions said to be fine are fine, and the others not."""
    if not trials:
        return
    said_fine = np.array([trial.predicted for trial in trials]) <= matte_error.MAX_VISIBLE_ERROR
    fine = np.array([trial.error for trial in trials]) <= matte_error.FINE_ERROR
    print(f"  said to be fine {said_fine.sum():4}, of these fine {fine[said_fine].mean():6.1%}")
    if not said_fine.all():
        doubted = ~said_fine
        print(f"  doubted         {doubted.sum():4}, of these wrong {(~fine)[doubted].mean():5.1%}")


def cross_validate(trials: list[Trial]) -> list[Trial]:
    """Predict every photo's errors with weights fitted without it."""
    validated = []
    for photo in dict.fromkeys(trial.photo for trial in trials):
        others = [trial for trial in trials if trial.photo != photo]
        weights = fit_weights(others or trials)
        validated += [
            replace(trial, predicted=float(weights @ trial.evidence))
            for trial in trials
            if trial.photo == photo
        ]
    return validated


def prepare(path: Path) -> subject.Subject | None:
    """Prepare a photo's largest face; None if it cannot be used."""
    try:
        return subject.prepare_subject(decode(path.read_bytes()), size=SIZE, face=0)
    except EngineError as error:
        print(f"{path.stem}: {error}", file=sys.stderr)
        return None


def main() -> None:
    """Try all photos of the folder given on the command line, and print errors and fit."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE_FOLDER
    trials: list[Trial] = []
    previous: subject.Subject | None = None
    for path in sorted(folder.glob("*.jpg")):
        prepared = prepare(path)
        if prepared is not None:
            trials.extend(try_grounds(path.stem, prepared, previous))
            previous = prepared
    for ground in dict.fromkeys(trial.ground for trial in trials):
        for region in matte_error.REGIONS:
            errors = [
                trial.error for trial in trials if (trial.ground, trial.region) == (ground, region)
            ]
            median, high = np.percentile(errors, (50, 90))
            print(f"{ground:16}{region:12} median {median:.4f}  p90 {high:.4f}  n {len(errors)}")
    plain_trials = [trial for trial in trials if trial.ground != PERSON_BEHIND]
    print("weights", np.round(fit_weights(plain_trials), 3).tolist(), matte_error.EVIDENCE)
    print("as built in, without a person behind:")
    print_reliability(plain_trials)
    print("as built in, with a person behind:")
    print_reliability([trial for trial in trials if trial.ground == PERSON_BEHIND])
    print("fitted without the photo in question:")
    print_reliability(cross_validate(plain_trials))


if __name__ == "__main__":
    main()
