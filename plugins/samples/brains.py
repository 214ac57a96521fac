"""The template brain of MNI152, and the surface of fsaverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from neurostudio.api import Context, Number, Params, Report, Result, Slices, View, method, param
from neurostudio.samples import sample
from neurostudio.spaces import MNI152
from neurostudio.templates import Tissue, fsaverage5, mni152
from neurostudio.views import Brain

if TYPE_CHECKING:
    from neurostudio.api import Surface, Volume

TITLES = {"t1": "T1", "grey": "Grey matter", "white": "White matter", "mask": "Brain mask"}


class Mni152Params(Params):
    """Parameters of :func:`sample_mni152`."""

    size: int = param(2, "Edge of the voxels", unit="mm", ge=1, le=8)


@method(
    group="Samples",
    title="MNI152 brain",
    warnings={"source": sample("sample_mni152").words},
    example="small",
)
def sample_mni152(context: Context, params: Mni152Params) -> Result:
    """Open the MNI152 template brain: T1, grey and white matter, and the brain's mask."""
    found: dict[str, Volume] = {
        str(tissue): mni152(tissue, params.size)
        for tissue in context.track(get_args(Tissue), "Reading the template")
    }
    inside = np.asarray(found["mask"].image.dataobj)
    litres = float(inside.sum()) * params.size**3 / 1e6
    return Result(
        data={f"mni152_{tissue}": volume for tissue, volume in found.items()},
        views=(*_slices(found), Report(title="Source", text=sample("sample_mni152").words)),
        numbers={"volume of the brain": Number(litres, "l", note="inside the mask")},
        warnings=("source",),
    )


def _slices(found: dict[str, Volume]) -> list[View]:
    under = np.asarray(found["t1"].image.dataobj, np.float32)
    affine = np.asarray(found["t1"].image.affine, float)
    views: list[View] = [
        Slices(under, affine, value_label="brightness", space=MNI152, title="T1",
               caption="Mean of 152 people, in MNI152.")
    ]  # fmt: skip
    views += [
        Slices(
            np.asarray(found[tissue].image.dataobj, np.float32),
            affine,
            value_label="share",
            space=MNI152,
            threshold=0.2,
            under=under,
            under_affine=affine,
            title=TITLES[tissue],
            caption="Shown from 0.2 on, over the T1 image.",
        )
        for tissue in ("grey", "white", "mask")
    ]
    return views


@method(
    group="Samples",
    title="fsaverage surface",
    warnings={"source": sample("sample_fsaverage").words},
)
def sample_fsaverage(context: Context, params: Params) -> Result:
    """Open both hemispheres of fsaverage5: pial, white, inflated and spherical, with folds and thickness."""
    del params
    for _ in context.track(range(1), "Reading the surface"):
        mesh = fsaverage5()
    sides = mesh.scalars["hemisphere"]
    return Result(
        data={"fsaverage5": mesh},
        views=(
            _brain(mesh, "inflated", "Folds", ("sulc", "curv"), diverging=True),
            _brain(mesh, "pial", "Thickness and area", ("thickness", "area"), diverging=False),
            Report(title="Source", text=sample("sample_fsaverage").words),
        ),
        numbers={
            "vertices": Number(len(sides), note=f"{int((sides == 1).sum()):,} on the left"),
            "mean thickness": Number(
                float(np.mean(mesh.scalars["thickness"][mesh.scalars["thickness"] > 0])),
                "mm",
                note="over vertices that have one",
            ),
        },
        warnings=("source",),
    )


def _brain(
    mesh: Surface, shape: str, title: str, names: tuple[str, ...], *, diverging: bool
) -> Brain:
    words = (
        "depth (sulc) and curvature, positive in the depth of a fold"
        if diverging
        else "thickness in mm, area of each vertex in mm2"
    )
    values: Any = np.array([mesh.scalars[name] for name in names])
    return Brain(
        vertices=mesh.shapes[shape],
        faces=mesh.faces,
        values=values,
        titles=names,
        space=mesh.space,
        value_label="value",
        diverging=diverging,
        title=title,
        caption=f"fsaverage5, {shape}: {words}.",
    )
