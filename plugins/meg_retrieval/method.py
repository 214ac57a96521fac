"""Training decoders from trials to picture embeddings, judged on pictures of unseen categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import BadInput, Context, Estimate, Items, Result, Table, Trials, method, param
from neurostudio.learning.sensors import data_channels

from .preparing import WARNINGS, SplitParams, TrialParams

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALL = {
    "virtual_channels": 48,
    "hidden": 96,
    "frequencies": 8,
    "projection": 256,
    "dropout": 0.2,
    "learning_rate": 2e-3,
}


class LinearParams(SplitParams):
    """Parameters of :func:`fit_linear_decoder`."""

    alphas: tuple[float, ...] = param(
        (1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7),
        "Penalties of ridge to choose from, a feature each", unit="1", advanced=True,
    )  # fmt: skip
    nulls: int = param(
        3, "Null runs of ridge, with pictures shuffled against trials", ge=1, le=50, advanced=True
    )


class TrainParams(LinearParams):
    """Parameters of :func:`train_decoder`."""

    loss: Literal["both sides", "brain to picture"] = param(
        "both sides",
        "both sides: cosines, trials against pictures and pictures against trials; brain to picture: "
        "one side, predictions of any length, as the paper ran it",
    )
    temperature: float = param(
        1 / 14, "By which similarities are divided, at the start", unit="1", ge=0.005, le=10
    )
    learn_temperature: bool = param(True, "Let training change the temperature")
    balance: float = param(
        1.0, "Weight of the contrastive loss; the rest is squared error", unit="1", ge=0, le=1
    )
    virtual_channels: int = param(270, "Weighted means of sensors", ge=4, le=1024)
    hidden: int = param(320, "Channels of the convolutions", ge=16, le=1024)
    frequencies: int = param(
        32, "Fourier frequencies of the sensors' places, each direction", ge=2, le=64, advanced=True
    )
    projection: int = param(
        2048, "Length of a trial's vector before the last layer", ge=16, le=8192, advanced=True
    )
    dropout: float = param(0.0, "Share of features hidden while training", unit="1", ge=0, le=0.9)
    spatial_dropout: float = param(
        0.0, "Radius of a disc of sensors left out while training", unit="head radius", ge=0, le=0.5,
        advanced=True,
    )  # fmt: skip
    learning_rate: float = param(3e-4, "Step size", unit="1", gt=0, le=1)
    falling_rate: bool = param(
        True, "Let the step size fall to 0 on a cosine over all epochs", advanced=True
    )
    batch_size: int = param(128, "Trials in one update", ge=8, le=4096, advanced=True)
    epochs: int = param(100, "Passes through the training part at most", ge=1, le=1000)
    patience: int = param(
        10, "Epochs without a lower validation loss before stopping", ge=1, le=100
    )
    deep_null: bool = param(True, "Train the encoder a second time, on shuffled pictures")

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": SMALL | {"epochs": 4, "deep_null": False, "nulls": 1},
        "Standard": SMALL | {"epochs": 9},
        "Paper": {
            "loss": "brain to picture",
            "temperature": 1.0,
            "learn_temperature": False,
            "falling_rate": False,
        },
    }


def check(params: TrialParams, items: Items) -> None:
    """Raise before the run where a column is missing.

    Raises
    ------
    BadInput
        The message lists the columns that there are.
    """
    trials, features = items.get("trials"), items.get("features")
    if isinstance(trials, Trials):
        there = trials.names("columns")
        if params.picture not in there and params.picture != "event":
            raise BadInput(
                f"The trials have no column '{params.picture}' with the picture's id. "
                f"Choose one of: {', '.join(there) or 'event'}."
            )
        if params.start >= params.stop:
            raise BadInput(
                f"The window would begin at {params.start:g} s and end at {params.stop:g} s. "
                "The end must be the later one."
            )
    if isinstance(features, Table):
        there = (*features.names("columns"), str(features.frame.index.name))
        if params.picture not in there and "id" not in there:
            raise BadInput(
                f"The embeddings have no column '{params.picture}' or 'id' with the id of each picture, so "
                f"their rows cannot be matched with the trials. They have: {', '.join(there[:5])} …"
            )


def memory(params: TrialParams, items: Items) -> Estimate:
    """Return the memory of a run: the trials, and the square of ridge."""
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    epochs = trials.epochs
    rate = float(epochs.info["sfreq"])
    n_trials, n_times = len(epochs.events), len(epochs.times)
    size = len(data_channels(trials)) * n_times * min(1.0, params.rate / rate)
    square = min(size, n_trials) ** 2
    return Estimate(
        int(3 * trials.nbytes() + 16 * n_trials * size + 40 * square),
        "Use a lower rate, a shorter window or fewer trials.",
    )


@method(group="Train", warnings=WARNINGS, memory=memory, check=check, example="linear")
def fit_linear_decoder(
    context: Context, params: LinearParams, trials: Trials, features: Table
) -> Result:
    """Fit ridge from trials to picture embeddings, and find the seen picture in a gallery."""
    from .deciding import decide_linear

    return decide_linear(context, params, trials, features)


@method(group="Train", warnings=WARNINGS, memory=memory, gpu=True, check=check, example="train")
def train_decoder(context: Context, params: TrainParams, trials: Trials, features: Table) -> Result:
    """Train an encoder from trials to picture embeddings, and find the seen picture in a gallery.

    ``features`` has one row a picture, named by its id in the column that the trials name too. The test
    pictures are of categories that training never sees; ridge and a null run stand beside.
    """
    from .deciding import decide

    return decide(context, params, trials, features)
