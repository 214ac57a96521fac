"""Non-negative factors of a tensor time x animal x pair, by hierarchical alternating least squares.

Cichocki & Phan, Fast local algorithms for large scale nonnegative matrix and tensor factorizations,
IEICE Transactions E92-A, 2009; with weights of 0 for pairs that an animal does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Tensor = NDArray[np.float32]
    Blocks = Callable[[range], Iterable[int]]

BLOCK = 32 * 2**20  # bytes of the tensor in one product, so that a wish to stop is soon heard
TINY = 1e-12
INNER = 6  # passes over the columns of a factor: they cost little beside the products


@dataclass(frozen=True, slots=True)
class Factors:
    """``time`` (n_times, rank), ``animals`` (n_animals, rank), ``pairs`` (n_pairs, rank), none negative."""

    time: Array
    animals: Array
    pairs: Array

    @property
    def rank(self) -> int:
        """How many components there are."""
        return int(self.time.shape[1])

    def __iter__(self) -> Iterator[Array]:
        """Yield the three factors."""
        return iter((self.time, self.animals, self.pairs))


@dataclass(frozen=True, slots=True)
class Held:
    """Entries that are kept out of a fit: their places in the tensor, and what they are."""

    times: NDArray[np.intp]
    animals: NDArray[np.intp]
    pairs: NDArray[np.intp]
    values: Array


def random_factors(shape: tuple[int, ...], rank: int, random: np.random.Generator) -> Factors:
    """Return a start: times and pairs at random, all animals alike, so that their order is nothing."""
    n_times, n_animals, n_pairs = shape
    return Factors(
        random.random((n_times, rank)), np.ones((n_animals, rank)), random.random((n_pairs, rank))
    )


class Hals:
    """One factorisation, a sweep at a time.

    Parameters
    ----------
    tensor : array of shape (n_times, n_animals, n_pairs)
        Non-negative, 0 where a pair was not seen.
    seen : array of bool of shape (n_animals, n_pairs)
        Pairs that count for an animal.
    factors
        Where it begins.
    held
        Entries that are replaced by what the model says, in a copy of the tensor.
    """

    def __init__(self, tensor: Tensor, seen: NDArray[np.bool_], factors: Factors,
                 held: Held | None = None) -> None:  # fmt: skip
        self.tensor = tensor if held is None else np.array(tensor)
        self.seen, self.held = seen.astype(float), held
        self.whole = bool(seen.all())
        self.time, self.animals, self.pairs = (np.array(each, float) for each in factors)
        self.size = squares(tensor) if held is None else 0.0
        self.error = np.nan

    @property
    def factors(self) -> Factors:
        """The factors as they are now."""
        return Factors(self.time, self.animals, self.pairs)

    def sweep(self, blocks: Blocks = iter) -> float:
        """Improve the three factors once; return the relative error, that of the entries that count."""
        if self.held is not None:
            self._fill(self.held)
        over_pairs = self._over_pairs(blocks)
        inside = self._inside()
        grams = np.einsum("wr,ws,wrs->rs", self.animals, self.animals, inside)
        self.time = improve(self.time, np.einsum("twr,wr->tr", over_pairs, self.animals), grams)
        both = (self.time.T @ self.time) * inside
        self.animals = improve(
            self.animals, np.einsum("twr,tr->wr", over_pairs, self.time), both, per_row=True
        )
        self._level()
        return self._last(self._over_times(blocks))

    def _last(self, over_times: Array) -> float:
        squared = self.time.T @ self.time
        if self.whole:
            gram = squared * (self.animals.T @ self.animals)
            self.pairs = improve(self.pairs, over_times, gram)
            model = float(np.sum((self.pairs.T @ self.pairs) * gram))
        else:
            outer = np.einsum("wr,ws->wrs", self.animals, self.animals)
            gram = squared * np.einsum("wp,wrs->prs", self.seen, outer)
            self.pairs = improve(self.pairs, over_times, gram, per_row=True)
            model = float(np.einsum("pr,ps,prs->", self.pairs, self.pairs, gram))
        both = float(np.sum(over_times * self.pairs))
        left = max(self.size - 2 * both + model, 0.0)
        self.error = float(np.sqrt(left / max(self.size, TINY)))
        return self.error

    def _inside(self) -> Array:
        """Return for each animal how the components overlap in the pairs that it has (n_animals, r, r)."""
        if self.whole:
            one = self.pairs.T @ self.pairs
            return np.broadcast_to(one, (len(self.animals), *one.shape))
        return np.stack([(self.pairs * row[:, None]).T @ self.pairs for row in self.seen])

    def _level(self) -> None:
        """Give times and animals the length 1, so that no factor runs off; pairs carry the size."""
        lengths = [
            np.maximum(np.linalg.norm(each, axis=0), TINY) for each in (self.time, self.animals)
        ]
        self.time, self.animals = self.time / lengths[0], self.animals / lengths[1]
        self.pairs = self.pairs * (lengths[0] * lengths[1])

    def _steps(self) -> range:
        row = self.tensor[0].nbytes if len(self.tensor) else 1
        self._rows = max(1, BLOCK // max(row, 1))
        return range(0, len(self.tensor), self._rows)

    def _over_pairs(self, blocks: Blocks) -> Array:
        """Return the tensor times the pairs: (n_times, n_animals, rank)."""
        n_times, n_animals, n_pairs = self.tensor.shape
        pairs = self.pairs.astype(np.float32)
        found = np.empty((n_times, n_animals, self.pairs.shape[1]))
        for start in blocks(self._steps()):
            part = self.tensor[start : start + self._rows]
            found[start : start + self._rows] = (part.reshape(-1, n_pairs) @ pairs).reshape(
                len(part), n_animals, -1
            )
        return found

    def _over_times(self, blocks: Blocks) -> Array:
        """Return the tensor times the product of times and animals: (n_pairs, rank)."""
        n_pairs = self.tensor.shape[2]
        found = np.zeros((self.pairs.shape[1], n_pairs))
        for start in blocks(self._steps()):
            rows = slice(start, start + self._rows)
            weights = self.time[rows, None, :] * self.animals[None]
            weights = weights.reshape(-1, found.shape[0]).astype(np.float32)
            found += weights.T @ self.tensor[rows].reshape(-1, n_pairs)
        return found.T

    def _fill(self, held: Held) -> None:
        self.tensor[held.times, held.animals, held.pairs] = predicted(self.factors, held)
        self.size = squares(self.tensor)


def improve(factor: Array, product: Array, gram: Array, *, per_row: bool = False) -> Array:
    """Return a factor after passes over its columns, each set to its best non-negative value.

    Parameters
    ----------
    factor, product : arrays of shape (n, rank)
    gram : array of shape (rank, rank), or (n, rank, rank) with ``per_row``
    """
    factor = np.asfortranarray(factor)
    rank = factor.shape[1]
    for _ in range(INNER):
        moved = 0.0
        for r in range(rank):
            if per_row:
                step = product[:, r] - np.einsum("ns,ns->n", factor, gram[:, :, r])
                size = gram[:, r, r]
            else:
                step, size = product[:, r] - factor @ gram[:, r], gram[r, r]
            new = np.maximum(factor[:, r] + step / np.maximum(size, TINY), 0.0)
            if not new.any():
                new[:] = TINY  # a column of zeros would never come back
            moved = max(moved, float(np.abs(new - factor[:, r]).max()))
            factor[:, r] = new
        if moved <= 1e-6 * float(factor.max()):
            break
    return np.ascontiguousarray(factor)


def squares(tensor: Tensor) -> float:
    """Return the sum of all squares, without a second whole tensor."""
    return float(sum(np.dot(row, row) for row in (each.ravel() for each in tensor)))


def predicted(factors: Factors, held: Held) -> Array:
    """Return what the factors say of held entries."""
    return np.asarray(
        np.sum(
            factors.time[held.times] * factors.animals[held.animals] * factors.pairs[held.pairs],
            axis=1,
        )
    )


def held_out(tensor: Tensor, seen: NDArray[np.bool_], share: float, seed: int) -> Held:
    """Return a share of the entries that count, drawn at random."""
    random = np.random.default_rng(seed)
    animals, pairs = np.nonzero(seen)
    n = max(1, int(share * len(tensor) * len(animals)))
    chosen = random.integers(len(animals), size=n)
    times = random.integers(len(tensor), size=n)
    animals, pairs = animals[chosen], pairs[chosen]
    values = np.asarray(tensor[times, animals, pairs], float)
    return Held(times, animals, pairs, values)


def in_order(factors: Factors) -> tuple[Factors, Array]:
    """Return factors of length 1, the heaviest component first, and the weights (rank,)."""
    lengths = [np.maximum(np.linalg.norm(each, axis=0), TINY) for each in factors]
    weights = lengths[0] * lengths[1] * lengths[2]
    order = np.argsort(-weights, kind="stable")
    time, animals, pairs = (
        (each / length)[:, order] for each, length in zip(factors, lengths, strict=True)
    )
    return Factors(time, animals, pairs), weights[order]


def alike(one: Factors, other: Factors) -> Array:
    """Return the cosine of every component of one with every one of the other (rank, rank)."""
    cosines = np.ones((one.rank, other.rank))
    for first, second in zip(in_order(one)[0], in_order(other)[0], strict=True):
        cosines = cosines * (first.T @ second)
    return cosines


def matched(cosines: Array) -> tuple[NDArray[np.intp], Array]:
    """Return for each row its column by the Hungarian method, and how alike they are."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-cosines)
    return np.asarray(columns, np.intp), np.asarray(cosines[rows, columns])


def agreement(fits: list[Factors]) -> Array:
    """Return the mean matched cosine of every fit with the first (n_fits - 1,)."""
    return np.array([matched(alike(fits[0], each))[1].mean() for each in fits[1:]])
