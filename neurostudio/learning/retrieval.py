"""How well predictions find their own target among a gallery, by keys and never by order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]


def rows_of(wanted: Sequence[str], keys: Sequence[str], what: str) -> NDArray[np.intp]:
    """Return the row of each wanted key.

    Parameters
    ----------
    wanted
        Keys to find.
    keys
        The key of each row; each may stand there once.
    what
        What the rows are, for the message: ``"embeddings"``.

    Raises
    ------
    BadInput
        A key is missing or stands there twice; the message names the first three.
    """
    place = {each: row for row, each in enumerate(keys)}
    if len(place) < len(keys):
        seen: set[str] = set()
        twice = [each for each in keys if each in seen or seen.add(each)]  # type: ignore[func-returns-value]
        raise BadInput(f"{len(twice)} keys stand twice in the {what}: {', '.join(twice[:3])}.")
    missing = [each for each in dict.fromkeys(wanted) if each not in place]
    if missing:
        raise BadInput(f"{len(missing)} keys have no {what}: {', '.join(missing[:3])}.")
    return np.array([place[each] for each in wanted], dtype=np.intp)


def ranks(
    predictions: Array, ids: Sequence[str], gallery: Array, gallery_ids: Sequence[str]
) -> NDArray[np.float64]:
    """Return for each prediction how many items of the gallery are more similar than its own.

    Parameters
    ----------
    predictions : array of shape (n, n_features)
    ids
        Of what each prediction is, (n,).
    gallery : array of shape (m, n_features)
    gallery_ids
        Each once, (m,).

    Returns
    -------
    array of shape (n,)
        0 for the best; similarity is the cosine, equal ones count half.
    """
    own = rows_of(ids, gallery_ids, "items of the gallery")
    similarity = cosines(predictions, gallery)
    mine = similarity[np.arange(len(own)), own][:, None]
    above = (similarity > mine).sum(axis=1)
    equal = (similarity == mine).sum(axis=1) - 1
    return np.asarray(above + 0.5 * equal, float)


def cosines(one: Array, other: Array) -> Array:
    """Return the cosines (n, m) of rows (n, d) with rows (m, d); 0 for a row of zeros."""

    def unit(rows: Array) -> Array:
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(length > 0, length, 1))

    return np.asarray(unit(np.asarray(one, float)) @ unit(np.asarray(other, float)).T)


def top(found: Array, k: int) -> float:
    """Return the share of ranks below ``k``; chance is k / m."""
    return float(np.mean(np.asarray(found) < k))


def relative_median_rank(found: Array, n_gallery: int) -> float:
    """Return the median rank as a part of the gallery: 0 best, about 0.5 by chance."""
    return float(np.median(found) / n_gallery)


def two_way(reconstructed: Array, originals: Array) -> float:
    """Return two-way identification: how often the own original correlates more than another one.

    Parameters
    ----------
    reconstructed, originals : arrays of shape (n, n_features)
        Features in the same order; chance is 0.5.
    """

    def standard(rows: Array) -> Array:
        rows = rows - rows.mean(axis=1, keepdims=True)
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(length > 0, length, 1))

    r = standard(np.asarray(reconstructed, float)) @ standard(np.asarray(originals, float)).T
    own = np.diagonal(r)[:, None]
    others = ~np.eye(len(r), dtype=bool)
    better = ((r < own) + 0.5 * (r == own))[others]
    return float(better.mean())
