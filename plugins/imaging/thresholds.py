"""Which voxels of a map pass, and the clusters they make up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .images import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

Correction = Literal["FDR", "Bonferroni", "none"]


def threshold_of(z: Array, correction: Correction, level: float) -> float:
    """Return the least ``|z|`` that passes, two-sided; just above the largest where none does.

    Parameters
    ----------
    z : array of shape (n_voxels,)
        Of the voxels that were tested.

    Notes
    -----
    FDR: Benjamini & Hochberg 1995; Bonferroni: the level divided by the number of voxels.
    """
    from scipy.stats import false_discovery_control, norm

    size = np.abs(z)
    above = float(size.max()) + 0.01
    if correction == "FDR":
        passing = false_discovery_control(2 * norm.sf(size)) <= level
        return float(size[passing].min()) if passing.any() else above
    tests = len(z) if correction == "Bonferroni" else 1
    return min(float(norm.isf(level / tests / 2)), above)


def clusters(image: Array, threshold: float, affine: Array, least: int) -> list[dict[str, Any]]:
    """Return the clusters of ``|z|`` from the threshold on, the largest peak first.

    Voxels that share a face belong together; those above and below 0 are kept apart.

    Returns
    -------
    list of dict
        ``peak z``; ``x``, ``y``, ``z`` of the peak in mm; ``voxels``; ``size`` in mm3.
    """
    from scipy.ndimage import label

    size = round(float(abs(np.linalg.det(affine[:3, :3]))), 6)
    found = []
    for sign in (1, -1):
        numbers, count = label(sign * image >= threshold)
        for number in range(1, count + 1):
            voxels = np.argwhere(numbers == number)
            if len(voxels) < least:
                continue
            own = image[tuple(voxels.T)]
            peak = int(np.argmax(sign * own))
            x, y, z = places_of(voxels[peak : peak + 1], affine)[0]
            found.append(
                {
                    "peak z": float(own[peak]),
                    "x": float(x),
                    "y": float(y),
                    "z": float(z),
                    "voxels": len(voxels),
                    "size": len(voxels) * size,
                }
            )
    return sorted(found, key=lambda each: -abs(each["peak z"]))


def words_of(correction: Correction, level: float, threshold: float, passing: int) -> str:
    """Return in words which voxels are shown."""
    rule = {
        "FDR": f"false discovery rate {level:g}",
        "Bonferroni": f"p < {level:g} corrected for all voxels (Bonferroni)",
        "none": f"p < {level:g}, not corrected for the number of voxels",
    }[correction]
    if not passing:
        return f"No voxel passes: {rule}, two-sided."
    return f"{passing:,} voxels pass: |z| from {threshold:.2f} on, {rule}, two-sided."
