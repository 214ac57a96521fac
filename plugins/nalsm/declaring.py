"""The parameters that are declared once and shared by the methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import field_validator

from neurostudio.api import Estimate, Params, param

if TYPE_CHECKING:
    from neurostudio.api import Items

WARNINGS = {
    "simulated network": "The liquid is simulated: its rates and weights are of a model, not of a brain.",
    "simulated data": "Simulated data: the score says nothing about real samples.",
    "branching above 1.2": "Branching is above 1.2: the liquid runs away rather than being near-critical.",
    "liquid silent": "The liquid is nearly silent: fewer than one spike a second and neuron.",
    "test weights plastic": (
        "Weights change while a sample is read, as in the paper; they are restored for every sample."
    ),
    "scaled": "Scaled: fewer neurons, images or milliseconds than in the paper (1,000; 50,000; 250 ms).",
    "a fixed liquid may be as good": (
        "A tuned fixed liquid is competitive at 512 neurons and below: compare before you conclude."
    ),
    "no labels": "No labels were given, so nothing says how good this is.",
    "few samples": "There are fewer samples than asked for; all that could be used were used.",
}
Rule = Literal["fixed", "STDP", "AP-STDP", "NALSM"]
QUICK = {"shape": (6, 6, 6), "n_initial": 100}
PAPER = {"shape": (10, 10, 10), "n_initial": 50_000}
_COUNT = 36  # bytes of a count: as counted, as a feature of two readouts, and in between


class LiquidParams(Params):
    """How a liquid is built."""

    shape: tuple[int, ...] = param(
        (8, 8, 8), "Neurons along the three sides of the grid, 2 to 20 each"
    )
    excitatory_share: float = param(
        0.8, "Share of the neurons that excites", unit="1", ge=0.1, le=0.95, advanced=True
    )
    reach: float = param(
        3.0, "λ: distance at which joining becomes rare, in steps of the grid", unit="1", ge=0.5, le=20,
        advanced=True,
    )  # fmt: skip
    start_weight: float = param(
        3.0,
        "Magnitude of every weight before learning; of a fixed liquid, for good",
        unit="1",
        ge=0,
        le=10,
    )

    @field_validator("shape")
    @classmethod
    def _three_sides(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(value) != 3 or not all(2 <= side <= 20 for side in value):
            raise ValueError("needs three numbers from 2 to 20, as 8, 8, 8")
        return value


class BuildParams(LiquidParams):
    """Parameters of :func:`build_liquid`."""

    n_inputs: int = param(
        784, "Input neurons: 784 for 28 x 28 pixels, 2312 for N-MNIST", ge=1, le=100_000
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"shape": (6, 6, 6)},
        "Standard": {},
        "Paper": {"shape": (10, 10, 10)},
    }


class LearningParams(LiquidParams):
    """How a liquid organises itself."""

    largest_weight: float = param(
        3.0, "Largest magnitude that learning reaches", unit="1", ge=0, le=10, advanced=True
    )
    astrocyte_time: float = param(
        0.1, "τ: time constant of the astrocyte", unit="s", ge=0.001, le=10, advanced=True
    )
    astrocyte_bias: float = param(
        0.15, "b: rate of depression without spikes", unit="1", ge=0, le=10, advanced=True
    )
    learning_rate: float = param(
        0.15, "η: rate of potentiation", unit="1", ge=0, le=10, advanced=True
    )
    n_initial: int = param(
        500, "Samples, one after the other, by which the liquid organises itself; paper 50,000", ge=0,
        le=1_000_000,
    )  # fmt: skip
    initial_time: float = param(
        0.020, "How long each of these is shown", unit="s", ge=0.001, le=1, advanced=True
    )
    rate_threshold: float = param(
        20.0, "AP-STDP: θ, the rate above which weights grow and below which they shrink; the paper's own "
        "data used 37 for MNIST", unit="Hz", ge=0, le=500, advanced=True,
    )  # fmt: skip
    rate_range: float = param(
        10.0, "AP-STDP: how far from θ they still do; the paper's own data used 19 to 25", unit="Hz", ge=0,
        le=500, advanced=True,
    )  # fmt: skip


class LabelParams(Params):
    """Which column holds the labels."""

    label: str = param(
        "", "Column with the label; empty for 'label' where there is one", suggest="columns",
        advanced=True,
    )  # fmt: skip


class OrganiseParams(LearningParams, LabelParams):
    """Parameters of :func:`self_organise`."""

    liquid: Rule = param(
        "NALSM", "fixed: no learning; STDP: depression as strong as potentiation; AP-STDP: gated by each "
        "neuron's rate; NALSM: depression set by the astrocyte",
    )  # fmt: skip
    astrocyte_weight: float = param(
        0.015, "w: what a spike adds to the rate of depression; paper 0.015 for 1,000 neurons, 0.0075 for "
        "8,000", unit="1", ge=0, le=1,
    )  # fmt: skip
    n_test: int = param(
        500, "Samples kept apart for a later test and never shown, where the data mark no test part",
        ge=0, le=60_000, advanced=True,
    )  # fmt: skip
    control: bool = param(
        True, "Control beside it: the same liquid and images without the astrocyte (plain STDP)"
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": QUICK,
        "Standard": {},
        "Paper": PAPER,
    }


class ReadingParams(LabelParams):
    """How a liquid is read."""

    presentation_time: float = param(
        0.150, "How long each sample is shown; paper 0.250, N-MNIST 0.300", unit="s", ge=0.02, le=2
    )
    presentation: Literal["frozen", "plastic"] = param(
        "frozen", "plastic: weights change while a sample is shown and fade, then are restored, as in the "
        "paper", advanced=True,
    )  # fmt: skip
    n_train: int = param(1500, "Samples by which the readout learns, at most", ge=10, le=60_000)
    n_test: int = param(500, "Samples by which it is tested, at most", ge=10, le=60_000)
    readout: Literal["logistic", "paper"] = param(
        "logistic", "logistic: logistic regression, C 100; paper: a linear layer whose target is soft, "
        "trained by Adadelta, the pass that is best on validation samples",
    )  # fmt: skip
    passes: int = param(
        200, "Readout 'paper': passes through the training samples; paper 5,000", ge=1, le=5000,
        advanced=True,
    )  # fmt: skip


class ReadoutParams(ReadingParams):
    """Parameters of :func:`train_liquid_readout`."""

    nulls: int = param(
        5, "Null runs: readouts trained on shuffled labels", ge=1, le=100, advanced=True
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"n_train": 300, "n_test": 100},
        "Standard": {},
        "Paper": {
            "n_train": 60_000, "n_test": 10_000, "presentation_time": 0.25, "presentation": "plastic",
            "readout": "paper", "passes": 5000, "nulls": 1,
        },
    }  # fmt: skip


class CompareParams(LearningParams, ReadingParams):
    """Parameters of :func:`compare_liquids`."""

    fixed_weights: tuple[float, ...] = param(
        (0.25, 0.5, 0.75, 1.0, 1.5, 3.0), "Magnitudes of the weights of fixed liquids", unit="1"
    )
    rules: tuple[Literal["STDP", "AP-STDP", "NALSM"], ...] = param(
        ("STDP", "AP-STDP", "NALSM"), "Liquids that learn"
    )
    astrocyte_weights: tuple[float, ...] = param(
        (0.0075, 0.015, 0.03), "NALSM: weights of the astrocyte; the one best on validation is quoted",
        unit="1",
    )  # fmt: skip
    seeds: int = param(
        1, "Networks, each with a split of its own; 3 for an interval over networks", ge=1, le=20
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": QUICK | {
            "n_train": 300, "n_test": 100, "fixed_weights": (0.5, 1.0, 3.0), "astrocyte_weights": (0.015,),
        },
        "Standard": {"seeds": 3},
        "Paper": PAPER | {
            "n_train": 60_000, "n_test": 10_000, "presentation_time": 0.25, "presentation": "plastic",
            "readout": "paper", "passes": 5000, "seeds": 3,
            "fixed_weights": (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4),
            "astrocyte_weights": (0.002, 0.0075, 0.015, 0.025, 0.05),
        },
    }  # fmt: skip


class SweepParams(LearningParams, ReadingParams):
    """Parameters of :func:`sweep_liquids`."""

    sides: tuple[int, ...] = param(
        (5, 6, 7, 8), "Neurons along each side of cubes that are compared, 2 to 20; their third power is "
        "the number of neurons",
    )  # fmt: skip
    numbers: tuple[int, ...] = param(
        (50, 150, 500, 1500), "Samples by which the liquid of the shape above organises itself"
    )
    astrocyte_weight: float = param(
        0.015, "w: what a spike adds to the rate of depression", unit="1", ge=0, le=1
    )
    paper: Literal["none", "MNIST", "N-MNIST", "Fashion-MNIST"] = param(
        "none", "Data set whose accuracy in the paper (1,000 and 8,000 neurons) is drawn beside"
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"sides": (4, 6), "numbers": (30, 100), "n_train": 300, "n_test": 100} | QUICK,
        "Standard": {},
        "Paper": PAPER | {
            "n_train": 60_000, "n_test": 10_000, "presentation_time": 0.25, "presentation": "plastic",
            "readout": "paper", "passes": 5000, "sides": (5, 8, 10, 14, 20),
            "numbers": (500, 5000, 50_000),
        },
    }  # fmt: skip

    @field_validator("sides")
    @classmethod
    def _cubes(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not all(2 <= side <= 20 for side in value):
            raise ValueError("needs numbers from 2 to 20")
        return value

    @field_validator("numbers")
    @classmethod
    def _counts(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not all(0 <= number <= 1_000_000 for number in value):
            raise ValueError("needs numbers from 0 to 1,000,000")
        return value


class MeasureParams(LabelParams):
    """Parameters of :func:`measure_liquid`."""

    presentation_time: float = param(0.250, "How long each sample is shown", unit="s", ge=0.1, le=2)
    n_branching: int = param(20, "Samples for the branching factor", ge=1, le=1000)
    n_rank: int = param(
        1000, "Samples for the ranks, spread evenly over the classes", ge=10, le=10_000
    )
    shuffles: int = param(20, "Choices of these samples; paper 1,000", ge=1, le=1000)
    noise: float = param(
        -1.0, "Noise for the generalisation rank: grey values on a scale of 255, or ms for events; below 0 "
        "for the paper's own, 125 and 10", unit="1", ge=-1, le=1000, advanced=True,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"n_branching": 5, "n_rank": 200, "shuffles": 5},
        "Standard": {},
        "Paper": {"shuffles": 1000},
    }


class ClassifyParams(LabelParams):
    """Parameters of :func:`classify_with_liquid`."""

    at_most: int = param(0, "Samples at most, from the first on; 0 for all", ge=0, le=1_000_000)


def memory_of_liquid(params: LiquidParams, items: Items) -> Estimate:
    """Estimate the memory of a liquid, of what it is shown, and of what is read from it."""
    n = 1
    for side in params.shape:
        n *= side
    n_read = params.n_train + params.n_test if isinstance(params, ReadingParams) else 0
    return Estimate(
        int(4 * n * n + 2312 * n * 0.15 * 60 + _COUNT * n * n_read + _given(items)),
        "Build a smaller grid, or give fewer samples.",
    )


def memory_of_reading(params: ReadingParams, items: Items) -> Estimate:
    """Estimate the memory of the counts of all samples that a liquid is read on."""
    n = int(getattr(items.get("model"), "config", {}).get("n_neurons", 1000))
    n_read = min(params.n_train + params.n_test, 120_000)
    return Estimate(
        int(_COUNT * n * n_read + _given(items)),
        "Train and test on fewer samples, or use a smaller liquid.",
    )


def _given(items: Items) -> int:
    every = [each if isinstance(each, tuple) else (each,) for each in items.values()]
    return int(3 * sum(one.nbytes() for entry in every for one in entry) + 3e8)
