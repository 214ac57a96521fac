"""How many components: error, agreement of starts and held-out error over a sweep of ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Context, Lines, Number, Result, Sheet, Table, Traces, method

from .animals import check_traces
from .components import ALIKE, HINT, prepare
from .declaring import FORM, WARNINGS, RankParams
from .factors import held_out
from .fitting import Fit, Plan, fit
from .tensors import build, memory_of, shifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .animals import Cohort
    from .tensors import Affine

    Array = NDArray[np.float64]


@method(
    group="Analyse",
    title="Choose the rank",
    warnings=WARNINGS,
    memory=memory_of,
    check=check_traces,
    example="ranks",
)
def choose_rank(context: Context, params: RankParams, traces: tuple[Traces, ...]) -> Result:
    """Sweep over numbers of components and suggest the elbow of the error where starts agree too.

    Beside it stand the errors of traces that are each shifted in time, which have no elbow to find.
    """
    cohort, affine, codes = prepare(context, params, traces)
    ranks = wanted(params.rank_from, params.rank_to)
    fits = sweep(context, affine, ranks, params.n_starts, params.n_iterations, "Rank", show=True)
    held = _held(context, affine, params, ranks)
    null = _null(context, params, cohort, affine, ranks)
    errors = np.array([each.error for each in fits])
    stability = np.array([each.agreement.mean() for each in fits])
    suggested = suggest(ranks, errors, stability)
    other = suggest(ranks, null, np.ones(len(ranks)))
    columns = {
        "rank": list(ranks),
        "error": errors.tolist(),
        "drop": [np.nan, *(-np.diff(errors)).tolist()],
        "ratio of drops": ratios(errors).tolist(),
        "agreement of starts": stability.tolist(),
        "held-out error": held.tolist(),
        "error, shifted traces": null.tolist(),
    }
    import pandas as pd

    x = np.array(ranks, float)
    marks = {"suggested": float(suggested)}
    return Result(
        data={"ranks": Table(pd.DataFrame(columns))},
        views=(
            Lines(
                x, np.stack([errors, held, null]), ("fit", "held-out entries", "traces shifted in time"),
                x_label="rank", x_unit="1", y_label="relative error", y_unit="1", marks=marks,
                title="Error over the number of components",
                caption=f"Look for the elbow; the value stays high at the right rank too. {FORM}",
            ),
            Lines(
                x, stability[None], ("starts",), x_label="rank", x_unit="1",
                y_label="matched cosine", y_unit="1", marks=marks, levels={"agree": ALIKE},
                title="Agreement of random starts", caption=f"Mean with the best start; {HINT}.",
            ),
            Sheet(columns, title="Sweep of ranks"),
        ),
        numbers={
            "suggested rank": Number(
                suggested, baseline=float(other),
                note="largest ratio of successive drops among ranks whose starts agree; a choice. "
                "Baseline: what the same rule says of traces shifted in time",
            ),
            "agreement of starts": Number(
                float(stability[ranks.index(suggested)]), "1", note=f"at this rank; {HINT}"
            ),
            "lowest held-out error at": Number(
                float(ranks[int(np.nanargmin(held))]) if np.isfinite(held).any() else np.nan,
                note="rank; entries are held out at random and their neighbours in time are not",
            ),
        },
        warnings=tuple(codes),
    )  # fmt: skip


def wanted(low: int, high: int) -> list[int]:
    """Return the ranks to fit: one below and one above the sweep too, for the drops."""
    return list(range(max(1, low - 1), high + 2))


def sweep(
    context: Context,
    affine: Affine,
    ranks: Sequence[int],
    n_starts: int,
    n_iterations: int,
    label: str,
    *,
    show: bool = False,
) -> list[Fit]:
    """Return the fit of each rank."""
    fits = []
    for rank in context.track(ranks, label):
        found = fit(context, affine, Plan(rank, n_starts, n_iterations, f"{label} {rank}"))
        fits.append(found)
        if show:
            context.log(step=rank, relative_error=found.error, agreement=found.agreement.mean())
    return fits


def ratios(errors: Array) -> Array:
    """Return the drop to each rank over the drop from it to the next, NaN at both ends."""
    drops = -np.diff(errors)
    found = np.full(len(errors), np.nan)
    found[1:-1] = drops[:-1] / np.maximum(drops[1:], 1e-4)
    return found


def suggest(ranks: Sequence[int], errors: Array, stability: Array) -> int:
    """Return the rank at the elbow of the errors, among those whose starts agree where there are any.

    Examples
    --------
    >>> suggest([1, 2, 3, 4, 5], np.array([0.9, 0.8, 0.7, 0.69, 0.68]), np.ones(5))
    3
    """
    found = ratios(errors)
    steady = np.where(stability >= ALIKE, found, np.nan)
    chosen = steady if np.isfinite(steady).any() else found
    if not np.isfinite(chosen).any():
        return int(ranks[0])
    return int(ranks[int(np.nanargmax(chosen))])


def _held(context: Context, affine: Affine, params: RankParams, ranks: Sequence[int]) -> Array:
    if params.held_out == 0:
        return np.full(len(ranks), np.nan)
    held = held_out(affine.tensor, affine.seen, params.held_out, context.seed)
    return np.array([
        fit(context, affine, Plan(rank, 1, params.n_iterations, f"Held-out entries, rank {rank}"), held).held
        for rank in context.track(ranks, "Held-out entries")
    ])  # fmt: skip


def _null(
    context: Context, params: RankParams, cohort: Cohort, affine: Affine, ranks: Sequence[int]
) -> Array:
    slopes = shifted(affine.slopes, context.seed + 1000)
    other = build(context, cohort, params, slopes, "Shifted control")
    fits = sweep(context, other, ranks, 1, params.n_iterations, "Shifted control, rank")
    return np.array([each.error for each in fits])
