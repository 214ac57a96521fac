"""The general linear model of a person's runs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Context, Params, Result, Table, Volume, method, param

from .cleaning import confounds_of
from .contrasts import default_contrasts, slug, weights_of
from .glm_pictures import numbers_of, pictures, tables
from .images import (
    WARNINGS,
    check_grids,
    check_space,
    codes,
    edges_of,
    filled,
    mask_for,
    memory,
    repetition_time,
    require_series,
    smoothed_image,
    values_of,
    volume_of,
)
from .matching import check_events, matched, names_of
from .thresholds import Correction, threshold_of
from .timing import WARNING, lag_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NOISE = {"ar1": "ar1", "ols": "ols"}


class GlmParams(Params):
    """Parameters of :func:`first_level_glm`."""

    contrasts: tuple[str, ...] = param(
        (), "Sums of conditions, as 'face - house'; none for each condition against the others"
    )
    repetition_time: float | None = param(
        None, "Time from one image to the next; none for the header's", unit="s", gt=0, le=60
    )
    shift: float = param(
        0.0, "Added to all onsets; negative where they hold the blood's lag already", unit="s"
    )
    response: Literal["glover", "spm", "glover + derivative", "spm + derivative"] = param(
        "glover", "The blood's answer to a moment (haemodynamic response)"
    )
    drift: Literal["cosine", "polynomial", "none"] = param(
        "cosine", "Slow drift that is modelled, up to the high-pass edge or as a cubic"
    )
    high_pass: float = param(0.01, "Slowest frequency that is not drift", unit="Hz", gt=0, le=0.2)
    noise: Literal["ar1", "ols"] = param(
        "ar1", "ar1: noise that lingers from image to image; ols: independent noise"
    )
    smoothing: float = param(
        0.0, "Smooth before, full width at half maximum; 0 for not", unit="mm", ge=0, le=30
    )
    columns: tuple[str, ...] = param(
        (), "Confounds to model; none for all columns of numbers", suggest="columns"
    )
    correction: Correction = param("FDR", "How the number of voxels is accounted for")
    level: float = param(0.05, "Level of significance, two-sided", unit="1", gt=0, lt=1)
    least_voxels: int = param(1, "Least voxels of a cluster in the table", ge=1, advanced=True)
    surrogates: int = param(
        3, "Controls: fits to events at random times, the modelled answers taken out", ge=0, le=100
    )
    shuffle_events: bool = param(
        False, "Null run: all events at random times; little may be found", advanced=True
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """One run: signals (n_images, n_voxels) in % of the mean, events, further regressors."""

    name: str
    signals: Array
    events: pd.DataFrame
    confounds: pd.DataFrame | None
    step: float


@dataclass(frozen=True, slots=True)
class Map:
    """One contrast over all voxels of the mask, and how many runs it is from."""

    name: str
    z: Array
    effect: Array
    n_runs: int
    threshold: float


def _check(params: GlmParams, items: Items) -> None:
    for each in _tuple(items["runs"]):
        assert isinstance(each, Volume)  # noqa: S101  the method's own check came first
        require_series(each, "One of the runs", advice=" Leave it out.")
        repetition_time(each, params.repetition_time, "a run")


def _tuple(given: Any) -> tuple[Any, ...]:
    return given if isinstance(given, tuple) else (given,)


@method(
    group="Analyse",
    title="First-level GLM",
    memory=memory,
    check=_check,
    example="glm",
    warnings=WARNINGS
    | WARNING
    | {
        "shuffled": "Null run: the events were put at random times. Nothing here is a finding.",
        "collinear": (
            "A condition's regressor can be predicted from the others (variance inflation above 5): its "
            "effect is uncertain."
        ),
        "uncorrected": "The threshold is not corrected for the number of voxels that were tested.",
    },
)
def first_level_glm(
    context: Context,
    params: GlmParams,
    runs: tuple[Volume, ...],
    events: tuple[Table, ...],
    confounds: tuple[Table, ...] = (),
    mask: Volume | None = None,
) -> Result:
    """Find where the signal follows the conditions, over one or several runs of a person.

    Events and confounds belong to the run whose name shares their entities of BIDS (subject, session,
    task, run). Signals are in per cent of each voxel's mean, effects in per cent for each unit of the
    regressor (a long block's reaches about 1.5); runs are put together by fixed effects.
    """
    names = names_of(context.names, "runs", len(runs))
    check_grids(runs, names)
    means = [values_of(each).mean(axis=-1) for each in runs]
    mean = np.mean(means, axis=0)
    inside = mask_for(runs[0], mean, mask)
    inside &= np.min(means, axis=0) > 0
    if not inside.any():
        raise BadInput(
            "The mean of the images is not above 0 anywhere, so that there is no per cent of it. Use images "
            "whose mean was not taken out."
        )
    said = check_space(runs[0], mask, "the runs", "the mask") if mask is not None else ()
    tables_of = matched(context.names, len(runs), events, "events")
    others = matched(context.names, len(runs), confounds, "confounds") if confounds else None
    scans = []
    for k in context.track(range(len(runs)), "Reading runs"):
        step = repetition_time(runs[k], params.repetition_time, names[k])
        length = step * runs[k].image.shape[3]
        own = check_events(tables_of[k].frame, names[k], length)
        own["onset"] += params.shift
        extra = None if others is None else _extra(params, others[k], runs[k], names[k])
        scans.append(Scan(names[k], _signals(params, runs[k], inside), own, extra, step))
    lag = lag_of(
        [scan.signals for scan in scans],
        [scan.events for scan in scans],
        [scan.step for scan in scans],
    )
    if params.shuffle_events:
        random = np.random.default_rng([context.seed, 5])
        scans = [_shuffled(scan, random) for scan in scans]
    designs, maps = fit(context, params, scans, "Fitting")
    null = _null(context, params, scans)
    data: dict[str, Any] = {}
    for each in maps:
        data[f"z_{slug(each.name)}"] = volume_of(filled(inside, each.z), runs[0])
        data[f"effect_{slug(each.name)}"] = volume_of(filled(inside, each.effect), runs[0])
    images = {each.name: filled(inside, each.z).astype(float) for each in maps}
    vif = inflation_table(designs, scans)
    collinear = max(vif.values(), default=1.0) > 5
    data |= tables(params, maps, images, np.asarray(runs[0].image.affine), vif)
    more = [code for code, true in (
        ("shuffled", params.shuffle_events), ("collinear", collinear), ("lag", lag.unlike()),
        ("uncorrected", params.correction == "none")) if true]  # fmt: skip
    return Result(
        data=data,
        views=pictures(params, runs[0], mean, maps, images, designs, scans),
        numbers=numbers_of(params, maps, null, vif) | {"lag of the signal": lag.number},
        warnings=codes(runs, *said, *more),
    )


def fit(
    context: Context, params: GlmParams, scans: Sequence[Scan], label: str
) -> tuple[list[pd.DataFrame], list[Map]]:
    """Return each run's design matrix and a map for each contrast."""
    from nilearn.glm.contrasts import compute_contrast
    from nilearn.glm.first_level import run_glm

    conditions = conditions_of(scans)
    wanted = params.contrasts or default_contrasts(conditions)
    weights = {text: weights_of(text, conditions) for text in wanted}
    sums: dict[str, list[Any]] = {text: [] for text in wanted}
    designs = [design_of(params, scan) for scan in scans]
    for k in context.track(range(len(scans)), label):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nilearn tells of its own changes
            labels, found = run_glm(
                scans[k].signals, designs[k].to_numpy(float), NOISE[params.noise]
            )
            for text, own in weights.items():
                if set(own) <= set(designs[k]):
                    vector = np.array([own.get(str(name), 0.0) for name in designs[k]])
                    sums[text].append(compute_contrast(labels, found, vector, stat_type="t"))
    return designs, [_map(params, text, some) for text, some in sums.items()]


def _map(params: GlmParams, text: str, some: list[Any]) -> Map:
    if not some:
        raise BadInput(f"No run has all conditions of the contrast '{text}'.")
    total = some[0]
    for each in some[1:]:
        total = total + each  # fixed effects
    z = np.nan_to_num(np.asarray(total.z_score(), float))
    effect = np.asarray(total.effect_size(), float) / len(some)
    threshold = threshold_of(z, params.correction, params.level)
    return Map(text, z, np.ravel(effect), len(some), threshold)


def conditions_of(scans: Sequence[Scan]) -> list[str]:
    """Return the conditions of all runs, in alphabetical order."""
    return sorted({name for scan in scans for name in scan.events["trial_type"]})


def design_of(params: GlmParams, scan: Scan) -> pd.DataFrame:
    """Return a run's design matrix: conditions, confounds, drift and constant."""
    from nilearn.glm.first_level import make_first_level_design_matrix

    n_images = len(scan.signals)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nilearn tells of its own changes
        return make_first_level_design_matrix(  # type: ignore[no-any-return]
            np.arange(n_images) * scan.step,
            scan.events,
            hrf_model=params.response,
            drift_model=None if params.drift == "none" else params.drift,
            high_pass=params.high_pass,
            drift_order=3,
            add_regs=scan.confounds,
        )


def inflation(design: pd.DataFrame, conditions: Sequence[str]) -> dict[str, float]:
    """Return how much the other regressors inflate the variance of each condition's effect; 1: not."""
    varying = [name for name in design if design[name].std() > 1e-12]
    correlations = np.corrcoef(design[varying].to_numpy(float), rowvar=False)
    inverse = np.diag(np.linalg.pinv(np.atleast_2d(correlations)))
    return {name: float(inverse[varying.index(name)]) for name in conditions if name in varying}


def inflation_table(designs: Sequence[pd.DataFrame], scans: Sequence[Scan]) -> dict[str, float]:
    """Return the largest inflation of each condition over the runs."""
    conditions = conditions_of(scans)
    found = [inflation(design, conditions) for design in designs]
    return {
        name: max(each[name] for each in found if name in each)
        for name in conditions
        if any(name in each for each in found)
    }


def _null(context: Context, params: GlmParams, scans: Sequence[Scan]) -> list[list[int]]:
    """Return for each surrogate how many voxels pass in each contrast.

    The modelled answers are taken out first: events at random times would meet some of them by luck.
    """
    random = np.random.default_rng([context.seed, 9])
    counts = []
    if params.surrogates:
        scans = [without_answers(params, scan) for scan in scans]
    for _ in context.track(range(params.surrogates), "Events at random times"):
        _, maps = fit(context, params, [_shuffled(scan, random) for scan in scans], "Control")
        counts.append([int((np.abs(each.z) >= each.threshold).sum()) for each in maps])
    return counts


def without_answers(params: GlmParams, scan: Scan) -> Scan:
    """Return a run whose signals are freed of what the conditions explain; drift and noise are kept."""
    design = design_of(params, scan)
    conditions = set(scan.events["trial_type"])
    own = [str(name).removesuffix("_derivative") in conditions for name in design]
    values = design.to_numpy(float)
    weights = np.linalg.lstsq(values, scan.signals, rcond=None)[0]
    return replace(scan, signals=scan.signals - values[:, own] @ weights[own])


def _shuffled(scan: Scan, random: np.random.Generator) -> Scan:
    """Return a run with its events at random times, their trial types in a random order."""
    frame = scan.events.copy()
    length = scan.step * len(scan.signals)
    room = np.maximum(length - frame["duration"].to_numpy(), scan.step)
    frame["onset"] = random.uniform(0, room)
    frame["trial_type"] = random.permutation(frame["trial_type"].to_numpy())
    return replace(scan, events=frame)


def _signals(params: GlmParams, run: Volume, inside: Mask) -> Array:
    """Return signals (n_images, n_voxels) in per cent of each voxel's mean."""
    values = values_of(run)
    if params.smoothing:
        for k in range(values.shape[3]):
            values[..., k] = smoothed_image(values[..., k], params.smoothing, edges_of(run))
    own = values[inside].T
    return np.asarray(100 * (own / own.mean(axis=0) - 1))


def _extra(params: GlmParams, table: Table, run: Volume, name: str) -> pd.DataFrame:
    """Return the confounds of a run, under names that no condition has."""
    found = confounds_of(table, params.columns, run.image.shape[3], name)
    return found.add_prefix("confound ")
