"""Connectomes: graphs, square tables and arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.data.labelled import coordinates_along
from neurostudio.errors import BadInput
from neurostudio.writers.base import writer

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Connectome

MANY = 5_000_000  # connections that a graph of text is still read with


@writer(name="GraphML", suffixes=(".graphml",), kinds=("Connectome",), copies=8.0)
def write_graphml(connectome: Connectome, path: Path) -> list[str]:
    """Write nodes with their facts, and every connection that is not 0 with its weight."""
    import networkx
    import numpy as np

    matrix, names = _one_time(connectome, "GraphML")
    values = matrix.to_numpy()
    held = np.argwhere((values != 0) & ~np.isnan(values.astype(float)))
    if len(held) > MANY:
        raise BadInput(f"{len(held):,} connections are too many for GraphML. Export as NPZ.")
    symmetric = np.array_equal(values, values.T, equal_nan=values.dtype.kind == "f")
    graph = networkx.Graph() if symmetric else networkx.DiGraph()
    facts = _facts(matrix)
    for row, name in enumerate(names):
        graph.add_node(name, **{key: _plain(column[row]) for key, column in facts.items()})
    graph.add_weighted_edges_from((names[a], names[b], float(values[a, b])) for a, b in held)
    networkx.write_graphml(graph, path)
    if np.isnan(values.astype(float)).any():
        return ["GraphML holds no missing connections; they are left out, as zeros are."]
    return []


@writer(name="CSV", suffixes=(".csv",), kinds=("Connectome",), copies=2.0)
def write_csv(connectome: Connectome, path: Path) -> list[str]:
    """Write the matrix, sources down, targets across; facts of the nodes stand beside it."""
    import pandas as pd

    matrix, names = _one_time(connectome, "CSV")
    pd.DataFrame(matrix.to_numpy(), index=names, columns=names).to_csv(path, index_label="source")
    facts = _facts(matrix)
    if facts:
        beside = path.with_name(f"{path.stem}_nodes.csv")
        pd.DataFrame({"node": names, **facts}).to_csv(beside, index=False)
    return []


@writer(name="NPZ", suffixes=(".npz",), kinds=("Connectome",), copies=1.0)
def write_npz(connectome: Connectome, path: Path) -> list[str]:
    """Write the matrix as ``matrix``, the names as ``node``, each fact under its own name, space and unit."""
    import numpy as np

    matrix = connectome.matrix
    arrays: dict[str, Any] = {
        "matrix": matrix.to_numpy(),
        "node": np.array(connectome.names("nodes")),
    }
    arrays |= {key: np.array(column) for key, column in _facts(matrix).items() if key not in arrays}
    if "time" in matrix.coords:
        arrays["time"] = matrix["time"].to_numpy()
    arrays |= {
        f"about.{key}": np.array(str(matrix.attrs[key]))
        for key in ("space", "unit")
        if key in matrix.attrs
    }
    np.savez_compressed(path, **arrays)
    return []


def _one_time(connectome: Connectome, format: str) -> tuple[Any, list[str]]:
    matrix = connectome.matrix
    if "time" in matrix.dims:
        raise BadInput(
            f"{format} holds one matrix, and there are {matrix.sizes['time']} times. Export as NPZ."
        )
    if matrix.sizes["source"] != matrix.sizes["target"]:
        raise BadInput(f"{format} holds a square matrix; this one is not. Export as NPZ.")
    return matrix, list(connectome.names("nodes"))


def _facts(matrix: Any) -> dict[str, list[Any]]:
    names = [name for name in coordinates_along(matrix, "source") if name != "source"]
    return {name: matrix[name].to_numpy().tolist() for name in names}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) else str(value)
