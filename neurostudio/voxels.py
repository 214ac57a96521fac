"""The numbers of an image, read a volume or a voxel at a time and kept as the file stores them."""

from __future__ import annotations

import gzip
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.errors import NotEnough
from neurostudio.files import ensure_writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_HELD = 64e6  # a packed series of more bytes is unpacked beside the session, not into memory
_PIECE = 2**22
_SAMPLES = 60  # voxels along each axis that tell the range of an image
MEASURES = {"t test": "t", "z score": "z", "f test": "F", "p value": "p", "correlation": "r"}


@dataclass(frozen=True, slots=True)
class Voxels:
    """Stored numbers with what makes them values: ``stored * slope + inter``.

    ``stored`` has the shape ``shape``, (n_x, n_y, n_z, ...), and is an array or reads from a file.
    """

    stored: Any
    shape: tuple[int, ...]
    affine: NDArray[np.float64]
    slope: float = 1.0
    inter: float = 0.0

    @property
    def n_frames(self) -> int:
        """The number of volumes."""
        return math.prod(self.shape[3:])

    def frame(self, number: int = 0) -> NDArray[Any]:
        """Return the stored numbers of one volume, (n_x, n_y, n_z), in the machine's byte order."""
        if len(self.shape) == 3:
            return _native(np.asanyarray(self.stored))
        place = np.unravel_index(min(number, self.n_frames - 1), self.shape[3:], order="F")
        return _native(np.asanyarray(self.stored[(..., *(int(each) for each in place))]))

    def course(self, voxel: tuple[int, int, int]) -> NDArray[np.float64]:
        """Return the values of one voxel in all volumes, (n_frames,)."""
        read = np.asanyarray(_mapped(self.stored)[voxel])
        return np.asarray(self.values(read).ravel(order="F"), float)

    def values(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Return the values of stored numbers: whole numbers where nothing is scaled, else floats.

        Of complex numbers the magnitude, of coded colours (red, green, blue, ...) what is stored.
        """
        if stored.dtype.fields:
            return stored
        if stored.dtype.kind == "c":
            stored = np.abs(stored)
        if self.slope == 1 and self.inter == 0:
            return stored
        return np.asarray(stored * np.float64(self.slope) + self.inter, np.float32)

    def sample(self, frame: NDArray[Any]) -> NDArray[np.float64]:
        """Return finite values from all over a volume, enough to tell its range, (n,)."""
        steps = tuple(slice(None, None, max(1, size // _SAMPLES)) for size in frame.shape)
        if frame.dtype.fields:
            return np.array([0.0, 255.0])
        some = np.asarray(self.values(frame[steps]), float)
        finite: NDArray[np.float64] = some[np.isfinite(some)]
        return finite


def voxels_of(image: Any) -> Voxels:
    """Return the numbers of a nibabel image.

    A single volume is in memory as it is stored, or mapped where it is not packed and does not fit;
    a series that is not packed is read from its file when asked for.

    Raises
    ------
    NotEnough
        It has to be in memory and does not fit.
    """
    import nibabel

    shape = tuple(map(int, image.shape))
    affine = np.asarray(image.affine, float)
    proxy = image.dataobj
    if not nibabel.is_proxy(proxy) or not hasattr(proxy, "get_unscaled"):
        return Voxels(_plain(np.asanyarray(proxy)), shape, affine)
    slope, inter = float(proxy.slope), float(proxy.inter)
    if is_packed(image) or len(shape) == 3:
        stored = _one_volume(image, math.prod(shape) * image.get_data_dtype().itemsize)
    else:
        stored = _reading(image, proxy.file_like)
    return Voxels(stored, shape, affine, slope, inter)


def must_unpack(image: Any) -> bool:
    """Say whether an image is a packed series too large to be held in memory for its voxels."""
    n_bytes = math.prod(map(int, image.shape)) * image.get_data_dtype().itemsize
    return len(image.shape) > 3 and n_bytes > _HELD and is_packed(image)


def unpack(image: Any, folder: Path, tell: Callable[[float], None] | None = None) -> Voxels:
    """Unpack the file of an image once into a folder, and read its numbers from there.

    Parameters
    ----------
    image
        A nibabel image in a gzip file.
    folder
        Where the unpacked file goes; what is there already is used again.
    tell
        Called with the share that is done, 0 to 1; what it raises ends the work and leaves no file.
    """
    source = Path(image.dataobj.file_like)
    facts = source.stat()
    mark = hashlib.sha256(
        f"{source.resolve()} {facts.st_size} {facts.st_mtime_ns}".encode()
    ).hexdigest()
    target = folder / f"{mark[:24]}.voxels"
    shape, offset = tuple(map(int, image.shape)), int(image.dataobj.offset)
    total = offset + math.prod(shape) * image.get_data_dtype().itemsize
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        ensure_writable(folder, total)
        _unpack(source, target, total, tell)
    slope, inter = float(image.dataobj.slope), float(image.dataobj.inter)
    return Voxels(_reading(image, target), shape, np.asarray(image.affine, float), slope, inter)


def _unpack(source: Path, target: Path, total: int, tell: Callable[[float], None] | None) -> None:
    partial = target.with_suffix(".part")
    try:
        with gzip.open(source, "rb") as packed, partial.open("wb") as out:
            while piece := packed.read(_PIECE):
                out.write(piece)
                if tell is not None:
                    tell(min(1.0, out.tell() / total))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def measure_of(image: Any) -> str:
    """Return what the values of a statistical map are: ``t``, ``z``, ..., empty where nothing tells."""
    told = getattr(image.header, "get_intent", lambda: ("none",))()[0]
    return MEASURES.get(told, "")


def seconds_of(image: Any) -> NDArray[np.float64] | None:
    """Return the seconds of the volumes of a series, (n_times,), None where the header is silent."""
    if len(image.shape) != 4:
        return None
    zooms = image.header.get_zooms()
    units = getattr(image.header, "get_xyzt_units", lambda: ("mm", "msec"))()
    factor = {"msec": 1e-3, "usec": 1e-6, "hz": 0.0, "ppm": 0.0, "rads": 0.0}.get(units[1], 1.0)
    step = float(zooms[3]) * factor if len(zooms) > 3 else 0.0
    return np.arange(image.shape[3]) * step if step > 0 else None


def is_packed(image: Any) -> bool:
    """Say whether the file of an image is packed, so that it cannot be read in parts."""
    name = getattr(image.dataobj, "file_like", "")
    return str(name).lower().endswith((".gz", ".mgz", ".bz2", ".zst"))


def _mapped(stored: Any) -> Any:
    """Return the numbers of a file as a map of it: one voxel in a thousand volumes is near then."""
    path = getattr(stored, "file_like", None)
    if not isinstance(path, str | Path):
        return stored
    order: Literal["C", "F"] = getattr(stored, "order", "F")
    dtype: np.dtype[Any] = stored.dtype
    return np.memmap(
        path, dtype, mode="r", offset=int(stored.offset), shape=tuple(stored.shape), order=order
    )


def _one_volume(image: Any, n_bytes: int) -> NDArray[Any]:
    import psutil

    proxy = image.dataobj
    fits = n_bytes < 0.5 * psutil.virtual_memory().available
    if not fits and not is_packed(image) and isinstance(proxy.file_like, str | Path):
        return np.asanyarray(_mapped(proxy))
    if not fits:
        free = psutil.virtual_memory().available
        raise NotEnough(
            f"it needs {n_bytes / 1e9:,.1f} GB of memory and {free / 1e9:,.1f} GB are free"
        )
    return _plain(np.asanyarray(proxy.get_unscaled()))


def _reading(image: Any, path: Any) -> Any:
    """Return the stored numbers of a file that is not packed, read when they are indexed."""
    from nibabel.arrayproxy import ArrayProxy

    proxy = image.dataobj
    about = (tuple(map(int, image.shape)), proxy.dtype, int(proxy.offset), 1.0, 0.0)
    return ArrayProxy(path, about, mmap=False, order=getattr(proxy, "order", "F"))


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    return values.view(np.uint8) if values.dtype == bool else values


def _native(values: NDArray[Any]) -> NDArray[Any]:
    values = _plain(values)
    if values.dtype.fields or values.dtype.isnative:
        return values
    return values.astype(values.dtype.newbyteorder("="))
