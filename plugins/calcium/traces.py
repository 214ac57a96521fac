"""Traces as arrays, and the scales that fluorescence is shown on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Traces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

Scale = Literal["as it is", "z-score", "ΔF/F"]


def traces_of(items: Items) -> Traces:
    """Return the traces among the items."""
    given = items["traces"]
    if not isinstance(given, Traces):  # the method's own check came first
        raise TypeError(f"expected Traces, got {type(given).__name__}")
    return given


def check_channels(names: Sequence[str], traces: Traces, least: int = 1) -> None:
    """Raise where a named trace is not there, or fewer than ``least`` are left."""
    known = traces.names("channels")
    absent = [name for name in names if name not in known]
    if absent:
        shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
        raise BadInput(f"There is no trace '{absent[0]}'. There are {len(known)}: {shown}.")
    n = len(names) or len(known)
    if n < least:
        raise BadInput(f"{least} traces are needed and {n} is there. Choose more.")
    if traces.frame.shape[0] < 3:
        raise BadInput("The traces have fewer than 3 samples. Choose other data.")


def chosen(traces: Traces, names: Sequence[str]) -> tuple[list[str], Array]:
    """Return the names and the values (n_traces, n_times) of the named traces, or of all."""
    known = list(traces.names("channels"))
    wanted = list(names) or known
    values = np.asarray(traces.frame.values, float).T
    return wanted, values[[known.index(name) for name in wanted]]


def rate_of(traces: Traces) -> float:
    """Return the usual rate in hertz."""
    return float(1 / np.median(np.diff(traces.frame.index.values)))


def detrended(values: Array, rate: float, length: float) -> Array:
    """Return values without their running median over ``length`` seconds; 0 for as they are.

    Notes
    -----
    The median of the whole trace is added again, so that ΔF/F stays defined.
    """
    if length <= 0:
        return values
    trend = running_percentile(values, rate, length, 50)
    return np.asarray(values - trend + np.nanmedian(values, axis=1, keepdims=True))


def running_percentile(values: Array, rate: float, length: float, percentile: float) -> Array:
    """Return a percentile of the ``length`` seconds around each sample."""
    from scipy.ndimage import percentile_filter

    size = max(1, 2 * round(length * rate / 2) + 1)
    rows = [
        percentile_filter(row, percentile, size=min(size, 2 * len(row) - 1), mode="nearest")
        for row in values
    ]
    return np.asarray(rows)


def scaled(
    values: Array, scale: Scale, rate: float, length: float = 0.0, percentile: float = 20.0
) -> Array:
    """Return values on a scale.

    Parameters
    ----------
    values : array of shape (n_traces, n_times)
    scale
        ``"z-score"``: each trace against its own mean, in its own standard deviations; ``"ΔF/F"``: the change
        from the baseline as a share of the baseline, a percentile of all or of ``length`` seconds around.
    """
    if scale == "as it is":
        return values
    if scale == "z-score":
        mean = np.nanmean(values, axis=1, keepdims=True)
        spread = np.nanstd(values, axis=1, keepdims=True)
        return np.asarray((values - mean) / np.where(spread > 0, spread, 1.0))
    if length > 0:
        baseline = running_percentile(values, rate, length, percentile)
    else:
        baseline = np.nanpercentile(values, percentile, axis=1, keepdims=True)
    if np.nanmin(baseline) <= 0:
        low = int(np.sum(np.nanmin(np.broadcast_to(baseline, values.shape), axis=1) <= 0))
        raise BadInput(
            f"The baseline of {low} of {len(values)} traces is not above 0, so that ΔF/F means nothing "
            "(the traces may be z-scored already). Use another scale."
        )
    return np.asarray((values - baseline) / baseline)


def unit_of(scale: Scale, traces: Traces) -> str:
    """Return the unit of values on a scale."""
    return {"as it is": traces.unit, "z-score": "s.d.", "ΔF/F": "1"}[scale]


def framed(times: Any, values: Array, names: Sequence[str], unit: str) -> Traces:
    """Return values (n_traces, n_times) as traces."""
    import pynapple as nap

    return Traces(nap.TsdFrame(t=times, d=values.T, columns=list(names)), unit)
