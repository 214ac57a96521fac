"""Pictures, folders of pictures, and the IDX files of MNIST."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from neurostudio.data import ImageStack, Table
from neurostudio.data.labelled import lazy
from neurostudio.errors import BadInput
from neurostudio.readers.base import check_claim, check_room, reader
from neurostudio.readers.tables import read_bytes, read_table_file

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from neurostudio.data import Data

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
LABELS = "labels.csv"
BESIDE = (".csv", ".txt", ".md", ".json")
MODES = {"L": "L", "1": "L", "RGB": "RGB", "RGBA": "RGBA", "F": "F", "I": "I", "I;16": "I;16"}
IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


class PictureFiles:
    """Pictures of one size that are read when they are asked for."""

    def __init__(self, paths: list[Path], shape: tuple[int, ...], mode: str) -> None:
        import numpy as np

        self.paths, self.mode = np.array(paths, dtype=object), mode
        self.shape, self.dtype = (len(paths), *shape), np.dtype(np.uint8)

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[np.uint8]:
        import numpy as np

        rest: list[Any]
        first, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(first, int | np.integer):
            picture: NDArray[np.uint8] = self._one(self.paths[first])[tuple(rest)]
            return picture
        chosen = [self._one(path)[tuple(rest)] for path in self.paths[first]]
        if chosen:
            return np.stack(chosen)
        return np.empty((0, *np.empty(self.shape[1:], dtype=bool)[tuple(rest)].shape), np.uint8)

    def _one(self, path: Path) -> NDArray[np.uint8]:
        import numpy as np
        from PIL import Image

        with Image.open(path) as picture:
            return np.asarray(picture.convert(self.mode), dtype=np.uint8)


@reader(name="Picture", suffixes=SUFFIXES, kind="ImageStack")
def read_picture(path: Path, part: str) -> ImageStack:
    """Read a picture; every frame of a TIFF becomes an item."""
    import numpy as np
    from PIL import Image, ImageSequence

    del part
    with Image.open(path) as picture:
        n_frames = getattr(picture, "n_frames", 1)
        check_room(8 * math.prod(picture.size) * n_frames)
        frames = [
            np.asarray(frame if frame.mode in {"I;16", "I", "F"} else _plain(frame))
            for frame in ImageSequence.Iterator(picture)
        ]
    if len({frame.shape for frame in frames}) > 1:
        raise BadInput(f"its {len(frames)} frames differ in size")
    names = [path.stem] if n_frames == 1 else [f"{path.stem} {n + 1}" for n in range(n_frames)]
    return stack(np.stack(frames), names)


def stack(values: Any, names: list[str], **labels: Any) -> ImageStack:
    """Return pictures with their names and labels.

    Parameters
    ----------
    values : array of shape (n, height, width) or (n, height, width, n_channels)
    names : list of str
        One a picture.
    **labels : array of shape (n,)
        Further facts of the pictures.
    """
    import numpy as np
    import xarray

    dims = ("item", "y", "x", "channel")[: len(values.shape)]
    coords: dict[str, Any] = {"id": ("item", np.array(names, dtype=str))}
    coords |= {name: ("item", column) for name, column in labels.items()}
    variable = xarray.Variable(dims, values, {"unit": "grey value"})
    return ImageStack(xarray.DataArray(variable, coords=coords))


def is_picture_folder(folder: Path) -> bool:
    """Say whether a folder holds pictures, itself or in one folder a class."""
    return bool(_pictures(folder))


def read_picture_folder(folder: Path) -> ImageStack:
    """Open a folder of pictures of one size; ``labels.csv`` and sub-folders label them."""
    paths = _pictures(folder)
    shape, mode = _common_size(paths)
    names = [path.relative_to(folder).as_posix() for path in paths]
    labels: dict[str, Any] = {}
    if paths[0].parent != folder:
        labels["label"] = [path.parent.name for path in paths]
    if (folder / LABELS).is_file():
        labels |= _labels(read_table_file(folder / LABELS), names)
    return stack(lazy(PictureFiles(paths, shape, mode)), names, **labels)


@reader(
    name="IDX",
    suffixes=("-ubyte", "-ubyte.gz", ".idx", ".idx.gz"),
    kind="ImageStack or Table",
)
def read_idx(path: Path, part: str) -> Data:
    """Read pictures or labels in the format of MNIST; labels beside pictures join them."""
    import pandas as pd

    del part
    values = _idx(path)
    if values.ndim == 1:
        return Table(pd.DataFrame({"label": values}))
    names = [str(number) for number in range(len(values))]
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    labels = {}
    if beside != path and beside.is_file():
        labels["label"] = _idx(beside)
        if len(labels["label"]) != len(values):
            raise BadInput(f"it holds {len(values)} pictures and {beside.name} other labels")
    return stack(values, names, **labels)


def pictures_from(content: NDArray[np.uint8], lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the pictures whose files stand one after the other in ``content``."""
    import numpy as np
    from PIL import Image

    stops = np.cumsum(lengths, dtype=np.int64)
    if len(lengths) == 0 or min(lengths) < 1 or stops[-1] != len(content):
        raise BadInput("the lengths of its pictures do not add up")

    def one(number: int) -> Image.Image:
        start = stops[number] - int(lengths[number])
        return Image.open(io.BytesIO(content[start : stops[number]].tobytes()))

    first = np.asarray(_plain(one(0)))
    check_room(first.nbytes * len(lengths))
    out = np.empty((len(lengths), *first.shape), dtype=np.uint8)
    for number in range(len(lengths)):
        out[number] = np.asarray(_plain(one(number)))
    return out


def _plain(picture: Any) -> Any:
    mode = MODES.get(picture.mode, "RGBA" if "transparency" in picture.info else "RGB")
    return picture if picture.mode == mode else picture.convert(mode)


def _pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder, or those of its sub-folders if these are classes."""
    children = [path for path in folder.iterdir() if not path.name.startswith(".")]
    found = sorted(path for path in children if _is_picture(path))
    below = [path for path in children if path.is_dir()]
    others = [path for path in children if path.is_file() and path.suffix not in BESIDE]
    if found or others or len(below) < 2:
        return found
    return sorted(path for child in below for path in child.iterdir() if _is_picture(path))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _common_size(paths: list[Path]) -> tuple[tuple[int, ...], str]:
    from PIL import Image

    sizes: dict[tuple[int, int], Path] = {}
    modes = set()
    for path in paths:
        with Image.open(path) as picture:
            sizes.setdefault(picture.size, path)
            modes.add(picture.mode)
    if len(sizes) > 1:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise BadInput(
            f"its pictures differ in size: {first.name} has {one[0]} x {one[1]} pixels, "
            f"{second.name} {other[0]} x {other[1]}. Bring them to one size"
        )
    width, height = next(iter(sizes))
    grey = modes <= {"L", "1"}
    return ((height, width) if grey else (height, width, 3)), ("L" if grey else "RGB")


def _labels(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Return the columns of ``labels.csv`` in the order of the pictures, joined by file name."""
    import numpy as np

    key = next((name for name in table if set(names) & set(table[name].astype(str))), None)
    if key is None:
        raise BadInput(f"no column of {LABELS} holds the names of the pictures")
    rows = table.assign(**{str(key): table[key].astype(str)}).set_index(key)
    double = sorted(set(rows.index[rows.index.duplicated()]))
    missing = sorted(set(names) - set(rows.index))
    for wrong, words in ((double, "names more than once"), (missing, "does not name")):
        if wrong:
            raise BadInput(f"{LABELS} {words}: {', '.join(wrong[:3])}")
    ordered = rows.loc[names]
    columns = {str(name): ordered[name].to_numpy() for name in ordered}
    return {
        name: values if values.dtype.kind in "biuf" else np.array(values, dtype=str)
        for name, values in columns.items()
    }


def _idx(path: Path) -> NDArray[Any]:
    import numpy as np

    content = read_bytes(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise BadInput("it does not begin as an IDX file does")
    dtype, n_dims = np.dtype(IDX_TYPES[content[2]]), content[3]
    head = 4 + 4 * n_dims
    if n_dims not in {1, 3} or len(content) < head:
        raise BadInput(f"it has {n_dims} dimensions; 1 (labels) or 3 (pictures) can be opened")
    shape = tuple(int(size) for size in np.frombuffer(content[4:head], ">u4"))
    check_claim(shape, dtype.itemsize, len(content) - head)
    values = np.frombuffer(content, dtype, math.prod(shape), head).reshape(shape)
    return values.astype(dtype.newbyteorder("="))
