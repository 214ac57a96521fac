"""Which samples the encoder learns from, which judge it on the way, which judge it at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.splits import Split, check_leak, split_by_group

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .samples import Samples

    Rows = NDArray[np.intp]

VALIDATION = 0.2


def split_samples(samples: Samples, test_share: float, seed: int) -> Split:
    """Return the parts: whole groups together, labels spread evenly; nothing is tested without labels.

    The encoder learns from train and validation without looking at labels; the live probe takes labels from
    train and is judged on validation; the test part is seen by nobody before the end.
    """
    kept = dict(zip(samples.ids, samples.groups.tolist(), strict=True))
    if len(samples.classes) < 2:
        return Split(samples.ids, (), (), kept, kind="no labels, all for training")
    chosen = np.flatnonzero(samples.labelled)
    ids = [samples.ids[row] for row in chosen]
    groups, labels = samples.groups[chosen], samples.labels[chosen]
    if samples.tested is not None or len(set(groups.tolist())) < len(ids):
        given = None if samples.tested is None else samples.tested[chosen].tolist()
        alone = given is not None and len(set(groups.tolist())) == len(ids)
        split = (
            _given(ids, labels, samples.tested[chosen], kept, seed)
            if alone and samples.tested is not None
            else split_by_group(
                groups.tolist(), labels.tolist(), ids=ids, folds=max(2, round(1 / test_share)),
                validation=VALIDATION, seed=seed, test=given,
            )[0]
        )  # fmt: skip
    else:
        tested = _spread(labels, test_share, np.random.default_rng([seed, 1]))
        split = _given(ids, labels, tested, kept, seed)
    return _with_unlabelled(split, samples, kept)


def _given(
    ids: list[str],
    labels: NDArray[np.str_],
    tested: NDArray[np.bool_],
    kept: dict[str, str],
    seed: int,
) -> Split:
    """Return a split of samples that are groups of their own, with a given test part."""
    rest = np.flatnonzero(~tested)
    held = np.zeros(len(ids), dtype=bool)
    held[rest] = _spread(labels[rest], VALIDATION, np.random.default_rng([seed, 2]))
    return Split(
        tuple(ids[row] for row in np.flatnonzero(~tested & ~held)),
        tuple(ids[row] for row in np.flatnonzero(held)),
        tuple(ids[row] for row in np.flatnonzero(tested)),
        kept,
        kind="single samples, labels spread evenly",
    )


def _spread(
    labels: NDArray[np.str_], share: float, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Return a mark on the same share of each class, at least one where a class has two."""
    marked = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        marked[rows[: min(len(rows) - 1, max(1, round(share * len(rows))))]] = True
    return marked


def _with_unlabelled(split: Split, samples: Samples, kept: dict[str, str]) -> Split:
    """Return the split with the samples without labels for training, unless their group is held back."""
    held = {kept[each] for each in (*split.validation, *split.test)}
    more = tuple(
        samples.ids[row]
        for row in np.flatnonzero(~samples.labelled)
        if str(samples.groups[row]) not in held
    )
    whole = Split((*split.train, *more), split.validation, split.test, kept, split.kind)
    check_leak(whole)
    return whole


def learned_from(samples: Samples, split: Split) -> Rows:
    """Return the rows that the encoder learns from, without their labels."""
    return np.sort(
        np.concatenate([split.rows(samples.ids, part) for part in ("train", "validation")])
    )


def labelled_rows(samples: Samples, split: Split, part: str) -> Rows:
    """Return the rows of a part that have a label."""
    rows = split.rows(samples.ids, part)
    return rows[samples.labelled[rows]]


def parts_for(
    samples: Samples, known: NDArray[np.bool_], test_share: float, seed: int
) -> tuple[Rows, Rows, str]:
    """Return rows to take labels from, rows to judge on, and how the encoder knows them.

    ``known`` (n,) are the samples that the encoder learned from, with all others of their groups.
    The last is ``unseen`` where the encoder never saw what is judged, ``new`` where it saw none of the
    samples, ``seen`` where it saw all of them without labels.
    """
    labelled = samples.labelled
    if known[labelled].any() and not known[labelled].all():
        train, test = np.flatnonzero(known & labelled), np.flatnonzero(~known & labelled)
        if set(samples.labels[train].tolist()) == set(samples.classes):
            return train, test, "unseen"
    split = split_samples(samples, test_share, seed)
    train = np.sort(
        np.concatenate([labelled_rows(samples, split, part) for part in ("train", "validation")])
    )
    how = "seen" if known[labelled].any() else "new"
    return train, labelled_rows(samples, split, "test"), how
