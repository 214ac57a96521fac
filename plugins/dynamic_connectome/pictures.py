"""Pictures of components: when, in which animals, between whom, and where in the worm."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Brain, Connectome, Graph, Heatmap, Lines

from .declaring import FORM, MOTIFS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

EDGES = 300
EDGE = 0.08  # of the time: names of earlier marks would be cut off
STEPS = 120  # times at most of a connectome that changes
SIMULATED = " Simulated data."


def visible(marks: Mapping[str, float], times: Array) -> tuple[dict[str, float], str]:
    """Return the marks whose names fit into the picture, and words on those at its left edge."""
    edge = times[0] + EDGE * (times[-1] - times[0])
    early = [name for name, at in marks.items() if at <= edge]
    note = f" Already on at the left edge: {', '.join(early)}." if early else ""
    return {name: at for name, at in marks.items() if at > edge}, note


def time_courses(
    times: Array, time: Array, marks: Mapping[str, float], names: Sequence[str], note: str = ""
) -> Lines:
    """Return the time course of each component (n_times, rank), with stimuli as marks."""
    shown, early = visible(marks, times)
    return Lines(
        times, time.T, tuple(names), x_label="time", x_unit="s", y_label="loading", y_unit="1",
        marks=shown, axis="time", title="When: time courses of the components",
        caption=f"{FORM} {MOTIFS}{early}{note}",
    )  # fmt: skip


def animal_profiles(
    animals: Array, names: Sequence[str], components: Sequence[str], note: str
) -> Heatmap:
    """Return how strong each component is in each animal (n_animals, rank), 1 for its median animal."""
    middle = np.median(animals, axis=0)
    relative = animals / np.where(middle > 0, middle, animals.max(axis=0) + 1e-12)
    return Heatmap(
        relative.T, x_names=tuple(names), y_names=tuple(components), x_label="animal",
        y_label="component", value_label="loading, median animal 1", value_unit="1",
        show_values=len(names) <= 12, title="In whom: loading of each animal",
        span=(0.0, max(2.0, float(relative.max()))),
        caption=f"{MOTIFS}{note}",
    )  # fmt: skip


def sorted_matrix(
    matrix: Array, labels: Labels, names: Sequence[str], title: str, note: str = ""
) -> Heatmap:
    """Return a component's matrix by community, communities outlined, their strongest neurons first."""
    order = np.lexsort([-matrix.sum(axis=1), labels])
    edges = np.r_[0, np.cumsum(np.bincount(labels))] - 0.5
    outlines = tuple(np.array([[a, a], [b, a], [b, b], [a, b], [a, a]]) for a, b in pairwise(edges))
    called = tuple(f"{names[k]} ·{labels[k] + 1}" for k in order)
    return Heatmap(
        matrix[np.ix_(order, order)], x_names=tuple(names[k] for k in order), y_names=called,
        x_label="neuron", y_label="neuron · community", value_label="affinity", value_unit="1",
        outlines=outlines, title=title,
        caption=f"Squares are communities; in each the strongest neurons come first. {MOTIFS}{note}",
    )  # fmt: skip


def strongest_edges(matrix: Array, most: int = EDGES) -> tuple[Array, Array]:
    """Return the strongest links (n, 2) and their weights (n,)."""
    first, second = np.triu_indices(len(matrix), 1)
    values = matrix[first, second]
    order = np.argsort(-values, kind="stable")[: min(most, int((values > 0).sum()))]
    return np.stack([first[order], second[order]], axis=1), values[order]


def graph(matrix: Array, labels: Labels, names: Sequence[str], title: str, note: str = "") -> Graph:
    """Return the strongest links of a component, neurons coloured by community."""
    edges, weights = strongest_edges(matrix, 4 * len(names))
    return Graph(
        edges, tuple(names), weights=weights, groups=tuple(str(each + 1) for each in labels),
        values=matrix.sum(axis=1), value_label="strength", value_unit="1", title=title,
        caption=f"The {len(edges)} strongest pairs; colours are communities. {MOTIFS}{note}",
    )  # fmt: skip


def timeline(
    times: Array, time: Array, same: Array, labels: Labels, names: Sequence[str], note: str = ""
) -> Heatmap:
    """Return when each neuron acts with its communities: strength (n_neurons, n_times)."""
    step = max(1, len(times) // 600)
    n = len(times) // step
    course = time[: n * step].reshape(n, step, -1).mean(axis=1)
    strength = same.sum(axis=2).T @ course.T
    leading = same.sum(axis=2).argmax(axis=0)
    order = np.lexsort([labels[leading, np.arange(len(names))], leading])
    return Heatmap(
        strength[order], x=times[: n * step].reshape(n, step).mean(axis=1),
        y_names=tuple(names[k] for k in order), x_label="time", x_unit="s", y_label="neuron",
        value_label="strength", value_unit="1", axis="time", title="Neurons over time",
        caption="Sum over components of time course times strength; neurons by the component in which "
        f"they are strongest. {MOTIFS}{note}",
    )  # fmt: skip


def membership(
    labels: Labels, names: Sequence[str], components: Sequence[str], note: str
) -> Heatmap:
    """Return the community of each neuron in each component: who changes company."""
    order = np.lexsort(labels[::-1])
    return Heatmap(
        (labels.T + 1.0)[order], x_names=tuple(components), y_names=tuple(names[k] for k in order),
        x_label="component", y_label="neuron", value_label="community", value_unit="1",
        show_values=len(names) <= 40, title="Company across components",
        span=(0.0, float(labels.max()) + 1),
        caption="Communities are numbered by strength in each component; the same number in two components "
        f"is not the same community.{note}",
    )  # fmt: skip


def places(names: Sequence[str]) -> tuple[Array | None, str]:
    """Return mm to the right, front and up of neurons that Cook's worm knows, NaN else, or nothing."""
    from neurostudio.api import BadInput
    from neurostudio.worm import worm_connectome

    try:
        worm = worm_connectome()
    except BadInput:
        return None, ""
    where = {name: k for k, name in enumerate(worm.names("nodes"))}
    known = [anatomical(name) in where for name in names]
    if sum(known) < max(3, len(names) // 2):
        return None, ""
    xyz = np.stack([np.asarray(worm.matrix[axis], float) for axis in "xyz"], axis=1)
    found = np.full((len(names), 3), np.nan)
    for k, name in enumerate(names):
        if known[k]:
            found[k] = xyz[where[anatomical(name)]]
    return found, str(worm.matrix.attrs["space"])


def anatomical(name: str) -> str:
    """Return a neuron's name as the anatomy writes it.

    Examples
    --------
    >>> anatomical("VB02"), anatomical("AVAL")
    ('VB2', 'AVAL')
    """
    letters = name.rstrip("0123456789")
    digits = name[len(letters) :]
    return f"{letters}{int(digits)}" if digits else name


def in_worm(
    matrix: Array, labels: Labels, names: Sequence[str], xyz: Array, space: str, title: str
) -> Brain:
    """Return the neurons of a component in their places, coloured by community, with its strongest links."""
    known = np.flatnonzero(np.isfinite(xyz).all(axis=1))
    edges, weights = strongest_edges(matrix[np.ix_(known, known)], 120)
    return Brain(
        points=xyz[known],
        point_names=tuple(names[k] for k in known), point_values=labels[known] + 1.0,
        edges=edges, weights=weights, space=space, value_label="community", value_unit="1",
        title=title,
        caption=f"The {len(edges)} strongest pairs; most places are schematic. {MOTIFS}",
    )  # fmt: skip


def connectome_of(
    matrix: Array,
    names: Sequence[str],
    facts: Mapping[str, Any],
    times: Array | None = None,
    **attrs: Any,
) -> Connectome:
    """Return a symmetric matrix ([n_times,] n, n) as a connectome, with facts of the neurons."""
    import xarray

    dims = ("source", "target") if times is None else ("time", "source", "target")
    coords: dict[str, Any] = {"source": list(names), "target": list(names)}
    coords |= {} if times is None else {"time": times}
    coords |= {key: ("source", np.asarray(value)) for key, value in facts.items()}
    made = xarray.DataArray(matrix, dims=dims, coords=coords)
    made.attrs |= {"unit": "affinity", "directed": False, "what": f"{MOTIFS} {FORM}"} | attrs
    return Connectome(made)


def over_time(times: Array, time: Array, same: Array, n_most: int = STEPS) -> tuple[Array, Array]:
    """Return the modelled affinity at some times (n, n_neurons, n_neurons), and these times."""
    n = min(n_most, len(times), max(2, int(2e7 // same[0].size)))
    edges = np.linspace(0, len(times), n + 1).astype(int)
    course = np.stack([time[a:b].mean(axis=0) for a, b in pairwise(edges)])
    middle = np.array([times[a:b].mean() for a, b in pairwise(edges)])
    return np.tensordot(course, same, axes=1).astype(np.float32), middle
