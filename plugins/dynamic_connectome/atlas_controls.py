"""What the same data give where the motifs are destroyed: the controls of the atlas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .factorising import shifted_fit
from .factors import Factors, alike, in_order, matched
from .fitting import Plan, fit
from .grouping import Grouping, group
from .reading import (
    matched_purity,
    matrices,
    purity,
    purity_by_chance,
    same_side,
    sides,
    sides_by_chance,
    static,
)
from .tensors import Affine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context

    from .animals import Cohort
    from .declaring import AtlasParams
    from .fitting import Fit
    from .reading import Epochs

    Array = NDArray[np.float64]

LEAST_SIDES = 5  # pairs of a left and a right neuron from which their agreement is told


@dataclass(frozen=True, slots=True)
class Controls:
    """``shifted`` fits of traces each moved in time, with purity, agreement of seeds and sides of each.

    ``shifted_sides_null`` is the mean of these sides for labels shuffled in each.

    ``turned`` is the purity for stimuli at other times; ``sides`` (rank,) the share of left-right pairs in
    one community, ``sides_null`` the mean of it for shuffled labels, empty where there are no pairs;
    ``static`` are the communities of the correlation over the whole recording, ``static_sides`` and
    ``static_null`` the same of them.
    """

    shifted: tuple[Fit, ...]
    shifted_purity: Array
    shifted_agreement: Array
    shifted_sides: Array
    shifted_sides_null: Array
    turned: Array
    n_sides: int
    sides: Array
    sides_null: Array
    static: Grouping
    static_sides: float
    static_null: Array


def controls_of(
    context: Context,
    params: AtlasParams,
    cohort: Cohort,
    affine: Affine,
    plan: Plan,
    epochs: Epochs,
    groupings: Sequence[Grouping],
    found: Fit,
) -> Controls:
    """Return all controls of an atlas."""
    pairs = sides(cohort.neurons)
    pairs = pairs if len(pairs) >= LEAST_SIDES else []
    fits, pure, agreements, sided, sided_null = [], [], [], [], []
    for number in context.track(range(params.shifted), "Shifted controls"):
        other = shifted_fit(context, params, cohort, affine, plan, number)
        groups = _groups(context, params, other, cohort)
        fits.append(other)
        pure.append(matched_purity(purity(other.factors.time, epochs.inside))[1].mean())
        agreements.append(np.mean([each.agreement for each in groups]))
        own = np.stack([each.labels for each in groups])
        sided.append(same_side(own, pairs).mean() if pairs else np.nan)
        if pairs:
            sided_null.append(sides_by_chance(own, pairs, params.n_shuffles, context.seed))
    labels = np.stack([each.labels for each in groupings])
    correlated = group(
        static(affine.slopes, cohort.seen), "Leiden (modularity)", 1.0, params.n_seeds, context.seed
    )
    n, seed = params.n_shuffles, context.seed
    plain = correlated.labels[None]
    empty = np.empty(0)
    return Controls(
        tuple(fits), np.array(pure), np.array(agreements), np.array(sided),
        np.mean(sided_null, axis=0) if sided_null else empty,
        purity_by_chance(found.factors.time, epochs, n, seed),
        len(pairs),
        same_side(labels, pairs) if pairs else empty,
        sides_by_chance(labels, pairs, n, seed) if pairs else empty,
        correlated,
        float(same_side(plain, pairs)[0]) if pairs else np.nan,
        sides_by_chance(plain, pairs, n, seed) if pairs else empty,
    )  # fmt: skip


def _groups(context: Context, params: AtlasParams, found: Fit, cohort: Cohort) -> list[Grouping]:
    same, _ = matrices(found.factors.pairs, len(cohort.neurons))
    how = params.communities if params.communities.startswith("Leiden") else "Leiden (modularity)"
    return [
        group(each, how, params.resolution, params.n_seeds, context.seed)
        for each in context.track(same, "Communities of the control", total=len(same))
    ]


def leave_one_out(
    context: Context, params: AtlasParams, cohort: Cohort, affine: Affine, plan: Plan, found: Fit
) -> Array:
    """Return how alike each component is without each animal (n_animals, rank); empty where not asked."""
    n = len(cohort.animals)
    if not params.leave_one_out or n < 3:
        return np.empty((0, plan.rank))
    rows = []
    for w in context.track(range(n), "Leaving one animal out"):
        kept = np.arange(n) != w
        part = Affine(affine.tensor[:, kept], affine.times, affine.seen[kept],
                      tuple(s for s, k in zip(affine.slopes, kept, strict=True) if k))  # fmt: skip
        words = f"Without {cohort.animals[w]}"
        other = fit(
            context, part, Plan(plan.rank, max(1, min(plan.n_starts, 3)), plan.n_iterations, words)
        )
        rows.append(matched(_cosines(found.factors, other.factors))[1])
    return np.array(rows)


def _cosines(one: Factors, other: Factors) -> Array:
    """Compare times and pairs alone: the animals are not the same."""
    n = one.rank
    level = np.ones((1, n))
    first, second = (in_order(Factors(each.time, level, each.pairs))[0] for each in (one, other))
    back = np.argsort(
        -np.linalg.norm(one.time, axis=0) * np.linalg.norm(one.pairs, axis=0), kind="stable"
    )
    found = np.empty((n, n))
    found[back] = alike(first, second)
    return found
