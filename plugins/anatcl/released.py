"""Released weights in the model folder; nothing is downloaded.

Layout, as the release has it: ``anatcl/resnet18-anatcl-l3/fold0.pth`` (local) and
``anatcl/resnet18-anatcl-g3/fold0.pth`` (global), five folds each; ``fold0.safetensors`` is taken as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput
from neurostudio.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FOLDERS = {"local": "resnet18-anatcl-l3", "global": "resnet18-anatcl-g3"}
WHERE = (
    "The weights are linked from https://github.com/EIDOSLAB/AnatCL (see there for their licence); they need "
    "grey-matter maps of CAT12 (mwp1)"
)
_PREFIXES = ("module.", "backbone.", "encoder.", "model.")


def path_of(anatomy: str, fold: int) -> Path:
    """Return the file of released weights.

    Raises
    ------
    BadInput
        There is no such file; the message says where it should be and where it is from.
    """
    chosen = load_settings().model_folder
    if not chosen:
        raise BadInput(f"No model folder is chosen in the settings. {WHERE}.")
    folder = Path(chosen).expanduser() / "anatcl" / FOLDERS[anatomy]
    for ending in ("safetensors", "pth"):
        path = folder / f"fold{fold}.{ending}"
        if path.is_file():
            return path
    raise BadInput(
        f"There is no fold{fold}.pth in {folder}. {WHERE}. Train the small encoder instead, or put "
        "the file there."
    )


def released(anatomy: str, fold: int = 0) -> dict[str, NDArray[Any]]:
    """Return the weights of the released encoder, without its head, under the names of ours.

    Raises
    ------
    BadInput
        The file is missing, damaged, holds more than numbers, or is of another network.
    """
    path = path_of(anatomy, fold)
    state = _read(path)
    found: dict[str, NDArray[Any]] = {}
    for name, value in state.items():
        short = _short(name)
        if not short.startswith(("head.", "fc.")):
            found[short] = np.asarray(value)
    return _fitting(found, path)


def _short(name: str) -> str:
    while name.startswith(_PREFIXES):
        name = name.partition(".")[2]
    return name.replace(".shortcut.", ".downsample.")


def _read(path: Path) -> Mapping[str, Any]:
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return load_file(path)
    from pickle import UnpicklingError

    import torch

    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise BadInput(
            f"{path} cannot be read as weights alone: it is damaged, or holds more than numbers."
        ) from error
    inner = stored.get("model", stored) if isinstance(stored, dict) else {}
    return {k: v.detach().numpy() for k, v in inner.items() if isinstance(v, torch.Tensor)}


def _fitting(found: dict[str, NDArray[Any]], path: Path) -> dict[str, NDArray[Any]]:
    from .encoders import ResNet18

    own = ResNet18().state_dict()
    wrong = [k for k, v in own.items() if k not in found or found[k].shape != tuple(v.shape)]
    if wrong:
        raise BadInput(
            f"{path} is not a ResNet-18 in three dimensions: {len(wrong)} arrays are missing or have "
            f"another shape, such as '{wrong[0]}'."
        )
    return {name: found[name] for name in own}
