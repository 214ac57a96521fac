"""Weights from the model folder: the paper's released ResNet-50, or any in the names of torchvision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurostudio.api import BadInput
from neurostudio.settings import load_settings

from . import networks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FOLDER = "barlow_twins"
ORIGIN = (
    "The paper's ResNet-50 is offered by github.com/facebookresearch/barlowtwins (MIT licence)."
)


def find_weights(name: str) -> Path:
    """Return the file of weights in the model folder.

    Raises
    ------
    BadInput
        No model folder is set, or the file is not there; the message says where it may be had.
    """
    folder = load_settings().model_folder
    if not folder:
        raise BadInput(f"No model folder is set. Choose one in the settings. {ORIGIN}")
    root = (Path(folder).expanduser() / FOLDER).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise BadInput(f"There is no '{FOLDER}/{name}' in the model folder. {ORIGIN}")
    return path


def read_weights(
    path: Path, shape: tuple[int, ...]
) -> tuple[str, Mapping[str, NDArray[Any]]] | None:
    """Return which encoder the weights are of, and the weights by the names of our layers.

    Only safetensors, or PyTorch's own files with ``weights_only``, are read; a classifier at the end is left
    out. None where they fit no encoder for samples of this shape.
    """
    stored = _read(path)
    kept = {
        name.removeprefix("module.").removeprefix("backbone.").removeprefix("encoder."): value
        for name, value in stored.items()
    }
    kept = {name: value for name, value in kept.items() if not name.startswith("fc.")}
    for encoder, make in (("resnet18", networks.resnet18), ("resnet50", networks.resnet50)):
        network, _ = make(shape)
        wanted = network.state_dict()
        if wanted.keys() <= kept.keys() and all(
            tuple(kept[name].shape) == tuple(value.shape) for name, value in wanted.items()
        ):
            return encoder, {name: kept[name] for name in wanted}
    return None


def _read(path: Path) -> dict[str, NDArray[Any]]:
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return dict(load_file(path))
    from pickle import UnpicklingError

    import torch

    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError) as error:
        raise BadInput(f"{path.name} holds more than weights, so it is not opened.") from error
    state = found.get("model", found) if isinstance(found, dict) else {}
    return {str(k): v.numpy() for k, v in state.items() if isinstance(v, torch.Tensor)}
