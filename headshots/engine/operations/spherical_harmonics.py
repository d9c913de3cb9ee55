"""Second-order spherical harmonics of the light around a head; NumPy only, for authoring too.

Axes: x to the right in the picture, y up, z from the person towards the camera. The nine
coefficients are of incident radiance, not yet convolved with the cosine lobe, in the order of
Ramamoorthi & Hanrahan, "An Efficient Representation for Irradiance Environment Maps" (2001).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A_l of the paper over π, for the nine harmonics in the order below.
COSINE = np.array([1.0, *[2 / 3] * 3, *[1 / 4] * 5])
ORDER = ("1", "y", "z", "x", "xy", "yz", "3z²-1", "xz", "x²-y²")


def basis(directions: Floats) -> Floats:
    """The nine real harmonics of unit directions (…×3), …×9."""
    x, y, z = np.moveaxis(directions, -1, 0)
    return np.stack(
        [
            np.full_like(x, 0.282095),
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ],
        axis=-1,
    )


def panorama_directions(height: int, width: int) -> Floats:
    """Direction of each pixel: the middle looks away from the camera (−z), the top row up."""
    longitude = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    lon, lat = np.meshgrid(longitude, latitude)
    return np.stack([np.sin(lon) * np.cos(lat), np.sin(lat), -np.cos(lon) * np.cos(lat)], axis=-1)


def project(panorama: Floats) -> Floats:
    """9×3 coefficients of an equirectangular panorama of linear radiance (H×W×3)."""
    height, width, _ = panorama.shape
    edges = np.sin((0.5 - np.arange(height + 1) / height) * np.pi)
    solid_angle = (edges[:-1] - edges[1:]) * 2 * np.pi / width
    harmonics = basis(panorama_directions(height, width)) * solid_angle[:, None, None]
    return np.einsum("hwk,hwc->kc", harmonics, panorama)


def irradiance(normals: NDArray[np.float32], probe: Floats) -> Floats:
    """Irradiance over π on unit normals (…×3) from a 9×3 probe of radiance (equation 7)."""
    return np.asarray((basis(normals.astype(np.float64)) * COSINE) @ probe)
