"""Where patterns tell trial types apart: a small sphere around every voxel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, Number, Result, Table, Volume, method, param, score
from neurostudio.scores import bootstrap, interval

from .cleaning import level_of
from .images import WARNINGS, check_space, codes, filled, memory, places_of, slices, volume_of
from .patterns import PATTERN_WARNINGS, PatternParams, Patterns, check_patterns, read_patterns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

LEAST_VARIANCE = 1e-6


class SearchlightParams(PatternParams):
    """Parameters of :func:`searchlight`."""

    radius: float = param(8.0, "Radius of the sphere around each voxel", unit="mm", gt=0, le=50)
    permutations: int = param(19, "Shuffles of the labels within runs", ge=19, le=1000)


@method(
    group="Analyse",
    memory=memory,
    check=check_patterns,
    example="search",
    warnings=WARNINGS | PATTERN_WARNINGS,
)
def searchlight(
    context: Context,
    params: SearchlightParams,
    runs: tuple[Volume, ...],
    events: tuple[Table, ...],
    mask: Volume | None = None,
) -> Result:
    """Map how well the voxels around each voxel tell trial types apart, each run tested once.

    In each sphere a linear discriminant with a diagonal covariance (Gaussian naive Bayes with one
    variance a voxel) is fitted to the other runs. The level is what the best sphere of all
    exceeds in 5 % of shuffles of the labels within runs.
    """
    said = check_space(runs[0], mask, "the runs", "the mask") if mask is not None else ()
    patterns = read_patterns(context, params, runs, events, mask)
    spheres = spheres_of(patterns.inside, np.asarray(runs[0].image.affine), params.radius)
    right = right_of(patterns, spheres)
    accuracy = right.mean(axis=0)
    random = np.random.default_rng(context.seed)
    null = [
        right_of(patterns.permuted(random), spheres).mean(axis=0)
        for _ in context.track(range(params.permutations), "Shuffling labels")
    ]
    level = level_of([float(each.max()) for each in null])
    image = filled(patterns.inside, accuracy).astype(float)
    best = int(np.argmax(accuracy))
    where = places_of(np.argwhere(patterns.inside)[best : best + 1], runs[0].image.affine)[0]
    return Result(
        data={"accuracy": volume_of(image, runs[0])},
        views=(
            slices(
                runs[0], image, patterns.mean, title="Accuracy around each voxel",
                value_label="accuracy", value_unit="1", threshold=level,
                caption=f"Spheres of {params.radius:g} mm; chance {patterns.chance:.3g}. Shown from "
                f"{level:.3f} on, which the best of all spheres exceeds in 5 % of {len(null)} shuffles.",
            ),
            slices(
                runs[0], image, patterns.mean, title="All accuracies", value_label="accuracy",
                value_unit="1", threshold=0.01, caption="Of all spheres.",
            ),
        ),
        numbers={
            "best accuracy": _best(context, patterns, right[:, best], null, where),
            "voxels above chance": Number(
                int((accuracy > level).sum()),
                chance=float(np.mean([(each > level).sum() for each in null])),
                note=f"of {len(accuracy):,}; accuracy above {level:.3f}; chance: mean of shuffles",
            ),
            "mean accuracy": Number(
                float(accuracy.mean()), "1", *_over_runs(context, patterns, right.mean(axis=1)),
                patterns.chance, note="over all spheres; interval by bootstrap over runs",
            ),
            "lag of the signal": patterns.lag.number,
            "sphere": Number(float(np.diff(spheres.indptr).mean()), "voxels", note="mean size"),
        },
        warnings=codes(runs, *said, *patterns.warnings),
    )  # fmt: skip


def spheres_of(inside: NDArray[np.bool_], affine: Array, radius: float) -> Any:
    """Return a sparse matrix (n_centres, n_voxels) of 1 where a voxel is within the radius of a centre."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    places = places_of(np.argwhere(inside), affine)
    found = cKDTree(places).query_ball_point(places, radius + 1e-6)
    sizes = np.array([len(each) for each in found])
    columns = np.concatenate([np.asarray(each, np.intp) for each in found])
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    return csr_matrix((np.ones(len(columns)), columns, pointers), shape=(len(places), len(places)))


def right_of(patterns: Patterns, spheres: Any) -> NDArray[np.bool_]:
    """Return whether each sample (n_samples, n_centres) is guessed right in each sphere.

    Notes
    -----
    The discriminant of a class sums ``(x - mean)² / variance`` over the sphere's voxels, with means and the
    variance within classes from the training runs; classes are taken to be equally frequent.
    """
    n_classes = len(patterns.classes)
    right = np.zeros((len(patterns.labels), spheres.shape[0]), bool)
    for train, test in patterns.folds():
        values, labels = patterns.values[train], patterns.labels[train]
        there = [k for k in range(n_classes) if (labels == k).any()]
        means = np.array([values[labels == k].mean(axis=0) for k in there])
        within = values - means[np.searchsorted(there, labels)]
        variance = (within**2).sum(axis=0) / max(len(values) - len(there), 1)
        weight = 1 / np.maximum(variance, LEAST_VARIANCE)
        for row in test:
            far = spheres @ (((patterns.values[row] - means) ** 2) * weight).T
            guess = np.asarray(there)[np.argmin(far, axis=1)]
            right[row] = guess == patterns.labels[row]
    return right


def _best(
    context: Context, patterns: Patterns, right: NDArray[np.bool_], null: list[Array], where: Array
) -> Number:
    low, high = _over_runs(context, patterns, right.astype(float))
    return score(
        float(right.mean()),
        low=low,
        high=high,
        chance=float(np.mean([each.max() for each in null])),
        baseline=patterns.chance,
        note=f"at ({where[0]:.0f}, {where[1]:.0f}, {where[2]:.0f}) mm; chosen as the best of all, so too "
        "high; chance: mean of the best of shuffles; baseline: guessing",
    )


def _over_runs(context: Context, patterns: Patterns, right: Array) -> tuple[float, float]:
    values = bootstrap(
        lambda rows: float(right[rows].mean()), patterns.groups, draws=500, seed=context.seed
    )
    return interval(values)
