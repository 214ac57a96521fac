"""Samples of every kind as one thing: values that a network takes, ids, labels, groups."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, ImageStack, Trials, Volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from neurostudio.api import Data, Table

    from .declaring import SampleParams

    Array = NDArray[Any]
    Rows = NDArray[np.intp]
    Kind = Literal["pictures", "windows", "volumes"]

MISSING = {"", "nan", "None", "<NA>", "NaN", "n/a"}
MICROVOLTS = 1e6
_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of one kind.

    ``values`` (n, n_channels, …): pictures as they are stored, which ``low`` and ``span`` bring to 0 to 1;
    windows in microvolts; volumes each at mean 0 and spread 1. ``labels`` (n,) are words, empty where
    there is none; ``groups`` (n,) name what never stands on both sides of a split. ``tested`` (n,) marks a
    given test part. ``channels`` and ``rate`` (Hz) are of windows.
    """

    kind: Kind
    values: Array
    ids: tuple[str, ...]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    low: float = 0.0
    span: float = 1.0
    tested: NDArray[np.bool_] | None = None
    channels: tuple[str, ...] = ()
    rate: float = 0.0
    simulated: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample, channels first."""
        return tuple(int(each) for each in self.values.shape[1:])

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that there are, in alphabetical order."""
        return tuple(sorted(set(self.labels.tolist()) - {""}))

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which samples have a label, (n,)."""
        return np.asarray(self.labels != "")

    def tensor(self, rows: Rows | slice) -> torch.Tensor:
        """Return rows as numbers that a network takes, (n_rows, n_channels, …)."""
        import torch

        return self.scaled(torch.as_tensor(np.ascontiguousarray(self.values[rows])))

    def scaled(self, values: torch.Tensor) -> torch.Tensor:
        """Return stored values as numbers that a network takes: pictures from 0 to 1."""
        values = values.float()
        return (values - self.low) / self.span if self.kind == "pictures" else values

    def fingerprints(self, rows: Rows) -> list[str]:
        """Return a short name of exactly these values for each row, by which a sample is known again."""
        return [
            hashlib.blake2b(
                np.ascontiguousarray(self.values[row]).tobytes(), digest_size=6
            ).hexdigest()
            for row in rows
        ]

    def known(self, fingerprints: set[str]) -> NDArray[np.bool_]:
        """Return which samples belong to a group of which one has such a fingerprint, (n,)."""
        every = self.fingerprints(np.arange(len(self)))
        groups = {
            g for g, own in zip(self.groups.tolist(), every, strict=True) if own in fingerprints
        }
        return np.array([each in groups for each in self.groups.tolist()], dtype=bool)

    def only(self, rows: Rows) -> Samples:
        """Return some of the samples."""
        tested = None if self.tested is None else self.tested[rows]
        return replace(
            self, values=self.values[rows], ids=tuple(self.ids[row] for row in rows),
            labels=self.labels[rows], groups=self.groups[rows], tested=tested,
        )  # fmt: skip

    def pictures(self, rows: Rows) -> Array | None:
        """Return rows as something to look at, (n_rows, y, x[, 3]) of 8 bits; None for windows."""
        if self.kind == "windows":
            return None
        return shown(self.tensor(rows).numpy(), self.kind)


def shown(values: Array, kind: Kind) -> Array:
    """Return pictures (0 to 1) or volumes' middle slices as 8 bits, (n, y, x) or (n, y, x, 3)."""
    if kind == "volumes":
        middle = values[:, 0, :, :, values.shape[-1] // 2]
        flat = middle.reshape(len(middle), -1)
        low, high = (np.percentile(flat, q, axis=1)[:, None, None] for q in (1, 99))
        values = ((middle - low) / np.maximum(high - low, 1e-9)).transpose(0, 2, 1)[:, None, ::-1]
    bytes_ = np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)
    return bytes_[:, 0] if bytes_.shape[1] != 3 else bytes_.transpose(0, 2, 3, 1)


def read_pictures(
    stack: ImageStack, params: SampleParams, seed: int, size: int, scale: Sequence[float] = ()
) -> Samples:
    """Return pictures with ids and labels from the coordinates that the parameters name.

    ``size`` scales them to so many pixels a side, 0 leaves them; ``scale`` are the lowest value and the span
    of a trained model.

    Raises
    ------
    BadInput
        There is no id, one stands there twice, or a column is missing.
    """
    array = stack.array
    dim = str(array.dims[0])
    rows = _drawn(array.sizes[dim], params.samples_at_most, seed)
    array = array.isel({dim: rows})
    key = "id" if "id" in array.coords else dim
    if key not in array.coords:
        raise BadInput(
            "The pictures have no 'id', so nothing can be matched to them. Give each one."
        )
    ids = tuple(str(each) for each in array.coords[key].to_numpy())
    known = stack.names("columns")

    def column(name: str) -> Array:
        return np.asarray(array.coords[name].to_numpy()).astype(str)

    values = np.asarray(array.to_numpy())
    values = values[:, None] if values.ndim == 3 else np.moveaxis(values, -1, 1)
    values = _resized(values[:, :3] if values.shape[1] == 4 else values, size)
    low, span = scale or _scale(values)
    return _checked(
        Samples("pictures", values, ids, *_columns(params, ids, known, column), low=low, span=span,
                tested=_tested(params, known, column),
                simulated=bool(array.attrs.get("simulated", False)))
    )  # fmt: skip


def _drawn(n: int, most: int, seed: int) -> Rows:
    if not most or most >= n:
        return np.arange(n)
    return np.sort(np.random.default_rng([seed, 5]).permutation(n)[:most])


def _scale(values: Array) -> tuple[float, float]:
    if values.dtype == np.uint8:
        return 0.0, 255.0
    low = min(0.0, float(values.min(initial=0.0)))
    return low, max(float(values.max(initial=0.0)) - low, 1e-12)


def _resized(values: Array, size: int) -> Array:
    """Return pictures (n, c, y, x) of ``size`` pixels a side, the type of their numbers kept."""
    if values.dtype.kind != "u" or values.dtype.itemsize > 1:
        values = values.astype(np.float32)
    if not size or values.shape[2:] == (size, size):
        return values
    import torch

    out = np.empty((*values.shape[:2], size, size), values.dtype)
    for start in range(0, len(values), _BLOCK):
        block = torch.as_tensor(np.ascontiguousarray(values[start : start + _BLOCK])).float()
        shrinks = size < min(values.shape[2:])
        new = torch.nn.functional.interpolate(
            block, (size, size), mode="bilinear", align_corners=False, antialias=shrinks
        ).numpy()
        out[start : start + _BLOCK] = np.round(new) if values.dtype == np.uint8 else new
    return out


def read_windows(trials: Trials, params: SampleParams, seed: int) -> Samples:
    """Return windows of signal with labels and groups from the columns of the trials.

    Raises
    ------
    BadInput
        A column is missing, or an id stands there twice.
    """
    epochs = trials.epochs
    picks = [
        name
        for name, kind in zip(epochs.ch_names, epochs.get_channel_types(), strict=True)
        if kind not in {"stim", "misc", "eog", "ecg", "emg"} and name not in epochs.info["bads"]
    ]
    if not picks:
        raise BadInput("None of the channels is a signal of the brain that is not marked bad.")
    rows = _drawn(len(epochs.events), params.samples_at_most, seed)
    data = epochs.get_data(picks=picks, copy=False, verbose="ERROR")[rows]
    frame = epochs.metadata
    known = (*trials.names("columns"), "event")

    def column(name: str) -> Array:
        if frame is not None and name in frame:
            return np.asarray(frame[name].astype(str))[rows]
        words = {code: word for word, code in epochs.event_id.items()}
        return np.array([words.get(code, str(code)) for code in epochs.events[rows, 2]])

    ids = tuple(column("id")) if frame is not None and "id" in frame else tuple(map(str, rows))
    simulated = frame is not None and "simulated" in frame and bool(frame["simulated"].any())
    values = np.ascontiguousarray(data * MICROVOLTS, dtype=np.float32)
    return _checked(
        Samples("windows", values, ids, *_columns(params, ids, known, column),
                tested=_tested(params, known, column), channels=tuple(picks),
                rate=float(epochs.info["sfreq"]), simulated=simulated)
    )  # fmt: skip


def read_volumes(
    volumes: Sequence[Volume],
    names: Sequence[str],
    people: Table | None,
    params: SampleParams,
    edge: int,
) -> Samples:
    """Return volumes, brought to cubes of ``edge`` voxels, with labels from a table that names them.

    Raises
    ------
    BadInput
        A volume has no row in the table, or the table no such column.
    """
    from neurostudio.learning.retrieval import rows_of

    values = np.stack([_cube(each, edge) for each in volumes])
    ids = tuple(names)
    frame = None if people is None else people.frame
    known = () if frame is None else tuple(map(str, frame.columns))
    keyed = (
        {}
        if frame is None
        else {"rows": rows_of(ids, _keys(frame, params.key), "row of the table")}
    )

    def column(name: str) -> Array:
        assert frame is not None  # noqa: S101  only then there are columns
        return np.asarray(frame[name].astype(str))[keyed["rows"]]

    simulated = any("simulated" in str(each.image.header.get("descrip", "")) for each in volumes)
    return _checked(
        Samples("volumes", values, ids, *_columns(params, ids, known, column),
                tested=_tested(params, known, column), simulated=simulated)
    )  # fmt: skip


def _keys(frame: Any, key: str) -> list[str]:
    if key not in frame:
        columns = ", ".join(map(str, frame.columns[:6]))
        raise BadInput(
            f"The table has no column '{key}' that names the volumes. It has: {columns}."
        )
    return [str(each) for each in frame[key]]


def _cube(volume: Volume, edge: int) -> NDArray[np.float32]:
    """Return a volume as a cube (1, edge, edge, edge) at mean 0 and spread 1 of its own."""
    import torch

    values = np.asarray(volume.image.dataobj, dtype=np.float32)
    if values.ndim != 3:
        raise BadInput(
            f"A volume has {values.ndim} dimensions. Give one image a person, no series."
        )
    cube = torch.nn.functional.adaptive_avg_pool3d(torch.as_tensor(values)[None, None], edge)[0]
    spread = float(cube.std())
    return np.asarray((cube - cube.mean()) / (spread if spread > 0 else 1.0))


def read_samples(
    given: Sequence[Data], names: Sequence[str], people: Table | None, params: SampleParams,
    seed: int, config: Any,
) -> Samples:  # fmt: skip
    """Return samples of the kind, size and scale that a trained model takes.

    Raises
    ------
    BadInput
        They are of another kind or shape.
    """
    kind = str(config["kind"])
    wanted = {"pictures": ImageStack, "windows": Trials, "volumes": Volume}[kind]
    if any(not isinstance(each, wanted) for each in given):
        raise BadInput(f"The model was trained on {kind}. Give {wanted.__name__}.")
    first = given[0]
    if kind == "volumes":
        found = read_volumes([each for each in given if isinstance(each, Volume)], names, people, params,
                             int(config["arguments"]["shape"][-1]))  # fmt: skip
    elif len(given) > 1:
        raise BadInput(f"{len(given)} items were given. Give one item of {kind}.")
    elif isinstance(first, ImageStack):
        size = int(config["arguments"]["shape"][-1])
        found = read_pictures(first, params, seed, size, config["scale"])
    else:
        assert isinstance(first, Trials)  # noqa: S101  checked above
        found = _in_order(read_windows(first, params, seed), config)
    if list(found.shape) != list(config["arguments"]["shape"]):
        raise BadInput(
            f"One sample has the shape {_times(found.shape)}; the model was trained on "
            f"{_times(config['arguments']['shape'])} (channels first)."
        )
    return found


def _times(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _in_order(samples: Samples, config: Any) -> Samples:
    """Return windows with the channels of the model, in its order."""
    from neurostudio.learning.retrieval import rows_of

    rows = rows_of(config["channels"], samples.channels, "channel of that name in the windows")
    if samples.rate != config["rate"]:
        raise BadInput(
            f"The windows have {samples.rate:g} Hz, the model was trained at {config['rate']:g} Hz. "
            "Resample them first."
        )
    return replace(samples, values=samples.values[:, rows], channels=tuple(config["channels"]))


def _columns(
    params: SampleParams, ids: Sequence[str], known: Sequence[str], column: Any
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Return the labels and the groups of the samples."""
    labels = np.array([""] * len(ids))
    name = params.label or ("label" if "label" in known else "")
    if name:
        _refuse_unknown(name, known)
        labels = np.array(["" if each in MISSING else each for each in column(name)], dtype=str)
    groups = np.array(ids, dtype=str)
    group = params.split_by or ("subject" if "subject" in known else "")
    if group:
        _refuse_unknown(group, known)
        groups = np.asarray(column(group), dtype=str)
    return labels, groups


def _tested(params: SampleParams, known: Sequence[str], column: Any) -> NDArray[np.bool_] | None:
    if not params.test_column:
        return None
    _refuse_unknown(params.test_column, known)
    return np.array(
        [str(v).lower() in {"test", "true", "1", "1.0"} for v in column(params.test_column)]
    )


def _refuse_unknown(name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise BadInput(
            f"The samples have no column '{name}'. There are: {', '.join(known) or 'none'}."
        )


def _checked(samples: Samples) -> Samples:
    seen: set[str] = set()
    twice = [each for each in samples.ids if each in seen or seen.add(each)]  # type: ignore[func-returns-value]
    if twice:
        raise BadInput(f"{len(twice)} ids stand there twice: {', '.join(twice[:3])}.")
    if samples.values.dtype.kind == "f" and not np.isfinite(samples.values).all():
        bad = np.flatnonzero(~np.isfinite(samples.values.reshape(len(samples), -1)).all(axis=1))
        names = ", ".join(samples.ids[row] for row in bad[:3])
        raise BadInput(f"{len(bad)} samples hold values that are not finite: {names}.")
    return samples
