"""Simulated responses to pictures, of which the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Sensors,
    Table,
    Topomap,
    Trials,
    View,
    method,
    param,
)

if TYPE_CHECKING:
    import numpy as np

SIMULATED = "Simulated data: nothing here was measured in people."
GAUSSIAN = "The gaussian responses begin before the picture: do not use them for time courses."
FEW = "There were fewer than 24 features; the others are 0."


class SimulateParams(Params):
    """Parameters of :func:`simulate_responses`."""

    categories: int = param(120, "Categories of the training part", ge=2, le=2000)
    pictures: int = param(30, "Pictures of each category, shown once a person", ge=1, le=100)
    subjects: int = param(2, "People", ge=1, le=20)
    gallery: int = param(100, "Pictures of the test part, each of a new category", ge=2, le=1000)
    repeats: int = param(8, "How often a person sees each test picture", ge=1, le=100)
    shows: int = param(
        1, "How often a person sees each training picture", ge=1, le=100, advanced=True
    )
    linear: float = param(
        0.35, "Share of the response that is linear in the picture", unit="1", ge=0, le=1
    )
    snr: float = param(
        0.5, "Standard deviation of signal over that of noise", unit="1", gt=0, le=10
    )
    jitter: float = param(
        0.08, "Largest delay of a trial, earlier or later", unit="s", ge=0, le=0.1, advanced=True
    )
    kernel: Literal["causal", "gaussian"] = param(
        "causal", "causal: responses follow onset and offset; gaussian: they begin before onset"
    )
    sensors: Literal["plane", "sphere", "cortex"] = param(
        "plane",
        "plane: 48 sensors over a plane; sphere: dipoles in a sphere seen by the sensors given, else by 64 "
        "electrodes; cortex: the lead field of the package tvb-data, where installed",
    )


@method(
    group="Simulate",
    warnings={"simulated": SIMULATED, "gaussian": GAUSSIAN, "few": FEW},
    example="simulate",
)
def simulate_responses(
    context: Context,
    params: SimulateParams,
    features: Table | None = None,
    layout: Recording | Trials | None = None,
) -> Result:
    """Simulate MEG or EEG trials of people who see pictures, with known sources.

    ``features`` are embeddings of real pictures, whose 24 main components drive the sources; ``layout`` is
    a recording whose sensors are used.
    """
    import numpy as np

    from . import packing
    from .world import RATE, Settings

    settings = Settings(
        categories=params.categories, pictures=params.pictures, subjects=params.subjects,
        gallery=params.gallery, repeats=params.repeats, shows=params.shows, linear=params.linear,
        snr=params.snr, jitter=round(params.jitter * RATE), kernel=params.kernel, seed=context.seed,
    )  # fmt: skip
    given, few = None, False
    if features is not None:
        given, few = packing.components(features)
    for _ in context.track(range(1), "Simulating"):
        info, field = _sensors(params, layout, np.random.default_rng([context.seed, 5]))
        trials, table, truth = packing.experiment(settings, info=info, field=field, features=given)
    warnings = {"simulated": True, "gaussian": params.kernel == "gaussian", "few": few}
    return Result(
        data={"trials": trials, "features": table, "truth": truth},
        views=_views(trials, truth),
        numbers={"trials": Number(len(trials.epochs.events))},
        warnings=tuple(code for code, holds in warnings.items() if holds),
    )


def _sensors(
    params: SimulateParams, layout: Recording | Trials | None, random: np.random.Generator
) -> tuple[Any, Any]:
    from . import sensing

    if layout is not None and params.sensors != "sphere":
        raise BadInput("Sensors of a recording are used with the sphere. Set sensors to 'sphere'.")
    if params.sensors == "cortex":
        return sensing.cortex(random)
    if params.sensors == "sphere":
        from neurostudio.learning.sensors import inside

        info = sensing.electrodes() if layout is None else inside(layout).info
        return sensing.sphere(info, random)
    return None, None


def _views(trials: Trials, truth: Table) -> tuple[View, ...]:
    import numpy as np

    from neurostudio.learning.sensors import data_channels, in_space, topomap

    names = data_channels(trials)
    frame = truth.frame
    gain = frame[[name for name in frame if str(name).startswith("sensor ")]].to_numpy()
    titles = tuple(f"{row.source}, {row.begins:.2f} s" for row in frame.itertuples())
    maps: tuple[Topomap | Sensors, ...] = topomap(
        trials, names, gain[:6], titles=titles[:6], value_label="field", value_unit="1",
        title="What the sensors see of the planted sources",
        caption="The first six of twelve; the time is when the response reaches half of its height.",
    )  # fmt: skip
    epochs = trials.epochs
    power = np.sqrt(np.mean(epochs.get_data(copy=False)[:2000] ** 2, axis=0))
    mean = power.mean(axis=0)
    course = Lines(
        epochs.times, mean[None] / mean[epochs.times < 0].mean(), x_label="time", x_unit="s",
        y_label="root mean square, before onset = 1", y_unit="1", marks={"onset": 0.0, "offset": 0.5},
        title="Size of the responses",
    )  # fmt: skip
    return (*maps, course, *in_space(trials, names, title="Sensors"))
