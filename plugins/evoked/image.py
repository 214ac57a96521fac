"""Single trials as an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    Trials,
    View,
    method,
    param,
)
from neurostudio.learning.sensors import (
    check_channels,
    check_column,
    conditions,
    data_channels,
    event_mark,
    samples,
    scale_of,
)

if TYPE_CHECKING:
    from neurostudio.api import Items


class ImageParams(Params):
    """Parameters of :func:`trials_image`."""

    channels: tuple[str, ...] = param(
        (), "Channels whose mean is shown; none for all that are not bad", suggest="channels"
    )
    events: tuple[str, ...] = param((), "Events to show; none for all", suggest="events")
    sort_by: str = param(
        "",
        "Column by which trials are ordered; empty for the order they came in",
        suggest="columns",
    )
    smooth: float = param(
        0.0,
        "Width of the smoothing over neighbouring trials, as a standard deviation",
        unit="1",
        ge=0,
        le=1000,
    )


def _check(params: ImageParams, items: Items) -> None:
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, trials)
    check_column(trials, params.sort_by)
    if not len(trials.epochs.events):
        raise BadInput("There are no trials.")


@method(group="Analyse", title="Image of trials", check=_check, example="image")
def trials_image(context: Context, params: ImageParams, trials: Trials) -> Result:
    """Show every trial as a row of an image, ordered by any column and smoothed over trials."""
    from scipy.ndimage import gaussian_filter1d

    for _ in context.track(range(1), "Ordering trials"):
        names = data_channels(trials, params.channels)
        rows = np.sort(np.concatenate(list(conditions(trials, "", params.events).values())))
        rows, values = ordered(trials, rows, params.sort_by)
        factor, unit = scale_of(trials, names)
        image = samples(trials, names, rows).mean(axis=1) * factor
        if params.smooth:
            image = gaussian_filter1d(image, params.smooth, axis=0, mode="nearest")
    span = float(np.percentile(np.abs(image), 99))
    return Result(
        data={"image": _stack(trials, image, rows, unit)},
        views=_views(trials, params, image, values, names, unit),
        numbers={
            "trials": Number(len(rows)),
            "99 % of values within": Number(span, unit, note="of the smoothed image"),
        },
    )


def ordered(trials: Trials, rows: Any, column: str) -> tuple[Any, list[Any]]:
    """Return the rows in the order of a column, and the column's values in that order."""
    if not column:
        return rows, []
    series = trials.epochs.metadata[column].iloc[rows].reset_index(drop=True)
    try:
        series = series.sort_values(kind="stable", na_position="last")
    except TypeError:
        raise BadInput(
            f"The column '{column}' mixes numbers and words, so it has no order. Choose another one."
        ) from None
    return rows[series.index.to_numpy()], list(series)


def _stack(trials: Trials, image: Any, rows: Any, unit: str) -> ImageStack:
    import xarray

    coordinates = {"y": rows.astype(float), "x": np.asarray(trials.epochs.times, float)}
    array = xarray.DataArray(
        image[None], dims=("item", "y", "x"), coords={"item": ["trials"], **coordinates}
    )
    array.attrs |= {"unit": unit, "y": "trial", "x": "time (s)"}
    return ImageStack(array)


def _views(
    trials: Trials, params: ImageParams, image: Any, values: list[Any], names: list[str], unit: str
) -> tuple[View, ...]:
    times = np.asarray(trials.epochs.times, float)
    label = ", ".join(names) if len(names) < 4 else f"mean of {len(names)} channels"
    order = f"ordered by {params.sort_by}" if params.sort_by else "in the order they came in"
    smooth = f", smoothed over {params.smooth:g} trials" if params.smooth else ""
    limit = np.percentile(np.abs(image), 99)
    heatmap = Heatmap(
        values=np.clip(image, -limit, limit),
        x=times,
        y=np.arange(len(image), dtype=float),
        x_label="time from the event",
        x_unit="s",
        y_label="trial",
        value_label=label,
        value_unit=unit,
        diverging=True,
        title=f"Trials at {label}",
        caption=f"{len(image)} trials {order}{smooth}; colours end at the 99th percentile.",
    )
    mean = Lines(
        x=times,
        y=image.mean(axis=0)[None],
        names=("mean",),
        x_label="time from the event",
        x_unit="s",
        y_label=label,
        y_unit=unit,
        marks=dict(event_mark(trials)),
        title="Average of these trials",
    )
    if not values or not isinstance(values[0], int | float | np.number):
        return (heatmap, mean)
    column = Lines(
        x=np.arange(len(values), dtype=float),
        y=np.asarray(values, float)[None],
        names=(params.sort_by,),
        x_label="trial",
        y_label=params.sort_by,
        title=f"Order of the trials: {params.sort_by}",
    )
    return (heatmap, mean, column)
