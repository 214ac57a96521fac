"""Saying which space millimetres belong to, where a file does not or says it wrongly."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Data,
    Params,
    Points,
    Report,
    Result,
    Surface,
    Volume,
    method,
    param,
)
from neurostudio.spaces import MNI152, SCANNER, TALAIRACH, UNKNOWN, space_of

from .images import WARNINGS, codes

# https://nifti.nimh.nih.gov/nifti-1/documentation/nifti1fields
CODES = {UNKNOWN: 0, SCANNER: 1, TALAIRACH: 3, MNI152: 4}


class SpaceParams(Params):
    """Parameters of :func:`set_space`."""

    space: Literal["MNI152", "MNI305", "Talairach", "scanner", "unknown"] = param(
        "MNI152",
        "The space of the millimetres; MNI305 is that of fsaverage, for surfaces and points",
    )


@method(
    group="Preprocess",
    example="declaring",
    warnings=WARNINGS
    | {
        "declared": (
            "The space was declared, not computed: no voxel and no point was moved. A wrong declaration "
            "puts everything at the wrong place."
        )
    },
)
def set_space(
    context: Context, params: SpaceParams, data: Volume | Surface | Points | Connectome
) -> Result:
    """Declare which space the millimetres of an item belong to; nothing is moved."""
    del context
    before = space_of(data) or "unknown"
    space = UNKNOWN if params.space == "unknown" else params.space
    made = _declared(data, space)
    simulated = codes([data]) if isinstance(data, Volume) else ()
    return Result(
        data={"declared": made},
        views=(
            Report(
                text=f"The space was **{before}** and is now declared to be **{params.space}**."
            ),
        ),
        warnings=(*simulated, "declared"),
    )


def _declared(data: Data, space: str) -> Data:
    if isinstance(data, Volume):
        return _coded(data, space)
    if isinstance(data, Surface):
        return replace(data, space=space)
    if isinstance(data, Points):
        return Points(data.table.assign_attrs(space=space))
    assert isinstance(data, Connectome)  # noqa: S101  the method's own check came first
    return Connectome(data.matrix.assign_attrs(space=space))


def _coded(volume: Volume, space: str) -> Volume:
    """Return a volume whose header says the space: sform and qform with NIfTI's code."""
    import nibabel

    code = CODES.get(space)
    if code is None:
        raise BadInput(
            f"A NIfTI header has no code for {space}. Declare MNI152, or project the volume onto the "
            "surface, which is in MNI305."
        )
    old = volume.image
    large = max(old.shape) > 32767 or isinstance(old, nibabel.Nifti2Image)
    kind = nibabel.Nifti2Image if large else nibabel.Nifti1Image
    header = old.header if isinstance(old, nibabel.Nifti1Image) else None
    image = kind(old.dataobj, old.affine, header, dtype=old.get_data_dtype())
    image.set_sform(np.asarray(old.affine), code)
    image.set_qform(np.asarray(old.affine), code)
    return Volume(image, volume.labels)
