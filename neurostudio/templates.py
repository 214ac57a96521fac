"""Brains and bodies to draw data in: MNI152 and fsaverage5 as nilearn brings them, a body along points."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from neurostudio.data import Surface, Volume
from neurostudio.errors import BadInput
from neurostudio.spaces import MNI305

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

Shape = Literal["pial", "white", "inflated", "sphere"]
Tissue = Literal["t1", "grey", "white", "mask"]
HEMISPHERES = ("left", "right")
SHAPES = {"pial": "pial", "white": "white", "inflated": "infl", "sphere": "sphere"}
SCALARS = {"sulc": "sulc", "curv": "curv", "thickness": "thick", "area": "area"}
APART = 2.0  # mm between hemispheres that would lie in one another
MNI152_CODE = 4  # NIfTI's code of MNI152
# https://surfer.nmr.mgh.harvard.edu/fswiki/CoordinateSystems
_TO_MNI152 = (
    (0.9975, -0.0073, 0.0176, -0.0429),
    (0.0146, 1.0009, -0.0024, 1.5496),
    (-0.0130, -0.0093, 0.9971, 1.1840),
)
_FOLDER = ("datasets", "data", "fsaverage5")


@cache
def fsaverage5(shape: Shape = "pial") -> Surface:
    """Return both hemispheres of fsaverage5 in one mesh.

    Parameters
    ----------
    shape
        What the vertices are: ``"pial"``, ``"white"``, ``"inflated"`` or ``"sphere"``.

    Returns
    -------
    Surface
        20,484 vertices in mm, the left ones first; all four ``shapes``; ``scalars["hemisphere"]``, 1 on the
        left and 2 on the right, ``sulc`` and ``curv`` (positive in the folds), ``thickness`` (mm) and
        ``area`` (mm2). Inflated and spherical hemispheres lie side by side; their millimetres are no
        places. It is read once.

    Raises
    ------
    BadInput
        The files of nilearn are not there.

    References
    ----------
    Fischl et al., Cortical surface-based analysis II, NeuroImage 1999.
    """
    import numpy as np

    halves = {
        name: [_mesh(f"{file}_{side}")[0] for side in HEMISPHERES] for name, file in SHAPES.items()
    }
    for name in ("inflated", "sphere"):
        halves[name] = _side_by_side(*halves[name])
    shapes = {name: np.concatenate(both) for name, both in halves.items()}
    left, right = (_mesh(f"pial_{side}")[1] for side in HEMISPHERES)
    counts = [len(half) for half in halves["pial"]]
    scalars = {"hemisphere": np.repeat([1.0, 2.0], counts)}
    for name, file in SCALARS.items():
        scalars[name] = np.concatenate([_values(f"{file}_{side}") for side in HEMISPHERES])
    return Surface(
        shapes[shape],
        np.concatenate([left, right + counts[0]]),
        scalars,
        shapes=shapes,
        labels={"hemisphere": dict(enumerate(HEMISPHERES, start=1))},
        space=MNI305,
    )


def _side_by_side(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    return [
        left - [left[:, 0].max() + APART / 2, 0.0, 0.0],
        right - [right[:, 0].min() - APART / 2, 0.0, 0.0],
    ]


@cache
def mni152(tissue: Tissue, size: int) -> Volume:
    """Return one image of the MNI152 brain (ICBM 2009a), voxels of ``size`` mm.

    The header says that its millimetres are those of MNI152. The mask has one region, ``brain``. It is read
    once.
    """
    import nibabel
    import numpy as np
    from nilearn import datasets

    load = {
        "t1": datasets.load_mni152_template,
        "grey": datasets.load_mni152_gm_template,
        "white": datasets.load_mni152_wm_template,
        "mask": datasets.load_mni152_brain_mask,
    }[tissue]
    found = load(resolution=size)
    kind: Any = np.uint8 if tissue == "mask" else np.float32
    values = np.array(found.dataobj, kind)
    values.flags.writeable = False  # it is shared
    image = nibabel.Nifti1Image(values, found.affine)
    image.set_sform(found.affine, MNI152_CODE)
    image.set_qform(found.affine, MNI152_CODE)
    image.header.set_xyzt_units("mm", "sec")
    return Volume(image, {1: "brain"} if tissue == "mask" else {})


def in_mni152(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places (n, 3) of MNI305 (fsaverage) in MNI152, mm, by FreeSurfer's linear map."""
    import numpy as np

    turned = np.array(_TO_MNI152)
    return np.asarray(places @ turned[:, :3].T + turned[:, 3])


def tube(
    points: NDArray[np.float64], *, n_rings: int = 48, n_around: int = 20, margin: float = 1.15
) -> Surface:
    """Return a smooth closed body around points along their longest direction, for a worm.

    Parameters
    ----------
    points : array of shape (n_points, 3)
        Places in mm.
    n_rings, n_around
        Circles along the body, and vertices of each.
    margin
        How much wider the body is than the points within it.

    Raises
    ------
    BadInput
        There are fewer than four points, or all lie in one place.
    """
    import numpy as np

    places = np.asarray(points, float)
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) < 4 or not np.ptp(places, axis=0).max() > 0:
        raise BadInput("A body needs at least four points that do not lie in one place.")
    main = int(np.argmax(np.ptp(places, axis=0)))
    others = [axis for axis in range(3) if axis != main]
    low, high = places[:, main].min(), places[:, main].max()
    over = 0.04 * (high - low)
    along = np.linspace(low - over, high + over, n_rings)
    centres, radii = _bodies(places, along, main, others, margin)
    ends = np.clip((along - along[0]) / (2.5 * over), 0, 1)
    ends *= np.clip((along[-1] - along) / (2.5 * over), 0, 1)
    radii *= np.sqrt(np.sin(np.pi / 2 * ends))[:, None]
    angle = np.linspace(0, 2 * np.pi, n_around, endpoint=False)
    rings = np.empty((n_rings, n_around, 3))
    rings[:, :, main] = along[:, None]
    for axis, turn in zip(others, (np.cos(angle), np.sin(angle)), strict=True):
        column = others.index(axis)
        rings[:, :, axis] = centres[:, column, None] + radii[:, column, None] * turn
    return Surface(rings.reshape(-1, 3), _rings_as_faces(n_rings, n_around), {})


def _bodies(
    places: NDArray[np.float64],
    along: NDArray[np.float64],
    main: int,
    others: list[int],
    margin: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return centre and half width of the body at each ring, from the points near it."""
    import numpy as np

    width = 0.08 * (along[-1] - along[0])
    near = np.exp(-0.5 * ((along[:, None] - places[None, :, main]) / width) ** 2)
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1e-30)
    cross = places[:, others]
    centres = near @ cross
    spread = np.sqrt(np.maximum(near @ cross**2 - centres**2, 0.0))
    least = 0.25 * spread.max() + 1e-9
    return centres, margin * 2.0 * np.maximum(spread, least)


def _rings_as_faces(n_rings: int, n_around: int) -> NDArray[np.int64]:
    import numpy as np

    ring, spot = np.meshgrid(np.arange(n_rings - 1), np.arange(n_around), indexing="ij")
    here = ring * n_around + spot
    beside = ring * n_around + (spot + 1) % n_around
    above, over = here + n_around, beside + n_around
    lower = np.stack([here, beside, above], axis=-1).reshape(-1, 3)
    upper = np.stack([beside, over, above], axis=-1).reshape(-1, 3)
    return np.asarray(np.concatenate([lower, upper]), np.int64)


def _file(name: str) -> Path:
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("nilearn")
    if found is None or not found.submodule_search_locations:
        raise BadInput("fsaverage5 comes with nilearn, which is not installed: pip install nilearn")
    path = Path(found.submodule_search_locations[0]).joinpath(*_FOLDER, f"{name}.gii.gz")
    if not path.is_file():
        raise BadInput(
            f"nilearn holds no {path.name}. Install another version: pip install -U nilearn"
        )
    return path


def _mesh(name: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    import nibabel
    import numpy as np

    points, faces = nibabel.load(_file(name)).agg_data(("pointset", "triangle"))
    return np.asarray(points, float), np.asarray(faces, np.int64)


def _values(name: str) -> NDArray[np.float64]:
    import nibabel
    import numpy as np

    return np.asarray(nibabel.load(_file(name)).agg_data(), float)
