"""Looks into a trained network: runs it and finds its slow points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    Number,
    Points,
    Raster,
    Result,
    Scatter,
    SpikeTrains,
    Table,
    Traces,
    TrainedModel,
)
from neurostudio.spiking.analysis import slow_points
from neurostudio.spiking.differentiable import RateNetwork

from . import models
from .matching import Matching

if TYPE_CHECKING:
    from .learning import RunParams, SlowParams

Array = np.ndarray[Any, np.dtype[Any]]


def run_again(context: Context, params: RunParams, model: TrainedModel) -> Result:
    """Return what a trained network does in a fresh trial."""
    import pynapple as nap

    network = models.again(model)
    inputs = _inputs(model, 64, context.seed)
    for _ in context.track(range(1), "Running"):
        with torch.no_grad():
            course = network(inputs)
    row = min(params.trial, inputs.shape[1] - 1)
    dt = float(model.config.get("dt", 1.0)) * 1e-3
    potentials = course.potentials[:, row].numpy().astype(float)
    times = np.arange(len(potentials)) * dt
    spikes, neurons = np.nonzero(course.spikes[:, row].numpy())
    support = nap.IntervalSet(0.0, max(len(times) * dt, dt))
    trains = nap.TsGroup(
        {
            k: nap.Ts(times[spikes[neurons == k]], time_support=support)
            for k in range(potentials.shape[1])
        },
        time_support=support,
    )
    outputs = course.outputs[:, row].numpy().astype(float)
    names = [f"output {k}" for k in range(outputs.shape[1])]
    state = "rate" if isinstance(network, RateNetwork) else "potential"
    views: list[Any] = [
        Lines(
            times,
            outputs.T[:12],
            names=tuple(names[:12]),
            x_label="time",
            x_unit="s",
            y_label="output",
            y_unit="1",
            title="Outputs",
            caption=f"Fresh trial {row}. Simulated.",
            axis="time",
        ),
        Lines(
            times,
            potentials.T[:8],
            names=tuple(f"neuron {k}" for k in range(8)),
            x_label="time",
            x_unit="s",
            y_label=state,
            y_unit="1",
            title="Some neurons",
            caption="In units of the threshold.",
            axis="time",
        ),
    ]
    if len(spikes):
        views.insert(
            0, Raster(times[spikes], neurons, y_label="neuron", title="Spikes", axis="time")
        )
    return Result(
        data={
            "spikes": SpikeTrains(trains),
            "potentials": Traces(nap.TsdFrame(t=times, d=potentials), "1"),
            "outputs": Traces(nap.TsdFrame(t=times, d=outputs, columns=names), "1"),
        },
        views=tuple(views),
        numbers={
            "mean rate": Number(
                float(course.spikes.mean()) / dt, "Hz", note="all trials; simulated"
            )
        },
        warnings=("simulated data",),
    )


def _inputs(model: TrainedModel, n: int, seed: int) -> torch.Tensor:
    """Return fresh inputs of the task the network was trained on."""
    task = str(model.config.get("task", ""))
    n_inputs = int(model.config["shape"]["n_inputs"])
    if "match to sample" in task:
        dt = float(model.config.get("dt", 1.0))
        rate = model.config["kind"] == "rate"
        source = Matching(dt=dt, spiking=not rate, peak=4.0 if rate else 100.0)
        return source.draw(n, torch.Generator().manual_seed(seed))[0]
    steps = round(500.0 / float(model.config.get("dt", 10.0)))
    if model.method == "fit_network":
        return torch.eye(n_inputs).repeat(steps, 1, 1)
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand((steps, n, n_inputs), generator=generator) < 0.05).float()


def search(context: Context, params: SlowParams, model: TrainedModel) -> Result:
    """Return the slow points of a trained rate network."""
    import pandas as pd
    import xarray

    network = models.again(model)
    if not isinstance(network, RateNetwork):
        raise BadInput(
            "Slow points need a smooth network: train with network = rate, or use 'Fit network'."
        )
    network = network.double()
    inputs = _inputs(model, 32, context.seed).double()
    with torch.no_grad():
        visited = network(inputs).potentials.reshape(-1, len(network.bias)).numpy()
    random = np.random.default_rng(context.seed)
    starts = visited[random.integers(len(visited), size=params.n_starts)]
    starts = starts + params.noise * random.standard_normal(starts.shape)
    still = torch.zeros(1, len(network.bias), dtype=torch.float64)
    for _ in context.track(range(1), "Searching"):
        places, speeds, spectra = slow_points(
            lambda h: network.advance(h, still), starts, n_steps=params.steps, slow=params.slow
        )
    centre = visited.mean(axis=0)
    axes = np.linalg.svd(visited - centre, full_matrices=False)[2][:2]
    low = (places - centre) @ axes.T if len(places) else np.empty((0, 2))
    stable = [bool(np.abs(each).max() < 1) for each in spectra]
    course = (visited[:: max(1, len(visited) // 500)] - centre) @ axes.T
    words = ["stable" if each else "unstable" for each in stable]
    largest = [float(np.abs(each).max()) for each in spectra]
    frame = pd.DataFrame({"speed": speeds, "largest eigenvalue": largest, "kind": words})
    data: dict[str, Any] = {
        "slow": Table(frame if len(frame) else pd.DataFrame({"kind": ["none found"]}))
    }
    if len(places):
        columns = {"x": ("point", low[:, 0]), "y": ("point", low[:, 1]), "label": ("point", words)}
        data["points"] = Points(xarray.Dataset(columns))
    both = np.concatenate([course, low])
    groups = ("visited",) * len(course) + tuple(words)
    views: list[Any] = [
        Scatter(
            both[:, 0],
            both[:, 1],
            groups=groups,
            x_label="first component",
            x_unit="1",
            y_label="second component",
            y_unit="1",
            title="Slow points",
            caption="Over places visited in trials. Simulated.",
        )
    ]
    if spectra:
        first = spectra[0]
        views.append(
            Scatter(
                first.real,
                first.imag,
                groups=tuple("inside" if abs(v) < 1 else "outside" for v in first),
                x_label="real part",
                x_unit="1",
                y_label="imaginary part",
                y_unit="1",
                title="Spectrum",
                caption="Eigenvalues of the Jacobian at the slowest point; inside the unit circle is stable.",
            )
        )
    smallest = float(speeds.min()) if len(speeds) else float("nan")
    return Result(
        data=data,
        views=tuple(views),
        numbers={
            "points": Number(float(len(places)), "1"),
            "smallest speed": Number(smallest, "1"),
        },
        warnings=("simulated data",),
    )
