"""A liquid is read: responses of each part, a readout, its accuracy beside what is read without a liquid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.spiking.connections import from_pairs

from .presenting import respond
from .readouts import Learnt, Readout, linear_on_raw, logistic, paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context

    from .coding import Samples
    from .declaring import ReadingParams
    from .liquids import Liquid
    from .parts import Parts
    from .presenting import Showing

    Array = NDArray[Any]
    Codes = NDArray[np.intp]

MOST_RAW = 60_000
CURVE = 5_000  # training samples up to which the curve over training samples goes


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Counts (n, n_neurons) and classes (n,) of each part of a split."""

    train: Array
    validation: Array
    test: Array
    train_codes: Codes
    validation_codes: Codes
    test_codes: Codes
    seconds: float

    @property
    def every(self) -> tuple[Array, Codes]:
        """Counts and classes of training and validation samples together."""
        return (
            np.concatenate([self.train, self.validation]),
            np.concatenate([self.train_codes, self.validation_codes]),
        )

    @property
    def rate(self) -> float:
        """Mean rate of a neuron over test samples, in Hz."""
        return float(self.test.mean() / self.seconds) if self.test.size else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A readout, its accuracy on validation samples and test samples, its guesses on the latter."""

    readout: Readout
    validation: float
    test: float
    guess: Codes
    learnt: Learnt | None


def show_one(
    context: Context, liquid: Liquid, samples: Samples, row: int, showing: Showing
) -> None:
    """Show how the liquid answers to one sample: its spikes in lanes, and where they were."""
    from . import picturing
    from .presenting import READING, Spikes, spikes_of

    (spikes,) = spikes_of(liquid, samples, [row], showing)
    starts, fired = samples.shown(row, showing.n_steps, showing.scale, [showing.seed, READING, row])
    inputs = Spikes(np.repeat(np.arange(showing.n_steps), np.diff(starts)), fired)
    lit = np.bincount(spikes.who, minlength=len(liquid)) * 1000 / showing.n_steps
    context.show("spikes", picturing.lanes(liquid, spikes, inputs, f"Sample {samples.ids[row]}"))
    context.show("liquid", picturing.in_space(liquid, lit, label="rate", unit="Hz"))


def responses(
    context: Context, liquid: Liquid, samples: Samples, tested: Samples, parts: Parts, test: Array,
    classes: tuple[str, ...], showing: Showing, name: str = "",
) -> Responses:  # fmt: skip
    """Return what the liquid answers to each part; ``test`` are rows of ``tested``."""
    words = f" ({name})" if name else ""
    return Responses(
        respond(context, liquid, samples, parts.train, showing, f"Training samples{words}"),
        respond(context, liquid, samples, parts.validation, showing, f"Validation samples{words}"),
        respond(context, liquid, tested, test, showing, f"Test samples{words}"),
        samples.codes(parts.train, classes), samples.codes(parts.validation, classes),
        tested.codes(test, classes), showing.n_steps / 1000,
    )  # fmt: skip


def read(
    context: Context,
    params: ReadingParams,
    given: Responses,
    n_classes: int,
    codes: Codes | None = None,
) -> Reading:
    """Return the readout that the parameters ask for, and how good it is.

    ``logistic``: the validation samples judge one readout, then join the training samples of another, which
    is tested. ``paper``: they choose the pass. ``codes`` replace the classes of training and validation
    samples, for a null run.
    """
    n = len(given.train_codes)
    train, held = (
        (given.train_codes, given.validation_codes) if codes is None else (codes[:n], codes[n:])
    )
    learnt = None
    if params.readout == "paper":
        learnt = paper(
            context, given.train, train, given.validation, held, n_classes, params.passes
        )
        readout, validation = learnt.readout, float(learnt.validation.max())
    else:
        first = logistic(given.train, train, n_classes)
        validation = float((first.guess(given.validation) == held).mean())
        readout = logistic(
            np.concatenate([given.train, given.validation]),
            np.concatenate([train, held]),
            n_classes,
        )
    guess = readout.guess(given.test)
    return Reading(readout, validation, float((guess == given.test_codes).mean()), guess, learnt)


def over_samples(given: Responses, n_classes: int) -> tuple[Array, Array]:
    """Return numbers of training samples, and the validation accuracy of a readout trained on so many."""
    most = min(len(given.train), CURVE)
    sizes = np.unique([max(2, most // part) for part in (8, 4, 2, 1)])
    found = [
        float((logistic(given.train[:n], given.train_codes[:n], n_classes).guess(given.validation)
               == given.validation_codes).mean())
        for n in sizes.tolist()
    ]  # fmt: skip
    return sizes, np.array(found)


def raw_baseline(
    samples: Samples, tested: Samples, parts: Parts, test: Array, classes: tuple[str, ...]
) -> float:
    """Return the accuracy of logistic regression on raw pixels, or on counts of events."""
    rows = np.concatenate([parts.train, parts.validation])[:MOST_RAW]
    values = np.stack([samples.flat(row) for row in rows.tolist()])
    readout = linear_on_raw(values, samples.codes(rows, classes), len(classes))
    shown = np.stack([tested.flat(row) for row in test.tolist()]) / (values.max() or 1.0)
    guess = (shown @ readout.weights + readout.bias).argmax(axis=1)
    return float((guess == tested.codes(test, classes)).mean())


def rewired(liquid: Liquid, seed: int) -> Liquid:
    """Return the liquid with the wires of its inputs dealt anew among the inputs, for a null run."""
    from dataclasses import replace

    order = np.random.default_rng([seed, 601]).permutation(liquid.outer.n_sources)
    outer = from_pairs(
        order[liquid.outer.sources()], liquid.outer.targets, liquid.outer.n_sources, len(liquid),
        liquid.outer.all_weights(),
    )  # fmt: skip
    return replace(liquid, outer=outer)
