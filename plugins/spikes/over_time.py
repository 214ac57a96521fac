"""What a population tells of a trial, moment by moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    SpikeTrains,
    Table,
    View,
    method,
    param,
    score,
)
from neurostudio.scores import balanced_accuracy, confusion, interval

from .choosing import (
    check_column,
    check_units,
    check_window,
    chosen,
    onset_column,
    onsets_of,
    ordered_words,
    rows_inside,
    spikes_of,
    table_of,
    words_of,
)
from .windows import count_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]
    Words = NDArray[np.str_]
    Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]

_DRAWS = 1000
_CLASSES_MOST = 50


class OverTimeParams(Params):
    """Parameters of :func:`decode_spikes_over_time`."""

    column: str = param("", "Column of the trials that is decoded", suggest="columns")
    align: str = param(
        "",
        "Column with the times of the events; empty for stimulus_onset_time, onset or start_time",
        suggest="columns",
    )
    start: float = param(-0.3, "Begin of the first window relative to the event", unit="s")
    end: float = param(0.5, "End of the last window relative to the event", unit="s")
    width: float = param(0.1, "Length of a window", unit="s", gt=0)
    step: float = param(0.05, "From one window to the next", unit="s", gt=0)
    units: tuple[str, ...] = param((), "Units; none for all", suggest="units")
    classifier: Literal["lda", "logistic"] = param(
        "lda", "lda: linear discriminant with shrinkage; logistic: logistic regression"
    )
    folds: int = param(5, "Parts of the trials that take their turn as the test part", ge=2, le=50)
    gap: float = param(
        0.0,
        "Trials that come closer than this to a test trial are not trained on; "
        "those that overlap one never are",
        unit="s",
        ge=0,
    )
    permutations: int = param(10, "Controls with permuted labels", ge=2, le=1000)


def _check(params: OverTimeParams, items: Items) -> None:
    trials = table_of(items)
    check_units(params.units, spikes_of(items))
    check_window(params.start, params.end, params.width)
    onset_column(params.align, trials)
    if not params.column:
        raise BadInput(
            f"Name the column that is decoded. There are: {', '.join(trials.names('columns'))}."
        )
    check_column(params.column, trials, "decoding")
    labels = words_of(params.column, trials)
    words, counts = np.unique(labels, return_counts=True)
    if not 2 <= len(words) <= _CLASSES_MOST:
        raise BadInput(
            f"The column '{params.column}' has {len(words)} different values; "
            f"2 to {_CLASSES_MOST} can be decoded. Choose another column."
        )
    if counts.min() < params.folds:
        raise BadInput(
            f"'{words[counts.argmin()]}' stands in {counts.min()} trials and there are {params.folds} "
            "folds. Use fewer folds."
        )


@method(group="Decode", title="Decode trials over time", check=_check, example="trials_decoded")
def decode_spikes_over_time(
    context: Context, params: OverTimeParams, spikes: SpikeTrains, trials: Table
) -> Result:
    """Decode a column of the trials from the population in sliding windows, beside permuted labels."""
    onsets, labels = onsets_of(params.align, trials), words_of(params.column, trials)
    kept = rows_inside(onsets, params.start, params.end, spikes)
    onsets, labels = onsets[kept], labels[kept]
    last = params.end - params.width
    starts: Array = np.arange(params.start, last + 1e-9, params.step, dtype=np.float64)
    counts = count_between(chosen(spikes, params.units), onsets, starts, starts + params.width)
    folds = folds_of(labels, onsets, params)
    random = np.random.default_rng(context.seed)
    rounds = [labels, *(random.permutation(labels) for _ in range(params.permutations))]
    guesses = []
    for each in context.track(rounds, "Decoding"):
        windows = context.track(range(len(starts)), "Window")
        guesses.append(_guess_all(counts, each, folds, params, windows))
    words = ordered_words(labels)
    curve = np.array([balanced_accuracy(labels, guess) for guess in guesses[0]])
    control = np.array(
        [
            [balanced_accuracy(truth, guess) for guess in some]
            for truth, some in zip(rounds[1:], guesses[1:], strict=True)
        ]
    )
    low, high = _intervals(labels, guesses[0], context.seed)
    centres = starts + params.width / 2
    found = _Curve(centres, curve, low, high, control, words)
    return Result(
        data={"decoding": Table(found.table())},
        views=(
            _picture(found, params),
            _confusion(labels, guesses[0][int(curve.argmax())], found, params),
        ),
        numbers=found.numbers(counts.shape, params),
    )


def folds_of(labels: Words, onsets: Array, params: OverTimeParams) -> Folds:
    """Return rows to train on and rows to test on: stretches of the trials in time, labels even.

    Notes
    -----
    Trials keep their order in time, so that slow drifts cannot help; what overlaps a test trial, or comes
    within the gap, is not trained on.
    """
    from sklearn.model_selection import StratifiedKFold

    order = np.argsort(onsets, kind="stable")
    reach = params.end - params.start + params.gap
    found: Folds = []
    for train, test in StratifiedKFold(params.folds).split(order, labels[order]):
        tested, trained = np.sort(onsets[order[test]]), order[train]
        after = np.searchsorted(tested, onsets[trained])
        padded = np.concatenate([[-np.inf], tested, [np.inf]])
        nearest = np.minimum(onsets[trained] - padded[after], padded[after + 1] - onsets[trained])
        far = trained[nearest >= reach - 1e-9]
        if len(np.unique(labels[far])) < len(np.unique(labels)):
            raise BadInput(
                f"With a window of {params.end - params.start:g} s and a gap of {params.gap:g} s no trial "
                "of some value is left to train on. Shorten the window or the gap, or use more folds."
            )
        found.append((far, order[test]))
    return found


def classifier_of(name: str) -> Any:
    """Return scaling and classifier as one; each fold fits both on its training part."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if name == "lda":
        return make_pipeline(
            StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        )
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def _guess_all(
    counts: Array, labels: Words, folds: Folds, params: OverTimeParams, windows: Iterable[int]
) -> Words:
    """Return the guessed label of each window and trial."""
    guesses = np.empty((counts.shape[2], len(labels)), dtype=labels.dtype)
    for window in windows:
        values = counts[:, :, window]
        for train, test in folds:
            model = classifier_of(params.classifier).fit(values[train], labels[train])
            guesses[window, test] = model.predict(values[test])
    return guesses


def _intervals(labels: Words, guesses: Words, seed: int) -> tuple[Array, Array]:
    """Return the 95 % interval of each window's accuracy, trials of each label drawn anew."""
    random = np.random.default_rng(seed)
    right = (guesses == labels).astype(float)
    total = np.zeros((_DRAWS, len(right)))
    words = np.unique(labels)
    for word in words:
        rows = np.flatnonzero(labels == word)
        drawn = rows[random.integers(len(rows), size=(_DRAWS, len(rows)))]
        total += np.array([right[:, each].mean(axis=1) for each in drawn])
    ends = [interval(column / len(words)) for column in total.T]
    low, high = np.array(ends).T
    return low, high


class _Curve:
    """Accuracy over time, its interval, and that of permuted labels."""

    def __init__(
        self,
        centres: Array,
        curve: Array,
        low: Array,
        high: Array,
        control: Array,
        words: list[str],
    ) -> None:
        self.centres, self.curve, self.low, self.high = centres, curve, low, high
        self.control, self.words = control, words
        self.best = int(curve.argmax())
        self.chance = 1 / len(words)

    def table(self) -> Any:
        """Return a row a window."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                "time": self.centres,
                "accuracy": self.curve,
                "low": self.low,
                "high": self.high,
                "permuted": self.control.mean(axis=0),
                "permuted, highest": self.control.max(axis=0),
            }
        )
        frame.attrs["unit"] = "time: s"
        return frame

    def numbers(self, shape: tuple[int, ...], params: OverTimeParams) -> dict[str, Number]:
        """Return the best window beside its controls, and when the curve leaves them."""
        n_trials, n_units, _ = shape
        k, highest = self.best, self.control.max(axis=1)
        control_low, control_high = interval(highest)
        found = {
            "best window": score(
                float(self.curve[k]),
                low=float(self.low[k]),
                high=float(self.high[k]),
                chance=self.chance,
                baseline=self.chance,
                note=(
                    f"balanced accuracy at {self.centres[k]:.3g} s, {len(self.words)} values of "
                    f"'{params.column}', {n_units} units, {n_trials} trials, {params.folds} folds; "
                    "baseline: always the most frequent value"
                ),
            ),
            "best window, permuted labels": score(
                float(highest.mean()),
                low=control_low,
                high=control_high,
                chance=self.chance,
                baseline=self.chance,
                note=f"the best of all windows too; mean of {len(highest)} controls",
            ),
        }
        above = np.flatnonzero(self.low > highest.max())
        if len(above):
            found["above all controls from"] = Number(
                float(self.centres[above[0]] - params.width / 2),
                "s",
                note="begin of the first window whose interval lies above every control's best",
            )
        return found


def _picture(found: _Curve, params: OverTimeParams) -> View:
    low, high = np.percentile(found.control, [2.5, 97.5], axis=0)
    return Lines(
        x=found.centres,
        y=np.array([found.curve, found.control.mean(axis=0)]),
        low=np.array([found.low, low]),
        high=np.array([found.high, high]),
        names=(params.column, "permuted labels"),
        x_label="time from the event, middle of the window",
        x_unit="s",
        y_label="balanced accuracy",
        y_unit="1",
        levels={f"chance 1/{len(found.words)}": found.chance},
        marks={"event": 0.0},
        title=f"Decoding of '{params.column}' over time",
        caption=(
            f"{params.classifier}, windows of {1e3 * params.width:g} ms every {1e3 * params.step:g} ms, "
            f"{params.folds} folds over trials. Bands: 95 % of trials, of {len(found.control)} permutations."
        ),
    )


def _confusion(labels: Words, guess: Words, found: _Curve, params: OverTimeParams) -> View:
    index = {word: k for k, word in enumerate(found.words)}
    counts = confusion(
        [index[word] for word in labels], [index[word] for word in guess], len(index)
    )
    return Heatmap(
        values=counts / counts.sum(axis=1, keepdims=True),
        x_names=tuple(found.words),
        y_names=tuple(found.words),
        x_label="guessed",
        y_label="true",
        value_label="share of the trials",
        show_values=len(index) <= 12,
        title=f"Guesses at {found.centres[found.best]:.3g} s",
        caption=f"The best window for '{params.column}'; a row adds up to 1.",
    )
