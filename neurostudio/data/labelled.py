"""Labelled arrays on disk: Zarr without pickled objects, numbers and words as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import xarray
    from numpy.typing import NDArray

    from neurostudio.data.base import Fact

VALUES = "values"
DIMENSIONS = "_ARRAY_DIMENSIONS"  # where xarray looks for the names of the dimensions
CHUNK = 16 * 2**20


def save_dataset(dataset: xarray.Dataset, path: Path) -> None:
    """Write a data set; text becomes arrays of fixed width, never pickled objects."""
    import zarr

    group = zarr.open_group(str(path), mode="w")
    group.attrs.update({key: _plain(value) for key, value in dataset.attrs.items()})
    group.attrs["coordinate names"] = [str(name) for name in dataset.coords]
    group.attrs["order"] = [str(name) for name in dataset.variables]
    for name, variable in dataset.variables.items():
        values = _storable(variable.to_numpy())
        # no fill value: zeros are numbers, not gaps
        array = group.create_dataset(
            str(name), data=values, chunks=_chunks(values), fill_value=None, overwrite=True
        )
        array.attrs.update({key: _plain(value) for key, value in variable.attrs.items()})
        array.attrs[DIMENSIONS] = [str(dim) for dim in variable.dims]


def load_dataset(path: Path) -> xarray.Dataset:
    """Open a data set without reading its large arrays."""
    import xarray
    import zarr

    group = zarr.open_group(str(path), mode="r")
    facts = dict(group.attrs)
    coordinates = set(facts.pop("coordinate names", ()))
    found: dict[bool, dict[str, Any]] = {True: {}, False: {}}
    for name in facts.pop("order", sorted(group.array_keys())):
        attrs = dict(group[name].attrs)
        dims = attrs.pop(DIMENSIONS)
        values = group[name][...] if name in coordinates else lazy(group[name])
        found[name in coordinates][name] = xarray.Variable(dims, values, attrs)
    return xarray.Dataset(found[False], coords=found[True], attrs=facts)


def save_array(array: xarray.DataArray, path: Path) -> None:
    """Write one labelled array."""
    dataset = array.to_dataset(name=VALUES)
    dataset.attrs["name"] = "" if array.name is None else str(array.name)
    save_dataset(dataset, path)


def load_array(path: Path) -> xarray.DataArray:
    """Open one labelled array without reading it."""
    dataset = load_dataset(path)
    return dataset[VALUES].rename(dataset.attrs["name"] or None)


def array_facts(array: xarray.DataArray) -> dict[str, Fact]:
    """Return shape, dimensions, rate, unit and coordinates of a labelled array."""
    facts: dict[str, Fact] = {
        "shape": [int(size) for size in array.shape],
        "dimensions": [str(dim) for dim in array.dims],
        "type": str(array.dtype),
        "unit": str(array.attrs.get("unit", array.attrs.get("units", "arbitrary"))),
    }
    if "time" in array.dims and "time" in array.coords and array.sizes["time"] > 1:
        times = array["time"].to_numpy()
        step = float(times[1] - times[0])
        facts["rate (Hz)"] = 1 / step if step else None
        facts["duration (s)"] = float(times[-1] - times[0]) + step
    facts["coordinates"] = [str(name) for name in array.coords]
    return facts


def coordinates_along(array: xarray.DataArray | xarray.Dataset, dim: str) -> tuple[str, ...]:
    """Return the names of the coordinates along one dimension."""
    return tuple(str(name) for name, values in array.coords.items() if values.dims == (dim,))


def lazy(source: Any) -> Any:
    """Return an array that reads from ``source`` only what is asked for, when it is asked for.

    Parameters
    ----------
    source : object
        Anything with ``shape``, ``dtype`` and indexing by whole numbers and slices.
    """
    import numpy as np
    from xarray.backends import BackendArray
    from xarray.core import indexing

    class Stored(BackendArray):
        """Numbers that stay on disk until they are asked for."""

        def __init__(self) -> None:
            self.shape = tuple(source.shape)
            self.dtype = np.dtype(source.dtype)

        def __getitem__(self, key: Any) -> Any:
            return indexing.explicit_indexing_adapter(
                key, self.shape, indexing.IndexingSupport.BASIC, lambda basic: source[basic]
            )

    return indexing.LazilyIndexedArray(Stored())


def _chunks(values: NDArray[Any]) -> tuple[int, ...] | bool:
    """Return pieces of some megabytes, whole along every dimension but the first."""
    if not values.ndim or not values.size:
        return False
    rows = max(1, CHUNK * len(values) // max(values.nbytes, 1))
    return (min(rows, len(values)), *values.shape[1:])


def _storable(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers, truth values and times as they are; all else as words."""
    import numpy as np

    if values.dtype.kind in "biufcUmM":
        return values
    flat = ["" if value is None else str(value) for value in values.ravel()]
    return np.array(flat, dtype=str).reshape(values.shape)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
