"""The affinity of every pair over time, for the window that is looked at."""

from __future__ import annotations

import numpy as np

from neurostudio.api import Context, Data, Heatmap, Lines, Number, Result, Traces, method, param

from .animals import check_traces
from .components import prepare
from .declaring import FORM, WARNINGS, AffinityParams
from .pictures import SIMULATED, connectome_of
from .reading import matrices
from .tensors import memory_of

ROWS = 60
FRAMES = 240


class ShowParams(AffinityParams):
    """Parameters of :func:`differential_affinity`."""

    start: float = param(
        0.0,
        "Begin of the window that is given out, after the recording's begin",
        unit="s",
        ge=0,
        le=1e6,
    )
    length: float = param(30.0, "Length of the window that is given out", unit="s", gt=0, le=3600)


@method(
    group="Analyse",
    title="Affinity of neurons",
    warnings=WARNINGS,
    memory=memory_of,
    check=check_traces,
    example="affinity",
)
def differential_affinity(
    context: Context, params: ShowParams, traces: tuple[Traces, ...]
) -> Result:
    """Measure at each time how alike every two neurons change, and give out a window of it."""
    cohort, affine, codes = prepare(context, params, traces)
    n = len(cohort.neurons)
    inside = np.flatnonzero(
        (affine.times >= affine.times[0] + params.start)
        & (affine.times <= affine.times[0] + params.start + params.length)
    )
    inside = inside if len(inside) else np.array([len(affine.times) - 1])
    inside = inside[:: max(1, -(-len(inside) // FRAMES))]
    data: dict[str, Data] = {}
    for w in context.track(range(len(cohort.animals)), "Matrices"):
        part = np.asarray(affine.tensor[inside, w])
        same, opposed = matrices(part.T.astype(float), n)
        data[f"affinity_{w + 1}"] = connectome_of(
            same.astype(np.float32), cohort.neurons, {}, affine.times[inside]
        )
        if opposed is not None:
            data[f"opposed_{w + 1}"] = connectome_of(
                opposed.astype(np.float32), cohort.neurons, {}, affine.times[inside]
            )
    note = SIMULATED if "simulated" in codes else ""
    share = float(np.mean([np.count_nonzero(each) / each.size for each in affine.tensor]))
    return Result(
        data=data,
        views=(_pairs(affine.tensor, affine.times, cohort.neurons, cohort.animals, note),
               Lines(affine.times, np.asarray(affine.tensor.mean(axis=2), float).T, cohort.animals,
                     x_label="time", x_unit="s", y_label="mean affinity", y_unit="1", axis="time",
                     title="Mean over all pairs", caption=f"{FORM}{note}")),
        numbers={
            "neurons": Number(n),
            "share of non-zero": Number(share, "1", note="of all pairs and times"),
            "memory": Number(affine.tensor.nbytes, "B", note="the whole tensor, single precision"),
        },
        warnings=tuple(codes),
    )  # fmt: skip


def _pairs(tensor: np.ndarray, times: np.ndarray, neurons: tuple[str, ...], animals: tuple[str, ...],
           note: str) -> Heatmap:  # fmt: skip
    """Return the pairs of the largest mean affinity over time, in the first animal."""
    first, second = np.triu_indices(len(neurons), 1)
    mean = tensor[:, 0, : len(first)].mean(axis=0)
    chosen = np.argsort(-mean, kind="stable")[:ROWS]
    step = max(1, len(times) // 1000)
    n = len(times) // step
    values = np.asarray(tensor[: n * step, 0][:, chosen], float).reshape(n, step, -1).mean(axis=1)
    return Heatmap(
        values.T, x=times[: n * step].reshape(n, step).mean(axis=1),
        y_names=tuple(f"{neurons[first[k]]} {neurons[second[k]]}" for k in chosen),
        x_label="time", x_unit="s", y_label="pair", value_label="affinity", value_unit="1", axis="time",
        title=f"Strongest pairs of {animals[0]}",
        caption=f"The {len(chosen)} pairs of {len(mean):,} with the highest mean affinity. {FORM}{note}",
    )  # fmt: skip
