"""Arrays of NumPy: one (NPY) or several (NPZ); pickled objects are refused."""

from __future__ import annotations

import zipfile
from typing import IO, TYPE_CHECKING, Any

from neurostudio.data import Connectome, Table, Traces
from neurostudio.errors import BadInput
from neurostudio.readers.base import Part, check_claim, check_room, choose, reader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from neurostudio.data import Data

Header = tuple[tuple[int, ...], Any]
JPEGS = {"jpeg", "length", "label"}
EVENTS = {"x", "y", "p", "t_us", "n"}
SIGNALS = {"data", "sf", "chan"}
ROWS = {"ImageStack": "length", "Table": "t_us", "Traces": "data", "Connectome": "matrix"}


def look_npy(path: Path) -> tuple[Part, ...]:
    """Describe an array from its header."""
    return (_part("", _npy_header(path)),)


@reader(name="NumPy array", suffixes=(".npy",), kind="Connectome or Table", look=look_npy)
def read_npy(path: Path, part: str) -> Data:
    """Read an array: square as a connectome, pictures as such, else as a table."""
    import numpy as np

    from neurostudio.readers.connectomes import with_nodes_beside

    del part
    shape, dtype = _npy_header(path)
    check_room(2 * dtype.itemsize * _count(shape))
    data = array_as_data(np.load(path, allow_pickle=False))
    return with_nodes_beside(data, path) if isinstance(data, Connectome) else data


def look_npz(path: Path) -> tuple[Part, ...]:
    """Describe the arrays of an archive, or the one thing that they make up."""
    headers = _npz_headers(path)
    special = _special(headers)
    if special:
        shape = headers[ROWS[special]][0]
        return (Part("", special, " x ".join(map(str, shape))),)
    return tuple(_part("" if len(headers) == 1 else name, one) for name, one in headers.items())


@reader(
    name="NumPy archive", suffixes=(".npz",), kind="Connectome, Table or ImageStack", look=look_npz
)
def read_npz(path: Path, part: str) -> Data:
    """Read an array of an archive; a matrix with names, JPEGs, events and signals with a rate as a whole."""
    import numpy as np

    headers = _npz_headers(path)
    special = _special(headers)
    chosen = set(headers) if special else {choose(part or _only(headers), tuple(headers))}
    check_room(2 * sum(dtype.itemsize * _count(shape) for shape, dtype in headers.values()))
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in chosen}
    if special == "ImageStack":
        return _jpegs(arrays)
    if special == "Table":
        return _events(arrays)
    if special == "Traces":
        return _signals(arrays)
    if special == "Connectome":
        from neurostudio.readers.connectomes import connectome_of_arrays

        return connectome_of_arrays(arrays)
    return array_as_data(next(iter(arrays.values())))


def array_as_data(array: NDArray[Any]) -> Data:
    """Return an array as the kind of data that its shape suggests."""
    import pandas as pd
    import xarray

    from neurostudio.readers.pictures import stack

    kind = _kind((array.shape, array.dtype))
    if kind == "Connectome":
        names = [str(number) for number in range(len(array))]
        coords = {"source": names, "target": names}
        return Connectome(xarray.DataArray(array, dims=("source", "target"), coords=coords))
    if kind == "ImageStack":
        return stack(array, [str(number) for number in range(len(array))])
    if array.ndim < 2:
        return Table(pd.DataFrame({"value": array.reshape(-1)}))
    names = [f"column {number + 1}" for number in range(array.shape[1])]
    return Table(pd.DataFrame(array, columns=names))


def _kind(header: Header) -> str:
    shape, dtype = header
    if dtype.kind not in "biufUSM" or len(shape) > 4 or 0 in shape:
        words = " x ".join(map(str, shape)) or "one"
        raise BadInput(
            f"an array of {words} values of the type {dtype} cannot be opened; numbers and words "
            "in 1 or 2 dimensions, and pictures in 3 or 4, can"
        )
    if len(shape) == 2 and shape[0] == shape[1] > 1 and dtype.kind in "biuf":
        return "Connectome"
    if len(shape) == 3 or (len(shape) == 4 and shape[3] in {1, 2, 3, 4}):
        return "ImageStack"
    if len(shape) == 4:
        words = " x ".join(map(str, shape))
        raise BadInput(f"an array of {words} is neither pictures nor a table. Save it as NIfTI")
    return "Table"


def _part(name: str, header: Header) -> Part:
    words = " x ".join(map(str, header[0])) or "one value"
    try:
        return Part(name, _kind(header), f"{words}, {header[1]}")
    except BadInput:
        if not name:
            raise
        return Part(name, "", f"{words}, {header[1]}, cannot be opened")


def _npy_header(path: Path) -> Header:
    with path.open("rb") as stream:
        return _header(stream, path.stat().st_size)


def _npz_headers(path: Path) -> dict[str, Header]:
    found = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith(".npy"):
                continue
            if entry.file_size > 1032 * entry.compress_size + 1024:
                raise BadInput("it claims to be compressed more than is possible")
            with archive.open(entry) as stream:
                found[entry.filename.removesuffix(".npy")] = _header(stream, entry.file_size)
    if not found:
        raise BadInput("it is an archive without arrays")
    return found


def _header(stream: IO[bytes], size: int) -> Header:
    """Read what an array claims to be, and check that the file can hold it."""
    from numpy.lib import format as module

    npy: Any = module  # its functions carry no types
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = npy.read_array_header_2_0(stream)
    else:
        shape, _, dtype = npy._read_array_header(stream, version)
    if dtype.hasobject:
        raise BadInput(
            "it holds pickled Python objects, which could run code. Save plain numbers or words"
        )
    check_claim(shape, dtype.itemsize, size)
    return shape, dtype


def _special(headers: Mapping[str, Header]) -> str:
    """Return the kind that the arrays of an archive make up together, or nothing."""
    names = set(headers)
    if "matrix" in names and names & {"node", "names"}:
        return "Connectome"
    if names >= JPEGS:
        return "ImageStack"
    if names >= EVENTS:
        return "Table"
    return "Traces" if names >= SIGNALS and len(headers["data"][0]) == 2 else ""


def _jpegs(arrays: Mapping[str, NDArray[Any]]) -> Data:
    from neurostudio.readers.pictures import pictures_from, stack

    pictures = pictures_from(arrays["jpeg"], arrays["length"])
    labels: dict[str, Any] = {"label": arrays["label"]}
    if len(arrays["label"]) != len(pictures):
        raise BadInput(f"it holds {len(pictures)} pictures and {len(arrays['label'])} labels")
    if "classes" in arrays:
        labels["class_name"] = arrays["classes"][arrays["label"]]
    return stack(pictures, [str(number) for number in range(len(pictures))], **labels)


def _events(arrays: Mapping[str, NDArray[Any]]) -> Table:
    """Return the events of an event camera, one row each, times in seconds."""
    import numpy as np
    import pandas as pd

    counts = arrays["n"]
    if counts.sum() != len(arrays["t_us"]):
        raise BadInput(f"it holds {len(arrays['t_us'])} events and counts {counts.sum()}")
    columns = {
        "recording": np.repeat(np.arange(len(counts)), counts),
        "time": arrays["t_us"] * 1e-6,
        "x": arrays["x"],
        "y": arrays["y"],
        "polarity": arrays["p"],
    }
    columns |= {
        name: np.repeat(arrays[name], counts)
        for name in ("label", "train")
        if name in arrays and arrays[name].shape == counts.shape
    }
    frame = pd.DataFrame(columns)
    frame.attrs["unit"] = "time: s; x, y: pixels"
    return Table(frame)


def _signals(arrays: Mapping[str, NDArray[Any]]) -> Traces:
    """Return signals whose rate and names stand beside them; their unit is not stated."""
    import numpy as np
    import pynapple as nap

    rate, names = float(np.ravel(arrays["sf"])[0]), [str(name) for name in np.ravel(arrays["chan"])]
    values = arrays["data"] if len(arrays["data"]) == len(names) else arrays["data"].T
    if not rate > 0 or len(values) != len(names):
        raise BadInput(f"its rate is {rate:g} Hz, with {len(names)} names of channels")
    times = np.arange(values.shape[1]) / rate
    return Traces(nap.TsdFrame(t=times, d=values.T, columns=names), "not stated")


def _only(headers: Mapping[str, Header]) -> str:
    return next(iter(headers)) if len(headers) == 1 else ""


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
