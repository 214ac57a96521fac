"""The methods that train networks or look into trained ones; torch is imported when they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import (
    BadInput,
    Context,
    Params,
    Result,
    SpikeTrains,
    Table,
    TrainedModel,
    method,
    param,
)

if TYPE_CHECKING:
    from neurostudio.api import Items

TRAINING = {
    "simulated data": "Simulated network: that it solves a task does not say that a brain does so.",
    "low accuracy": "The network is not better than chance: train longer, or take other settings.",
}


class TrainParams(Params):
    """Parameters of :func:`train_spiking_network`."""

    network: Literal["spiking", "rate"] = param(
        "spiking",
        "Generalised integrate-and-fire neurons, or rectified rates; both signed by the sender",
    )
    n_excitatory: int = param(80, "Excitatory neurons", ge=1, le=5000)
    n_inhibitory: int = param(20, "Inhibitory neurons", ge=0, le=5000)
    fixation: float = param(0.02, "Fixation of the built-in task", unit="s", ge=0.001, le=5)
    sample: float = param(0.1, "Sample of the built-in task", unit="s", ge=0.001, le=5)
    delay: float = param(0.2, "Delay of the built-in task", unit="s", ge=0.001, le=10)
    test: float = param(0.1, "Test, in which the answer counts", unit="s", ge=0.001, le=5)
    peak: float = param(
        100.0,
        "Rate of an input at its preferred direction (spiking)",
        unit="Hz",
        ge=0,
        le=1000,
        advanced=True,
    )
    strength: float = param(
        4.0,
        "Strength of an input at its preferred direction (rate)",
        unit="1",
        ge=0,
        le=100,
        advanced=True,
    )
    times: str = param("", "Column of the events' times; empty to find it", suggest="columns")
    label: str = param(
        "label", "Column of the table that names the condition of an event", suggest="columns"
    )
    window: float = param(
        0.3, "Spikes after each event that enter the network", unit="s", gt=0, le=10
    )
    bin: float = param(
        0.005, "Step of the network on recorded spikes", unit="s", ge=0.001, le=0.1, advanced=True
    )
    batches: int = param(100, "Batches in all", ge=1, le=100_000)
    batch_size: int = param(64, "Trials of one batch", ge=2, le=4096)
    learning_rate: float = param(1e-3, "Size of a step", unit="1", gt=0, le=1)
    surrogate: Literal[
        "triangle",
        "leaky triangle",
        "sigmoid",
        "arctan",
        "erf",
        "gaussian",
        "multi-gaussian",
        "inverse square",
    ] = param("triangle", "What stands for the gradient of a spike", advanced=True)
    null_run: bool = param(
        True, "Train once more on answers of other trials: it must fail", advanced=True
    )
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"network": "rate", "batches": 300, "null_run": False},
        "Standard": {},
        "Paper": {
            "fixation": 0.5,
            "sample": 0.5,
            "delay": 1.0,
            "test": 0.5,
            "batches": 500,
        },
    }


def _check(params: TrainParams, items: Items) -> None:
    if (items.get("spikes") is None) != (items.get("events") is None):
        raise BadInput(
            "Recorded spikes need a table of events with their times and labels, and the other way round."
        )
    del params


FITTING = {
    "simulated network": "A network that imitates rates is one of many that could: it shows no wiring.",
    "not explained": "The fit explains no more than the mean over conditions: there is nothing to imitate.",
}
INSPECTING = {"simulated data": "Simulated network: what it does is not what a brain does."}


@method(group="Train", warnings=TRAINING, gpu=True, check=_check, example="training")
def train_spiking_network(
    context: Context,
    params: TrainParams,
    spikes: SpikeTrains | None = None,
    events: Table | None = None,
) -> Result:
    """Train a recurrent network by surrogate gradients through time.

    Without inputs it learns delayed match to sample. With spike trains and a table of events it learns to
    tell the conditions of the events apart from the spikes after them, tested on events it never saw.
    """
    from . import training

    return training.train_on(context, params, spikes, events)


class FitParams(Params):
    """Parameters of :func:`fit_network`."""

    times: str = param("", "Column of the events' times; empty to find it", suggest="columns")
    label: str = param("label", "Column of the table that names the condition", suggest="columns")
    window: float = param(0.5, "Time after each event", unit="s", gt=0, le=10)
    bin: float = param(0.01, "Step of time", unit="s", ge=0.001, le=0.2)
    held_out: float = param(
        0.25, "Share of the trials of each condition that only test", unit="1", gt=0, lt=1
    )
    n_neurons: int = param(100, "Units of the network", ge=5, le=2000)
    epochs: int = param(400, "Passes", ge=1, le=20_000)
    learning_rate: float = param(3e-3, "Size of a step", unit="1", gt=0, le=1)
    n_null: int = param(
        5,
        "Fits to shuffled conditions, beside which the result stands",
        ge=0,
        le=100,
        advanced=True,
    )


@method(group="Train", warnings=FITTING, gpu=True, example="fitting")
def fit_network(context: Context, params: FitParams, spikes: SpikeTrains, events: Table) -> Result:
    """Fit a recurrent rate network to mean rates, tested on trials that were held out.

    The network sees only which condition it is. Explained variance is that of the rates of held-out trials
    around the mean over all conditions, which is the baseline that knows no condition.
    """
    from . import rates_fitting

    return rates_fitting.fit_rates(context, params, spikes, events)


class RunParams(Params):
    """Parameters of :func:`run_trained_network`."""

    trial: int = param(0, "Which of the fresh trials is shown", ge=0, le=63)


@method(group="Simulate", warnings=INSPECTING, example="trained")
def run_trained_network(context: Context, params: RunParams, model: TrainedModel) -> Result:
    """Run a trained network in fresh trials of its task and keep one of them."""
    from . import inspecting

    return inspecting.run_again(context, params, model)


class SlowParams(Params):
    """Parameters of :func:`find_slow_points`."""

    n_starts: int = param(
        100, "Places visited in trials from which the search begins", ge=4, le=10_000
    )
    noise: float = param(0.1, "Noise added to them", unit="1", ge=0, le=10, advanced=True)
    steps: int = param(2000, "Steps of the search", ge=10, le=100_000)
    slow: float = param(1e-6, "Points above this speed are left out", unit="1", gt=0, le=1)


@method(group="Simulate", warnings=INSPECTING, example="trained")
def find_slow_points(context: Context, params: SlowParams, model: TrainedModel) -> Result:
    """Find where the state of a trained rate network hardly moves, and how it moves around there.

    Speed is half the squared length of a step without input. Eigenvalues of the Jacobian inside the unit
    circle are stable directions.
    """
    from . import inspecting

    return inspecting.search(context, params, model)


class GradientParams(Params):
    """Parameters of :func:`check_gradients`."""

    n_neurons: int = param(20, "Neurons of the network that is checked", ge=2, le=200)
    n_steps: int = param(50, "Steps", ge=2, le=500)


@method(group="Simulate", warnings=INSPECTING, example="gradients")
def check_gradients(context: Context, params: GradientParams) -> Result:
    """Compare gradients with the chain rule written out by hand, and with differences without spikes.

    Differences are taken at a dozen weights of each kind, drawn from the seed.
    """
    from . import gradient_checking

    return gradient_checking.compare(context, params)
