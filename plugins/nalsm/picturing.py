"""A liquid as pictures: neurons in space, spikes in lanes, the astrocyte, weights, branching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Brain, Graph, Heatmap, Lines, Raster, Scatter
from neurostudio.spaces import MODEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import View

    from .liquids import Liquid
    from .presenting import Spikes

    Array = NDArray[Any]

MOST = {"input": 40, "excitatory": 80, "inhibitory": 20}
GROUPS = ("excitatory", "inhibitory", "input")
EDGES = 400
MATRIX = 600  # neurons up to which the matrix of weights is drawn


def in_space(
    liquid: Liquid, values: Array | None = None, *, label: str = "", unit: str = ""
) -> Brain:
    """Return the neurons in space: their type, or what they did, and their strongest wires."""
    kinds = np.where(liquid.excitatory, "excitatory", "inhibitory")
    shown = np.where(liquid.excitatory, 1.0, -1.0) if values is None else np.asarray(values, float)
    weights = liquid.inner.all_weights()
    mixed = np.random.default_rng(0).permutation(len(weights))  # many weights are equal
    strongest = mixed[np.argsort(-np.abs(weights[mixed]), kind="stable")[:EDGES]]
    edges = np.stack([liquid.inner.sources(), liquid.inner.targets], axis=1)[strongest]
    caption = "Seen from one side and above; turn it with the mouse. Simulated."
    if values is None:
        caption = f"Some of the strongest wires. {caption}"
    return Brain(
        points=_turned(liquid.places), point_values=shown,
        edges=edges.astype(np.int64) if values is None else None,
        point_names=tuple(f"{kind} {k}" for k, kind in enumerate(kinds)), space=MODEL,
        weights=weights[strongest] if values is None else None, directed=True,
        diverging=values is None, value_label=label or "excitatory 1, inhibitory -1", value_unit=unit,
        title="Liquid in space", caption=caption,
    )  # fmt: skip


def _turned(places: Array) -> Array:
    """Return places as they are seen obliquely, so that the first look shows the depth of the grid."""
    side, above = np.deg2rad(28), np.deg2rad(62)
    about = np.array([[np.cos(side), -np.sin(side), 0], [np.sin(side), np.cos(side), 0], [0, 0, 1]])
    tilt = np.array(
        [[1, 0, 0], [0, np.cos(above), np.sin(above)], [0, -np.sin(above), np.cos(above)]]
    )
    return np.asarray((places - places.mean(axis=0)) @ (tilt @ about).T)


def populations(liquid: Liquid) -> Graph:
    """Return inputs, excitatory and inhibitory neurons as three nodes, joined by their mean degree."""
    names = ("inputs", "excitatory", "inhibitory")
    sizes = np.array([liquid.outer.n_sources, liquid.excitatory.sum(), (~liquid.excitatory).sum()])
    own = np.where(liquid.excitatory, 1, 2)
    edges, weights = [], []
    for wires, sources in (
        (liquid.outer, np.zeros(liquid.outer.n_sources, int)),
        (liquid.inner, own),
    ):
        sender, receiver = sources[wires.sources()], own[wires.targets]
        for pair in sorted({(int(a), int(b)) for a, b in zip(sender, receiver, strict=True)}):
            number = int(((sender == pair[0]) & (receiver == pair[1])).sum())
            edges.append(pair)
            weights.append(number / sizes[pair[0]])
    return Graph(
        np.array(edges, np.int64).reshape(-1, 2), names, weights=np.array(weights), groups=names,
        values=sizes.astype(float), value_label="neurons", directed=True,
        title="Populations", caption="A wire is as thick as the mean number of targets of a sender.",
    )  # fmt: skip


def distances(liquid: Liquid) -> Lines:
    """Return the share of pairs that are joined over their distance, with what the rule says."""
    from .liquids import PROBABILITY

    gap = np.sqrt(((liquid.places[:, None] - liquid.places[None]) ** 2).sum(axis=2)).astype(
        np.float32
    )
    joined = np.zeros(gap.shape, bool)
    joined[liquid.inner.sources(), liquid.inner.targets] = True
    kind = np.where(liquid.excitatory, 0, 1)
    edges = np.arange(0.5, gap.max() + 1.0, 0.5)
    names, curves = [], []
    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
        pairs = (kind[:, None] == a) & (kind == b) & (gap > 0)
        every, _ = np.histogram(gap[pairs], edges)
        there, _ = np.histogram(gap[pairs & joined], edges)
        with np.errstate(invalid="ignore"):
            curves.append(np.where(every >= 20, there / np.maximum(every, 1), np.nan))
        names.append(f"{'EI'[a]} to {'EI'[b]} (C {PROBABILITY[a, b]:g})")
    return Lines(
        (edges[:-1] + edges[1:]) / 2, np.array(curves), tuple(names), "distance", "grid steps",
        "joined pairs", "", title="Joining falls with distance",
    )  # fmt: skip


def matrix(liquid: Liquid) -> Heatmap:
    """Return the weights from neuron to neuron, excitatory first; the populations' means of a large one."""
    order = np.argsort(~liquid.excitatory, kind="stable")
    if len(liquid) <= MATRIX:
        dense = liquid.inner.dense()[order][:, order]
        return Heatmap(
            dense, x_label="receiver", y_label="sender", value_label="weight", diverging=True,
            title="Weights", caption="Excitatory senders first (red), inhibitory last; model units.",
        )  # fmt: skip
    kind = np.where(liquid.excitatory, 0, 1)
    sums, n = np.zeros((2, 2)), np.zeros((2, 2))
    pairs = kind[liquid.inner.sources()], kind[liquid.inner.targets]
    np.add.at(sums, pairs, liquid.inner.all_weights())
    np.add.at(n, pairs, 1)
    names = ("excitatory", "inhibitory")
    return Heatmap(
        sums / np.maximum(n, 1), x_names=names, y_names=names, x_label="receiver", y_label="sender",
        value_label="mean weight of a wire", diverging=True, show_values=True, title="Weights",
    )  # fmt: skip


def histograms(now: Liquid, start: float = 0.0, largest: float = 3.0) -> Lines:
    """Return how many wires of each group have which magnitude; ``start`` is where all were before."""
    groups = now.groups()
    most = max([largest, *(float(each.max(initial=0)) for each in groups.values())])
    edges = np.linspace(0, 1.3 * most, 40)
    shares = [np.histogram(each, edges)[0] / max(len(each), 1) for each in groups.values()]
    return Lines(
        (edges[:-1] + edges[1:]) / 2, np.array(shares), tuple(groups), "magnitude of the weight",
        "model unit", "share of the wires", "", marks={"before": start} if start else {},
        title="Weights of each group",
    )  # fmt: skip


def lanes(liquid: Liquid, spikes: Spikes, inputs: Spikes, title: str) -> Raster:
    """Return the spikes of one sample in three lanes: inputs, excitatory, inhibitory (some of each)."""
    groups = {
        "input": (inputs, np.unique(inputs.who)),
        "excitatory": (spikes, np.flatnonzero(liquid.excitatory)),
        "inhibitory": (spikes, np.flatnonzero(~liquid.excitatory)),
    }
    times, rows = [], []
    names: list[str] = []
    for name, (trains, members) in groups.items():
        chosen = members[
            np.linspace(0, len(members) - 1, min(MOST[name], len(members))).astype(int)
        ]
        place = np.full(int(max(trains.who.max(initial=0), members.max(initial=0))) + 1, -1)
        place[chosen] = np.arange(len(chosen)) + len(names)
        row = place[trains.who]
        times.append(trains.when[row >= 0] / 1000)
        rows.append(row[row >= 0])
        names += [f"{name} {member}" for member in chosen]
    return Raster(
        np.concatenate(times), np.concatenate(rows), tuple(names), "neuron", title=title, axis="",
        caption="Inputs first, then excitatory, then inhibitory neurons of the liquid (some of each).",
    )  # fmt: skip


def astrocyte(fine: Array, bias: float) -> tuple[View, View]:
    """Return the astrocyte while one sample was shown, and the spikes that drive it.

    ``fine`` (n_steps, 3): rate of depression, spikes of the liquid, spikes of the inputs.
    """
    time = np.arange(len(fine)) / 1000
    return (
        Lines(
            time, fine[None, :, 0], (), "time", "s", "rate of depression A", "",
            levels={"without spikes": bias}, title="Astrocyte, last sample",
        ),
        Lines(
            time, fine[:, 1:].T, ("liquid", "inputs"), "time", "s", "spikes in a ms", "",
            title="What drives it", caption="A rises while the liquid spikes more than the inputs.",
        ),
    )  # fmt: skip


def course(values: Array) -> tuple[View, View]:
    """Return the astrocyte and the mean weights from sample to sample; ``values`` (n_samples, 6)."""
    x = np.arange(1, len(values) + 1)
    few = np.unique(np.linspace(0, len(values) - 1, min(len(values), 2000)).astype(int))
    return (
        Lines(
            x[few], values[few, 0][None], (), "samples shown", "", "rate of depression A", "",
            title="Astrocyte, end of each sample",
        ),
        Lines(
            *_with_room(x[few], values[few, 3:].T), ("excitatory", "inhibitory", "input"),
            "samples shown", "", "mean magnitude of a weight", "model unit", title="Mean weights",
        ),
    )  # fmt: skip


def _with_room(x: Array, y: Array) -> tuple[Array, Array]:
    """Return curves whose axis goes on after their end, so that the legend covers none."""
    end = np.full((len(y), 1), np.nan)
    return np.append(x, 1.35 * x[-1] if len(x) else 1.0), np.concatenate([y, end], axis=1)


def gauge(shown: Array, values: Array, other: tuple[Array, Array] | None = None) -> Lines:
    """Return the branching factor over the samples shown, with the line at 1; ``other`` is the control's."""
    every = np.unique(np.concatenate([shown, other[0]])) if other else shown
    curves = [np.interp(every, shown, values)]
    names = ["this liquid"]
    if other:
        curves.append(np.interp(every, *other))
        names.append("without the astrocyte")
    every, lines = _with_room(every, np.array(curves))
    now = f"{values[-1]:.2f}" if len(values) else "?"
    return Lines(
        every, lines, tuple(names) if other else (), "samples shown", "", "branching factor", "",
        levels={"critical": 1.0}, title=f"Branching: {now}",
        caption="Above 1 activity grows from spike to spike, below 1 it dies out. 1 is the paper's claim.",
    )  # fmt: skip


def sweep(weights: Array, bounds: Array, others: dict[str, float], chance: float, n: int) -> Lines:
    """Return the accuracy of fixed liquids over the magnitude of their weights, with all else as lines.

    ``bounds`` (n_weights, 3) are mean, low and high; ``others`` the accuracies of learnt liquids and of the
    readout without a liquid.
    """
    flat = [np.full(len(weights), value) for value in others.values()]
    return Lines(
        weights, np.stack([bounds[:, 0], *flat]), ("fixed weights", *others), "magnitude of every weight",
        "model unit", "accuracy", "", low=np.stack([bounds[:, 1], *flat]),
        high=np.stack([bounds[:, 2], *flat]), title="Accuracy against weight",
        caption=f"Band: 95 % interval of the fixed liquids over {n} test samples and networks. Chance is "
        f"{chance:.2g}.",
    )  # fmt: skip


def against_branching(names: list[str], branching: Array, accuracy: Array) -> Scatter:
    """Return the accuracy of each liquid over its branching factor."""
    groups = tuple(name.split(" ")[0] for name in names)
    return Scatter(
        branching, accuracy, groups, tuple(names), "branching factor", "", "accuracy", "",
        title="Accuracy against branching",
    )  # fmt: skip


def confusion(counts: Array, classes: tuple[str, ...]) -> Heatmap:
    """Return the confusion matrix, a row a true class."""
    return Heatmap(
        counts.astype(float), x_names=classes, y_names=classes, x_label="guessed", y_label="true",
        value_label="samples", show_values=len(classes) <= 12, title="Confusion",
    )  # fmt: skip
