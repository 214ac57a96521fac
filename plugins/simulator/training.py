"""Trains a spiking or rate network by gradient: a built-in task, or windows of recorded spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import (
    Context,
    Heatmap,
    Lines,
    NullControl,
    Number,
    Raster,
    Result,
    SpikeTrains,
    Table,
    Traces,
    score,
)
from neurostudio.scores import interval_of_share
from neurostudio.training import Recipe, seed_of, steady, train

from . import models
from .tasks import MatchingTask, RecordedTask, Task
from .windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from neurostudio.training import History

    from .learning import TrainParams


def train_on(
    context: Context, params: TrainParams, spikes: SpikeTrains | None, events: Table | None
) -> Result:
    """Return what comes of training: model, history, a trial, pictures, numbers."""
    task: Task = MatchingTask(params)
    if spikes is not None and events is not None:
        found = windows_of(spikes, events, params.label, params.window, params.bin, params.times)
        task = RecordedTask(params, found, context.seed)
    network, shape, history = _fit(context, params, task, shuffled=False)
    measured = task.measure(network, history)
    null = np.nan
    if params.null_run:
        other, _, past = _fit(context, params, task, shuffled=True)
        null = task.measure(other, past)[0]
    low, high = interval_of_share(measured[0], measured[1])
    accuracy = score(
        measured[0],
        low=low,
        high=high,
        chance=task.chance,
        baseline=task.baseline(),
        note=task.words,
    )
    course, answers = task.trial(network)
    kind = "rate" if params.network == "rate" else "adapting"
    extra = {"task": task.words, "dt": task.dt, "accuracy": measured[0]}
    data = {
        "model": models.keep(network, kind, shape, "train_spiking_network", **extra),
        "history": _history(history),
        "trial": _trial(course, task.dt),
    }
    rate = float(course.spikes.mean()) / task.dt * 1e3
    numbers = {"accuracy": accuracy}
    if params.network == "spiking":
        numbers["mean rate"] = Number(
            rate, "Hz", note="of all neurons in the shown trial; simulated"
        )
    if params.null_run:
        numbers["accuracy, shuffled answers"] = Number(float(null), "1", chance=task.chance)
    codes = ["simulated data", *(["low accuracy"] if low <= task.chance else [])]
    views = _views(params, task, network, history, course, measured, null, answers)
    return Result(data=data, views=views, numbers=numbers, warnings=tuple(codes))


def _fit(
    context: Context, params: TrainParams, task: Task, *, shuffled: bool
) -> tuple[torch.nn.Module, dict[str, Any], History]:
    kind = "rate" if params.network == "rate" else "adapting"
    shape: dict[str, Any] = {
        "n_inputs": task.n_inputs,
        "n_excitatory": params.n_excitatory,
        "n_inhibitory": params.n_inhibitory,
        "n_outputs": task.n_outputs,
    }
    if kind == "adapting":
        shape |= {"surrogate": params.surrogate, "dt": task.dt}
    stage = "shuffled answers" if shuffled else "training"
    seen: list[float] = []

    def deal(generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        yield task.draw(generator, params.batch_size, shuffled=shuffled)

    def loss(network: torch.nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        inputs, answers = (each.to(context.device) for each in batch)
        course = network(inputs)
        found = course.outputs[task.answer]
        steps, n, k = found.shape
        error = torch.nn.functional.cross_entropy(
            found.reshape(steps * n, k), answers.repeat(steps)
        )
        seen.append(float((found.mean(dim=0).argmax(dim=1) == answers).float().mean()))
        return error + (_held(course.potentials) if kind == "adapting" else 0.0)

    def validate(network: torch.nn.Module) -> dict[str, float]:
        del network
        return {"accuracy": seen[-1] if seen else float("nan")}

    with steady():
        torch.manual_seed(seed_of(context.seed, stage, "weights"))
        network = models.build(kind, shape)
        recipe = Recipe(
            epochs=params.batches,
            learning_rate=params.learning_rate,
            weight_decay=0.0,
            cosine=False,
            stage=stage,
            watch="",
            clip=1.0,
        )
        history = train(
            context,
            network,
            deal,
            loss,
            recipe,
            steps_per_epoch=1,
            validate=validate,
            series={"stage": stage},
            fingerprint=f"{params} {task.words} {shuffled}",
        )
    return network.cpu().eval(), shape, history


def _held(potentials: Tensor) -> Tensor:
    """Return the penalty on potentials far from the range in which gradients flow."""
    v = potentials - 1.0
    outside = torch.relu(v - 0.4) ** 2 + torch.relu(-(v + 2.0)) ** 2
    return outside.mean() ** 2


def _history(history: History) -> Table:
    import pandas as pd

    return Table(pd.DataFrame(history.epochs))


def _trial(course: Any, dt: float) -> Traces:
    import pynapple as nap

    values = course.outputs[:, 0].numpy().astype(float)
    times = np.arange(len(values)) * dt * 1e-3
    names = [f"answer {k}" for k in range(values.shape[1])]
    return Traces(nap.TsdFrame(t=times, d=values, columns=names), "1")


def _views(
    params: TrainParams,
    task: Task,
    network: Any,
    history: History,
    course: Any,
    measured: tuple[float, int],
    null: float,
    answers: Tensor,
) -> tuple[Any, ...]:
    del answers
    x = np.arange(1, len(history.epochs) + 1)
    views: list[Any] = [
        Lines(
            x,
            np.array([history.column("accuracy")]),
            names=("accuracy of the batch",),
            x_label="batch",
            y_label="accuracy",
            y_unit="1",
            levels={"chance": task.chance},
            title="Accuracy while training",
            caption=task.words,
        ),
        Lines(
            x,
            np.array([history.column("train_loss")]),
            names=("loss",),
            x_label="batch",
            y_label="loss",
            y_unit="nat",
            title="Loss",
            caption="Cross-entropy over the steps that count, with the penalty on potentials.",
        ),
    ]
    if params.network == "spiking":
        times, rows = np.nonzero(course.spikes[:, 0].numpy())
        n = params.n_excitatory
        views.append(
            Raster(
                times * task.dt * 1e-3,
                rows,
                y_label="neuron",
                title="One trial",
                axis="time",
                caption=f"Spikes of the trained network; the first {n} neurons are excitatory. Simulated.",
            )
        )
    weights = network.recurrent().detach().numpy()
    views.append(
        Heatmap(
            weights,
            x_label="target",
            y_label="source",
            value_label="weight",
            diverging=True,
            title="Recurrent weights",
            caption="Rows are senders, each of one sign.",
        )
    )
    if params.null_run:
        low, high = interval_of_share(*measured)
        views.append(
            NullControl(
                np.array([measured[0]]),
                np.array([[null]]),
                names=("accuracy",),
                null_name="answers of other trials",
                low=np.array([low]),
                high=np.array([high]),
                chance=np.array([task.chance]),
                y_label="accuracy",
                y_unit="1",
                title="Beside shuffled answers",
                caption=task.words,
            )
        )
    return tuple(views)
