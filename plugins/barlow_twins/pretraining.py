"""Training an encoder without labels, beside its controls, and saying what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    ImageStack,
    Items,
    Result,
    Table,
    Trials,
    Volume,
    method,
)

from .declaring import WARNINGS, PictureParams, PretrainParams, VolumeParams, WindowParams

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from .samples import Samples

_BASE = 400_000_000  # bytes that torch takes by itself
_MAPS = {"small": 40, "resnet18": 400, "resnet50": 1500, "folder": 1500}  # activations a pixel


def _memory(params: PretrainParams, items: Items) -> Estimate:
    stored = sum(
        each.nbytes()
        for given in items.values()
        for each in (given if isinstance(given, tuple) else (given,))
    )
    square = 6 * 4 * params.projector_width**2
    encoder = params.encoder if isinstance(params, PictureParams) else "small"
    pixels = _pixels(params, items)
    maps = 2 * 4 * params.batch_size * pixels * _MAPS[encoder]
    return Estimate(
        int(_BASE + 2 * stored + 3 * square + maps),
        "Use a smaller batch, a narrower projector, smaller pictures or fewer samples.",
    )


def _pixels(params: PretrainParams, items: Items) -> int:
    first = next(iter(items.values()), None)
    if isinstance(params, VolumeParams):
        return int(params.edge**3)
    if isinstance(first, ImageStack):
        size = params.picture_size if isinstance(params, PictureParams) else 0
        sizes = first.array.sizes
        return int(size**2 or sizes["y"] * sizes["x"])
    if isinstance(first, Trials):
        return len(first.epochs.times) * len(first.epochs.ch_names)
    return 0


@method(group="Train", warnings=WARNINGS, memory=_memory, gpu=True, example="pictures")
def pretrain_pictures(context: Context, params: PictureParams, pictures: ImageStack) -> Result:
    """Learn an embedding of pictures from two distorted views of each, without labels.

    Labels, where there are some, are used by probes alone: the live one takes a validation part, the scores
    of the result a test part that the encoder never saw.
    """
    from .judging import pretrain
    from .samples import read_pictures

    samples = read_pictures(pictures, params, context.seed, params.picture_size)
    encoder, initial = _start(params, samples)
    return pretrain(context, params, samples, encoder, "pretrain_pictures", initial)


@method(group="Train", warnings=WARNINGS, memory=_memory, gpu=True, example="windows")
def pretrain_windows(context: Context, params: WindowParams, windows: Trials) -> Result:
    """Learn an embedding of windows of signal from two distorted views of each, without labels.

    Windows of one group (subject) never stand on both sides of the split.
    """
    from .judging import pretrain
    from .samples import read_windows

    samples = read_windows(windows, params, context.seed)
    return pretrain(context, params, samples, "small", "pretrain_windows")


@method(group="Train", warnings=WARNINGS, memory=_memory, gpu=True, example="volumes")
def pretrain_volumes(
    context: Context,
    params: VolumeParams,
    volumes: tuple[Volume, ...],
    people: Table | None = None,
) -> Result:
    """Learn an embedding of volumes, one a person, without labels.

    ``people`` has a row for each volume, by its name, and labels as columns.
    """
    from .judging import pretrain
    from .samples import read_volumes

    names = context.names.get("volumes") or tuple(f"volume_{k}" for k in range(len(volumes)))
    samples = read_volumes(volumes, names, people, params, params.edge)
    return pretrain(context, params, samples, "small", "pretrain_volumes")


def _start(
    params: PictureParams, samples: Samples
) -> tuple[str, Mapping[str, NDArray[Any]] | None]:
    """Return the name of the encoder, and its first weights where they come from the model folder.

    Raises
    ------
    BadInput
        There is no such file, or its weights fit no encoder.
    """
    if params.encoder != "folder":
        return params.encoder, None
    from .released import find_weights, read_weights

    path = find_weights(params.weights)
    found = read_weights(path, samples.shape)
    if found is None:
        raise BadInput(
            f"The weights in {path.name} are neither those of a ResNet-18 nor of a ResNet-50 for pictures "
            f"of {samples.shape[0]} channels and {samples.shape[1]} pixels. Set 'picture_size' to 224 "
            "for the paper's."
        )
    return found
