"""From a volume to the folded surface of the template brain."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Params,
    Result,
    Surface,
    Volume,
    method,
    param,
)
from neurostudio.spaces import MNI152, MNI305, space_of
from neurostudio.templates import fsaverage5, in_mni152
from neurostudio.views import Brain

from .images import WARNINGS, codes, memory, step_of, values_of, volume_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

LAYERS = 10  # samples from the white to the pial surface


class SurfaceParams(Params):
    """Parameters of :func:`volume_to_surface`."""

    interpolation: Literal["by kind", "linear", "nearest"] = param(
        "by kind", "by kind: nearest for atlases, which are not mixed; else linear"
    )
    threshold: float = param(
        0.0, "In the pictures, values nearer to 0 than this are not coloured", unit="1", ge=0
    )
    name: str = param("", "Name of the values at the vertices; empty for the volume's")


def _check(params: SurfaceParams, items: Items) -> None:
    del params
    volume = items["volume"]
    assert isinstance(volume, Volume)  # noqa: S101  the method's own check came first
    space = space_of(volume)
    if space != MNI152:
        raise BadInput(
            f"The volume's space is {space or 'unknown'}; only what is in MNI152 can be laid on the surface "
            "of fsaverage. Bring it there first, or say the space with 'set_space' where the header is "
            "wrong."
        )


@method(
    group="Analyse",
    memory=memory,
    check=_check,
    example="surface",
    warnings=WARNINGS
    | {
        "template": (
            "The surface is that of the template brain (fsaverage5), not of the person: folds differ "
            "between people by several millimetres."
        ),
        "beyond": "Part of the surface lies outside the image; it has no values there.",
    },
)
def volume_to_surface(context: Context, params: SurfaceParams, volume: Volume) -> Result:
    """Lay a volume in MNI152 on the surface of fsaverage5, both hemispheres.

    Each vertex takes the mean of the voxels between the white and the pial surface, or of an atlas the
    most frequent label. The mesh is first brought from MNI305 to MNI152 by FreeSurfer's linear map.
    """
    nearest = params.interpolation == "nearest" or (
        params.interpolation == "by kind" and bool(volume.labels)
    )
    mesh = fsaverage5()
    given = context.names.get("volume", ())
    name = params.name or (given[0] if given else "volume")
    values = values_of(volume)
    for _ in context.track(range(1), "Sampling between the surfaces"):
        found = project(volume, values, mesh, nearest=nearest)
    missing = np.asarray(~np.isfinite(found).all(axis=1))
    made = _surface(mesh, volume, name, found)
    sides = mesh.scalars["hemisphere"]
    there = {
        side: np.abs(np.nan_to_num(found[sides == key]))
        for key, side in mesh.labels["hemisphere"].items()
    }
    return Result(
        data={"surface": made},
        views=_views(params, made, name, found, nearest=nearest),
        numbers={
            **{
                f"largest, {side}": Number(float(each.max()), note="absolute value, of all times")
                for side, each in there.items()
            },
            "vertices without values": Number(int(missing.sum()), note=f"of {len(missing):,}"),
        },
        warnings=codes([volume], "template", *(["beyond"] if missing.any() else [])),
    )


def project(volume: Volume, values: Array, mesh: Surface, *, nearest: bool) -> Array:
    """Return values (n_vertices, n_images) of a volume in MNI152 at a mesh in MNI305."""
    from nilearn.surface import InMemoryMesh, vol_to_surf

    image = volume_of(values, volume).image
    outer = InMemoryMesh(in_mni152(mesh.shapes["pial"]), mesh.faces)
    inner = InMemoryMesh(in_mni152(mesh.shapes["white"]), mesh.faces)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # vertices outside the image: counted by the caller
        found = vol_to_surf(
            image,
            outer,
            inner_mesh=inner,
            interpolation="nearest_most_frequent" if nearest else "linear",
            kind="depth",
            n_samples=LAYERS,
        )
    found = np.asarray(found, float)
    return found if found.ndim == 2 else found[:, None]


def _surface(mesh: Surface, volume: Volume, name: str, found: Array) -> Surface:
    if found.shape[1] > 1:
        step = step_of(volume) or 1.0
        times: Array = np.arange(found.shape[1], dtype=np.float64) * step
        return replace(mesh, series={name: found}, times=times)
    own: dict[str, Any] = {**mesh.scalars, name: found[:, 0]}
    labels = {**mesh.labels, name: volume.labels} if volume.labels else mesh.labels
    return replace(mesh, scalars=own, labels=labels, space=MNI305)


def _views(
    params: SurfaceParams, made: Surface, name: str, found: Array, *, nearest: bool
) -> tuple[Brain, ...]:
    series = found.shape[1] > 1
    diverging = bool(np.nanmin(found) < 0 < np.nanmax(found))
    way = "most frequent label" if nearest else "mean"
    words: dict[str, Any] = {
        "faces": made.faces,
        "values": found.T,
        "titles": () if series else (name,),
        "times": made.times if series else None,
        "axis": "time" if series else "",
        "space": made.space,
        "value_label": name,
        "diverging": diverging,
        "threshold": params.threshold,
        "caption": f"The {way} between the white and the pial surface of fsaverage5.",
    }
    return (
        Brain(vertices=made.shapes["inflated"], title="Inflated", **words),
        Brain(vertices=made.shapes["pial"], title="Pial", **words),
    )
