"""Pictures and recordings of events as spikes of input neurons."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, ImageStack, SpikeTrains, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Rows = NDArray[np.intp]

STEP = 0.001  # s
EVENT_COLUMNS = ("recording", "time", "x", "y", "polarity")
MOST_STEPS = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What can be shown to a liquid.

    Pictures: ``pixels`` (n, n_inputs), as stored. Events: ``starts`` (n + 1,) with ``steps`` and ``inputs``
    (n_events,) ascending within a recording, the ``longest`` of which has so many steps (0 for pictures,
    which last as long as one likes). ``labels`` (n,) are words, empty where there is none; ``tested``
    (n,) marks a given test part.
    """

    ids: tuple[str, ...]
    labels: NDArray[np.str_]
    n_inputs: int
    pixels: Array | None = None
    starts: Array = field(default_factory=lambda: np.zeros(1, np.int64))
    steps: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    inputs: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    tested: NDArray[np.bool_] | None = None
    simulated: bool = False
    shape: tuple[int, ...] = ()
    longest: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def kind(self) -> str:
        """``pictures`` or ``events``."""
        return "events" if self.pixels is None else "pictures"

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that there are; numbers in their order."""
        found = sorted(set(self.labels.tolist()) - {""})
        return tuple(sorted(found, key=int) if all(each.isdigit() for each in found) else found)

    def codes(self, rows: Rows, classes: Sequence[str]) -> NDArray[np.intp]:
        """Return the number of each row's class, -1 where it is none of them."""
        number = {name: k for k, name in enumerate(classes)}
        return np.array([number.get(each, -1) for each in self.labels[rows].tolist()], np.intp)

    def flat(self, row: int) -> Array:
        """Return a sample as one row of numbers: pixels, or the count of events of each input."""
        if self.pixels is not None:
            return np.asarray(self.pixels[row], float)
        return np.bincount(self._events(row)[1], minlength=self.n_inputs).astype(float)

    def _events(self, row: int) -> tuple[Array, Array]:
        part = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return self.steps[part], self.inputs[part]

    def scale(self, rows: Rows) -> float:
        """Return the largest share of its own sum that a pixel has among the rows; 1 for events."""
        if self.pixels is None:
            return 1.0
        parts = [np.asarray(self.pixels[row], float) for row in rows]
        return max(
            (float(each.max() / each.sum()) for each in parts if each.sum() > 0), default=1.0
        )

    def shown(
        self, row: int, n_steps: int, scale: float, seed: Sequence[int], *, anywhere: bool = False
    ) -> tuple[Array, Array]:  # fmt: skip
        """Return when the inputs fire while a sample is shown.

        Parameters
        ----------
        scale
            Divides the shares of pixels into probabilities of an injection a step (:meth:`scale`).
        seed
            For the draws of this presentation.
        anywhere
            Show a part of a recording that begins at a random time, as the released code does while a
            liquid organises itself on events; else the beginning.

        Returns
        -------
        arrays of shape (n_steps + 1,) and (n_spikes,)
            Where the spikes of each step begin, and the input of each.
        """
        if self.pixels is None:
            steps, inputs = self._events(row)
            begin = 0
            if anywhere and self.longest > n_steps:
                begin = int(np.random.default_rng(seed).integers(self.longest - n_steps))
            within = (steps >= begin) & (steps < begin + n_steps)
            return _fired(steps[within] - begin, inputs[within], self.n_inputs, n_steps)
        pixels = np.asarray(self.pixels[row], float)
        bright = np.flatnonzero(pixels)
        chance = (pixels[bright] / (pixels.sum() * scale or 1.0)).astype(np.float32)
        drawn = np.random.default_rng(seed).random((n_steps, len(bright)), np.float32) < chance
        steps, places = np.nonzero(drawn)
        return _fired(steps, bright[places], self.n_inputs, n_steps)

    def fingerprints(self, rows: Rows) -> NDArray[np.int64]:
        """Return a number of exactly these values for each row, by which a sample is known again."""
        found = []
        for row in rows:
            parts = [self.pixels[row]] if self.pixels is not None else self._events(row)
            digest = hashlib.blake2b(digest_size=8)
            for part in parts:
                digest.update(np.ascontiguousarray(part).tobytes())
            found.append(int.from_bytes(digest.digest(), "big", signed=True))
        return np.array(found, np.int64)

    def noisy(self, rows: Rows, spread: float, seed: int) -> Samples:
        """Return the rows with noise on what is shown, as the released code measures generalisation.

        Pictures: normal noise of ``spread`` grey values on every pixel, kept within 0 and the largest.
        Events: each recording moved as a whole by one normal number of ``spread`` steps, reflected at its
        ends.
        """
        random = np.random.default_rng([seed, 7])
        few = self.only(rows)
        if few.pixels is not None:
            values = few.pixels + random.normal(0.0, spread, few.pixels.shape)
            return replace(few, pixels=np.clip(values, 0, few.pixels.max(initial=0)))
        last = self.longest - 1
        steps, inputs = [], []
        for row in range(len(few)):
            own, wires = few._events(row)
            moved = np.abs(np.round(own + random.normal(0.0, spread))).astype(np.int64)
            moved = np.abs(last - np.abs(last - moved))
            order = np.argsort(moved, kind="stable")
            steps.append(moved[order])
            inputs.append(wires[order])
        return replace(few, steps=np.concatenate(steps), inputs=np.concatenate(inputs))

    def only(self, rows: Rows) -> Samples:
        """Return some of the samples."""
        tested = None if self.tested is None else self.tested[rows]
        few = replace(
            self, ids=tuple(self.ids[row] for row in rows), labels=self.labels[rows], tested=tested
        )
        if self.pixels is not None:
            return replace(few, pixels=self.pixels[rows])
        parts = [self._events(row) for row in rows]
        starts = np.concatenate([[0], np.cumsum([len(each[0]) for each in parts])]).astype(np.int64)
        return replace(
            few, starts=starts, steps=np.concatenate([each[0] for each in parts]),
            inputs=np.concatenate([each[1] for each in parts]),
        )  # fmt: skip


def _fired(steps: Array, inputs: Array, n_inputs: int, n_steps: int) -> tuple[Array, Array]:
    from .stepping import fire

    starts, fired = fire(steps, inputs, n_inputs, n_steps)
    return starts, fired


def read_samples(
    data: ImageStack | Table | SpikeTrains, trials: Table | None, label: str, n_inputs: int = 0
) -> Samples:
    """Return pictures, event recordings, or spike trains cut into trials, as samples.

    Parameters
    ----------
    trials
        ``start`` (s) and ``label`` of each recording, for spike trains.
    label
        The column of labels; empty for ``label`` where there is one.
    n_inputs
        Inputs of a liquid that exists; 0 for as many as the data have.

    Raises
    ------
    BadInput
        Colours, no trials, a missing column, or another number of inputs than the liquid has.
    """
    if isinstance(data, ImageStack):
        found = _pictures(data, label)
    elif isinstance(data, Table):
        found = _events(data, label, n_inputs)
    else:
        found = _trains(data, trials, label)
    if not len(found):
        raise BadInput("There is nothing to show: the data are empty.")
    if n_inputs and found.n_inputs != n_inputs:
        raise BadInput(
            f"A sample has {found.n_inputs} inputs; the liquid has wires for {n_inputs}. Give data of the "
            "same size, or let a liquid organise itself on these."
        )
    return found


def _pictures(stack: ImageStack, label: str) -> Samples:
    array = stack.array
    if "channel" in array.dims:
        raise BadInput(
            "The pictures have colours; a liquid takes grey ones. Open or save them as grey."
        )
    dim = str(array.dims[0])
    n = int(array.sizes[dim])
    columns = {name: np.asarray(array.coords[name].to_numpy()) for name in stack.names("columns")}
    ids = columns.get("id", np.arange(n)).astype(str)
    pixels = np.asarray(array.to_numpy()).reshape(n, -1)
    if pixels.size and pixels.min() < 0:
        raise BadInput(
            f"A pixel is {pixels.min():g}; brightness is 0 or more. Shift the pictures first."
        )
    return Samples(
        tuple(ids.tolist()), _labels(columns, label, n), pixels.shape[1], pixels=pixels,
        tested=_tested(columns), simulated=bool(array.attrs.get("simulated", False)),
        shape=tuple(int(each) for each in array.shape[1:]),
    )  # fmt: skip


def _labels(columns: dict[str, Array], label: str, n: int) -> NDArray[np.str_]:
    name = label or "label"
    if name not in columns:
        if label:
            known = ", ".join(columns) or "none"
            raise BadInput(f"There is no column '{label}'; there are {known}.")
        return np.full(n, "")
    values: NDArray[np.str_] = columns[name].astype(str)
    return values


def _tested(columns: dict[str, Array]) -> NDArray[np.bool_] | None:
    if "train" in columns:
        return ~columns["train"].astype(bool)
    if "part" in columns:
        return np.asarray(columns["part"].astype(str) == "test")
    return None


def _events(table: Table, label: str, n_inputs: int) -> Samples:
    frame = table.frame
    missing = [name for name in EVENT_COLUMNS if name not in frame]
    if missing:
        raise BadInput(
            f"The table has no column {', '.join(missing)}; events have recording, time (s), x, y and "
            "polarity."
        )
    x, y, polarity = (frame[name].to_numpy(np.int64) for name in ("x", "y", "polarity"))
    side = round((n_inputs / 2) ** 0.5) if n_inputs else int(max(x.max(), y.max())) + 1
    if len(x) and max(x.max(), y.max()) >= side:
        raise BadInput(
            f"An event lies at {max(x.max(), y.max())}; the liquid has {side} x {side} places."
        )
    recordings, row = np.unique(frame["recording"].to_numpy(), return_inverse=True)
    columns = {
        str(name): np.asarray(frame[name].to_numpy()[np.unique(row, return_index=True)[1]])
        for name in frame
        if name not in EVENT_COLUMNS
    }
    simulated = bool(frame.attrs.get("simulated", False))
    inputs = (np.minimum(polarity, 1) * side + y) * side + x
    return _binned(
        recordings.astype(str), row, frame["time"].to_numpy(float), inputs, 2 * side * side,
        _labels(columns, label, len(recordings)), _tested(columns), (2, side, side), simulated=simulated,
    )  # fmt: skip


def _trains(data: SpikeTrains, trials: Table | None, label: str) -> Samples:
    if trials is None or "start" not in trials.frame:
        raise BadInput(
            "Spike trains need a table 'trials' with a column 'start' (s), one row a recording."
        )
    starts = trials.frame["start"].to_numpy(float)
    order = np.argsort(starts)
    units = list(data.units.keys())
    times = [np.asarray(data.units[unit].t) for unit in units]
    every = np.concatenate(times) if times else np.empty(0)
    inputs = np.repeat(np.arange(len(units)), [len(each) for each in times])
    row = np.searchsorted(starts[order], every, side="right") - 1
    ends = np.append(starts[order][1:], np.inf)
    kept = (row >= 0) & (every < ends[np.maximum(row, 0)])
    kept &= every - starts[order][np.maximum(row, 0)] < MOST_STEPS * STEP
    columns = {str(name): np.asarray(trials.frame[name].to_numpy()[order]) for name in trials.frame}
    return _binned(
        order.astype(str), row[kept], every[kept] - starts[order][row[kept]], inputs[kept], len(units),
        _labels(columns, label, len(order)), _tested(columns), (len(units),), simulated=False,
    )  # fmt: skip


def _binned(
    ids: Array, row: Array, times: Array, inputs: Array, n_inputs: int, labels: NDArray[np.str_],
    tested: NDArray[np.bool_] | None, shape: tuple[int, ...], *, simulated: bool,
) -> Samples:  # fmt: skip
    """Return recordings in steps of 1 ms, events in their order."""
    steps = np.floor(times / STEP + 1e-9).astype(np.int64)
    order = np.lexsort((inputs, steps, row))
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(ids)))]).astype(np.int64)
    return Samples(
        tuple(ids.tolist()), labels, n_inputs, starts=starts, steps=steps[order],
        inputs=inputs[order].astype(np.int64), tested=tested, simulated=simulated, shape=shape,
        longest=int(steps.max(initial=-1)) + 1,
    )  # fmt: skip
