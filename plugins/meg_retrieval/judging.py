"""Ranks of the true picture in a gallery, single and averaged, with intervals, chance and null."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.learning.retrieval import ranks, relative_median_rank, top
from neurostudio.scores import bootstrap, interval, score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Number

    from .preparing import Embeddings

    Array = NDArray[Any]

TOPS = (1, 5)
FEW = 10  # averaged queries, of which no curve is worth drawing


@dataclass(frozen=True, slots=True, eq=False)
class Queries:
    """What is looked up: predictions (n, n_features), the true picture and the group of each."""

    predictions: NDArray[np.float64]
    pictures: NDArray[np.str_]
    subjects: NDArray[np.str_]
    groups: NDArray[np.str_]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pictures)


def averaged(queries: Queries, most: int = 0) -> Queries:
    """Return one query a picture and subject: the mean of its first ``most`` predictions, 0 for all.

    Predictions are averaged, never signals.
    """
    keys = np.char.add(np.char.add(queries.subjects, "\0"), queries.pictures)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    starts = np.r_[0, np.cumsum(np.bincount(inverse))]
    members = [order[a:b][: most or None] for a, b in pairwise(starts)]
    return Queries(
        np.stack([queries.predictions[rows].mean(axis=0) for rows in members]),
        queries.pictures[first],
        queries.subjects[first],
        queries.groups[first],
        np.array([len(rows) for rows in members]),
    )


def averaged_or_single(queries: Queries, most: int = 0) -> Queries:
    """Return averaged queries, or single ones where averaging would leave fewer than ten."""
    whole = averaged(queries, most)
    return queries if len(whole) < FEW else whole


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Ranks (n,) of the true picture of each query, among ``n_gallery``."""

    ranks: NDArray[np.float64]
    subjects: NDArray[np.str_]
    groups: NDArray[np.str_]
    n_gallery: int

    def top(self, k: int, rows: Array | None = None) -> float:
        """Return the share of queries whose picture is among the best ``k``, mean over subjects."""
        found = self.ranks if rows is None else self.ranks[rows]
        people = self.subjects if rows is None else self.subjects[rows]
        return float(np.mean([top(found[people == name], k) for name in np.unique(people)]))

    @property
    def relative_median_rank(self) -> float:
        """0 is best, about 0.5 is chance; mean over subjects."""
        people = np.unique(self.subjects)
        return float(
            np.mean(
                [
                    relative_median_rank(self.ranks[self.subjects == n], self.n_gallery)
                    for n in people
                ]
            )
        )


def judged(queries: Queries, gallery: Embeddings) -> Judged:
    """Return the rank of each query's picture in a gallery."""
    found = ranks(queries.predictions, queries.pictures.tolist(), gallery.values, gallery.ids)
    return Judged(found, queries.subjects, queries.groups, len(gallery.ids))


def tops_of(n_gallery: int) -> tuple[int, ...]:
    """Return the k of top-k that say something in a gallery of this size."""
    return tuple(k for k in TOPS if k < n_gallery) or (1,)


def drawn_singly(judgement: Judged) -> bool:
    """Return whether groups are too few to draw them again for the interval."""
    return len(set(judgement.groups.tolist())) < 10


def resampled(judgement: Judged) -> NDArray[np.str_]:
    """Return what is drawn again for the interval: groups, or single queries where groups are few."""
    single = np.arange(len(judgement.ranks)).astype(str)
    return single if drawn_singly(judgement) else judgement.groups


def number(
    judgement: Judged, k: int, *, baseline: float | None = None, note: str = "", seed: int = 0
) -> Number:
    """Return top-k with its interval over groups of pictures and its chance k / m."""
    draws = bootstrap(
        lambda rows: judgement.top(k, rows), resampled(judgement).tolist(), draws=500, seed=seed
    )
    low, high = interval(draws)
    return score(
        judgement.top(k),
        low=low,
        high=high,
        chance=k / judgement.n_gallery,
        baseline=baseline,
        note=note,
    )


def table_of(found: Mapping[tuple[str, str], Judged]) -> Any:
    """Return one row a decoder and way of averaging: top-1, top-5, relative median rank."""
    import pandas as pd

    rows = []
    for (decoder, trials), each in found.items():
        m = each.n_gallery
        row: dict[str, Any] = {"decoder": decoder, "trials": trials, "queries": len(each.ranks)}
        row |= {"gallery": m}
        for k in tops_of(m):
            row |= {f"top_{k}": each.top(k), f"chance_{k}": k / m}
        rows.append(row | {"relative_median_rank": each.relative_median_rank})
    return pd.DataFrame(rows)


def by_repeats(queries: Queries, gallery: Embeddings, k: int) -> tuple[list[int], list[float]]:
    """Return how top-k grows with the number of predictions that are averaged."""
    keys = np.char.add(np.char.add(queries.subjects, "\0"), queries.pictures)
    most = int(np.unique(keys, return_counts=True)[1].min())
    counts = sorted({*range(1, min(most, 8) + 1), most})
    return counts, [judged(averaged(queries, n), gallery).top(k) for n in counts]


def by_gallery(
    queries: Queries, gallery: Embeddings, sizes: Sequence[int], k: int, draws: int = 10
) -> list[float]:
    """Return top-k in galleries of these sizes: the true picture among others drawn at random."""
    from neurostudio.learning.retrieval import cosines, rows_of

    similar = cosines(queries.predictions, gallery.values)
    own = rows_of(queries.pictures.tolist(), gallery.ids, "items of the gallery")
    mine = similar[np.arange(len(own)), own]
    random, m = np.random.default_rng(0), len(gallery.ids)
    found = []
    for size in sizes:
        hits = []
        for _ in range(draws if size < m else 1):
            kept = np.zeros(m, dtype=bool)
            kept[random.permutation(m)[:size]] = True
            above = ((similar > mine[:, None]) & kept).sum(axis=1)
            # others beside the own: where that was not drawn, one drawn at random makes room
            share = np.where(kept[own], above, above * (size - 1) / size)
            hits.append(np.mean(share < k))
        found.append(float(np.mean(hits)))
    return found
