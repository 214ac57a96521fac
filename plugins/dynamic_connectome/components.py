"""From traces to components: what the methods that fit share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Number, Table, Traces, TrainedModel

from .animals import Cohort, is_simulated, join, names_given
from .pictures import connectome_of, over_time
from .reading import matrices
from .tensors import build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Connectome, Context, Data

    from .declaring import AffinityParams
    from .fitting import Fit
    from .tensors import Affine

    Array = NDArray[np.float64]

ALIKE = 0.8  # mean matched cosine from which starts agree
HINT = (
    "agreement of starts is no evidence of structure: independent random walks reach 0.92 to 1 too"
)


def prepare(
    context: Context, params: AffinityParams, traces: Sequence[Traces]
) -> tuple[Cohort, Affine, list[str]]:
    """Return animals, their tensor, and the codes of warnings."""
    cohort = join(traces, names_given(context.names), params.minimum_animals)
    codes = list(cohort.codes) + (["simulated"] if is_simulated(traces) else [])
    if cohort.left_out:
        context.say(f"Left out, seen in too few animals: {', '.join(cohort.left_out)}.")
    affine = build(context, cohort, params)
    for name, share in zip(cohort.animals, affine.removed, strict=False):
        context.say(f"{name}: the first component had {share:.0%} of the variance; it was removed.")
    n_times, n_animals, n_pairs = affine.tensor.shape
    context.say(
        f"Tensor of {n_times:,} times, {n_animals} animals and {n_pairs:,} pairs of "
        f"{len(cohort.neurons)} neurons: {affine.tensor.nbytes / 1e6:,.0f} MB."
    )
    return cohort, affine, codes


def called(rank: int) -> tuple[str, ...]:
    """Return the names of the components on the screen."""
    return tuple(f"component {r + 1}" for r in range(rank))


def model_of(
    fit: Fit, cohort: Cohort, affine: Affine, params: AffinityParams, seed: int
) -> TrainedModel:
    """Return the factors as a model."""
    arrays = {
        "time": fit.factors.time, "animals": fit.factors.animals, "pairs": fit.factors.pairs,
        "weights": fit.weights, "times": affine.times, "errors": fit.errors,
    }  # fmt: skip
    config: dict[str, Any] = {
        "affinity": params.affinity, "smoothing": params.smoothing, "time_step": params.time_step,
        "rank": fit.factors.rank, "neurons": list(cohort.neurons), "animals": list(cohort.animals),
        "components": list(called(fit.factors.rank)), "relative_error": fit.error, "seed": seed,
    }  # fmt: skip
    return TrainedModel(arrays, config, "factorise_affinities")


def courses_of(fit: Fit, times: Array) -> Traces:
    """Return the time courses as traces, a column a component; their size is that of the component."""
    import pynapple as nap

    values = fit.factors.time * fit.weights
    frame = nap.TsdFrame(t=times, d=values, columns=list(called(fit.factors.rank)))
    return Traces(frame, "affinity")


def profiles_of(fit: Fit, cohort: Cohort) -> Table:
    """Return how strong each component is in each animal."""
    import pandas as pd

    middle = np.median(fit.factors.animals, axis=0)
    rows = [
        {
            "component": r + 1, "animal": animal, "loading": float(fit.factors.animals[w, r]),
            "relative to the median": float(fit.factors.animals[w, r] / max(middle[r], 1e-12)),
        }
        for r in range(fit.factors.rank) for w, animal in enumerate(cohort.animals)
    ]  # fmt: skip
    return Table(pd.DataFrame(rows))


def matrices_of(fit: Fit, cohort: Cohort) -> tuple[Array, Array | None]:
    """Return the matrix of each component (rank, n, n) in units of affinity, and the opposed ones."""
    scale = fit.weights / max(float(np.sqrt(len(fit.factors.time) * len(cohort.animals))), 1.0)
    return matrices(fit.factors.pairs * scale, len(cohort.neurons))


def connectomes_of(
    fit: Fit,
    cohort: Cohort,
    affine: Affine,
    facts: Sequence[Mapping[str, Any]] = (),
    attrs: Mapping[str, Any] | None = None,
) -> dict[str, Connectome]:
    """Return one matrix a component, and the modelled affinity over time."""
    same, opposed = matrices_of(fit, cohort)
    attrs = dict(attrs or {})
    found: dict[str, Connectome] = {}
    for r, matrix in enumerate(same):
        own: dict[str, Any] = {"strength": matrix.sum(axis=1), **(facts[r] if facts else {})}
        found[f"component_{r + 1}"] = connectome_of(matrix, cohort.neurons, own, **attrs)
        if opposed is not None:
            other = {**own, "strength": opposed[r].sum(axis=1)}
            found[f"opposed_{r + 1}"] = connectome_of(opposed[r], cohort.neurons, other, **attrs)
    course = fit.factors.time * np.sqrt(len(fit.factors.time))
    values, times = over_time(affine.times, course, same)
    shared = {k: v for k, v in (facts[0] if facts else {}).items() if k in {"x", "y", "z"}}
    found["over_time"] = connectome_of(values, cohort.neurons, shared, times, **attrs)
    return found


def fit_numbers(fit: Fit, null: Sequence[Fit] = ()) -> dict[str, Number]:
    """Return rank, error and agreement of starts; ``null`` are fits of shifted traces."""
    agree = fit.agreement
    chance = np.concatenate([each.agreement for each in null]) if null else np.empty(0)
    return {
        "rank": Number(fit.factors.rank, note="a choice; see the sweep of ranks"),
        "relative error": Number(
            fit.error, "1", float(fit.errors.min()), float(fit.errors.max()),
            chance=float(np.mean([each.error for each in null])) if null else None,
            note="range over starts; judge the elbow over ranks, not the value; chance: traces shifted "
            "in time",
        ),
        "agreement of starts": Number(
            float(agree.mean()) if len(agree) else 1.0, "1",
            float(agree.min()) if len(agree) else None, float(agree.max()) if len(agree) else None,
            chance=float(chance.mean()) if len(chance) else None,
            note=f"mean matched cosine with the best start; {HINT}",
        ),
    }  # fmt: skip


def fit_codes(fit: Fit) -> list[str]:
    """Return the codes that a fit calls for."""
    agree = fit.agreement
    return ["starts disagree"] if len(agree) and agree.mean() < ALIKE else []


def as_data(found: Mapping[str, Data], **more: Data) -> dict[str, Data]:
    """Return data of a result, in order."""
    return {**more, **found}
