"""Whether nodes with many connections know each other: the rich club."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Lines,
    Number,
    Params,
    Result,
    Sheet,
    method,
    param,
)

from .graphs import WARNINGS, Directed, Negative, graph_view, memory_of, wiring_of, with_facts
from .nulls import SWAPS, rewired

if TYPE_CHECKING:
    from .graphs import Array, Whole, Wiring

SMALLEST = 4  # nodes of a club
CLEAR = 3.0  # standard deviations of rewired graphs, as Towlson et al. 2013 ask for
ALPHA = 0.05  # of p: a club is one below


class RichClubParams(Params):
    """Parameters of :func:`rich_club`."""

    directed: Directed = param(
        "auto",
        "auto: directed where the matrix is not symmetric; undirected: mean of both directions",
    )
    negative: Negative = param(
        "absolute", "Negative weights: use their size, or leave them out (positive)", advanced=True
    )
    nulls: int = param(100, "Rewired copies for the band", ge=39, le=5000)


@dataclass(frozen=True, slots=True)
class Curve:
    """Degrees k, phi(k) of the graph, and of its rewired copies (n_nulls, n_degrees)."""

    degrees: Whole
    phi: Array
    nulls: Array

    @property
    def normal(self) -> Array:
        """Phi of the graph over the mean of the copies."""
        mean = self.nulls.mean(axis=0)
        found = np.divide(self.phi, mean, out=np.full(len(mean), np.nan), where=mean > 0)
        return np.asarray(found, np.float64)


@method(
    group="Analyse",
    title="Rich club",
    example="rich",
    memory=memory_of,
    warnings=WARNINGS
    | {
        "no-club": "At no degree are the richest nodes connected beyond what their degrees bring about."
    },
)
def rich_club(context: Context, params: RichClubParams, connectome: Connectome) -> Result:
    """Measure how densely nodes of more than k connections are connected, beside graphs of the same degrees.

    Weights are not used. Colizza et al., Nature Physics 2006; van den Heuvel & Sporns, J. Neurosci. 2011.
    """
    wiring = wiring_of(connectome, directed=params.directed, negative=params.negative).binary()
    curve, swaps = _curve(context, wiring, params.nulls)
    spread = curve.nulls.std(axis=0)
    spread = np.where(spread > 0, spread, np.inf)
    z = (curve.phi - curve.nulls.mean(axis=0)) / spread
    highest = ((curve.nulls - curve.nulls.mean(axis=0)) / spread).max(axis=1)
    k = _richest(curve, z)
    p = (1 + int((highest >= z.max()).sum())) / (1 + len(highest))
    low, high = np.percentile(curve.nulls, [2.5, 97.5], axis=0)
    club = (_degree(wiring) > curve.degrees[k]) & (p <= ALPHA)
    members = [name for name, inside in zip(wiring.names, club, strict=True) if inside]
    return Result(
        data={"club": with_facts(connectome, {"rich club": np.where(club, "rich", "other")})},
        views=(
            _picture(curve, low, high),
            graph_view(
                wiring, ["rich" if each else "other" for each in club], "The club in the graph"
            ),
            _members(wiring, members),
        ),
        numbers=_numbers(curve, k, z, p, swaps, wiring)
        | {"members": Number(len(members), note=", ".join(members[:30]))},
        warnings=(*wiring.codes, *(("no-club",) if p > ALPHA else ())),
    )


def _richest(curve: Curve, z: Array) -> int:
    """Return which degree has the largest normalised coefficient among the clear ones, else the largest z."""
    clear = (z >= CLEAR) & np.isfinite(curve.normal)
    return (
        int(np.argmax(np.where(clear, curve.normal, -np.inf))) if clear.any() else int(np.argmax(z))
    )


def _numbers(
    curve: Curve, k: int, z: Array, p: float, swaps: int, wiring: Wiring
) -> dict[str, Number]:
    mean = curve.nulls[:, k].mean()
    ends = np.percentile(curve.nulls[:, k], [2.5, 97.5])
    ratio = float(curve.phi[k] / mean) if mean else float("nan")
    bounds = [float(curve.phi[k] / each) if each else None for each in ends[::-1]]
    where = "where z is largest"
    if z[k] >= CLEAR:
        where = f"where it is largest among those {CLEAR:g} standard deviations above"
    above = np.flatnonzero(curve.phi > np.percentile(curve.nulls, 97.5, axis=0))
    span = (
        f"k from {curve.degrees[above[0]]} to {curve.degrees[above[-1]]}" if len(above) else "none"
    )
    return {
        "normalised coefficient": Number(
            ratio,
            "1",
            bounds[0],
            bounds[1],
            1.0,
            note=f"phi / phi of rewired graphs at k = {curve.degrees[k]}, {where}",
        ),
        "z": Number(float(z[k]), "1", chance=0.0, note="at that k, against rewired graphs"),
        "p": Number(
            p, "1", chance=0.5, note="the largest z over all k against that of each rewired graph"
        ),
        "degrees above the band": Number(len(above), note=span),
        "swaps": Number(
            swaps, note=f"made in each rewired copy, of {SWAPS * wiring.n_edges} tried"
        ),
    }


def _curve(context: Context, wiring: Wiring, count: int) -> tuple[Curve, int]:
    degree = _degree(wiring)
    steps = np.unique(degree)
    steps = np.array([k for k in steps if (degree > k).sum() >= SMALLEST], np.int64)
    if len(steps) < 2:
        raise BadInput(
            "All nodes have about the same number of connections; there is nothing rich about any. "
            "Threshold the connectome first if it is full."
        )
    nulls, swaps = [], []
    for number in context.track(range(count), "Rewiring"):
        null, made = rewired(wiring, context.seed + number)
        nulls.append(_phi(null, degree, steps))
        swaps.append(made)
    return Curve(steps, _phi(wiring, degree, steps), np.array(nulls)), int(np.median(swaps))


def _degree(wiring: Wiring) -> Whole:
    joined = wiring.weights > 0
    total = joined.sum(axis=1) + (joined.sum(axis=0) if wiring.directed else 0)
    return np.asarray(total, np.int64)


def _phi(wiring: Wiring, degree: Whole, steps: Whole) -> Array:
    joined = wiring.weights > 0
    found = []
    for k in steps:
        rich = np.flatnonzero(degree > k)
        found.append(joined[np.ix_(rich, rich)].sum() / (len(rich) * (len(rich) - 1)))
    return np.array(found, float)


def _picture(curve: Curve, low: Array, high: Array) -> Lines:
    mean = curve.nulls.mean(axis=0)
    nothing = np.full(len(mean), np.nan)
    return Lines(
        x=curve.degrees.astype(float),
        y=np.stack([curve.phi, mean]),
        low=np.stack([nothing, low]),
        high=np.stack([nothing, high]),
        names=("this graph", "rewired (95 %)"),
        x_label="degree k",
        y_label="density among nodes of more than k connections",
        y_unit="1",
        title="Rich club",
        caption=f"The band holds 95 % of {len(curve.nulls)} graphs of the same degrees.",
    )


def _members(wiring: Wiring, members: list[str]) -> Sheet:
    degree = dict(zip(wiring.names, _degree(wiring).tolist(), strict=True))
    members = sorted(members, key=lambda name: -degree[name])
    return Sheet({"node": members, "degree": [degree[name] for name in members]}, title="The club")
