"""Compares gradients of a spiking network with two references that share no code with torch's graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import Context, Number, Result, Scatter, Table
from neurostudio.spiking.differentiable import LeakyNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from .learning import GradientParams

Array = np.ndarray[Any, np.dtype[Any]]
_DRAWN = 12


def compare(context: Context, params: GradientParams) -> Result:
    """Return the gradients beside both references."""
    import pandas as pd

    rows = []
    checks: tuple[tuple[str, float, Callable[..., dict[str, Array]]], ...] = (
        ("chain rule by hand", 1.0, _by_hand),
        ("finite differences, no spikes", 1e6, _by_differences),
    )
    for words, threshold, reference in context.track(checks, "Checking"):
        torch.manual_seed(context.seed)
        network = LeakyNetwork(5, params.n_neurons, 2, threshold=threshold).double()
        inputs = torch.rand(params.n_steps, 3, 5, dtype=torch.float64)
        loss = _loss(network, inputs)
        loss.backward()  # type: ignore[no-untyped-call]
        wanted = reference(network, inputs)
        for name, value in network.named_parameters():
            found = np.zeros(value.shape) if value.grad is None else value.grad.numpy()
            scale = max(float(np.nanmax(np.abs(wanted[name]))), 1e-12)
            there = np.isfinite(wanted[name])
            error = float(np.abs(found - wanted[name])[there].max()) / scale
            rows.append(
                {
                    "reference": words,
                    "parameter": name,
                    "largest gradient": float(np.abs(found).max()),
                    "largest reference": float(np.nanmax(np.abs(wanted[name]))),
                    "relative error": error,
                }
            )
    frame = pd.DataFrame(rows)
    worst = {words: frame[frame.reference == words]["relative error"].max() for words, *_ in checks}
    view = Scatter(
        frame["largest reference"].to_numpy(),
        frame["relative error"].to_numpy() + 1e-17,
        groups=tuple(frame.reference),
        names=tuple(frame.parameter),
        x_label="largest gradient",
        x_unit="1",
        y_label="relative error",
        y_unit="1",
        title="Gradients",
        caption="Each point is a parameter.",
    )
    numbers = {
        f"largest error, {words}": Number(float(value), "1") for words, value in worst.items()
    }
    return Result(
        data={"gradients": Table(frame)},
        views=(view,),
        numbers=numbers,
        warnings=("simulated data",),
    )


def _loss(network: LeakyNetwork, inputs: torch.Tensor) -> torch.Tensor:
    course = network(inputs)
    total: torch.Tensor = (course.outputs**2).mean() + (course.potentials**2).mean()
    return total


def _by_differences(network: LeakyNetwork, inputs: torch.Tensor) -> dict[str, Array]:
    found = {}
    h, random = 1e-6, np.random.default_rng(0)
    for name, value in network.named_parameters():
        gradient = np.full(value.shape, np.nan)
        flat, data = gradient.reshape(-1), value.data.reshape(-1)
        for k in random.permutation(len(flat))[:_DRAWN]:
            kept = float(data[k])
            with torch.no_grad():
                data[k] = kept + h
                above = float(_loss(network, inputs))
                data[k] = kept - h
                below = float(_loss(network, inputs))
                data[k] = kept
            flat[k] = (above - below) / (2 * h)
        found[name] = gradient
    return found


def _by_hand(network: LeakyNetwork, inputs: torch.Tensor) -> dict[str, Array]:
    """Return the gradients by back-propagation through time in NumPy, without torch's graph."""
    p = {name: value.detach().numpy() for name, value in network.named_parameters()}
    x = inputs.numpy()
    steps, n, _ = x.shape
    size = len(p["bias"])
    v, z, y = np.zeros((n, size)), np.zeros((n, size)), np.zeros((n, p["w_out"].shape[1]))
    before, spikes, outputs = [], [np.zeros((n, size))], []
    for t in range(steps):
        v = v + network.step * (-v + x[t] @ p["w_in"] + z @ p["w_rec"] + p["bias"])
        before.append(v)
        z = (v >= network.threshold).astype(float)
        v = v - network.threshold * z
        y = network.keep * y + z @ p["w_out"]
        spikes.append(z)
        outputs.append(y)
    gradient = {name: np.zeros_like(value) for name, value in p.items()}
    d_v, d_y = np.zeros((n, size)), np.zeros_like(y)
    d_z_later = np.zeros((n, size))
    for t in reversed(range(steps)):
        d_y = d_y + 2 * outputs[t] / (steps * y.size)
        gradient["w_out"] += spikes[t + 1].T @ d_y
        d_z = d_z_later + d_y @ p["w_out"].T - network.threshold * d_v
        u = (before[t] - network.threshold) / network.threshold
        slope = np.maximum(0.3 - 0.3 * np.abs(u), 0.0) / network.threshold
        d_before = d_v + d_z * slope + 2 * before[t] / (steps * v.size)
        gradient["w_in"] += network.step * x[t].T @ d_before
        gradient["w_rec"] += network.step * spikes[t].T @ d_before
        gradient["bias"] += network.step * d_before.sum(axis=0)
        d_z_later = network.step * d_before @ p["w_rec"].T
        d_v = (1 - network.step) * d_before
        d_y = network.keep * d_y
    return gradient
