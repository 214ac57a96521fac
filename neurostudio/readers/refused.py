"""Files that are recognised and refused, because opening them could run code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.data import TrainedModel
from neurostudio.data.model import DESCRIPTION, WEIGHTS
from neurostudio.errors import BadInput
from neurostudio.readers.base import reader

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Data

COMPANIONS = {
    ".fdt": "the .set file of the same name",
    ".locs": "the .set file of the recording, which holds the places of its sensors",
    ".vmrk": "the .vhdr file of the same name",
    ".eeg": "the .vhdr file of the same name",
    ".img": "the .hdr file of the same name",
    ".raw": "the header file of the same name",
}


@reader(
    name="Pickle",
    suffixes=(".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"),
    kind="",
)
def refuse_pickle(path: Path, part: str) -> Data:
    """Refuse pickles and the checkpoints made of them."""
    del path, part
    raise BadInput(
        "files of this kind are pickled Python objects, which could run code when they are opened. "
        "Convert weights to safetensors, arrays to NPY and tables to CSV or Parquet"
    )


@reader(name="Companion file", suffixes=tuple(COMPANIONS), kind="")
def refuse_companion(path: Path, part: str) -> Data:
    """Point from a file of samples or marks to the header by which it is opened."""
    del part
    raise BadInput(f"it belongs to another file. Open {COMPANIONS[path.suffix.lower()]}")


@reader(name="Trained model", suffixes=(".safetensors",), kind="TrainedModel")
def read_model(path: Path, part: str) -> TrainedModel:
    """Read the trained model to which a file of weights belongs."""
    del part
    if path.name != WEIGHTS or not (path.parent / DESCRIPTION).is_file():
        raise BadInput(
            f"it holds weights and not what they belong to. Open {WEIGHTS} with {DESCRIPTION} "
            "beside it, as this program saves a trained model"
        )
    return TrainedModel.load(path.parent)
