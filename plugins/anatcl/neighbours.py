"""Who is most alike in the embedding, and in which regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Number,
    Result,
    Scatter,
    Table,
    method,
    param,
)

from .people import SIMULATED, WARNINGS, PeopleParams, is_simulated, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

DRAWS = 200
SHOWN = 20  # regions at each end of the bars, where there are too many for names


class NeighbourParams(PeopleParams):
    """Parameters of :func:`find_neighbours`."""

    person: str = param("", "Whose neighbours are wanted; empty for the first person")
    count: int = param(5, "How many neighbours", ge=1, le=100)
    pattern: str = param(
        "", "How columns of regional measures are called; empty to find out", advanced=True
    )


@method(group="Analyse", warnings=WARNINGS, example="near")
def find_neighbours(
    context: Context, params: NeighbourParams, embedding: Table, regions: Table
) -> Result:
    """Find the people most like one in the embedding, and compare their anatomy region by region.

    Similarity in the embedding is the cosine of standardised features; in a region the cosine of the
    z-scored measures (with one measure only the sign of agreement). Random people stand beside.
    """
    from neurostudio.learning.retrieval import cosines

    from . import matching
    from .people import joined, measures_of

    keys, rows = matching.rows_of(embedding, params)
    one = _row(keys, params.person)
    measured = measures_of(regions, params.pattern)
    values = measured.values[joined(keys, regions, params, "regions")]
    scores = _z(np.where(np.isfinite(values), values, np.nanmean(values, axis=0)))
    standard = _z(rows)
    similarity = cosines(standard[[one]], standard)[0]
    order = np.array([k for k in np.argsort(-similarity, kind="stable") if k != one])
    near = order[: min(params.count, len(order))]
    alike = _regional(scores, one)
    own = float(alike[near].mean())
    random = np.random.default_rng(context.seed)
    others = np.setdiff1d(np.arange(len(keys)), [one])
    null = np.array(
        [
            alike[random.choice(others, len(near), replace=False)].mean()
            for _ in context.track(range(DRAWS), "Random people")
        ]
    )
    frame = _frame(
        params.key, [keys[k] for k in near], similarity[near], alike[near], measured.regions
    )
    simulated = is_simulated(embedding, regions)
    return Result(
        data={"neighbours": Table(frame)},
        views=(
            _bars(alike, near, others, measured.regions, keys, one),
            _all(alike, near, measured.regions, keys),
            _beside(own, null),
        ),
        numbers={"likeness of regions": _number(own, null, len(near))},
        warnings=(SIMULATED,) if simulated else (),
    )


def _row(keys: tuple[str, ...], person: str) -> int:
    if not person:
        return 0
    names = [plain(key) for key in keys]
    if plain(person) not in names:
        raise BadInput(
            f"There is no person '{person}' in the embedding; it begins with {', '.join(keys[:3])}."
        )
    return names.index(plain(person))


def _z(values: Array) -> Array:
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1))


def _regional(scores: Array, one: int) -> Array:
    """Return the cosine of each region's measures with those of one person, (n, n_regions)."""
    length = np.linalg.norm(scores, axis=2, keepdims=True)
    unit = scores / np.where(length > 0, length, 1)
    return np.asarray((unit * unit[[one]]).sum(axis=2))


def _frame(
    key: str, names: list[str], similarity: Array, alike: Array, regions: tuple[str, ...]
) -> Any:
    import pandas as pd

    frame = pd.DataFrame({key: names, "similarity": similarity})
    return pd.concat([frame, pd.DataFrame(alike, columns=list(regions))], axis=1)


def _number(own: float, null: Array, count: int) -> Number:
    low, high = np.quantile(null, [0.025, 0.975])
    p = (1 + int((null >= own).sum())) / (1 + len(null))
    return Number(
        own, "1", chance=float(null.mean()),
        note=f"mean cosine over regions and {count} neighbours; random people reach {low:.2f} to {high:.2f} "
        f"(95 %), p = {p:.3g}",
    )  # fmt: skip


def _bars(alike: Array, near: Any, others: Any, regions: tuple[str, ...], keys: tuple[str, ...],
          one: int) -> Scatter:  # fmt: skip
    """Return the likeness of each region, neighbours beside everybody, the most alike first."""
    mean, spread = alike[near].mean(axis=0), alike[near].std(axis=0)
    order = np.argsort(-mean, kind="stable")
    whole = len(order) <= 2 * SHOWN
    order = order if whole else np.concatenate([order[:SHOWN], order[-SHOWN:]])
    all_mean = alike[others].mean(axis=0)[order]
    low, high = (np.clip(each, -1, 1)[order] for each in (mean - spread, mean + spread))
    x = np.arange(len(order), dtype=float)
    names = tuple(regions[k] for k in order)
    return Scatter(
        np.tile(x, 2), np.concatenate([mean[order], all_mean]),
        groups=("neighbours",) * len(x) + ("everybody",) * len(x), names=names * 2, x_label="region",
        y_label="cosine with the person", y_unit="1", low=np.concatenate([low, all_mean]),
        high=np.concatenate([high, all_mean]), x_names=names, levels={"no likeness": 0.0},
        title=f"Where the neighbours of {keys[one]} are alike",
        caption="Mean and s.d. over neighbours"
        + ("." if whole else f"; the {SHOWN} most and the {SHOWN} least alike of {len(regions)} regions."),
    )  # fmt: skip


def _all(alike: Array, near: Any, regions: tuple[str, ...], keys: tuple[str, ...]) -> Heatmap:
    few = len(regions) <= 40
    return Heatmap(
        alike[near], x=None if few else np.arange(len(regions), dtype=float), x_names=regions if few else (),
        y_names=tuple(keys[k] for k in near), x_label="region", y_label="neighbour, nearest first",
        value_label="cosine", value_unit="1", diverging=True, title="Neighbours region by region",
    )  # fmt: skip


def _beside(own: float, null: Array) -> Any:
    from . import pictures

    return pictures.beside_null(
        ["likeness of regions"], [own], null[None], "random people", "mean cosine", "1",
        [float(null.mean())], [np.nan], "Neighbours beside random people",
    )  # fmt: skip
