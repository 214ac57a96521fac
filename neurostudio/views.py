"""Pictures, described: arrays, axes and units. The desktop draws them, a test reads them."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from zipfile import BadZipFile

from neurostudio.errors import BrokenSession

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """Base of all descriptions: a title, and a caption that says what is seen and from where.

    ``axis`` says what the horizontal axis is, so that cursors can be linked: ``"time"``
    (seconds of a recording), ``"space"`` (millimetres) or nothing.
    """

    title: str = ""
    caption: str = ""
    axis: str = ""

    types: ClassVar[dict[str, type[View]]] = {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        View.types[cls.__name__] = cls


@dataclass(frozen=True, eq=False)
class Lines(View):
    """Curves over one axis, with bands and levels where they help.

    ``x`` (n_points,) or (n_lines, n_points); ``y`` (n_lines, n_points), NaN where there is no value;
    ``low`` and ``high`` like ``y``: the edges of a band. ``levels`` are horizontal lines with a name
    (chance, baseline); ``marks`` vertical ones.
    """

    x: Array
    y: Array
    names: tuple[str, ...] = ()
    x_label: str = ""
    x_unit: str = ""
    y_label: str = ""
    y_unit: str = ""
    low: Array | None = None
    high: Array | None = None
    levels: dict[str, float] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True, eq=False)
class Raster(View):
    """Spikes: ``times`` (n_spikes,) in seconds and ``rows`` (n_spikes,), the index of unit or trial."""

    times: Array
    rows: Array
    names: tuple[str, ...] = ()
    y_label: str = "unit"
    marks: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Heatmap(View):
    """A matrix as colours: ``values`` (n_rows, n_columns), the first row on top.

    ``x`` and ``y`` are the centres of columns and rows (numbers), or ``x_names`` and ``y_names`` their
    names. ``diverging`` centres the colours on 0; ``span`` are the ends of the scale where they do not come
    from the values. ``outlines`` are closed lines to draw on top,
    each (n_points, 2). ``show_values`` writes the number into each cell.
    """

    values: Array
    x: Array | None = None
    y: Array | None = None
    x_names: tuple[str, ...] = ()
    y_names: tuple[str, ...] = ()
    x_label: str = ""
    x_unit: str = ""
    y_label: str = ""
    y_unit: str = ""
    value_label: str = ""
    value_unit: str = ""
    diverging: bool = False
    show_values: bool = False
    outlines: tuple[Array, ...] = ()
    span: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class NullControl(View):
    """Values beside what they are where there is nothing to find.

    ``values`` (n,) with ``names``, 95 % bounds ``low`` and ``high`` (n,) where they are known, and ``null``
    (n, n_draws) of the same values under the control, NaN where there is no draw; ``null_name`` says in
    words what the control is. ``chance`` and ``baseline`` (n,) are drawn as marks.
    """

    values: Array
    null: Array
    names: tuple[str, ...] = ()
    null_name: str = "shuffled"
    low: Array | None = None
    high: Array | None = None
    chance: Array | None = None
    baseline: Array | None = None
    y_label: str = ""
    y_unit: str = ""


@dataclass(frozen=True, eq=False)
class Images(View):
    """Pictures side by side: ``pixels`` (n_images, height, width) or (…, 3), each with its name.

    Colours are of 8 bits, or fractions from 0 to 1.
    ``columns`` is how many stand in a row; 0 for what fits best.
    """

    pixels: Array
    names: tuple[str, ...] = ()
    value_unit: str = ""
    diverging: bool = False
    columns: int = 0


@dataclass(frozen=True, eq=False)
class Scatter(View):
    """Points: ``x`` and ``y`` (n_points,), a group each in words, an interval where there is one.

    ``pictures`` (n_points, height, width) or (…, 3) of 8 bits are shown under the pointer.
    """

    x: Array
    y: Array
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    x_label: str = ""
    x_unit: str = ""
    y_label: str = ""
    y_unit: str = ""
    low: Array | None = None
    high: Array | None = None
    x_names: tuple[str, ...] = ()
    levels: dict[str, float] = field(default_factory=dict)
    pictures: Array | None = None


@dataclass(frozen=True, eq=False)
class Topomap(View):
    """Values at sensors, seen from above: ``values`` (n_maps, n_sensors).

    ``positions`` (n_sensors, 2): the head is the circle of radius 1, x to the right, y to the nose.
    ``names`` name the sensors, ``titles`` the maps.
    """

    values: Array
    positions: Array
    names: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    value_label: str = ""
    value_unit: str = ""
    diverging: bool = True


@dataclass(frozen=True, eq=False)
class Sensors(View):
    """Sensors in space, to be turned: ``positions`` (n_sensors, 3) in metres, x right, y nose, z up.

    ``values`` (n_maps, n_sensors) are colours, one map at a time, with their ``titles``; with
    ``axis="time"``, ``times`` (n_maps,) are the seconds of the maps. ``bads`` are marked.
    """

    positions: Array
    names: tuple[str, ...] = ()
    values: Array | None = None
    titles: tuple[str, ...] = ()
    times: Array | None = None
    bads: tuple[str, ...] = ()
    value_label: str = ""
    value_unit: str = ""
    diverging: bool = True


@dataclass(frozen=True, eq=False)
class Sheet(View):
    """A table: one sequence a column, all of one length."""

    columns: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Report(View):
    """Words, as Markdown."""

    text: str = ""


@dataclass(frozen=True, eq=False)
class Signals(View):
    """Signals of an input or output of the run, with a value for each sample laid over them.

    ``source`` is the argument's or output's name; the desktop reads only the visible window of it.
    ``overlay`` (n_channels, n_times) is drawn as colour behind or on the curves from ``start`` seconds on,
    at ``rate`` hertz, for the ``channels`` named (in that order).
    """

    source: str
    channels: tuple[str, ...] = ()
    overlay: Array | None = None
    overlay_label: str = ""
    start: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True, eq=False)
class Slices(View):
    """Three orthogonal slices of a volume: ``values`` (x, y, z[, time]), ``affine`` (4, 4) to mm (RAS).

    ``space`` is a name of :mod:`neurostudio.spaces`; values between ``-threshold`` and ``threshold`` are not
    shown. ``under`` (x, y, z) with ``under_affine`` is the anatomy below them, on a grid of its own.
    """

    values: Array
    affine: Array
    value_label: str = ""
    value_unit: str = ""
    diverging: bool = False
    threshold: float = 0.0
    space: str = ""
    under: Array | None = None
    under_affine: Array | None = None


@dataclass(frozen=True, eq=False)
class Brain(View):
    """A body in space, to be turned: a mesh with values, points, lines between points; mm (RAS).

    ``vertices`` (n_vertices, 3) and ``faces`` (n_faces, 3) with ``values`` (n_maps, n_vertices), one map at a
    time, called ``titles``; with ``axis="time"``, ``times`` (n_maps,) are their seconds. Values between
    ``-threshold`` and ``threshold`` are not coloured. ``points`` (n_points, 3) are called ``point_names``,
    coloured by ``point_values`` (n_points,). ``edges`` (n_edges, 2) join points, with ``weights`` (n_edges,).
    ``space`` is a name of :mod:`neurostudio.spaces`.
    """

    vertices: Array | None = None
    faces: Array | None = None
    values: Array | None = None
    titles: tuple[str, ...] = ()
    times: Array | None = None
    points: Array | None = None
    point_names: tuple[str, ...] = ()
    point_values: Array | None = None
    edges: Array | None = None
    weights: Array | None = None
    directed: bool = False
    space: str = ""
    value_label: str = ""
    value_unit: str = ""
    diverging: bool = False
    threshold: float = 0.0


@dataclass(frozen=True, eq=False)
class Graph(View):
    """Nodes and what joins them, in the plane: ``edges`` (n_edges, 2) from and to, ``weights`` (n_edges,).

    ``names`` (n_nodes) name the nodes, ``groups`` (n_nodes) say in words what colours them, ``values``
    (n_nodes,) size them. ``positions`` (n_nodes, 2) are places in the plane where they are known.
    """

    edges: Array
    names: tuple[str, ...]
    weights: Array | None = None
    groups: tuple[str, ...] = ()
    values: Array | None = None
    value_label: str = ""
    value_unit: str = ""
    positions: Array | None = None
    directed: bool = False


def save_view(view: View, path: Path) -> None:
    """Write a view as one npz: its arrays as arrays, all else as JSON."""
    import numpy as np

    arrays: dict[str, Array] = {}
    plain: dict[str, Any] = {"view": type(view).__name__}
    for entry in dataclasses.fields(view):
        value = getattr(view, entry.name)
        if isinstance(value, np.ndarray):
            arrays[entry.name] = value
        elif isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
            plain[entry.name] = {"arrays": len(value)}
            arrays |= {f"{entry.name}.{k}": each for k, each in enumerate(value)}
        else:
            plain[entry.name] = value
    text = json.dumps(plain, default=_plain)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **{"view.json": np.array(text), **arrays})


def load_view(path: Path) -> View:
    """Read a view that :func:`save_view` wrote; nothing in the file is executed."""
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            plain = json.loads(str(stored["view.json"]))
            arrays = {name: stored[name] for name in stored.files if name != "view.json"}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise BrokenSession(f"{path} is not a saved view.") from error
    kind = View.types.get(plain.pop("view", ""))
    if kind is None:
        raise BrokenSession(f"{path} holds a kind of view that this version does not know.")
    for name, value in plain.items():
        if isinstance(value, list):
            plain[name] = tuple(value)
        elif isinstance(value, dict) and set(value) == {"arrays"}:
            plain[name] = tuple(arrays.pop(f"{name}.{k}") for k in range(value["arrays"]))
    return kind(**plain, **arrays)


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):  # a number of numpy's
        return value.item()
    raise TypeError(f"a view may hold arrays, numbers and text, got {type(value).__name__}")
