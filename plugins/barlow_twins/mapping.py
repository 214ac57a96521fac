"""The embedding as a table, and as a map of its two principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Points, Scatter, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .samples import Samples

_SHOWN = 3000  # points of the picture
_SIDE = 64  # pixels of a picture under the pointer
_GROUPS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """The two principal components of an embedding as data and as a picture."""

    points: Points
    view: Scatter


def embedding_table(embedding: NDArray[np.float32], samples: Samples) -> Table:
    """Return one row a sample, named by its id, and one column a feature."""
    import pandas as pd

    names = [f"feature_{k:04d}" for k in range(embedding.shape[1])]
    return Table(pd.DataFrame(embedding, index=pd.Index(samples.ids, name="id"), columns=names))


def components(embedding: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first two principal components (n, 2), and the share of variance of each."""
    centred = embedding.astype(float) - embedding.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(values)[::-1][:2]
    chosen = vectors[:, order]
    chosen = chosen * np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])])
    total = max(float(values.sum()), 1e-300)
    return centred @ chosen, values[order] / total


def map_of(embedding: NDArray[np.float32], samples: Samples) -> Map:
    """Return the map: a point a sample, coloured by its label; the sample itself under the pointer."""
    import xarray

    at, shares = components(embedding)
    columns: dict[str, Any] = {
        "x": ("point", at[:, 0], {"unit": "arbitrary"}),
        "y": ("point", at[:, 1], {"unit": "arbitrary"}),
    }
    if samples.classes:
        columns["label"] = ("point", samples.labels)
    columns["name"] = ("point", np.array(samples.ids))
    points = Points(xarray.Dataset(columns, attrs={"unit": "arbitrary"}))
    rows = np.arange(len(samples))
    if len(rows) > _SHOWN:
        rows = np.sort(np.random.default_rng(0).permutation(len(rows))[:_SHOWN])
    classes = samples.classes
    groups = tuple(samples.labels[rows].tolist()) if 1 < len(classes) <= _GROUPS else ()
    view = Scatter(
        at[rows, 0], at[rows, 1],
        groups=tuple(each or "no label" for each in groups),
        names=tuple(_name(samples, row) for row in rows.tolist()),
        pictures=_small(samples.pictures(rows)),
        x_label=f"first component ({shares[0]:.0%} of variance)",
        y_label=f"second component ({shares[-1]:.0%} of variance)",
        title="Map of the embedding",
        caption=f"{len(rows):,} of {len(samples):,} samples. Two of {embedding.shape[1]} directions: "
        "neighbours here need not be neighbours in the embedding.",
    )  # fmt: skip
    return Map(points, view)


def _name(samples: Samples, row: int) -> str:
    label = str(samples.labels[row])
    return f"{samples.ids[row]}: {label}" if label else samples.ids[row]


def _small(pictures: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    """Return pictures of at most 64 pixels a side, every so many pixels taken."""
    if pictures is None:
        return None
    step = max(1, -(-max(pictures.shape[1:3]) // _SIDE))
    return pictures[:, ::step, ::step]
