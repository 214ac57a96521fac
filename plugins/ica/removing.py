"""Take components out of signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Scatter,
    Signals,
    TrainedModel,
    Trials,
    View,
    method,
    param,
)
from neurostudio.learning.sensors import inside, scale_of, wrapped

from .decomposition import CLASSES, check_model, ica_of
from .picturing import MOST

if TYPE_CHECKING:
    from neurostudio.api import Items


class RemoveParams(Params):
    """Parameters of :func:`remove_components`."""

    components: tuple[str, ...] = param(
        (), "Components to take out: ICA000, ICA003 …", suggest="components"
    )
    classes: tuple[
        Literal["muscle", "eye", "heart", "line noise", "channel noise", "other"], ...
    ] = param((), "Also take out every component of these classes by ICLabel")
    probability: float = param(0.8, "Least probability of such a class", unit="1", ge=0, le=1)


def _memory(params: Any, items: Items) -> Estimate:
    del params
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    return Estimate(4 * signals.nbytes())


def _check(params: RemoveParams, items: Items) -> None:
    signals, ica = items["signals"], items["ica"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    assert isinstance(ica, TrainedModel)  # noqa: S101
    check_model(ica, signals)
    known = list(ica.config["components"])
    missing = [name for name in params.components if name not in known]
    if missing:
        raise BadInput(
            f"There is no component '{missing[0]}'. They are named {known[0]} to {known[-1]}."
        )
    if params.classes and "class_probabilities" not in ica.weights:
        raise BadInput(
            "The components have no classes. Fit again with 'classify' on data whose EEG channels "
            "have positions, or name the components to take out."
        )
    if not params.components and not params.classes:
        raise BadInput("Nothing is chosen. Name components, or classes to take out.")


@method(
    group="Preprocess",
    title="Remove components",
    memory=_memory,
    check=_check,
    example="remove",
    warnings={
        "nothing": "No component is of these classes with that probability; nothing changed."
    },
)
def remove_components(
    context: Context, params: RemoveParams, signals: Recording | Trials, ica: TrainedModel
) -> Result:
    """Take independent components out of signals; the original stays as it is."""
    out = chosen(params, ica)
    for _ in context.track(range(1), "Removing components"):
        instance = inside(signals).copy().load_data()
        ica_of(ica, signals).apply(
            instance,
            exclude=[list(ica.config["components"]).index(n) for n in out],
            verbose="ERROR",
        )
    cleaned = wrapped(signals, instance)
    names = list(ica.config["channels"])
    before, after = _stretch(signals, names), _stretch(cleaned, names)
    removed = 1 - after.var(axis=-1).sum() / before.var(axis=-1).sum()
    return Result(
        data={"cleaned": cleaned},
        views=_views(signals, names, before, after),
        numbers={
            "removed": Number(len(out), note=", ".join(out) or "none"),
            "variance removed": Number(float(removed), "1", note="share over all channels"),
        },
        warnings=() if out else ("nothing",),
    )


def chosen(params: RemoveParams, ica: TrainedModel) -> list[str]:
    """Return the names of the components to take out, in their order."""
    names = list(ica.config["components"])
    out = set(params.components)
    if params.classes:
        found = np.asarray(ica.weights["class_probabilities"])
        for name, row in zip(names, found, strict=True):
            label = CLASSES[int(row.argmax())]
            if label in params.classes and row.max() >= params.probability:
                out.add(name)
    return [name for name in names if name in out]


def _views(
    signals: Recording | Trials, names: list[str], before: Any, after: Any
) -> tuple[View, ...]:
    factor, unit = scale_of(signals, names)
    rate = float(inside(signals).info["sfreq"])
    spread = np.stack([each.std(axis=-1) for each in (before, after)]) * factor
    channels = Scatter(
        x=np.tile(np.arange(len(names), dtype=float), 2),
        y=spread.ravel(),
        groups=("before",) * len(names) + ("after",) * len(names),
        names=tuple(names) * 2,
        x_label="channel",
        x_names=tuple(names),
        y_label="standard deviation",
        y_unit=unit,
        title="Spread of each channel before and after",
    )
    return (
        _spectra(before, after, rate, factor, unit),
        channels,
        Signals("cleaned", title="Signals after"),
    )


def _spectra(before: Any, after: Any, rate: float, factor: float, unit: str) -> Lines:
    from scipy.signal import welch

    length = min(round(4 * rate), before.shape[-1])
    rows = []
    for each in (before, after):
        frequencies, power = welch(each, rate, nperseg=length)
        rows.append(power.mean(axis=0)[1:] * factor**2)
    return Lines(
        x=frequencies[1:],
        y=np.stack(rows),
        names=("before", "after"),
        x_label="frequency",
        x_unit="Hz",
        y_label="power, mean over channels",
        y_unit=f"{unit}²/Hz",
        log_y=True,
        title="Spectra before and after",
        caption=f"Welch, from at most {MOST} samples.",
    )


def _stretch(signals: Recording | Trials, names: list[str]) -> Any:
    instance = inside(signals)
    if isinstance(signals, Recording):
        return instance.get_data(picks=names, stop=min(MOST, instance.n_times))
    count = max(1, MOST // len(instance.times))
    data = instance[:count].get_data(picks=names, copy=True, verbose="ERROR")
    return np.concatenate(list(data), axis=1)
