"""Telling trial types apart from the pattern over all voxels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    Context,
    Heatmap,
    Number,
    Result,
    Scatter,
    Table,
    View,
    Volume,
    method,
    param,
)
from neurostudio.scores import balanced_accuracy, confusion, score_of_groups

from .images import WARNINGS, check_space, codes, filled, memory, slices, volume_of
from .matching import short
from .patterns import (
    PATTERN_WARNINGS,
    PatternParams,
    Patterns,
    accuracy_of_runs,
    check_patterns,
    read_patterns,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]


class DecodeParams(PatternParams):
    """Parameters of :func:`decode_runs`."""

    classifier: Literal["svm", "logistic"] = param(
        "svm", "svm: linear support vectors, one against one; logistic: logistic regression"
    )
    voxels: int = param(
        500, "Voxels kept by an analysis of variance within each training part; 0 for all", ge=0
    )
    strength: float = param(
        1.0, "Inverse of the regularisation", unit="1", gt=0, le=1e6, advanced=True
    )
    permutations: int = param(50, "Shuffles of the labels within runs", ge=19, le=10_000)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The guess for each sample while its run was left out, and how often each voxel was kept."""

    guess: Rows
    kept: Array


@method(
    group="Analyse",
    title="Decode runs",
    memory=memory,
    check=check_patterns,
    example="decoding",
    warnings=WARNINGS | PATTERN_WARNINGS,
)
def decode_runs(
    context: Context,
    params: DecodeParams,
    runs: tuple[Volume, ...],
    events: tuple[Table, ...],
    mask: Volume | None = None,
) -> Result:
    """Tell trial types apart from patterns of all voxels, each run tested once on the others.

    Voxels are chosen and the classifier is fitted within the training runs. The baseline takes the trial
    type whose mean pattern correlates best, as Haxby et al. did.
    """
    said = check_space(runs[0], mask, "the runs", "the mask") if mask is not None else ()
    patterns = read_patterns(context, params, runs, events, mask)
    found = decode(params, patterns)
    base = nearest_mean(patterns)
    random = np.random.default_rng(context.seed)
    null = np.array(
        [
            _score(shuffled := patterns.permuted(random), decode(params, shuffled).guess)
            for _ in context.track(range(params.permutations), "Shuffling labels")
        ]
    )
    value = _score(patterns, found.guess)
    number = score_of_groups(
        patterns.labels,
        found.guess,
        patterns.groups,
        chance=patterns.chance,
        baseline=_score(patterns, base),
        seed=context.seed,
        note=f"{len(patterns.labels)} samples of {len(runs)} runs; interval by bootstrap over runs; "
        "baseline: nearest mean pattern",
    )
    if value == 1.0:
        number = _all_right(number, len(patterns.labels))
    p = float((1 + (null >= value).sum()) / (1 + len(null)))
    return Result(
        data={
            "predictions": Table(_table(patterns, found.guess)),
            "voxels_kept": volume_of(filled(patterns.inside, found.kept), runs[0]),
        },
        views=_views(params, patterns, found, null, runs[0]),
        numbers={
            "accuracy": number,
            "p": Number(p, "1", note=f"against {len(null)} shuffles of the labels within runs"),
            "accuracy of shuffles": Number(
                float(null.mean()), "1", float(np.percentile(null, 2.5)),
                float(np.percentile(null, 97.5)), patterns.chance, note="mean and middle 95 %",
            ),
            "lag of the signal": patterns.lag.number,
            "voxels": Number(int(patterns.inside.sum()), note="inside the mask"),
        },
        warnings=codes(runs, *said, *patterns.warnings),
    )  # fmt: skip


def _all_right(number: Number, count: int) -> Number:
    """Return a score with an interval that is open below: runs that are all right cannot show one.

    Clopper & Pearson 1934 for ``count`` samples out of ``count``.
    """
    note = f"{number.note}; all right: lower bound by Clopper and Pearson"
    return replace(number, low=float(0.025 ** (1 / count)), note=note)


def decode(params: DecodeParams, patterns: Patterns) -> Decoded:
    """Return the guess for each sample by a classifier of the other runs."""
    guess = np.zeros_like(patterns.labels)
    folds = patterns.folds()
    kept = np.zeros(patterns.values.shape[1])
    for train, test in folds:
        model = _model(params, patterns.values.shape[1])
        model.fit(patterns.values[train], patterns.labels[train])
        guess[test] = model.predict(patterns.values[test])
        kept += model[0].get_support() if params.voxels else 1.0
    return Decoded(guess, kept / len(folds))


def _model(params: DecodeParams, n_voxels: int) -> Any:
    from sklearn.feature_selection import SelectKBest, f_classif
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    classifier = (
        SVC(kernel="linear", C=params.strength)
        if params.classifier == "svm"
        else LogisticRegression(C=params.strength, max_iter=2000)
    )
    chosen = SelectKBest(f_classif, k=min(params.voxels, n_voxels) if params.voxels else "all")
    return make_pipeline(chosen, classifier)


def nearest_mean(patterns: Patterns) -> Rows:
    """Return for each sample the class whose mean over the other runs correlates best with it."""
    guess = np.zeros_like(patterns.labels)
    for train, test in patterns.folds():
        means = np.array(
            [
                patterns.values[train][patterns.labels[train] == k].mean(axis=0)
                if (patterns.labels[train] == k).any()
                else np.full(patterns.values.shape[1], np.nan)
                for k in range(len(patterns.classes))
            ]
        )
        means -= np.nanmean(means, axis=0)
        alike = _rows_scaled(patterns.values[test]) @ _rows_scaled(means).T
        guess[test] = np.argmax(np.nan_to_num(alike, nan=-2.0), axis=1)
    return guess


def _rows_scaled(values: Array) -> Array:
    centred = values - values.mean(axis=1, keepdims=True)
    size = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(size > 0, size, 1.0))


def _score(patterns: Patterns, guess: Rows) -> float:
    return balanced_accuracy(patterns.labels, guess)


def _table(patterns: Patterns, guess: Rows) -> Any:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "run": patterns.groups,
            "onset": patterns.onsets,
            "trial_type": [patterns.classes[k] for k in patterns.labels],
            "guess": [patterns.classes[k] for k in guess],
            "right": guess == patterns.labels,
        }
    )
    frame.attrs["unit"] = "onset: s"
    return frame


def _views(
    params: DecodeParams, patterns: Patterns, found: Decoded, null: Array, run: Volume
) -> tuple[View, ...]:
    counts = confusion(patterns.labels, found.guess, len(patterns.classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    own = accuracy_of_runs(patterns, found.guess)
    each = Scatter(
        x=np.arange(len(own), dtype=float),
        y=own,
        x_names=short(patterns.names),
        x_label="run that was left out",
        y_label="accuracy",
        y_unit="1",
        levels={"chance": patterns.chance, "mean": float(own.mean())},
        title="Accuracy of each run",
        caption="The classifier was fitted to all other runs.",
    )
    matrix = Heatmap(
        values=shares,
        x_names=patterns.classes,
        y_names=patterns.classes,
        x_label="guess",
        y_label="trial type",
        value_label="share of the trial type",
        value_unit="1",
        show_values=True,
        title="What is taken for what",
        caption=f"Rows add up to 1; chance is {patterns.chance:.3g}.",
    )
    shuffles = Scatter(
        x=np.arange(1.0, len(null) + 1),
        y=np.sort(null),
        x_label="shuffle, in order of its accuracy",
        y_label="accuracy",
        y_unit="1",
        levels={"chance": patterns.chance, "with the true labels": _score(patterns, found.guess)},
        title="Shuffled labels",
        caption="Labels shuffled within runs; everything else done alike.",
    )
    views: tuple[View, ...] = (each, matrix, shuffles)
    if params.voxels and params.voxels < patterns.values.shape[1]:
        kept = filled(patterns.inside, found.kept)
        chosen = slices(run, kept, patterns.mean, title="Voxels that were kept", threshold=0.01,
                        value_label="share of the folds",
                        caption="In how many training parts a voxel was among the chosen.")  # fmt: skip
        views = (*views, chosen)
    return views
