"""Which channels and which frequencies a classifier rests on."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurostudio.api import (
    Context,
    Items,
    Number,
    Params,
    Result,
    Scatter,
    Table,
    Topomap,
    TrainedModel,
    Trials,
    View,
    method,
    param,
)

from .cohort import WARNINGS
from .method import check_source


class ExplainParams(Params):
    """Parameters of :func:`explain_classifier`."""

    windows_used: int = param(400, "Windows that are looked at, evenly spread", ge=1, le=100_000)


def _check(params: ExplainParams, items: Items) -> None:
    del params
    for name in ("model", "null"):
        model = items.get(name)
        if isinstance(model, TrainedModel):
            check_source(model)


@method(group="Analyse", title="Explain classifier", warnings=WARNINGS, gpu=True, check=_check,
        example="explain")  # fmt: skip
def explain_classifier(
    context: Context,
    params: ExplainParams,
    model: TrainedModel,
    windows: Trials,
    null: TrainedModel | None = None,
) -> Result:
    """Silence one channel or one band at a time, and see how the decision moves.

    ``null`` is the same model trained on permuted labels: what stands beside it is no finding.
    """
    import pandas as pd

    from . import cohort as cohorts
    from .running import probabilities

    fitted = cohorts.adapted(windows, model.config)
    step = max(1, len(fitted.epochs.events) // params.windows_used)
    fitted = Trials(fitted.epochs[::step])
    rows = _occluded(context, model, fitted, "model")
    beside = _occluded(context, null, fitted, "null") if null is not None else []
    frame = pd.DataFrame(rows)
    if beside:
        frame["null_change"] = [each["change"] for each in beside]
        frame["null_size"] = [each["size"] for each in beside]
    _, overlay = probabilities(context, model, fitted, "windows")
    strongest = max(rows, key=lambda row: float(row["size"]))
    simulated = cohorts.is_simulated(windows) or bool(model.config.get("simulated"))
    return Result(
        data={"importance": Table(frame)},
        views=(*_views(frame, fitted, str(model.config["classes"][-1])), overlay),
        numbers={
            "largest change": Number(
                float(strongest["size"]), "nat", note=f"mean size, without {strongest['name']}"
            )
        },
        warnings=("simulated",) if simulated else (),
    )


def _occluded(
    context: Context, model: TrainedModel, windows: Trials, what: str
) -> list[dict[str, Any]]:
    from .baseline import BANDS
    from .fitting import predict
    from .running import restored, signals_of

    network = restored(model)
    signals = signals_of(model, windows)
    mean = network.mean.numpy()[:, 0]
    rate = float(model.config["rate"])
    whole = _log_odds(predict(context, network, signals))
    channels = list(windows.epochs.ch_names)
    work = [("channel", name) for name in channels] + [("band", name) for name in BANDS]
    rows = []
    for kind, name in context.track(work, f"Silencing parts of the {what}"):
        if kind == "channel":
            silent = signals.copy()
            silent[:, channels.index(name)] = mean[channels.index(name)]
        else:
            silent = _without_band(signals, rate, *BANDS[name])
        change = _log_odds(predict(context, network, silent)) - whole
        rows.append(
            {
                "kind": kind,
                "name": name,
                "change": float(change.mean()),
                "size": float(np.abs(change).mean()),
                "standard_error": float(np.abs(change).std() / np.sqrt(len(change))),
            }
        )
    return rows


def _log_odds(probability: Any) -> Any:
    last = np.clip(probability[:, -1], 1e-9, 1 - 1e-9)
    return np.log(last / (1 - last))


def _without_band(signals: Any, rate: float, low: float, high: float) -> Any:
    spectrum = np.fft.rfft(signals.astype(np.float64), axis=-1)
    frequencies = np.fft.rfftfreq(signals.shape[-1], 1 / rate)
    spectrum[..., (frequencies >= low) & (frequencies < high)] = 0
    return np.fft.irfft(spectrum, n=signals.shape[-1], axis=-1).astype(np.float32)


def _views(frame: Any, windows: Trials, positive: str) -> tuple[View, ...]:
    from .pictures import places_of

    views: list[View] = []
    for kind in ("channel", "band"):
        part = frame[frame["kind"] == kind]
        names = tuple(part["name"])
        x = np.arange(len(part), dtype=float)
        size, error = part["size"].to_numpy(), part["standard_error"].to_numpy()
        groups, low, high = ("model",) * len(part), size - 1.96 * error, size + 1.96 * error
        if "null_size" in part:
            x, names = np.tile(x, 2), names * 2
            size = np.concatenate([size, part["null_size"].to_numpy()])
            groups = groups + ("permuted labels",) * len(part)
            low = np.concatenate([low, size[len(part) :]])
            high = np.concatenate([high, size[len(part) :]])
        views.append(
            Scatter(
                x, size, groups=groups, names=names, x_label=kind,
                y_label="mean change of the log odds", y_unit="nat", low=low, high=high,
                x_names=tuple(part["name"]), title=f"Without one {kind}",
                caption=f"How far the log odds of '{positive}' move, up or down.",
            )
        )  # fmt: skip
    channels = frame[frame["kind"] == "channel"].set_index("name")
    names_here, places = places_of(tuple(channels.index), windows.epochs.info)
    if len(names_here) >= 4:
        views.append(
            Topomap(
                channels.loc[names_here, "change"].to_numpy(dtype=float)[None], places,
                names=tuple(names_here), titles=("without this channel",),
                value_label="change of the log odds", value_unit="nat", title="Importance over the head",
            )
        )  # fmt: skip
    return tuple(views)
