"""How many bytes a volume takes as a field and as files, and how near each is to it."""

from __future__ import annotations

import gzip
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .volume_scores import psnr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import TrainedModel, Volume

    Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """One way to store a volume: its name, the bytes of the file, and the PSNR in dB of what comes back."""

    name: str
    nbytes: int
    psnr: float


def bytes_of_model(model: TrainedModel) -> int:
    """Return the bytes of the saved model: weights and description, as files."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        return sum(each.stat().st_size for each in Path(folder).iterdir())


def bytes_of_volume(volume: Volume) -> int:
    """Return the bytes of the volume's image as one compressed NIfTI file, stored as it is."""
    with tempfile.TemporaryDirectory() as folder:
        volume.save(Path(folder))
        path = next(Path(folder).glob("*.nii"))
        packed = path.with_suffix(".nii.gz")
        packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        return packed.stat().st_size


def in_eight_bits(values: Array) -> Packed:
    """Return a volume of 256 levels, compressed by gzip."""
    low, peak = float(values.min()), float(np.ptp(values)) or 1.0
    levels = np.round((values - low) / peak * 255).astype(np.uint8)
    nbytes = len(gzip.compress(levels.tobytes(order="F"), mtime=0))
    return Packed("8 bits, gzip", nbytes, psnr(values, levels / 255 * peak + low, peak))


def in_pictures(values: Array, nbytes: int) -> Packed | None:
    """Return JPEG 2000 of the slices side by side in at most so many bytes, None where it is not there."""
    from PIL import Image, features

    if not features.check("jpg_2000"):
        return None
    low, peak = float(values.min()), float(np.ptp(values)) or 1.0
    levels = np.round((values - low) / peak * 255).astype(np.uint8)
    sheet = np.concatenate(list(levels), axis=0)
    stream = io.BytesIO()
    rate = max(1.0, sheet.size / nbytes)
    Image.fromarray(sheet).save(
        stream, format="JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True
    )
    found = np.asarray(Image.open(stream), float) / 255 * peak + low
    return Packed(
        "JPEG 2000 of slices", stream.tell(), psnr(values, found.reshape(values.shape), peak)
    )
