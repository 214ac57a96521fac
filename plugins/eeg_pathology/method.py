"""Training a classifier, new or from a source, judged on whole recordings of unseen people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Items,
    Result,
    TrainedModel,
    Trials,
    method,
    param,
)

from .cohort import WARNINGS, CohortParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .cohort import Cohort
    from .fitting import Fit


class TrainParams(CohortParams):
    """Parameters of :func:`train_classifier`."""

    network: Literal["shallow", "deep4", "eegnet", "tcn"] = param(
        "shallow", "shallow: one band-power layer; deep4: four blocks; eegnet: tiny; tcn: dilated"
    )
    folds: int = param(5, "Parts that take turns as the test part; whole groups", ge=2, le=50)
    epochs: int = param(10, "Passes through the training part at most", ge=1, le=1000)
    steps: int = param(0, "Updates in all, whatever the epochs; 0 for no such limit", ge=0, le=10**6,
                       advanced=True)  # fmt: skip
    patience: int = param(5, "Epochs without a better validation loss before stopping; 0: never",
                          ge=0, le=100)  # fmt: skip
    learning_rate: float = param(
        6.25e-4, "Largest step size, falling to 0 on a cosine", unit="1", gt=0, le=1
    )
    weight_decay: float = param(
        5e-4, "Pull of the weights towards 0", unit="1", ge=0, le=1, advanced=True
    )
    batch_size: int = param(64, "Windows in one update", ge=2, le=4096, advanced=True)
    dropout: float = param(0.5, "Share of features hidden while training", unit="1", ge=0, le=0.95)
    filters: int = param(40, "Filters of the shallow network", ge=1, le=400, advanced=True)
    dense: bool = param(
        False, "Predict at every sample of a window (shallow, deep4)", advanced=True
    )
    augment: tuple[Literal["time_shift", "sign_flip", "channel_dropout"], ...] = param(
        (), "Changes of the training windows that leave their label as it is", advanced=True
    )
    class_weights: bool = param(True, "Weigh rare classes up", advanced=True)
    standardise: Literal["training", "recording", "none"] = param(
        "training",
        "Scale of the channels: of the training part, of each recording (removes its amplitude), none",
        advanced=True,
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"epochs": 10, "steps": 100, "folds": 3},
        "Standard": {},
        "Paper": {"dense": True, "learning_rate": 6.25e-4, "epochs": 35},
    }


class TransferParams(TrainParams):
    """Parameters of :func:`transfer_classifier`."""

    strategy: Literal["fine_tune", "frozen", "discriminative", "pooled", "scratch"] = param(
        "fine_tune",
        "fine_tune: all weights go on from the source; frozen: only the last layers; discriminative: "
        "early layers slower; pooled: both corpora together; scratch: the source is not used",
    )
    transfer_rate: float = param(3e-4, "Largest step size of fine-tuning", unit="1", gt=0, le=1)
    frozen_layers: int | None = param(
        None, "Layers kept by 'frozen', from the input; none for all but the classifier", ge=0, le=100,
        advanced=True,
    )  # fmt: skip
    decay: float = param(
        0.5, "By how much each earlier layer learns more slowly ('discriminative')", unit="1",
        ge=0.01, le=1, advanced=True,
    )  # fmt: skip


def _memory(params: TrainParams, items: Items) -> Estimate:
    windows = items["windows"]
    assert isinstance(windows, Trials)  # noqa: S101  the method's own check came first
    n_times = len(windows.epochs.times)
    n_channels = len(windows.epochs.ch_names)
    wide = n_channels if params.network == "eegnet" else 1
    maps = 4 * params.batch_size * params.filters * wide * n_times
    return Estimate(
        2 * windows.nbytes() + 6 * maps,
        "Use a smaller batch, fewer filters, fewer channels or a lower sampling rate.",
    )


def _check(params: CohortParams, items: Items) -> None:
    from .cohort import column, eeg_channels

    windows = items["windows"]
    assert isinstance(windows, Trials)  # noqa: S101  the method's own check came first
    eeg_channels(windows)
    for name in (params.label, params.split_by, params.test_column):
        if name:
            column(windows, name)


@method(group="Train", warnings=WARNINGS, memory=_memory, gpu=True, check=_check, example="train")
def train_classifier(
    context: Context, params: TrainParams, windows: Trials, target: Trials | None = None
) -> Result:
    """Train a network to tell labels apart, and judge it on people that it never saw.

    ``target`` are windows to which the model will be transferred later: then only the channels that
    both have are used.
    """
    from . import cohort as cohorts
    from .judging import judge

    if target is not None:
        windows = cohorts.in_common(windows, target)
    cohort = cohorts.read_cohort(windows, params, context.seed)
    return judge(context, params, cohort, windows, _how(params, cohort), "train_classifier")


@method(
    group="Train", warnings=WARNINGS, memory=_memory, gpu=True, check=_check, example="transfer"
)
def transfer_classifier(
    context: Context,
    params: TransferParams,
    source: TrainedModel,
    windows: Trials,
    source_windows: Trials | None = None,
) -> Result:
    """Train on a small set, starting from a model of a larger one.

    ``source_windows`` are needed by the strategy *pooled*.
    """
    from . import cohort as cohorts
    from .judging import judge

    check_source(source)
    windows = cohorts.adapted(windows, source.config)
    cohort = cohorts.read_cohort(windows, params, context.seed)
    check_classes(source, cohort)
    pool = None
    if params.strategy == "pooled":
        pool = pool_of(source, source_windows, cohort, params, context.seed)
    how = _how(params, cohort, source, pool)
    return judge(context, params, cohort, windows, how, "transfer_classifier")


def check_source(source: TrainedModel) -> None:
    """Raise where a model is not one of this plugin.

    Raises
    ------
    BadInput
        It was trained by another method.
    """
    if "network" not in source.config or "channels" not in source.config:
        raise BadInput(
            f"The model was trained by '{source.method}' and is no EEG classifier. "
            "Choose one that 'Train classifier' made."
        )


def check_classes(source: TrainedModel, cohort: Cohort) -> None:
    """Raise where source and target differ in the number of classes.

    Raises
    ------
    BadInput
        The message says both numbers.
    """
    known = source.config["classes"]
    if len(known) != len(cohort.classes):
        raise BadInput(
            f"The source tells {len(known)} classes apart ({', '.join(known)}), the windows have "
            f"{len(cohort.classes)} ({', '.join(cohort.classes)}). Choose trials of {len(known)} labels."
        )


def pool_of(
    source: TrainedModel, windows: Trials | None, cohort: Cohort, params: CohortParams, seed: int
) -> Cohort:
    """Return the source's windows in the shape of the target's, by the source's own columns.

    Raises
    ------
    BadInput
        There are none.
    """
    from .cohort import adapted, read_cohort

    if windows is None:
        raise BadInput(
            "The strategy 'pooled' needs the windows of the source. Choose them as well."
        )
    columns = source.config["columns"]
    own = params.model_copy(update={**columns, "permute_labels": False})
    found = read_cohort(
        adapted(windows, source.config), own, seed, classes=source.config["classes"]
    )
    del cohort
    return found


def _how(
    params: TrainParams,
    cohort: Cohort,
    source: TrainedModel | None = None,
    pool: Cohort | None = None,
) -> Fit:
    from neurostudio.training import Recipe

    from .fitting import Fit

    strategy = params.strategy if isinstance(params, TransferParams) else "scratch"
    tuned = strategy in {"fine_tune", "discriminative"} and isinstance(params, TransferParams)
    rate = (
        params.transfer_rate
        if tuned and isinstance(params, TransferParams)
        else params.learning_rate
    )
    recipe = Recipe(
        epochs=params.epochs,
        learning_rate=rate,
        weight_decay=params.weight_decay,
        patience=0 if params.steps else params.patience,
        steps=params.steps,
        watch="" if params.steps else "-validation_loss",
    )
    arguments = {
        "network": params.network,
        "n_channels": len(cohort.channels),
        "n_classes": len(cohort.classes),
        "n_times": cohort.signals.shape[-1],
        "dropout": params.dropout,
        "filters": params.filters,
        "dense": params.dense,
    }
    if source is not None:
        arguments |= dict(source.config["arguments"])
    standardise = str(source.config["standardise"]) if source else params.standardise
    return Fit(
        recipe=recipe,
        arguments=arguments,
        batch_size=params.batch_size,
        class_weights=params.class_weights,
        standardise=standardise,
        strategy=strategy,
        frozen_layers=params.frozen_layers if isinstance(params, TransferParams) else None,
        augment=params.augment,
        decay=params.decay if isinstance(params, TransferParams) else 0.5,
        source=source,
        pool=pool,
    )
