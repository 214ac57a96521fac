"""One experiment: trials, embeddings, split, scales and null pairing, shared by all decoders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Table, Trials

from .judging import Queries
from .preparing import Embeddings, Responses, Scale, read_embeddings, read_responses, split_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.splits import Split

    from .preparing import SplitParams

    Array = NDArray[Any]
    Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Mean and spread (n_features,) of the embeddings of training pictures."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Standard:
        """Fit to the embeddings of some pictures."""
        spread = values.std(axis=0)
        return cls(values.mean(axis=0), np.where(spread > 1e-9, spread, 1.0))

    def __call__(self, embeddings: Embeddings) -> Embeddings:
        """Return embeddings of mean 0 and spread 1 over the training pictures."""
        values = (embeddings.values - self.mean) / self.spread
        return Embeddings(embeddings.ids, values, embeddings.names)


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """Scaled trials with the embedding of what was seen.

    ``shown`` (n_trials,) is the row of each trial's picture in ``embeddings``; ``gallery`` the pictures of
    the test part; ``train``, ``held``, ``test`` are rows of trials.
    """

    responses: Responses
    signals: NDArray[np.float32]
    embeddings: Embeddings
    gallery: Embeddings
    shown: NDArray[np.int64]
    split: Split
    scale: Scale
    standard: Standard
    train: Rows
    held: Rows
    test: Rows

    @property
    def people(self) -> tuple[str, ...]:
        """The subjects of the training part."""
        return tuple(sorted(set(self.responses.subjects[self.train].tolist())))

    def queries(self, predictions: NDArray[np.float64]) -> Queries:
        """Return predictions for the test trials as what is looked up."""
        own = self.responses
        return Queries(
            predictions,
            own.pictures[self.test],
            own.subjects[self.test],
            own.groups[self.test],
            np.ones(len(self.test), dtype=np.int64),
        )

    def shuffled(self, seed: int, number: int) -> NDArray[np.int64]:
        """Return ``shown`` with the pictures dealt anew to the trials of each training part."""
        random = np.random.default_rng([seed, 41, number])
        found = self.shown.copy()
        for rows in (self.train, self.held):
            found[rows] = random.permutation(found[rows])
        return found


def set_up(trials: Trials, features: Table, params: SplitParams, seed: int) -> Experiment:
    """Return the experiment that the parameters describe.

    Raises
    ------
    BadInput
        Keys do not match, or the test part has fewer than two pictures.
    """
    responses = read_responses(
        trials, params, group=params.split_by, test_column=params.test_column
    )
    found = read_embeddings(features, params.picture)
    found.of(responses.pictures.tolist())
    split = split_of(responses, params, seed)
    ids = [str(k) for k in range(len(responses.pictures))]
    train, held, test = (split.rows(ids, part) for part in ("train", "validation", "test"))
    tested = list(dict.fromkeys(sorted(responses.pictures[test].tolist())))
    if len(tested) < 2:
        raise BadInput(
            f"The test part has {len(tested)} picture; a gallery needs at least two. "
            "Split by another column or mark more pictures for the test."
        )
    trained = sorted(set(responses.pictures[train].tolist()))
    standard = Standard.of(found.of(trained))
    embeddings = standard(found)
    scale = Scale.of(responses.signals, train, params.clip)
    place = {each: k for k, each in enumerate(found.ids)}
    shown = np.array([place[each] for each in responses.pictures.tolist()], dtype=np.int64)
    experiment = Experiment(
        responses=responses,
        signals=scale(responses.signals),
        embeddings=embeddings,
        gallery=Embeddings(tuple(tested), embeddings.of(tested), embeddings.names),
        shown=shown,
        split=split,
        scale=scale,
        standard=standard,
        train=train,
        held=held,
        test=test,
    )
    if not params.permute:
        return experiment
    return replace(experiment, shown=experiment.shuffled(seed, 0))
