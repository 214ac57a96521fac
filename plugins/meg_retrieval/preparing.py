"""Trials and embeddings joined by the picture's id, cut, scaled and split by category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Params, Table, Trials, param
from neurostudio.learning.retrieval import rows_of
from neurostudio.learning.sensors import data_channels, samples, scale_of
from neurostudio.montage import match, positions, template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.splits import Split

    Array = NDArray[Any]
    Rows = NDArray[np.intp]

SIMULATED = "Simulated data: the score says nothing about people."
SEEN = "The test pictures were shown in training too: known pictures are told apart, none is new."
ACAUSAL = (
    "The trials were high-pass filtered above 0.1 Hz; such a filter can carry signal to times before "
    "the picture."
)
STRANGER = "A subject was not in training: the mean of the known subjects' matrices was used."
KNOWN = "Pictures of the gallery were in training: finding them again is easier than a new one."
PERMUTED = "Null run: pictures were shuffled against trials; any score but chance is a fault."
WARNINGS = {
    "simulated": SIMULATED,
    "seen": SEEN,
    "acausal": ACAUSAL,
    "stranger": STRANGER,
    "known": KNOWN,
    "permuted": PERMUTED,
}
MOST_FOR_SCALE = 2000
FEW_PICTURES = 50  # so few are spread evenly over the parts of a split


class TrialParams(Params):
    """How trials are read: which columns, which window, which scale."""

    picture: str = param(
        "picture", "Column with the picture's id; 'event' uses the events", suggest="columns"
    )
    category: str = param(
        "category", "Column with the picture's category; the picture itself where absent",
        suggest="columns",
    )  # fmt: skip
    subject: str = param(
        "subject", "Column of the person; one person where absent", suggest="columns"
    )
    start: float = param(-0.5, "First time kept, or the trial's first", unit="s", ge=-5, le=5)
    stop: float = param(1.0, "Last time kept, or the trial's last", unit="s", ge=-5, le=5)
    rate: float = param(
        120.0, "Resample to this; slower trials stay as they are", unit="Hz", ge=20, le=1000
    )
    baseline: bool = param(True, "Subtract the mean of what is before 0 s, a trial and channel")
    clip: float = param(
        20.0, "Largest value after scaling by median and interquartile range", unit="IQR", ge=1, le=100,
        advanced=True,
    )  # fmt: skip


class SplitParams(TrialParams):
    """How trials are split, and where the null run is asked for."""

    split_by: str = param(
        "category",
        "Column of the groups that never stand on both sides; 'category' tests on pictures of new kinds",
        suggest="columns",
    )
    test_column: str = param(
        "", "Column that marks a given test part by 'test', 'true' or 1; empty to draw groups",
        suggest="columns",
    )  # fmt: skip
    test_share: float = param(
        0.2, "Share of the groups that are drawn for the test", unit="1", gt=0, le=0.5
    )
    validation: float = param(
        0.1, "Share of the other groups that decides when to stop", unit="1", gt=0, le=0.5,
        advanced=True,
    )  # fmt: skip
    average: int = param(
        0, "Predictions averaged a picture and subject; 0 for all repeats", ge=0, le=1000, advanced=True
    )  # fmt: skip
    permute: bool = param(
        False, "Null run: shuffle pictures against trials in training; the score must fall to chance",
        advanced=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Trials as arrays: ``signals`` (n_trials, n_channels, n_times) not yet scaled.

    ``pictures``, ``categories``, ``subjects``, ``groups`` (n_trials,) are words; ``places`` (n_channels, 2)
    are seen from above; ``tested`` (n_trials,) marks a given test part, or is None.
    """

    signals: NDArray[np.float32]
    pictures: NDArray[np.str_]
    categories: NDArray[np.str_]
    subjects: NDArray[np.str_]
    groups: NDArray[np.str_]
    tested: NDArray[np.bool_] | None
    channels: tuple[str, ...]
    places: NDArray[np.float64]
    times: NDArray[np.float64]
    simulated: bool
    acausal: bool

    @property
    def rate(self) -> float:
        """Samples a second."""
        return float(1 / (self.times[1] - self.times[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """One row a picture: ``values`` (n_pictures, n_features); ``categories`` where the table has them."""

    ids: tuple[str, ...]
    values: NDArray[np.float64]
    names: tuple[str, ...]

    def of(self, pictures: Sequence[str]) -> NDArray[np.float64]:
        """Return the embedding of each picture, found by its id.

        Raises
        ------
        BadInput
            A picture has none, or several; the message names the first three.
        """
        found: NDArray[np.float64] = self.values[rows_of(pictures, self.ids, "embeddings")]
        return found


def read_embeddings(table: Table, key: str, names: Sequence[str] = ()) -> Embeddings:
    """Return the numeric columns of a table whose rows are named by the column ``key``, else ``id``.

    Parameters
    ----------
    names
        The columns wanted, in this order; by default all numeric ones.

    Raises
    ------
    BadInput
        There is no such column of ids, no number, or a value is missing.
    """
    frame = table.frame if table.frame.index.name is None else table.frame.reset_index()
    key = key if key in frame else "id"
    if key not in frame:
        raise BadInput(
            "The embeddings have no column 'picture' or 'id' with the id of each picture, so rows cannot "
            f"be matched with the trials. They have: {', '.join(map(str, frame.columns[:5]))} …"
        )
    wanted = list(names) or [
        str(name)
        for name in frame.select_dtypes("number").columns
        if str(name) not in {key, "category", "label", "repeat"}
    ]
    missing = [name for name in wanted if name not in frame]
    if missing or not wanted:
        raise BadInput(
            f"The embeddings lack {len(missing)} columns that the model was trained on: "
            f"{', '.join(missing[:3])}."
            if missing
            else "The embeddings have no column of numbers."
        )
    values = frame[wanted].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise BadInput(
            f"The embedding of '{frame[key].iloc[row]}' has no number in '{wanted[column]}'."
        )
    return Embeddings(tuple(map(str, frame[key])), values, tuple(wanted))


def read_responses(
    trials: Trials, params: TrialParams, *, group: str = "", test_column: str = ""
) -> Responses:
    """Return trials as arrays, cut, resampled and with their baseline taken away.

    Raises
    ------
    BadInput
        A column is missing, a picture has no id, or the window is empty.
    """
    pictures = words(trials, params.picture)
    lost = [str(k) for k, each in enumerate(pictures) if each in {"", "nan", "None", "<NA>"}]
    if lost:
        raise BadInput(f"{len(lost)} trials have no picture id (trials {', '.join(lost[:3])}).")
    there = trials.names("columns")
    categories = words(trials, params.category) if params.category in there else pictures
    subjects = (
        words(trials, params.subject) if params.subject in there else np.full(len(pictures), "one")
    )
    groups = {params.category: categories, "category": categories, "": categories}.get(group)
    channels = placed(trials)
    signals, times = cut(trials, channels[0], params)
    tested = None
    if test_column:
        marks = [each.lower() for each in words(trials, test_column)]
        tested = np.array([each in {"test", "true", "1", "1.0"} for each in marks])
    return Responses(
        signals=signals,
        pictures=pictures,
        categories=categories,
        subjects=subjects,
        groups=words(trials, group) if groups is None else groups,
        tested=tested,
        channels=tuple(channels[0]),
        places=channels[1],
        times=times,
        simulated=is_simulated(trials),
        acausal=bool(trials.epochs.info["highpass"] > 0.1),
    )


def words(trials: Trials, name: str) -> NDArray[np.str_]:
    """Return one word for each trial: of a column, or its event where the column is 'event'.

    Raises
    ------
    BadInput
        There is no such column; the message lists those that there are.
    """
    epochs = trials.epochs
    frame = epochs.metadata
    if frame is not None and name in frame:
        return np.array([str(value) for value in frame[name]])
    if name == "event":
        known = {code: word for word, code in epochs.event_id.items()}
        return np.array([known.get(code, str(code)) for code in epochs.events[:, 2]])
    there = ", ".join(trials.names("columns")) or "event"
    raise BadInput(f"The trials have no column '{name}'. Choose one of: {there}.")


def is_simulated(trials: Trials) -> bool:
    """Return whether the trials say of themselves that they are simulated."""
    frame = trials.epochs.metadata
    return frame is not None and "simulated" in frame and bool(frame["simulated"].any())


def placed(trials: Trials) -> tuple[list[str], NDArray[np.float64]]:
    """Return the good channels and their places seen from above: their own, else those of 10-05 by name.

    Raises
    ------
    BadInput
        A channel has no place.
    """
    import mne

    epochs = trials.epochs
    names = data_channels(trials)
    kept, found = positions(epochs.info, names)
    if len(kept) == len(names):
        return names, found
    montage = template("10-05")
    by_name = match(names, montage.ch_names)
    missing = [name for name in names if name not in by_name and name not in kept]
    if missing:
        raise BadInput(
            f"{len(missing)} channels have no place on the head: {', '.join(missing[:3])}. "
            "Place the sensors first, or mark these channels bad."
        )
    bare = mne.create_info(sorted(set(by_name.values())), 100.0, "eeg", verbose="ERROR")
    bare.set_montage(montage)
    standard = dict(zip(*positions(bare, bare["ch_names"]), strict=True))
    own = dict(zip(kept, found, strict=True))
    # one system for all: a template beside measured places would bend the head
    places = [standard[by_name[n]] if n in by_name else own[n] for n in names]
    return names, np.array(places)


def cut(
    trials: Trials, channels: Sequence[str], params: TrialParams
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the samples of a window at the rate asked for, and their times.

    Raises
    ------
    BadInput
        The window holds fewer than two samples.
    """
    from scipy.signal import resample_poly

    epochs = trials.epochs
    rate, times = float(epochs.info["sfreq"]), np.asarray(epochs.times, float)
    data = samples(trials, channels)
    if params.rate < rate:
        from fractions import Fraction

        share = Fraction(params.rate / rate).limit_denominator(1000)
        data = resample_poly(data, share.numerator, share.denominator, axis=-1, padtype="line")
        rate *= float(share)
        times = times[0] + np.arange(data.shape[-1]) / rate
    slack = 1e-6
    kept = (times >= params.start - slack) & (times <= params.stop + slack)
    if kept.sum() < 2:
        raise BadInput(
            f"The window {params.start:g} to {params.stop:g} s holds {int(kept.sum())} samples; the trials "
            f"last from {times[0]:g} to {times[-1]:g} s."
        )
    data, times = data[..., kept], times[kept]
    if params.baseline and (times < 0).any():
        data -= data[..., times < 0].mean(axis=-1, keepdims=True)
    return np.asarray(data * scale_of(trials, channels)[0], dtype=np.float32), times


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Median and interquartile range of each channel (n_channels,), from training trials alone."""

    median: NDArray[np.float64]
    spread: NDArray[np.float64]
    clip: float

    @classmethod
    def of(cls, signals: NDArray[np.float32], rows: Rows, clip: float) -> Scale:
        """Fit to some rows, evenly taken where there are very many."""
        some = rows[:: max(1, len(rows) // MOST_FOR_SCALE)]
        low, middle, high = np.percentile(signals[some], [25, 50, 75], axis=(0, 2))
        spread = high - low
        return cls(middle, np.where(spread > 0, spread, 1.0), clip)

    def __call__(self, signals: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the signals without unit, clipped."""
        middle, spread = (each[:, None].astype(np.float32) for each in (self.median, self.spread))
        return np.asarray(np.clip((signals - middle) / spread, -self.clip, self.clip))


def split_of(responses: Responses, params: SplitParams, seed: int) -> Split:
    """Return the one split of the trials: whole groups, trials named by their number."""
    from neurostudio.splits import check_leak, split_by_group

    tested = None if responses.tested is None else responses.tested.tolist()
    folds = max(2, round(1 / params.test_share))
    n_groups = len(set(responses.groups.tolist()))
    few = len(set(responses.pictures.tolist())) <= FEW_PICTURES
    labels = responses.pictures.tolist() if few else ["one"] * len(responses.groups)
    split = split_by_group(
        responses.groups.tolist(),
        labels,
        folds=min(folds, n_groups),
        validation=params.validation,
        seed=seed,
        test=tested,
    )[0]
    check_leak(split)
    return split


def seen_before(responses: Responses, split: Split) -> bool:
    """Return whether a picture of the test part was in training."""
    ids = [str(k) for k in range(len(responses.pictures))]
    trained = {*responses.pictures[split.rows(ids, "train")]}
    return bool(trained & {*responses.pictures[split.rows(ids, "test")]})


def codes_of(
    responses: Responses, split: Split | None, params: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the codes of what a reader of the scores must know."""
    true = {
        "simulated": responses.simulated,
        "seen": split is not None and seen_before(responses, split),
        "acausal": responses.acausal,
        "permuted": bool(params.get("permute")),
    }
    return tuple(code for code, holds in true.items() if holds)
