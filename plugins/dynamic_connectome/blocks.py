"""Our weighted block model: links are Bernoulli, weights exponential, both integrated over their rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

MOST = 15  # blocks from which merging begins
SWEEPS = 12
GAIN = 1e-9


def evidence(links: Array, sums: Array, possible: Array, mean: float) -> Array:
    """Return the integrated log likelihood of each pair of blocks.

    Parameters
    ----------
    links, sums, possible
        Links, sum of their weights and places for links between two blocks, of one shape.
    mean
        Mean weight of a link in the graph, in its unit: the scale of the prior on rates.

    Notes
    -----
    Weights: Gamma(1, mean) prior on the rate; links: Beta(1, 1) prior on their probability.
    """
    from scipy.special import betaln, gammaln

    weights = np.log(mean) + gammaln(1 + links) - (1 + links) * np.log(sums + mean)
    return np.asarray(weights + betaln(1 + links, 1 + possible - links))


def prior(sizes: Array) -> Array:
    """Return the log prior of partitions with these sizes (…, n_blocks); empty blocks are none.

    Notes
    -----
    Uniform over the number of blocks, then over their sizes, then over who is where.
    """
    from scipy.special import gammaln

    n, k = sizes.sum(axis=-1), (sizes > 0).sum(axis=-1)
    choices = gammaln(n) - gammaln(k) - gammaln(n - k + 1)
    return np.asarray(gammaln(sizes + 1).sum(axis=-1) - gammaln(n + 1) - choices - np.log(n))


class Blocks:
    """A partition of a graph with the sums from which its score is made."""

    def __init__(self, weights: Array, labels: Labels) -> None:
        self.weights = np.asarray(weights, float)
        self.linked = (self.weights > 0).astype(float)
        count = self.linked.sum()
        self.mean = float(self.weights.sum() / count) if count else 1.0
        self.labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
        self._sum_up()

    def _sum_up(self) -> None:
        one_hot = np.eye(int(self.labels.max()) + 1)[self.labels]
        self.links = one_hot.T @ self.linked @ one_hot  # the diagonal counts each link twice
        self.sums = one_hot.T @ self.weights @ one_hot
        self.sizes = one_hot.sum(axis=0)

    def score(self) -> float:
        """Return the log of the joint probability of graph and partition."""
        return float(scores(self.links[None], self.sums[None], self.sizes[None], self.mean)[0])

    def sweep(self, order: NDArray[np.intp]) -> bool:
        """Move each node to its best block; return whether any moved."""
        moved = False
        for node in order:
            moved |= self._move(int(node))
        keep = np.flatnonzero(self.sizes)
        if len(keep) < len(self.sizes):
            self.labels = np.searchsorted(keep, self.labels)
            self._sum_up()
        return moved

    def _move(self, node: int) -> bool:
        n_blocks, own = len(self.sizes), int(self.labels[node])
        one_hot = np.eye(n_blocks)
        to_links = self._to(self.linked[node], n_blocks)
        to_sums = self._to(self.weights[node], n_blocks)
        step = one_hot - one_hot[own]  # a row a destination
        links = self.links + _cross(step, to_links)
        sums = self.sums + _cross(step, to_sums)
        found = scores(links, sums, self.sizes + step, self.mean)
        best = int(found.argmax())
        if found[best] <= found[own] + GAIN:
            return False
        self.labels[node] = best
        self.links, self.sums, self.sizes = links[best], sums[best], self.sizes + step[best]
        return True

    def _to(self, row: Array, n_blocks: int) -> Array:
        """Return the sums of a node's row over each block."""
        return np.bincount(self.labels, row, n_blocks).astype(float)

    def merge(self) -> None:
        """Merge the two blocks whose merging costs least."""
        n_blocks = len(self.sizes)
        pairs = [(a, b) for a in range(n_blocks) for b in range(a + 1, n_blocks)]
        joins = np.tile(np.eye(n_blocks), (len(pairs), 1, 1))
        for join, (a, b) in zip(joins, pairs, strict=True):
            join[b] = 0
            join[b, a] = 1
        turned = joins.transpose(0, 2, 1)
        found = scores(
            turned @ self.links @ joins,
            turned @ self.sums @ joins,
            np.einsum("kba,b->ka", joins, self.sizes),
            self.mean,
        )
        a, b = pairs[int(found.argmax())]
        self.labels = np.where(self.labels == b, a, self.labels)
        self.labels = np.unique(self.labels, return_inverse=True)[1].astype(np.int64)
        self._sum_up()


def _cross(step: Array, to: Array) -> Array:
    """Return what a move changes (n_destinations, b, b): a row and a column of the node's own sums."""
    one_way = step[:, :, None] * to[None, None, :]
    return one_way + one_way.transpose(0, 2, 1)


def scores(links: Array, sums: Array, sizes: Array, mean: float) -> Array:
    """Return the score of each of several partitions: (k, b, b), (k, b, b), (k, b)."""
    n_blocks = sizes.shape[1]
    diagonal = np.eye(n_blocks, dtype=bool)
    halves = np.where(diagonal, 0.5, 1.0)
    possible = sizes[:, :, None] * sizes[:, None, :]
    possible[:, diagonal] = sizes * (sizes - 1) / 2
    found = evidence(links * halves, sums * halves, possible, mean)
    there = (sizes[:, :, None] > 0) & (sizes[:, None, :] > 0) & np.triu(np.ones_like(diagonal))
    return np.asarray((found * there).sum(axis=(1, 2)) + prior(sizes))


def fit_blocks(
    weights: Array,
    starts: Iterable[Labels],
    seed: int,
    pause: Callable[[], None] = lambda: None,
) -> tuple[Labels, float]:
    """Return the best partition found from several starts, and its description length in nats.

    Each start is improved by moving nodes, then merged block by block down to one; the best on the way is
    kept. ``pause`` is called between steps, where a run may stop.
    """
    random = np.random.default_rng(seed)
    best, reached = np.zeros(len(weights), np.int64), -np.inf
    for start in starts:
        state = Blocks(weights, start)
        while True:
            for _ in range(SWEEPS):
                pause()
                if not state.sweep(random.permutation(len(weights))):
                    break
            value = state.score()
            if value > reached:
                best, reached = state.labels.copy(), value
            if len(state.sizes) < 2:
                break
            state.merge()
    return best, -reached


def spectral_start(weights: Array, seed: int) -> Labels:
    """Return at most 15 groups of nodes by the leading eigenvectors of the normalised matrix."""
    from sklearn.cluster import KMeans

    degree = weights.sum(axis=1)
    scale = 1 / np.sqrt(np.where(degree > 0, degree, 1.0))
    values, vectors = np.linalg.eigh(scale[:, None] * weights * scale[None])
    n = min(MOST, len(weights) - 1)
    chosen = np.argsort(-np.abs(values), kind="stable")[:n]
    found = KMeans(n, n_init=3, random_state=seed % 2**31).fit(vectors[:, chosen])
    return np.asarray(found.labels_, np.int64)
