"""A fixed random network with a linear readout that learns as data pass (FORCE's rule)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    ImageStack,
    Lines,
    Number,
    Params,
    Result,
    Table,
    Traces,
    TrainedModel,
    method,
    param,
    score,
)
from neurostudio.scores import interval_of_share
from neurostudio.spiking.online import LeastMeanSquares, RecursiveLeastSquares

if TYPE_CHECKING:
    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[Any]]
WARNINGS = {
    "simulated data": "Simulated network: a fixed random reservoir.",
    "below the baseline": "The simple model on the raw data is as good: the reservoir adds nothing here.",
}


class ReservoirParams(Params):
    """Parameters of :func:`train_reservoir`."""

    n_neurons: int = param(500, "Units of the reservoir", ge=10, le=50_000)
    input_scale: float = param(0.3, "Largest input weight", unit="1", gt=0, le=10)
    radius: float = param(
        1.3, "Spread of the recurrent weights, about the spectral radius", unit="1", gt=0, le=10
    )
    leak: float = param(0.6, "Share of each step's new value", unit="1", gt=0, le=1)
    input_probability: float = param(
        0.1, "Chance of an input weight", unit="1", gt=0, le=1, advanced=True
    )
    recurrent_probability: float = param(
        0.1, "Chance of a recurrent weight", unit="1", gt=0, le=1, advanced=True
    )
    readout: Literal["recursive least squares", "least mean squares", "ridge"] = param(
        "recursive least squares",
        "How the readout learns: sample by sample, or all at once (ridge)",
    )
    feedback: bool = param(
        False,
        "Series only: the output itself drives the network (FORCE), which then goes on without the series",
    )
    label: str = param("label", "Fact of the pictures that is to be told", suggest="columns")
    test_share: float = param(
        0.2, "Share that only tests: pictures drawn, or the end of a series", unit="1", gt=0, lt=1
    )
    horizon: float = param(
        0.0, "How far ahead a series is predicted; 0 for one sample", unit="s", ge=0, advanced=True
    )


def _check(params: ReservoirParams, items: Items) -> None:
    del params
    given = [name for name in ("images", "series") if items.get(name) is not None]
    if len(given) != 1:
        raise BadInput("Give either pictures with labels or series, one of the two.")


@method(group="Train", warnings=WARNINGS, check=_check, example="reservoir")
def train_reservoir(
    context: Context,
    params: ReservoirParams,
    images: ImageStack | None = None,
    series: Traces | None = None,
) -> Result:
    """Train the readout of a reservoir: tell pictures apart, row by row, or predict series one step ahead."""
    if images is not None:
        return _pictures(context, params, images)
    if series is not None:
        return _series(context, params, series)
    raise BadInput("Give either pictures with labels or series.")


class Reservoir:
    """``h <- (1 - leak) h + leak tanh(x W_in + h W)``."""

    def __init__(self, params: ReservoirParams, n_inputs: int, seed: int) -> None:
        from scipy import sparse

        random = np.random.default_rng(seed)
        n = params.n_neurons
        w_in = random.uniform(-params.input_scale, params.input_scale, (n_inputs, n))
        self.w_in = w_in * (random.random(w_in.shape) < params.input_probability)
        p = params.recurrent_probability
        self.w = sparse.random(
            n,
            n,
            p,
            "csr",
            random_state=random,
            data_rvs=lambda k: random.normal(0, params.radius / np.sqrt(n * p), k),
        )
        self.leak = params.leak

    def advance(self, h: Array, x: Array) -> Array:
        """Return the states (n_trials, n) one step later."""
        total = x @ self.w_in + (self.w.T @ h.T).T
        new: Array = (1 - self.leak) * h + self.leak * np.tanh(total)
        return new


def _readout(params: ReservoirParams, n_outputs: int) -> Any:
    if params.readout == "least mean squares":
        return LeastMeanSquares(params.n_neurons, n_outputs, 0.5 / params.n_neurons)
    return RecursiveLeastSquares(params.n_neurons, n_outputs, 0.1)


def _ridge(states: Array, targets: Array, penalty: float = 1.0) -> Array:
    gram = states.T @ states
    weights: Array = np.linalg.solve(gram + penalty * np.eye(len(gram)), states.T @ targets)
    return weights


def _pictures(context: Context, params: ReservoirParams, images: ImageStack) -> Result:
    import pandas as pd

    pixels, labels, names = _labelled(images, params.label)
    random = np.random.default_rng(context.seed)
    order = random.permutation(len(labels))
    n_test = max(1, round(params.test_share * len(labels)))
    test, trained = order[:n_test], order[n_test:]
    reservoir = Reservoir(params, pixels.shape[2], context.seed)
    states = np.zeros((len(pixels), params.n_neurons))
    for start in context.track(range(0, len(pixels), 250), "Running the reservoir"):
        h = np.zeros((len(pixels[start : start + 250]), params.n_neurons))
        for row in range(pixels.shape[1]):
            h = reservoir.advance(h, pixels[start : start + 250, row])
        states[start : start + 250] = h
    targets = np.eye(len(names))[labels]
    weights = _learn(context, params, states, targets, trained)
    right = (states[test] @ weights).argmax(axis=1) == labels[test]
    flat = pixels.reshape(len(pixels), -1)
    base = np.mean(
        (flat[test] @ _ridge(flat[trained], targets[trained])).argmax(axis=1) == labels[test]
    )
    last = pixels[:, -1]
    memory = np.mean(
        (last[test] @ _ridge(last[trained], targets[trained])).argmax(axis=1) == labels[test]
    )
    chance = float(np.bincount(labels[test]).max() / n_test)
    low, high = interval_of_share(float(right.mean()), n_test)
    accuracy = score(
        float(right.mean()),
        low=low,
        high=high,
        chance=chance,
        baseline=float(base),
        note="pictures never trained on; baseline: ridge on all pixels",
    )
    guesses = (states[test] @ weights).argmax(axis=1)
    confusion = np.zeros((len(names), len(names)))
    np.add.at(confusion, (labels[test], guesses), 1)
    table = pd.DataFrame(
        {
            "picture": test,
            "truth": [names[k] for k in labels[test]],
            "guess": [names[k] for k in guesses],
        }
    )
    codes = ["simulated data", *(["below the baseline"] if right.mean() <= base else [])]
    return Result(
        data={"model": _model(params, weights, context.seed, names), "guesses": Table(table)},
        views=(
            Heatmap(
                confusion,
                x_names=names,
                y_names=names,
                x_label="guess",
                y_label="truth",
                value_label="pictures",
                value_unit="1",
                show_values=len(names) <= 12,
                title="Confusion",
                caption=f"{n_test} pictures that were not trained on.",
            ),
        ),
        numbers={
            "accuracy": accuracy,
            "last row alone": Number(
                float(memory), "1", chance=chance, note="ridge without the reservoir's memory"
            ),
        },
        warnings=tuple(codes),
    )


def _learn(
    context: Context, params: ReservoirParams, states: Array, targets: Array, rows: Array
) -> Array:
    if params.readout == "ridge":
        return _ridge(states[rows], targets[rows])
    readout = _readout(params, targets.shape[1])
    wrong = 0.0
    for k, row in enumerate(context.track(rows, "Learning", len(rows)), 1):
        error = readout.update(states[row], targets[row])
        wrong += float(np.square(error).mean())
        if k % 200 == 0:
            context.log(step=k, squared_error=wrong / 200)
            wrong = 0.0
    weights: Array = readout.weights
    return weights


def _series(context: Context, params: ReservoirParams, series: Traces) -> Result:
    import pynapple as nap

    values = np.nan_to_num(np.asarray(series.frame.values, float))
    times = np.asarray(series.frame.t, float)
    rate = float(1.0 / np.median(np.diff(times)))
    ahead = max(1, round(params.horizon * rate))
    n = len(values) - ahead
    n_train = round(n * (1 - params.test_share))
    if n_train < 50:
        raise BadInput(f"{len(values)} samples are too few: the series needs at least a hundred.")
    middle, scale = values[:n_train].mean(axis=0), values[:n_train].std(axis=0) + 1e-12
    scaled = (values - middle) / scale
    reservoir = Reservoir(params, values.shape[1], context.seed)
    if params.feedback:
        weights, guesses = _force(context, params, reservoir, scaled[ahead:], n_train)
    else:
        weights, guesses = _follow(context, params, reservoir, scaled, ahead, n_train)
    truth = scaled[ahead:]
    test = slice(n_train, n)
    error = float(np.sqrt(np.mean((guesses[test] - truth[test]) ** 2)))
    still = float(np.sqrt(np.mean((scaled[:n][test] - truth[test]) ** 2)))
    shown = guesses * scale + middle
    when = times[ahead:]
    frame = nap.TsdFrame(t=when, d=shown, columns=[str(c) for c in series.frame.columns])
    view = Lines(
        when[test],
        np.stack([values[ahead:][test, 0], shown[test, 0]]),
        names=("measured", "predicted"),
        x_label="time",
        x_unit="s",
        y_label=str(series.frame.columns[0]),
        y_unit=series.unit,
        title="Prediction",
        caption="The network alone, after the part that was trained on."
        if params.feedback
        else f"{ahead / rate:.3g} s ahead, on the part that was not trained on.",
        axis="time",
    )
    codes = ["simulated data", *(["below the baseline"] if error >= still else [])]
    return Result(
        data={
            "model": _model(params, weights, context.seed, ()),
            "predicted": Traces(frame, series.unit),
        },
        views=(view,),
        numbers={
            "error": Number(
                error, "s.d.", chance=1.0, baseline=still, note="baseline: the last value stays"
            )
        },
        warnings=tuple(codes),
    )


def _follow(
    context: Context,
    params: ReservoirParams,
    reservoir: Reservoir,
    scaled: Array,
    ahead: int,
    n_train: int,
) -> tuple[Array, Array]:
    """Return the readout and its guess of each sample ``ahead`` of the one that drives the network."""
    n = len(scaled) - ahead
    readout = _readout(params, scaled.shape[1])
    h = np.zeros((1, params.n_neurons))
    states, guesses = np.zeros((n, params.n_neurons)), np.zeros((n, scaled.shape[1]))
    for k in context.track(range(n), "Running and learning"):
        h = reservoir.advance(h, scaled[k : k + 1])
        states[k] = h[0]
        guesses[k] = readout.predict(h[0])
        if k < n_train and params.readout != "ridge":
            readout.update(h[0], scaled[k + ahead])
    if params.readout != "ridge":
        return readout.weights, guesses
    weights = _ridge(states[:n_train], scaled[ahead : n_train + ahead])
    return weights, states @ weights


def _force(
    context: Context, params: ReservoirParams, reservoir: Reservoir, target: Array, n_train: int
) -> tuple[Array, Array]:
    """Return the readout and the output of a network driven by that output; alone after the training part."""
    readout = RecursiveLeastSquares(params.n_neurons, target.shape[1], 1.0)
    random = np.random.default_rng(context.seed + 1)
    h = 0.1 * random.standard_normal((1, params.n_neurons))
    guesses = np.zeros_like(target)
    out = np.zeros((1, target.shape[1]))
    for k in context.track(range(len(target)), "Running and learning"):
        h = reservoir.advance(h, out)
        if k < n_train:
            readout.update(h[0], target[k])
        out = readout.predict(h)
        guesses[k] = out[0]
    return readout.weights, guesses


def _labelled(images: ImageStack, label: str) -> tuple[Array, Array, tuple[str, ...]]:
    """Return pictures (n, height, width) from 0 to 1, their labels and the labels' names."""
    array = images.array
    if label not in array.coords:
        known = ", ".join(images.names("columns")) or "none"
        raise BadInput(f"The pictures have no fact '{label}'; they have {known}.")
    pixels = np.asarray(array.to_numpy(), float)
    if pixels.ndim == 4:
        pixels = pixels.mean(axis=3)
    names, labels = np.unique(array[label].to_numpy().astype(str), return_inverse=True)
    if len(names) < 2:
        raise BadInput(f"All pictures are '{names[0]}': at least two labels are needed.")
    return pixels / max(pixels.max(), 1e-12), labels, tuple(map(str, names))


def _model(
    params: ReservoirParams, weights: Array, seed: int, names: tuple[str, ...]
) -> TrainedModel:
    config = {
        "params": params.model_dump(mode="json"),
        "seed": seed,
        "names": list(names),
        "simulated": True,
    }
    return TrainedModel({"readout": weights}, config, "train_reservoir")
