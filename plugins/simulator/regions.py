"""Rate models of regions, joined by a connectome with its lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    Traces,
    method,
    param,
)

from .building import law_of
from .named import matrix_of

if TYPE_CHECKING:
    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[Any]]
WARNINGS = {
    "simulated data": "Simulated activity: it shows what these equations do on this connectome.",
    "no lengths": "The connectome has no places: connections act without delay.",
}
_SHOWN = 12


class RegionsParams(Params):
    """Parameters of :func:`simulate_regions`."""

    model: Literal["wilson_cowan", "kuramoto", "stuart_landau", "fitzhugh", "jansen_rit"] = param(
        "kuramoto", "Law of each region"
    )
    coupling: float = param(
        0.5, "Strength of the connections, after the largest is set to 1", unit="1", ge=0, le=100
    )
    drive: float = param(
        0.0, "Constant input of each region, in the unit of the law", unit="1", advanced=True
    )
    frequency: float = param(10.0, "Own frequency (Kuramoto)", unit="Hz", gt=0, le=200)
    frequency_spread: float = param(
        1.0, "Standard deviation of the own frequencies (Kuramoto)", unit="Hz", ge=0, le=50
    )
    noise: float = param(0.01, "Noise per square root of a millisecond", unit="1", ge=0, le=10)
    speed: float = param(
        10.0,
        "Speed along connections; lengths come from the nodes' places",
        unit="m/s",
        gt=0,
        le=1000,
    )
    duration: float = param(
        5.0, "Time that is kept, after a fifth that is not", unit="s", gt=0, le=3600
    )
    dt: float = param(0.001, "Step of time", unit="s", ge=1e-5, le=0.01, advanced=True)
    bold: bool = param(False, "Give the haemodynamic signal too")


def _check(params: RegionsParams, items: Items) -> None:
    if params.bold and params.duration < 30:
        raise BadInput(f"A haemodynamic signal of {params.duration:g} s: simulate at least 30 s.")
    del items


@method(group="Simulate", warnings=WARNINGS, check=_check, example="regions")
def simulate_regions(context: Context, params: RegionsParams, connectome: Connectome) -> Result:
    """Run one rate model in each node of a connectome and compare what arises with the wiring.

    Lengths come from a coordinate of the nodes in mm where there is one. The functional connectivity is the
    correlation of the series.
    """
    import pynapple as nap

    strengths, names, lengths = matrix_of(connectome)
    np.fill_diagonal(strengths, 0.0)
    strengths = strengths / max(strengths.max(), 1e-12)
    n, dt = len(names), params.dt * 1e3
    delays = np.round(lengths / params.speed / dt).astype(int)
    kept = round(params.duration / params.dt)
    settle = kept // 5
    series = _run(context, params, strengths, delays, settle + kept)[settle:]
    seen = np.sin(series) if params.model == "kuramoto" else series
    functional = np.nan_to_num(np.corrcoef(seen.T))
    times = np.arange(kept) * params.dt
    upper = np.triu_indices(n, 1)
    both = strengths + strengths.T
    agreement = float(np.corrcoef(both[upper], functional[upper])[0, 1]) if n > 2 else float("nan")
    order = _order(series, params)
    null = _null(both, functional, upper, context.seed)
    data: dict[str, Any] = {
        "regions": Traces(nap.TsdFrame(t=times, d=seen, columns=names), "1"),
        "functional": Connectome(_like(connectome, functional)),
    }
    if params.bold:
        data["bold"] = Traces(
            nap.TsdFrame(
                t=np.arange(0, params.duration, 0.72), d=_bold(seen, params), columns=names
            ),
            "1",
        )
    codes = ["simulated data", *(["no lengths"] if not lengths.any() else [])]
    return Result(
        data=data,
        views=(
            Lines(
                times[: round(2 / params.dt)],
                seen[: round(2 / params.dt), :_SHOWN].T,
                names=tuple(names[:_SHOWN]),
                x_label="time",
                x_unit="s",
                y_label="activity",
                y_unit="1",
                title="Some regions",
                caption=f"First {min(2.0, params.duration):g} s. Simulated.",
                axis="time",
            ),
            Heatmap(
                functional,
                x_names=tuple(names),
                y_names=tuple(names),
                value_label="correlation",
                value_unit="1",
                diverging=True,
                span=(-1.0, 1.0),
                title="Functional connectivity",
                caption="Simulated.",
            ),
        ),
        numbers={
            "structure and function": Number(
                agreement,
                "1",
                chance=float(np.mean(null)),
                note=f"over pairs; 95 % of renamed wirings lie below {np.quantile(null, 0.95):.3f}",
            ),
            "synchrony": Number(float(order.mean()), "1", note="mean Kuramoto order"),
            "metastability": Number(
                float(order.std()), "1", note="s.d. of the Kuramoto order over time"
            ),
        },
        warnings=tuple(codes),
    )


def _run(
    context: Context, params: RegionsParams, strengths: Array, delays: Array, n_steps: int
) -> Array:
    """Return the first variable of each region, shape (n_steps, n)."""
    law = law_of(params.model)
    random = np.random.default_rng(context.seed)
    n, dt = len(strengths), params.dt * 1e3
    changed: dict[str, Any] = {}
    if params.model == "kuramoto":
        own = random.normal(params.frequency, params.frequency_spread, n)
        changed["frequency"] = 2 * np.pi * own * 1e-3
    p = law.parameters(**changed)
    state = law.start(n, p)
    state[0] += (2 * np.pi if params.model == "kuramoto" else 0.1) * random.random(n)
    depth = int(delays.max()) + 1
    past = np.repeat(state[0][None], depth, axis=0)
    rows = np.arange(n)[:, None] * np.ones((1, n), int)
    series: Array = np.empty((n_steps, n))
    for k in context.track(range(n_steps), "Simulating"):
        late = past[(k - delays) % depth, rows]  # (source, target)
        drive = params.drive + params.coupling * _input(params.model, strengths, late, state[0], n)
        noise = params.noise * np.sqrt(dt) * random.standard_normal(n)
        slopes = np.stack([np.broadcast_to(s, n) for s in law.derivative(state, drive, p)])
        guess = state + dt * slopes
        guess[0] += noise
        later = np.stack([np.broadcast_to(s, n) for s in law.derivative(guess, drive, p)])
        state = state + 0.5 * dt * (slopes + later)
        state[0] += noise
        series[k] = state[0]
        past[(k + 1) % depth] = state[0]
    return series


def _input(model: str, strengths: Array, late: Array, now: Array, n: int) -> Array:
    if model == "kuramoto":
        total: Array = (strengths * np.sin(late - now[None, :])).sum(axis=0) / n
        return total
    if model in {"stuart_landau", "fitzhugh"}:
        spread: Array = (strengths * (late - now[None, :])).sum(axis=0)
        return spread
    added: Array = (strengths * late).sum(axis=0)
    return added


def _order(series: Array, params: RegionsParams) -> Array:
    """Return the Kuramoto order over time."""
    from scipy.signal import hilbert

    phases = (
        series
        if params.model == "kuramoto"
        else np.angle(hilbert(series - series.mean(axis=0), axis=0))
    )
    order: Array = np.abs(np.exp(1j * phases).mean(axis=1))
    return order


def _null(structure: Array, functional: Array, upper: tuple[Array, ...], seed: int) -> Array:
    """Return the agreement with wirings whose nodes are renamed at random."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(200):
        order = random.permutation(len(structure))
        found.append(np.corrcoef(structure[np.ix_(order, order)][upper], functional[upper])[0, 1])
    agreements: Array = np.nan_to_num(np.array(found))
    return agreements


def _like(connectome: Connectome, values: Array) -> Any:
    """Return a matrix with the facts of the nodes of a connectome."""
    matrix = connectome.matrix
    found = matrix.mean("time") if "time" in matrix.dims else matrix
    found = found.copy(data=values)
    found.attrs = {**matrix.attrs, "unit": "correlation", "directed": False}
    return found


def _bold(seen: Array, params: RegionsParams) -> Array:
    """Return the activity through a double-gamma response, every 0.72 s."""
    from scipy.signal import fftconvolve
    from scipy.stats import gamma

    t = np.arange(0, 25, params.dt)
    response = gamma.pdf(t, 6) - gamma.pdf(t, 16) / 6
    signal = fftconvolve(np.abs(seen), response[:, None], axes=0)[: len(seen)] * params.dt
    when = (np.arange(0, params.duration, 0.72) / params.dt).astype(int)
    sampled: Array = signal[when]
    return sampled
