"""Second-order spherical harmonics of the light around a head.

Axes: x to the right in the picture, y up, z from the person towards the camera. A probe is 9×3
coefficients of incident linear radiance, not yet convolved with the cosine lobe, in the order of
Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps" (2001),
whose equations are cited below. This module needs NumPy only, because the scripts that render the
scene library import it too.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Coefficients A_l of the cosine lobe (equation 8) over π, for the nine harmonics in their order.
COSINE_LOBE = np.array([1.0, *[2 / 3] * 3, *[1 / 4] * 5])
HARMONIC_NAMES = ("1", "y", "z", "x", "xy", "yz", "3z²-1", "xz", "x²-y²")


# Normalisation of the real harmonics (equation 3).
CONSTANT_TERM = 0.282095  # 1
LINEAR_TERM = 0.488603  # x, y, z
PRODUCT_TERM = 1.092548  # xy, yz, xz
POLAR_TERM = 0.315392  # 3z² - 1
DIFFERENCE_TERM = 0.546274  # x² - y²


def evaluate_harmonics(directions: FloatArray) -> FloatArray:
    """Evaluate the nine harmonics at unit directions (…×3), as …×9 in HARMONIC_NAMES' order."""
    x, y, z = np.moveaxis(directions, -1, 0)
    return np.stack(
        [
            np.full_like(x, CONSTANT_TERM),
            LINEAR_TERM * y,
            LINEAR_TERM * z,
            LINEAR_TERM * x,
            PRODUCT_TERM * x * y,
            PRODUCT_TERM * y * z,
            POLAR_TERM * (3 * z * z - 1),
            PRODUCT_TERM * x * z,
            DIFFERENCE_TERM * (x * x - y * y),
        ],
        axis=-1,
    )


def panorama_directions(height: int, width: int) -> FloatArray:
    """Return the unit direction of each pixel of an equirectangular panorama, H×W×3.

    Its middle looks away from the camera (−z), its top row up.
    """
    longitude = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    longitudes, latitudes = np.meshgrid(longitude, latitude)
    return np.stack(
        [
            np.sin(longitudes) * np.cos(latitudes),
            np.sin(latitudes),
            -np.cos(longitudes) * np.cos(latitudes),
        ],
        axis=-1,
    )


def project_panorama(panorama: FloatArray) -> FloatArray:
    """Project an equirectangular panorama of linear radiance (H×W×3) on the harmonics, as 9×3.

    Each pixel counts by the solid angle that it covers.
    """
    height, width, _ = panorama.shape
    row_edges = np.sin((0.5 - np.arange(height + 1) / height) * np.pi)
    solid_angle = (row_edges[:-1] - row_edges[1:]) * 2 * np.pi / width
    harmonics = evaluate_harmonics(panorama_directions(height, width)) * solid_angle[:, None, None]
    return np.einsum("hwk,hwc->kc", harmonics, panorama)


def compute_irradiance(normals: NDArray[np.float32], probe: FloatArray) -> FloatArray:
    """Return the irradiance over π on unit normals (…×3) from a 9×3 probe (equation 7), as …×3."""
    return np.asarray((evaluate_harmonics(normals.astype(np.float64)) * COSINE_LOBE) @ probe)
