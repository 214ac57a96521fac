"""A liquid organises itself: weights follow the spikes, an astrocyte sets how strongly they are depressed."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Connectome,
    Context,
    ImageStack,
    NullControl,
    Number,
    Result,
    SpikeTrains,
    Table,
    Traces,
    method,
)

from .declaring import WARNINGS, OrganiseParams, memory_of_liquid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from neurostudio.api import TrainedModel, View

    from .coding import Samples
    from .liquids import Liquid
    from .presenting import Organised, Showing

    Array = NDArray[Any]

N_GAUGED, PROBE_STEPS = 3, 250  # samples of a look at the branching, ms of each
N_MEASURED = 20
SHOW_INTERVAL = 1.0  # s between live pictures


@method(
    group="Train", title="Self-organise", example="organised", memory=memory_of_liquid,
    warnings={
        code: WARNINGS[code]
        for code in (
            "simulated network", "simulated data", "branching above 1.2", "liquid silent", "scaled",
            "a fixed liquid may be as good", "no labels",
        )
    },
)  # fmt: skip
def self_organise(
    context: Context,
    params: OrganiseParams,
    data: ImageStack | Table | SpikeTrains,
    connectome: Connectome | None = None,
    trials: Table | None = None,
) -> Result:
    """Let a liquid organise itself on pictures or recordings of events, shown one after the other.

    Every spike of a neuron or an input changes its weights; the astrocyte counts the spikes of the liquid
    minus those of the inputs, and the rate of depression follows. ``data`` are grey pictures, a table of
    events (recording, time, x, y, polarity), or spike trains with a table ``trials`` (start, label).
    ``connectome`` is a liquid of *Build liquid*; without one it is built here. A test part is kept apart and
    never shown.
    """
    from .coding import read_samples
    from .liquids import build, from_connectome
    from .models import as_model
    from .parts import pool_of, to_organise_on
    from .presenting import Showing, learning_of, organise, steps_of

    samples = read_samples(data, trials, params.label)
    seed = context.seed
    if connectome is None:
        before = build(
            params.shape, params.excitatory_share, params.reach, samples.n_inputs, params.start_weight,
            seed,
        )  # fmt: skip
    else:
        before = from_connectome(connectome, samples.n_inputs, params.start_weight, seed)
    rows = to_organise_on(samples, params.n_initial, params.n_test, seed)
    scale = samples.scale(pool_of(samples, params.n_test, seed))
    learning = learning_of(params, params.liquid, params.astrocyte_weight)
    showing = Showing(steps_of(params.initial_time), scale, learning, seed)
    if params.liquid == "fixed":
        rows = rows[:0]
    gauge = gauge_of(samples, rows, showing)
    watch = _Watching(context, params)
    found = organise(context, before, samples, rows, showing, "Self-organising", gauge, watch)
    control = None
    if params.control and params.liquid == "NALSM" and len(rows):
        without = replace(showing, learning=learning_of(params, "STDP", 0.0))
        control = organise(context, before, samples, rows, without, "Without the astrocyte", gauge)
    measured = _measured(context, samples, rows, showing, before, found, control)
    model = as_model(
        found.liquid, samples, np.unique(samples.fingerprints(np.unique(rows))), learning, scale=scale,
        rule=params.liquid, astrocyte_weight=params.astrocyte_weight, n_initial=len(rows),
        initial_time=params.initial_time, seed=seed, n_kept=params.n_test,
    )  # fmt: skip
    return _result(params, samples, before, found, control, measured, model)


class _Watching:
    """What is logged and shown while a liquid learns."""

    def __init__(self, context: Context, params: OrganiseParams) -> None:
        self.context, self.params, self.last, self.logged = context, params, 0.0, 0

    def __call__(self, so_far: Organised) -> None:
        """Log each look at the branching; show pictures once a second."""
        if len(so_far.shown) and so_far.shown[-1] > self.logged:
            self.logged = int(so_far.shown[-1])
            depression, n_liquid, n_inputs, *weights = so_far.course[-1].tolist()
            self.context.log(
                step=self.logged, branching=so_far.branching[-1], depression=depression,
                liquid_spikes=n_liquid, input_spikes=n_inputs, excitatory_weight=weights[0],
                inhibitory_weight=weights[1], input_weight=weights[2],
            )  # fmt: skip
        if time.monotonic() - self.last > SHOW_INTERVAL:
            self.last = time.monotonic()
            for name, view in self._pictures(so_far).items():
                self.context.show(name, view)

    def _pictures(self, so_far: Organised) -> dict[str, View]:
        from . import picturing

        liquid = so_far.liquid
        lit = np.bincount(so_far.last.who, minlength=len(liquid))
        amount, drive = picturing.astrocyte(so_far.fine, self.params.astrocyte_bias)
        return {
            "spikes": picturing.lanes(liquid, so_far.last, so_far.inputs, "Last sample"),
            "astrocyte": amount,
            "drive": drive,
            "branching": picturing.gauge(so_far.shown, so_far.branching),
            "weights": picturing.histograms(liquid, largest=self.params.largest_weight),
            "liquid": picturing.in_space(liquid, lit, label="spikes in the last sample"),
        }


def gauge_of(samples: Samples, rows: Array, showing: Showing) -> Callable[[Liquid], float]:
    """Return what measures the branching of a liquid on the first rows, frozen; 0 where it is silent."""
    from .measuring import branching
    from .presenting import spikes_of

    n_steps = min(samples.longest or PROBE_STEPS, PROBE_STEPS)
    probes, long = rows[:N_GAUGED].tolist(), replace(showing, n_steps=n_steps)

    def gauge(liquid: Liquid) -> float:
        found = branching(liquid.inner, spikes_of(liquid, samples, probes, long), n_steps)
        return float(np.nanmean(found)) if np.isfinite(found).any() else 0.0

    return gauge


def _measured(
    context: Context, samples: Samples, rows: Array, showing: Showing, before: Liquid, found: Organised,
    control: Organised | None,
) -> dict[str, dict[str, Array]]:  # fmt: skip
    """Return branching and rate (Hz) of each of some samples, for each liquid, weights frozen."""
    from .measuring import branching
    from .presenting import spikes_of

    chosen = rows if len(rows) else np.arange(len(samples))
    probes = chosen[:N_MEASURED].tolist()
    n_steps = min(samples.longest or PROBE_STEPS, PROBE_STEPS)
    liquids = {"before": before, "after": found.liquid}
    if control is not None:
        liquids["control"] = control.liquid
    out: dict[str, dict[str, Array]] = {}
    for name in context.track(list(liquids), "Measuring"):
        liquid = liquids[name]
        trains = spikes_of(liquid, samples, probes, replace(showing, n_steps=n_steps))
        rates = np.array([1000 * len(each.who) / n_steps / len(liquid) for each in trains])
        factor = np.nan_to_num(branching(liquid.inner, trains, n_steps))
        out[name] = {"branching": factor, "rate": rates}
    return out


def _result(
    params: OrganiseParams, samples: Samples, before: Liquid, found: Organised,
    control: Organised | None, measured: dict[str, dict[str, Array]], model: TrainedModel,
) -> Result:  # fmt: skip
    from . import picturing
    from .models import codes_of

    liquid, n_initial = found.liquid, len(found.course)
    after = measured["after"]
    codes = codes_of(
        samples=samples, n=len(liquid), n_initial=n_initial, steps=PROBE_STEPS, rule=params.liquid,
        rate=after["rate"].mean(), branching=after["branching"].mean(),
    )  # fmt: skip
    views: list[View] = []
    if n_initial:
        views += [
            picturing.gauge(
                found.shown,
                found.branching,
                (control.shown, control.branching) if control else None,
            ),
            *picturing.course(found.course),
            picturing.lanes(liquid, found.last, found.inputs, "Last sample"),
            *picturing.astrocyte(found.fine, params.astrocyte_bias),
        ]
    lit = np.bincount(found.last.who, minlength=len(liquid))
    views += [
        picturing.histograms(liquid, params.start_weight, params.largest_weight),
        picturing.matrix(liquid),
        picturing.in_space(liquid, lit, label="spikes in the last sample"),
    ]
    if control:
        views += _controls(measured)
    data: dict[str, Any] = {"model": model}
    if n_initial:
        data |= {"course": _traces(params, found), "spikes": _trains(found, params)}
    numbers = _numbers(measured, found)
    return Result(data=data, views=tuple(views), numbers=numbers, warnings=codes)


def _numbers(measured: dict[str, dict[str, Array]], found: Organised) -> dict[str, Number]:
    def mean(name: str, what: str, unit: str, beside: str = "") -> Number:
        values = measured[name][what]
        half = 1.96 * float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        middle = float(values.mean())
        base = float(measured[beside][what].mean()) if beside in measured else None
        note = f"mean of {len(values)} samples shown with frozen weights"
        return Number(middle, unit, middle - half, middle + half, baseline=base, note=note)

    control = "control" if "control" in measured else "before"
    numbers = {
        "branching before": mean("before", "branching", "1"),
        "branching after": mean("after", "branching", "1", control),
        "mean rate": mean("after", "rate", "Hz", control),
        "mean rate before": mean("before", "rate", "Hz"),
    }
    if len(found.course):
        numbers["depression at the end"] = Number(
            float(found.course[-1, 0]), "1", note="A at the end of the last sample"
        )
        for k, name in enumerate(("excitatory", "inhibitory", "input"), 3):
            numbers[f"mean {name} weight"] = Number(
                float(found.course[-1, k]), "1", note="model unit"
            )
    return numbers


def _controls(measured: dict[str, dict[str, Array]]) -> list[View]:
    made: list[View] = []
    for what, unit in (("rate", "Hz"), ("branching", "")):
        own, other = measured["after"][what], measured["control"][what]
        made.append(
            NullControl(
                np.array([own.mean()]), other[None], (f"mean {what}",), "without the astrocyte (plain STDP)",
                y_label=what, y_unit=unit, title=f"{what.capitalize()} with and without the astrocyte",
                caption="One point a sample; weights frozen while it is shown.",
            )
        )  # fmt: skip
    return made


def _traces(params: OrganiseParams, found: Organised) -> Traces:
    import pynapple as nap

    from .presenting import SERIES

    every = np.arange(1, len(found.course) + 1)
    held = np.interp(every, found.shown, found.branching)
    table = np.column_stack([found.course, held])
    columns = [*SERIES, "branching"]
    return Traces(
        nap.TsdFrame(t=every * params.initial_time, d=table, columns=columns), "model unit"
    )


def _trains(found: Organised, params: OrganiseParams) -> SpikeTrains:
    import pynapple as nap

    liquid = found.liquid
    support = nap.IntervalSet(0.0, params.initial_time)
    units = {
        k: nap.Ts(found.last.when[found.last.who == k] / 1000 + 5e-4, time_support=support)
        for k in range(len(liquid))
    }
    kinds = np.where(liquid.excitatory, "excitatory", "inhibitory")
    return SpikeTrains(nap.TsGroup(units, time_support=support, metadata={"type": kinds}))
