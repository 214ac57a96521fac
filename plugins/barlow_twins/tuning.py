"""Fine-tuning the encoder with a few labels, beside the frozen one and one that starts from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    NullControl,
    Number,
    Result,
    Table,
    TrainedModel,
    Trials,
    Volume,
    method,
    param,
    score,
)

from .declaring import WARNINGS, SampleParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from numpy.typing import NDArray

    from .networks import Twins
    from .samples import Samples

    Rows = NDArray[np.intp]

FINE, FROZEN, SCRATCH, NULL = (
    "fine-tuned",
    "frozen, linear probe",
    "from scratch",
    "shuffled labels",
)


class TuneParams(SampleParams):
    """Parameters of :func:`fine_tune`."""

    labels_per_class: int = param(0, "Labels a class that are used; 0 for all", ge=0, le=10**6)
    epochs: int = param(20, "Passes through the labelled samples at most", ge=1, le=1000)
    batch_size: int = param(64, "Samples in a step", ge=2, le=4096)
    encoder_rate: float = param(2e-4, "Rate of the encoder; the paper's is a hundredth of the head's",
                                unit="1", gt=0, le=1)  # fmt: skip
    head_rate: float = param(2e-2, "Rate of the classifier", unit="1", gt=0, le=1)
    patience: int = param(
        5, "Epochs without a better validation loss before stopping; 0: never", ge=0, le=100
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"epochs": 10},
        "Standard": {},
        "Paper": {"batch_size": 256, "patience": 0},
    }


@method(group="Train", warnings=WARNINGS, gpu=True, example="tune")
def fine_tune(
    context: Context,
    params: TuneParams,
    model: TrainedModel,
    samples: tuple[ImageStack | Trials | Volume, ...],
    people: Table | None = None,
) -> Result:
    """Train the encoder on with labels, and judge it on a test part of its own.

    Beside it with the same labels: the frozen encoder with a linear probe, the same network from scratch, and
    a fine-tuning with shuffled labels, which must fall to chance.
    """
    from neurostudio.learning.probes import linear_probe
    from neurostudio.training import steady

    from . import networks
    from .embedding import given_samples, restored

    network, found = given_samples(context, params, model, samples, people)
    task = _task(found, model, params, context.seed)
    guesses: dict[str, NDArray[Any]] = {}
    with steady():
        frozen = networks.embedded(network, found, np.arange(len(found)), "cpu")
        rows = np.concatenate([task.train, task.held])
        guesses[FROZEN] = linear_probe(frozen[rows], found.labels[rows], frozen[task.test])
        heads: dict[str, Any] = {}
        for name in context.track((FINE, SCRATCH, NULL), "Trainings"):
            start = _fresh(model, network) if name == SCRATCH else restored(model)
            heads[name] = _fit(context, params, start, found, task, name)
            guesses[name] = _guess(heads[name], found, task, context.device)
    numbers = _numbers(found, task, guesses)
    simulated = found.simulated or bool(model.config.get("simulated"))
    codes = (("simulated", simulated), ("seen", task.how == "seen"))
    return Result(
        data={"model": _model(heads[FINE], model, task), "scores": _table(guesses, found, task)},
        views=(_view(numbers, task),),
        numbers=numbers,
        warnings=tuple(code for code, true in codes if true),
    )


@dataclass(frozen=True, slots=True)
class Task:
    """Rows that are learned from, that stop the training early, that judge it; classes; who saw what."""

    train: Rows
    held: Rows
    test: Rows
    classes: tuple[str, ...]
    how: str


def _task(samples: Samples, model: TrainedModel, params: TuneParams, seed: int) -> Task:
    from neurostudio.learning.probes import draw_labels

    from .parts import labelled_rows, parts_for, split_samples

    if len(samples.classes) < 2:
        raise BadInput("The samples have fewer than two labels. Name the column that holds them.")
    known = samples.known(set(model.config["trained_on"]))
    rows, test, how = parts_for(samples, known, params.test_share, seed)
    if params.labels_per_class:
        rows = rows[draw_labels(samples.labels[rows], params.labels_per_class, seed)]
    part = samples.only(rows)
    inner = split_samples(_without_test(part), 0.2, seed + 1)
    held = labelled_rows(part, inner, "test")
    train = np.setdiff1d(np.arange(len(rows)), held)
    if set(part.labels[train].tolist()) != set(samples.classes):
        train, held = np.arange(len(rows)), held[:0]  # so few that none can be spared
    return Task(rows[train], rows[held], test, samples.classes, how)


def _without_test(samples: Samples) -> Samples:
    from dataclasses import replace

    return replace(samples, tested=None)


def _fresh(model: TrainedModel, like: Twins) -> Twins:
    import torch

    from neurostudio.training import seed_of

    from . import networks

    torch.manual_seed(seed_of(model.config["seed"], "weights"))
    found = networks.build(model.config["arguments"])
    found.mean.copy_(like.mean)
    found.scale.copy_(like.scale)
    return found


def _classifier(twins: Twins, samples: Samples, task: Task) -> torch.nn.Module:
    from .heads import Head

    features = twins.eval().embed(samples.tensor(task.train[:2])).shape[1]
    return Head(twins, features, len(task.classes))


def _fit(
    context: Context, params: TuneParams, twins: Twins, samples: Samples, task: Task, name: str
) -> Any:
    import torch

    from neurostudio.training import Recipe, batches, seed_of, train

    torch.manual_seed(seed_of(context.seed, "head"))
    head = _classifier(twins, samples, task)
    codes = np.searchsorted(task.classes, samples.labels)
    if name == NULL:
        codes = codes.copy()
        codes[task.train] = np.random.default_rng([context.seed, 8]).permutation(codes[task.train])
    device = torch.device(context.device)
    x, y = samples.tensor(task.train).to(device), torch.as_tensor(codes[task.train]).to(device)
    seen = samples.tensor(task.held).to(device), torch.as_tensor(codes[task.held]).to(device)
    size = min(params.batch_size, max(2, len(task.train)))

    def loss(network: Any, batch: Any) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(network(batch[0]), batch[1])

    def validate(network: Any) -> dict[str, float]:
        logits = network(seen[0])
        return {
            "validation_loss": float(torch.nn.functional.cross_entropy(logits, seen[1])),
            "accuracy": float((logits.argmax(dim=1) == seen[1]).float().mean()),
        }

    held = len(task.held) > 0
    per_epoch = max(1, len(task.train) // size)
    train(
        context, head, batches(x, y, size=size, per_epoch=per_epoch), loss,
        Recipe(
            epochs=params.epochs, learning_rate=params.head_rate, weight_decay=0.0, stage=name,
            patience=params.patience if held else 0, watch="-validation_loss" if held else "",
        ),
        steps_per_epoch=per_epoch,
        rates=[
            {"params": list(head.twins.encoder.parameters()),  # type: ignore[union-attr]
             "lr": params.head_rate if name == SCRATCH else params.encoder_rate},
            {"params": list(head.classifier.parameters()), "lr": params.head_rate},  # type: ignore[union-attr]
        ],
        validate=validate if held else None, series={"stage": name},
        fingerprint=f"{len(samples)} {task.train.sum()} {task.test.sum()}",
    )  # fmt: skip
    return head.cpu()


def _guess(head: Any, samples: Samples, task: Task, device: str) -> NDArray[Any]:
    import torch

    head.eval().to(device)
    found = []
    with torch.no_grad():
        for start in range(0, len(task.test), 256):
            logits = head(samples.tensor(task.test[start : start + 256]).to(device))
            found.append(logits.argmax(dim=1).cpu().numpy())
    head.cpu()
    return np.asarray(np.array(task.classes)[np.concatenate(found)])


def _numbers(
    samples: Samples, task: Task, guesses: Mapping[str, NDArray[Any]]
) -> dict[str, Number]:
    from neurostudio.scores import bootstrap, interval

    truth, groups = samples.labels[task.test], samples.groups[task.test].tolist()
    chance = 1 / len(task.classes)
    baseline = float(np.mean(guesses[FROZEN] == truth))
    n_labels = len(task.train) + len(task.held)
    note = f"{n_labels} labels, {len(truth)} test samples of {len(set(groups))} groups"
    note += "; simulated data" if samples.simulated else ""
    found = {}
    for name in (FINE, FROZEN, SCRATCH, NULL):
        right = guesses[name] == truth
        draws = bootstrap(lambda rows, right=right: float(right[rows].mean()), groups, draws=1000)  # type: ignore[misc]
        low, high = interval(draws)
        found[f"accuracy, {name}"] = score(
            float(right.mean()), low=low, high=high, chance=chance,
            baseline=baseline if name == FINE else None, note=note,
        )  # fmt: skip
    return found


def _table(guesses: Mapping[str, NDArray[Any]], samples: Samples, task: Task) -> Table:
    """Return one row a sample of the test part: its label and every guess."""
    import pandas as pd

    columns = {"id": [samples.ids[row] for row in task.test], "label": samples.labels[task.test]}
    return Table(pd.DataFrame(columns | dict(guesses)))


def _view(numbers: Mapping[str, Number], task: Task) -> NullControl:
    shown = (FINE, FROZEN, SCRATCH)
    scores = [numbers[f"accuracy, {name}"] for name in shown]
    null = np.full((len(shown), 1), np.nan)
    null[0, 0] = numbers[f"accuracy, {NULL}"].value
    return NullControl(
        np.array([each.value for each in scores]), null, names=shown, null_name=NULL,
        low=np.array([each.low for each in scores], dtype=float),
        high=np.array([each.high for each in scores], dtype=float),
        chance=np.full(len(shown), 1 / len(task.classes)), y_label="accuracy on the test part", y_unit="1",
        title="Did fine-tuning help?",
        caption="Same labels for all. Bars: 95 % interval over the groups of the test part. One fine-tuning "
        "with shuffled labels is the null run.",
    )  # fmt: skip


def _model(head: Any, model: TrainedModel, task: Task) -> TrainedModel:
    from neurostudio.training import hash_of_weights

    from . import networks

    weights = networks.weights_of(head.twins)
    extra = {
        "classes": list(task.classes),
        "classifier": {
            "weight": head.classifier.weight.detach().tolist(),
            "bias": head.classifier.bias.detach().tolist(),
        },
        "fine_tuned_from": model.config["weights_hash"],
        "weights_hash": hash_of_weights(weights),
    }
    return TrainedModel(weights, {**model.config, **extra}, "fine_tune")
