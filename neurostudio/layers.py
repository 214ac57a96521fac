"""Data as layers of napari and back, as plain tuples ``(data, options, type)``, without napari.

World coordinates are millimetres to the right, to the front and up, so that layers of one space lie where
they belong. Time comes first, in seconds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.data import Connectome, ImageStack, Points, SpikeTrains, Surface, Volume
from neurostudio.errors import BadInput
from neurostudio.placed import placed
from neurostudio.spaces import space_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.data import Data

    Layer = tuple[Any, dict[str, Any], str]

KINDS = ("Volume", "Surface", "Points", "Connectome", "SpikeTrains", "ImageStack")
TYPES = {  # what a layer can be given as, by its type
    "image": ("Volume", "ImageStack"),
    "labels": ("Volume",),
    "surface": ("Surface",),
    "points": ("Points",),
}
KEY = "neurostudio"
_AXES = ("right", "front", "up")
_IN_MEMORY = 1_000_000_000  # bytes up to which the voxels are read at once
_STRONGEST = 5000  # edges
_RELIEF = ("sulc", "curv", "curvature")
_FEW_NAMES = 60  # names that are written beside points
_GREY = "#9aa2ae"


def layers_of(data: Data, name: str) -> list[Layer]:
    """Return an item as layers.

    Raises
    ------
    BadInput
        napari has no layer for such data.
    """
    makers: dict[type[Data], Callable[[Any], list[Layer]]] = {
        Volume: _volume,
        Surface: _surface,
        Points: _points,
        Connectome: _connectome,
        SpikeTrains: _spikes,
        ImageStack: _images,
    }
    make = makers.get(type(data))
    if make is None:
        raise BadInput(f"A {type(data).__name__} has no layer in napari; open it in neurostudio.")
    made = make(data)
    for number, (_, options, kind) in enumerate(made):
        options["name"] = name if number == 0 else f"{name} {kind}"
        options["metadata"] = {
            KEY: data if number == 0 else None,
            "space": space_of(data) or "unknown",
        }
    return made


def _volume(data: Volume) -> list[Layer]:
    image = data.image
    affine = np.asarray(image.affine, float)
    options: dict[str, Any] = {"affine": affine, "axis_labels": _AXES, "units": ("mm",) * 3}
    values = _voxels(image)
    if values.dtype.fields:
        values = np.stack([values[each] for each in values.dtype.names[:3]], axis=-1)
        return [(values, options | {"rgb": True}, "image")]
    if values.ndim > 3:
        step = float(image.header.get_zooms()[3]) or 1.0
        values = np.moveaxis(values.reshape(*values.shape[:3], -1), 3, 0)
        full = np.eye(5)
        full[0, 0], full[1:, 1:] = step, affine
        options |= {"affine": full, "axis_labels": ("time", *_AXES), "units": ("s", *("mm",) * 3)}
    if data.labels:
        import pandas as pd

        words = pd.DataFrame({"index": list(data.labels), "region": list(data.labels.values())})
        return [(np.asarray(values).astype(np.int32), options | {"features": words}, "labels")]
    if values.dtype.kind == "c":
        values = np.abs(values)
    return [(values, options, "image")]


def _voxels(image: Any) -> Any:
    """Return the voxels, read as they are looked at where they are very many."""
    size = math.prod(image.shape) * 8
    if size <= _IN_MEMORY or not hasattr(image.dataobj, "slope"):
        return np.asanyarray(image.dataobj)
    import dask.array

    chunks = (*image.shape[:3], *(1,) * (len(image.shape) - 3))
    make: Any = dask.array.from_array
    return make(image.dataobj, chunks=chunks)


def _surface(data: Surface) -> list[Layer]:
    plain = {name: each for name, each in data.scalars.items() if name not in data.labels}
    name, values = next(iter(plain.items()), ("", None))
    mesh = (data.vertices, data.faces)
    shown = mesh if values is None else (*mesh, np.nan_to_num(np.asarray(values, float)))
    options: dict[str, Any] = {"axis_labels": _AXES, "units": ("mm",) * 3, "shading": "smooth"}
    if values is not None and name in _RELIEF:  # light grey, furrows a little darker
        reach = float(np.nanpercentile(np.abs(values), 98)) or 1.0
        options |= {"contrast_limits": (-1.5 * reach, 4 * reach), "colormap": "gray_r"}
    return [(shown, options, "surface")]


def _points(data: Points) -> list[Layer]:
    table = data.table
    if all(axis in table for axis in "xyz"):
        found = placed(data)
        options = _named(found.names) | {
            "axis_labels": _AXES,
            "units": ("mm",) * 3,
            "size": _size(found.positions),
        }
        return [(found.positions, options, "points")]
    columns = [name for name, each in table.variables.items() if each.dtype.kind in "fiu"][:3]
    if len(columns) < 2:
        raise BadInput("These points have fewer than two coordinates.")
    return [(np.column_stack([np.asarray(table[each], float) for each in columns]), {}, "points")]


def _size(positions: Any) -> float:
    """Return the diameter of points in mm: a fortieth of the body, smaller where there are many."""
    extent = float(np.ptp(positions, axis=0).max()) if len(positions) else 1.0
    return max(extent, 1e-3) / 40 * min(1.0, math.sqrt(100 / max(len(positions), 1)))


def _named(names: tuple[str, ...]) -> dict[str, Any]:
    text = {"string": "{name}", "size": 7, "color": _GREY, "visible": len(names) <= _FEW_NAMES}
    return {"features": {"name": np.array(names, dtype=object)}, "text": text}


def _connectome(data: Connectome) -> list[Layer]:
    matrix = data.matrix if "time" not in data.matrix.dims else data.matrix.mean("time")
    values = np.nan_to_num(np.asarray(matrix.to_numpy(), float))
    try:
        nodes = placed(data)
    except BadInput:
        return [(values, {}, "image")]
    if len(nodes.names) != len(values):
        return [(values, {}, "image")]
    size = _size(nodes.positions)
    options = _named(nodes.names) | {"axis_labels": _AXES, "units": ("mm",) * 3, "size": size}
    source, target = np.nonzero(values)
    order = np.argsort(-np.abs(values[source, target]), kind="stable")[:_STRONGEST]
    source, target = source[order], target[order]
    start = nodes.positions[source]
    arrows = np.stack([start, nodes.positions[target] - start], axis=1)
    edges = {
        "features": {"weight": values[source, target]},
        "axis_labels": _AXES,
        "units": ("mm",) * 3,
        "vector_style": "line",
        "edge_width": size / 25,
        "edge_color": "#56b4e9",
        "opacity": 0.25,
    }
    return [(nodes.positions, options, "points"), (arrows, edges, "vectors")]


def _spikes(data: SpikeTrains) -> list[Layer]:
    group = data.units
    places, names = [], []
    for row, unit in enumerate(group.keys()):
        times = np.asarray(group[unit].index, float)
        places.append(np.column_stack([times, np.full(len(times), row)]))
        names += [str(unit)] * len(times)
    found = np.concatenate(places) if places else np.zeros((0, 2))
    options = {
        "features": {"unit": np.array(names, dtype=object)},
        "axis_labels": ("time", "unit"),
        "size": 0.5,
    }
    return [(found, options, "points")]


def _images(data: ImageStack) -> list[Layer]:
    pixels = data.array
    values = pixels.to_numpy() if pixels.nbytes <= _IN_MEMORY else pixels.data
    return [
        (values, {"rgb": "channel" in pixels.dims and pixels.sizes["channel"] in {3, 4}}, "image")
    ]


def data_of(layer: Any, kind: str) -> Data:
    """Return a layer as an item of a kind.

    Parameters
    ----------
    layer : napari.layers.Layer
        Of a type in :data:`TYPES`; where it came from here, what it came from is returned.
    kind
        ``"Volume"``, ``"Surface"``, ``"Points"`` or ``"ImageStack"``.

    Raises
    ------
    BadInput
        It cannot be that.
    """
    known = layer.metadata.get(KEY)
    if known is not None and type(known).__name__ == kind:
        return known  # type: ignore[no-any-return]
    make = {
        "Volume": _as_volume,
        "Surface": _as_surface,
        "Points": _as_points,
        "ImageStack": _as_images,
    }
    if kind not in make:
        raise BadInput(f"The layer '{layer.name}' cannot be used as {kind}.")
    return make[kind](layer)


def _world(layer: Any) -> Any:
    """Return the affine of a layer's last three axes, by asking where the unit vectors lie."""
    n = layer.ndim
    start = np.asarray(layer.data_to_world(np.zeros(n)), float)
    steps = [np.asarray(layer.data_to_world(each), float) - start for each in np.eye(n)]
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack(steps)[-3:, -3:]
    affine[:3, 3] = start[-3:]
    return affine


def _as_volume(layer: Any) -> Data:
    import nibabel

    values = np.asarray(layer.data)
    if values.ndim not in {3, 4} or getattr(layer, "rgb", False):
        raise BadInput(
            f"The layer '{layer.name}' has {values.ndim} dimensions; a volume has 3 or 4."
        )
    if values.dtype in {np.dtype(np.int64), np.dtype(np.uint64), np.dtype(bool)}:
        values = values.astype(np.int32)
    if values.ndim == 4:
        values = np.moveaxis(values, 0, 3)
    image = nibabel.Nifti1Image(values, _world(layer))
    if values.ndim == 4:
        step = float(layer.data_to_world(np.eye(4)[0])[0] - layer.data_to_world(np.zeros(4))[0])
        image.header.set_zooms((*image.header.get_zooms()[:3], step))
        image.header.set_xyzt_units("mm", "sec")
    space = layer.metadata.get("space", "")
    image.set_sform(image.affine, code=4 if space == "MNI152" else 1)
    features = getattr(layer, "features", None)
    labels: dict[int, str] = {}
    if features is not None and {"index", "region"} <= set(features):
        labels = {
            int(k): str(v) for k, v in zip(features["index"], features["region"], strict=True)
        }
    return Volume(image, labels)


def _as_surface(layer: Any) -> Data:
    vertices, faces, *values = layer.data
    vertices = np.asarray(vertices, float)
    if vertices.shape[1] != 3:
        raise BadInput(
            f"The layer '{layer.name}' has vertices in {vertices.shape[1]} dimensions, not 3."
        )
    affine = _world(layer)
    places = vertices @ affine[:3, :3].T + affine[:3, 3]
    scalars = {"values": np.asarray(values[0], float)} if values and np.ndim(values[0]) == 1 else {}
    return Surface(places, np.asarray(faces, np.int64), scalars)


def _as_points(layer: Any) -> Data:
    import xarray

    where = np.asarray([layer.data_to_world(each) for each in np.asarray(layer.data, float)], float)
    where = where.reshape(len(layer.data), layer.ndim)[:, -3:]
    columns: dict[str, Any] = {
        axis: ("point", where[:, k]) for k, axis in enumerate("xyz"[: where.shape[1]])
    }
    features: Any = getattr(layer, "features", None)
    for name in () if features is None else features:
        columns.setdefault(str(name), ("point", np.asarray(features[name]).astype(str)))
    return Points(xarray.Dataset(columns, attrs={"unit": "mm"}))


def _as_images(layer: Any) -> Data:
    import xarray

    values = np.asarray(layer.data)
    dims = ("item", "y", "x", "channel") if getattr(layer, "rgb", False) else ("item", "y", "x")
    if values.ndim == len(dims) - 1:
        values = values[None]
    if values.ndim != len(dims):
        raise BadInput(
            f"The layer '{layer.name}' has {values.ndim} dimensions; pictures have 2, or 3 with item."
        )
    return ImageStack(xarray.DataArray(values, dims=dims))
