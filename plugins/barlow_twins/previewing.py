"""Both views of real samples, before anything is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    Number,
    Report,
    Result,
    Trials,
    Volume,
    method,
    param,
)

from .declaring import PictureParams, SampleParams, VolumeParams, WindowParams

if TYPE_CHECKING:
    from .declaring import PretrainParams
    from .samples import Samples

HIDDEN = {
    "photographs": (
        ("crop", "where a thing is and how large it is"),
        ("flip", "left and right"),
        ("jitter, grey", "colour and brightness"),
        ("blur, solarise", "fine texture, the order of brightness"),
    ),
    "small grey": (
        ("turn", "orientation (6 and 9 come closer)"),
        ("shift, zoom", "position and size"),
        ("gain, noise", "contrast, single pixels"),
    ),
    "windows": (
        ("shift", "latency: keep it small for evoked responses"),
        ("drop", "what only one channel says"),
        ("band stop", "a rhythm of one narrow band"),
        ("gain, noise", "amplitude, what is at the level of noise"),
    ),
    "volumes": (
        ("cutout", "what only one small place says"),
        ("gain, bias field", "absolute grey values"),
        ("flip", "left and right: off, since anatomy is not symmetric"),
        ("noise", "single voxels"),
    ),
}


class PreviewParams(SampleParams):
    """Parameters of :func:`preview_views`: those of the distortions; what is not of this kind is not used."""

    picture_size: int = param(
        0, "Pixels a side to which pictures are scaled; 0 for as they are", ge=0, le=512
    )
    edge: int = param(32, "Voxels a side of a volume's cube", ge=8, le=192)
    distortions: Literal["automatic", "photographs", "small grey"] = param(
        "automatic", "Of pictures; automatic: photographs where there is colour, else small grey"
    )
    crop: float = param(0.08, "Photographs: smallest share of the area that is kept", unit="1", ge=0.01,
                        le=1)  # fmt: skip
    flip: float = param(0.5, "Photographs: probability of left for right", unit="1", ge=0, le=1)
    jitter: float = param(0.8, "Photographs: probability of other colours", unit="1", ge=0, le=1)
    grey: float = param(0.2, "Photographs: probability of no colour", unit="1", ge=0, le=1)
    blur: float = param(1.0, "Photographs: probability of blur in view A", unit="1", ge=0, le=1)
    solarise: float = param(0.2, "Photographs: probability of inverted highlights in view B", unit="1",
                            ge=0, le=1)  # fmt: skip
    turn: float = param(0.3, "Small grey pictures: largest turn", unit="rad", ge=0, le=3.2)
    picture_shift: float = param(0.2, "Small grey pictures: largest shift, of half the width", unit="1",
                                 ge=0, le=1)  # fmt: skip
    zoom: float = param(0.2, "Small grey pictures: largest change of size", unit="1", ge=0, le=0.9)
    time_shift: float = param(0.1, "Windows: largest shift", unit="s", ge=0, le=5)
    drop: float = param(
        0.1, "Windows: probability that a channel is silent", unit="1", ge=0, le=0.9
    )
    band_stop: float = param(0.5, "Windows: probability that a band of 4 Hz is removed", unit="1", ge=0,
                             le=1)  # fmt: skip
    cutout: float = param(0.5, "Volumes: probability of an empty cube", unit="1", ge=0, le=1)
    bias_field: float = param(
        0.15, "Volumes: largest slow change of brightness", unit="1", ge=0, le=0.9
    )
    gain: float | None = param(
        None,
        "Largest change of contrast or amplitude; none for this kind's own value",
        unit="1",
        ge=0,
        le=0.9,
    )
    noise: float | None = param(
        None,
        "Noise, of the range or the spread; none for this kind's own value",
        unit="1",
        ge=0,
        le=2,
    )


@method(
    group="Train",
    warnings={"simulated": "Simulated data: real samples may look otherwise."},
    example="preview",
)
def preview_views(
    context: Context, params: PreviewParams, samples: tuple[ImageStack | Trials | Volume, ...]
) -> Result:
    """Show eight samples beside their two distorted views, as a training would be given them."""
    from . import fitting, picturing

    found, chosen = _read(context, params, samples)
    for _ in context.track(range(1), "Distorting"):
        plan = fitting.Plan(chosen, found, {}, *_rows(found))
        view = picturing.both_views(plan, context.seed)
    kind = _menu(found, params)
    lines = ["# What each distortion makes invisible", ""]
    lines += [f"- **{name}**: {what}" for name, what in HIDDEN[kind]]
    lines += [
        "",
        "Two views differ in these; an embedding that is the same for both has lost them.",
    ]
    return Result(
        views=(view, Report("\n".join(lines), title="What is lost")),
        numbers={
            "samples": Number(len(found)),
            "shown": Number(min(len(found), picturing.VIEWS_SHOWN)),
        },
        warnings=("simulated",) if found.simulated else (),
    )


def _rows(samples: Samples) -> tuple[Any, Any, Any]:
    import numpy as np

    every = np.arange(len(samples))
    return every, every[:0], every[:0]


def _menu(samples: Samples, params: PreviewParams) -> str:
    if samples.kind != "pictures":
        return samples.kind
    if params.distortions != "automatic":
        return params.distortions
    return "photographs" if samples.shape[0] == 3 else "small grey"


def _read(
    context: Context, params: PreviewParams, given: tuple[Any, ...]
) -> tuple[Samples, PretrainParams]:
    from .samples import read_pictures, read_volumes, read_windows

    first = given[0]
    if len({type(each) for each in given}) > 1 or (
        len(given) > 1 and not isinstance(first, Volume)
    ):
        raise BadInput(
            f"{len(given)} items were given. Give one item of pictures or windows, or volumes."
        )
    if isinstance(first, ImageStack):
        return read_pictures(first, params, context.seed, params.picture_size), _as(
            PictureParams, params
        )
    if isinstance(first, Trials):
        return read_windows(first, params, context.seed), _as(WindowParams, params)
    names = context.names.get("samples") or tuple(f"volume_{k}" for k in range(len(given)))
    return read_volumes(given, names, None, params, params.edge), _as(VolumeParams, params)


def _as(kind: type[PretrainParams], params: PreviewParams) -> PretrainParams:
    """Return the parameters of a training with the distortions that were asked for."""
    values = {name: value for name, value in params.model_dump().items() if value is not None}
    values["shift"] = values["time_shift" if kind is WindowParams else "picture_shift"]
    if kind is VolumeParams:
        values.pop("flip")
    return kind.model_validate({k: v for k, v in values.items() if k in kind.model_fields})
