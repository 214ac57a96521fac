"""CIFTI-2: values of cortex and deep structures as tables, series and connectomes.

Two axes say what rows and columns are; nibabel reads them. A dense file counts grayordinates: vertices
of both cortices and voxels below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.data import Connectome, Table, Traces
from neurostudio.errors import BadInput
from neurostudio.readers.base import check_claim, check_room, reader

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Data

_MOST_SERIES = 5_000
_SECONDS = {"SECOND": 1.0}
_SUFFIXES = tuple(
    f".{kind}.nii"
    for kind in ("dscalar", "dtseries", "dlabel", "dconn", "pscalar", "ptseries", "plabel", "pconn")
)


@reader(name="CIFTI", suffixes=_SUFFIXES, kind="Table or Traces or Connectome")
def read_cifti(path: Path, part: str) -> Data:
    """Read CIFTI-2: maps as a table, series as traces, connectivity as a connectome."""
    import nibabel
    from nibabel import cifti2

    del part
    image: Any = nibabel.load(path)
    if not isinstance(image, cifti2.Cifti2Image) or len(image.shape) != 2:
        raise BadInput(
            "it is no CIFTI-2 file of two dimensions. Convert it with Connectome Workbench"
        )
    check_claim(image.shape, image.get_data_dtype().itemsize, path.stat().st_size)
    rows, columns = (image.header.get_axis(k) for k in (0, 1))
    if isinstance(rows, cifti2.SeriesAxis):
        return _series(image, rows, columns)
    if isinstance(rows, cifti2.ScalarAxis | cifti2.LabelAxis):
        return _maps(image, rows, columns)
    return _connectome(image, rows, columns)


def _series(image: Any, rows: Any, columns: Any) -> Traces:
    """Return one series a parcel, or a grayordinate where there are few."""
    import numpy as np
    import pynapple as nap

    n_times, n_series = image.shape
    if n_series > _MOST_SERIES:
        raise BadInput(
            f"it holds {n_series:,} grayordinates over {n_times:,} times; up to {_MOST_SERIES:,} can be "
            "opened as series. Average it over parcels with Connectome Workbench "
            "(wb_command -cifti-parcellate) and open the .ptseries.nii"
        )
    if rows.unit not in _SECONDS:
        raise BadInput(
            f"its series run over {str(rows.unit).lower()}; only those over seconds are read"
        )
    check_room(8 * n_times * n_series)
    facts = _facts(columns)
    values = np.asarray(image.dataobj, float)
    frame = nap.TsdFrame(
        t=rows.start + rows.step * np.arange(n_times),
        d=values,
        columns=facts.pop("name"),
        metadata=facts,
    )
    return Traces(frame, "arbitrary")


def _maps(image: Any, rows: Any, columns: Any) -> Table:
    """Return one row a parcel or grayordinate, one column a map."""
    import numpy as np
    import pandas as pd
    from nibabel import cifti2

    check_room(16 * image.shape[0] * image.shape[1])
    table: dict[str, Any] = _facts(columns)
    values = np.asarray(image.dataobj)
    for number, name in enumerate(rows.name):
        title = _unused(str(name) or f"map {number + 1}", table)
        if isinstance(rows, cifti2.LabelAxis):
            names = {key: word for key, (word, _) in rows.label[number].items()}
            table[title] = [names.get(int(key), str(int(key))) for key in values[number]]
        else:
            table[title] = np.asarray(values[number], float)
    return Table(pd.DataFrame(table))


def _connectome(image: Any, rows: Any, columns: Any) -> Connectome:
    import numpy as np
    import xarray

    check_room(
        8 * image.shape[0] * image.shape[1], f"its {image.shape[0]:,} x {image.shape[1]:,} matrix"
    )
    facts = _facts(rows)
    names = facts.pop("name")
    coordinates: dict[str, Any] = {"source": names, "target": _facts(columns)["name"]}
    coordinates |= {name: ("source", np.asarray(each)) for name, each in facts.items()}
    values = np.asarray(image.dataobj, np.float32)
    return Connectome(xarray.DataArray(values, dims=("source", "target"), coords=coordinates))


def _facts(axis: Any) -> dict[str, Any]:
    """Return names and facts of the rows of an axis."""
    from nibabel import cifti2

    if isinstance(axis, cifti2.ParcelsAxis):
        return {"name": list(map(str, axis.name))}
    if isinstance(axis, cifti2.BrainModelAxis):
        return _facts_of_grayordinates(axis)
    if isinstance(axis, cifti2.ScalarAxis):
        return {"name": list(map(str, axis.name))}
    raise BadInput("the meaning of one of its axes is not known")


def _facts_of_grayordinates(axis: Any) -> dict[str, Any]:
    import numpy as np

    structures = [str(name).removeprefix("CIFTI_STRUCTURE_").lower() for name in axis.name]
    hemispheres = [
        "left" if each.endswith("_left") else "right" if each.endswith("_right") else ""
        for each in structures
    ]
    own = np.where(axis.volume_mask, np.arange(len(axis)), axis.vertex)
    facts: dict[str, Any] = {
        "name": [f"{each} {number}" for each, number in zip(structures, own, strict=True)],
        "region": structures,
        "hemisphere": hemispheres,
    }
    if axis.volume_mask.any() and axis.affine is not None:
        places = np.full((len(axis), 3), np.nan)
        voxels = np.asarray(axis.voxel)[axis.volume_mask]
        places[axis.volume_mask] = voxels @ axis.affine[:3, :3].T + axis.affine[:3, 3]
        facts |= dict(zip("xyz", places.T, strict=True))
    return facts


def _unused(name: str, taken: dict[str, Any]) -> str:
    number, title = 2, name
    while title in taken:
        title, number = f"{name} ({number})", number + 1
    return title
