"""Graphs: GraphML, lists of connections, archives of a matrix with its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.data import Connectome
from neurostudio.errors import BadInput
from neurostudio.readers.base import check_room, reader
from neurostudio.readers.tables import decoded, read_bytes, read_table_file, separator_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

SOURCES = ("source", "from", "pre", "presynaptic")
TARGETS = ("target", "to", "post", "postsynaptic")
WEIGHTS = ("weight", "synapses", "value", "strength", "count")
NODES = ("node", "name", "names", "label", "region")
ABOUT = "about."


@reader(name="GraphML", suffixes=(".graphml",), kind="Connectome")
def read_graphml(path: Path, part: str) -> Connectome:
    """Read a graph; the edge value ``weight`` (else 1) fills the matrix."""
    import networkx
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    del part
    content = read_bytes(path)
    try:
        fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadInput("it defines entities or document types, which is refused") from error
    graph = networkx.parse_graphml(content.decode("utf-8"))
    if not len(graph):
        raise BadInput("it holds no nodes")
    check_room(8 * len(graph) ** 2)
    return Connectome(matrix_of(graph))


@reader(name="Edge list", suffixes=(".edges", ".edgelist"), kind="Connectome")
def read_edges(path: Path, part: str) -> Connectome:
    """Read a list of connections: source, target and, where there is one, weight; # begins a comment."""
    import io

    import pandas as pd

    del part
    lines = [
        line.strip()
        for line in decoded(read_bytes(path)).splitlines()
        if line.strip() and line.lstrip()[0] not in "#%"
    ]
    if not lines:
        raise BadInput("it holds no connections")
    separator = separator_of(lines[:50])
    spaced = separator not in lines[0]
    frame = pd.read_csv(
        io.StringIO("\n".join(lines)), sep=r"\s+" if spaced else separator, header=None, dtype=str
    )
    if frame.shape[1] < 2:
        raise BadInput("its lines hold one word each. Write source, target and weight in a line")
    first = [str(word).lower() for word in frame.iloc[0]]
    if first[0] in SOURCES and first[1] in TARGETS:
        frame.columns = pd.Index(first)
        frame = frame.iloc[1:]
    else:
        frame.columns = pd.Index(
            ["source", "target", "weight", *map(str, range(3, frame.shape[1]))][: frame.shape[1]]
        )
    return with_nodes_beside(Connectome(matrix_of_edges(frame)), path)


def ends_of(frame: pd.DataFrame) -> tuple[str, str] | None:
    """Return the columns of a table that name the two ends of connections, or None."""
    names = {str(name).strip().lower(): str(name) for name in frame.columns}
    source = next((names[name] for name in SOURCES if name in names), None)
    target = next((names[name] for name in TARGETS if name in names), None)
    if source is None or target is None or frame.shape[1] > 12 or not len(frame):
        return None
    return source, target


def matrix_of_edges(frame: pd.DataFrame) -> Any:
    """Return the matrix of a list of connections; those named twice are added up.

    Raises
    ------
    BadInput
        An end has no name, or a weight is no number.
    """
    import numpy as np
    import xarray

    ends = ends_of(frame)
    assert ends is not None  # noqa: S101  callers ask first or name the columns
    both = [frame[end].astype("string").str.strip() for end in ends]
    for end, column in zip(ends, both, strict=True):
        if column.isna().any() or (column == "").any():
            row = int(np.flatnonzero((column.isna() | (column == "")).to_numpy())[0]) + 1
            raise BadInput(f"row {row} has no '{end}'. Name both ends of each connection")
    names = list(dict.fromkeys([*both[0].tolist(), *both[1].tolist()]))
    check_room(8 * len(names) ** 2)
    where = {name: k for k, name in enumerate(names)}
    weights = np.zeros((len(names), len(names)))
    rows = both[0].map(where).to_numpy(int), both[1].map(where).to_numpy(int)
    np.add.at(weights, rows, _weights(frame))
    coords = {"source": names, "target": names}
    return xarray.DataArray(weights, dims=("source", "target"), coords=coords)


def _weights(frame: pd.DataFrame) -> NDArray[Any]:
    """Return the weight of each connection, 1 where the list has none; an empty one is missing."""
    import numpy as np
    import pandas as pd

    places = {str(name).strip().lower(): k for k, name in enumerate(frame.columns)}
    place = next((places[name] for name in WEIGHTS if name in places), None)
    if place is None:
        return np.ones(len(frame))
    column = frame.iloc[:, place]
    values = np.asarray(pd.to_numeric(column, errors="coerce"), float)
    words = ["" if value is None or value != value else str(value).strip() for value in column]
    for row, (value, word) in enumerate(zip(values, words, strict=True)):
        if np.isnan(value) and word.lower() not in {"", "nan", "na"}:
            raise BadInput(f"row {row + 1} has the weight '{word}', which is no number")
    return values


def connectome_of_arrays(arrays: Mapping[str, NDArray[Any]]) -> Connectome:
    """Return ``matrix`` with the names ``node`` (or ``names``) and every other array as a fact of the nodes.

    ``xyz`` (n_nodes, 3) become ``x``, ``y``, ``z``; ``time`` are the seconds of a series of matrices.

    Raises
    ------
    BadInput
        The matrix is not square, or the names are too few, too many or not all different.
    """
    import xarray

    matrix = arrays["matrix"]
    names = [str(name) for name in arrays["node" if "node" in arrays else "names"].reshape(-1)]
    if matrix.ndim not in {2, 3} or matrix.dtype.kind not in "biuf":
        words = " x ".join(map(str, matrix.shape))
        raise BadInput(f"its matrix has the shape {words}. Save (source, target) numbers")
    if matrix.shape[-2:] != (len(names), len(names)):
        words = " x ".join(map(str, matrix.shape[-2:]))
        raise BadInput(f"its matrix is {words} and it names {len(names)} nodes")
    check_names(names)
    dims = ("time", "source", "target")[3 - matrix.ndim :]
    coords: dict[str, Any] = {"source": names, "target": names}
    if matrix.ndim == 3 and arrays.get("time", matrix[0, 0]).shape == matrix.shape[:1]:
        coords["time"] = arrays["time"]
    if "xyz" in arrays and arrays["xyz"].shape == (len(names), 3):
        coords |= {axis: ("source", arrays["xyz"][:, k]) for k, axis in enumerate("xyz")}
    for name, values in arrays.items():
        if name not in {"matrix", "node", "names", "time", "xyz"} and values.shape == (len(names),):
            coords[name] = ("source", values)
    made = xarray.DataArray(matrix, dims=dims, coords=coords)
    made.attrs |= {
        name.removeprefix(ABOUT): str(values)
        for name, values in arrays.items()
        if name.startswith(ABOUT) and values.ndim == 0
    }
    return Connectome(made)


def check_names(names: Sequence[str]) -> None:
    """Raise :class:`BadInput` where two nodes have one name; the first three such names are said."""
    from collections import Counter

    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        some = ", ".join(f"'{name}'" for name in twice[:3])
        more = ", …" if len(twice) > 3 else ""
        raise BadInput(
            f"{len(twice)} names belong to more than one node: {some}{more}. Give each node its own name"
        )


def with_nodes_beside(connectome: Connectome, path: Path) -> Connectome:
    """Return a connectome with the facts of ``<name>_nodes.csv`` beside it, where that names its nodes.

    The table has a column ``node`` (or ``name``, ``label``, ``region``). Where the matrix itself has no
    names and there are as many rows as nodes, the table names them.
    """
    stem = path.name.split(".")[0]
    beside = path.with_name(f"{stem}_nodes.csv")
    if not beside.is_file() or beside == path:
        return connectome
    frame = read_table_file(beside)
    column = next((name for name in NODES if name in frame.columns), None)
    if column is None:
        return connectome
    given = [str(name) for name in frame[column]]
    check_names(given)
    names = list(connectome.names("nodes"))
    matrix = connectome.matrix
    if set(given) != set(names):
        numbered = [str(k) for k in range(len(names))]
        columns = [f"column {k + 1}" for k in range(len(names))]
        if len(given) != len(names) or names not in (numbered, columns):
            return connectome
        matrix = matrix.assign_coords(source=given, target=given)
        names = given
    frame = frame.set_index(frame[column].astype(str)).loc[names]
    facts = {
        str(name): ("source", _plain_column(frame[name]))
        for name in frame.columns
        if name != column and str(name) not in matrix.coords
    }
    return Connectome(matrix.assign_coords(facts))


def _plain_column(column: pd.Series[Any]) -> NDArray[Any]:
    import numpy as np

    if getattr(column.dtype, "kind", "O") in "biuf":
        return np.asarray(column.to_numpy())
    return np.array(["" if value != value else str(value) for value in column])


def matrix_of(graph: Any) -> Any:
    """Return the weights of a graph with the facts of its nodes.

    Parameters
    ----------
    graph : networkx.Graph
        Any graph; an undirected one gives a symmetric matrix.
    """
    import networkx
    import numpy as np
    import xarray

    nodes = list(graph)
    facts: dict[str, Any] = {"source": list(map(str, nodes)), "target": list(map(str, nodes))}
    for name in dict.fromkeys(name for node in nodes for name in graph.nodes[node]):
        if name in facts:
            continue
        values = [graph.nodes[node].get(name) for node in nodes]
        numeric = all(isinstance(value, int | float) for value in values)
        words = ["" if value is None else str(value) for value in values]
        facts[str(name)] = ("source", np.array(values if numeric else words))
    weights = networkx.to_numpy_array(graph, nodelist=nodes, weight="weight", dtype=np.float64)
    return xarray.DataArray(weights, dims=("source", "target"), coords=facts)
