"""What is seen of a classifier: curves, confusions, people, filters, saliency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, Report, Scatter, Signals, Topomap
from neurostudio.montage import match, positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Number
    from neurostudio.training import History

    from .cohort import Cohort
    from .fitting import Judged
    from .networks import Classifier

MAX_MAPS = 8
MAX_OVERLAY = 20


def confusion_of(counts: NDArray[Any], classes: Sequence[str], part: str) -> Heatmap:
    """Return how often each class was taken for which."""
    return Heatmap(
        counts.astype(float),
        x_names=tuple(classes),
        y_names=tuple(classes),
        x_label="guessed",
        y_label="true",
        value_label="count",
        show_values=True,
        title="Confusion",
        caption=f"Whole recordings (or single trials where labels differ within one), {part}.",
    )


def learning_curves(histories: Mapping[str, History], chance: float) -> tuple[Lines, Lines]:
    """Return the losses and the balanced accuracy over the epochs, a line a fold."""
    length = max(len(each.epochs) for each in histories.values())
    x = np.arange(1, length + 1, dtype=float)

    def rows(name: str) -> NDArray[np.float64]:
        columns = [each.column(name) for each in histories.values()]
        return np.array([[*c, *[np.nan] * (length - len(c))] for c in columns], dtype=float)

    loss = Lines(
        x, np.vstack([rows("train_loss"), rows("validation_loss")]),
        names=tuple(f"{part}, {name}" for part in ("training", "validation") for name in histories),
        x_label="epoch", y_label="loss", y_unit="nat", title="Loss",
    )  # fmt: skip
    accuracy = Lines(
        x, rows("balanced_accuracy"), names=tuple(histories), x_label="epoch",
        y_label="balanced accuracy", y_unit="1", levels={"chance": chance},
        title="Balanced accuracy on the validation part",
    )  # fmt: skip
    return loss, accuracy


def people(units: Judged, cohort: Cohort) -> Scatter:
    """Return the probability of the positive class for each unit, with its interval over windows."""
    order = np.lexsort((units.probability[:, -1], units.truth))
    centre, spread = units.probability[order, -1], 1.96 * units.spread[order, -1]
    return Scatter(
        x=np.arange(len(order), dtype=float),
        y=centre,
        groups=tuple(cohort.classes[k] for k in units.truth[order]),
        names=tuple(units.names[k] for k in order),
        x_label="recording",
        y_label=f"probability of '{cohort.classes[-1]}'",
        y_unit="1",
        low=np.clip(centre - spread, 0, 1),
        high=np.clip(centre + spread, 0, 1),
        x_names=tuple(units.names[k] for k in order) if len(order) <= 60 else (),
        levels={"decision": 0.5} if len(cohort.classes) == 2 else {},
        title="Each recording, judged by a model that never saw the person",
        caption="Mean over windows; the bar is ± 1.96 standard errors over them.",
    )


def spectra_of_classes(cohort: Cohort) -> Lines:
    """Return the mean spectrum of each class: what there is to be told apart."""
    from scipy.signal import welch

    length = min(cohort.signals.shape[-1], round(2 * cohort.rate))
    frequencies, power = welch(cohort.signals.astype(float), cohort.rate, nperseg=length)
    rows = [power[cohort.labels == k].mean(axis=(0, 1)) for k in range(len(cohort.classes))]
    return Lines(
        frequencies[1:], np.stack(rows)[:, 1:], names=cohort.classes,
        x_label="frequency", x_unit="Hz", y_label="power, mean over channels", y_unit="µV²/Hz",
        log_y=True, title="Spectra of the classes",
    )  # fmt: skip


def first_filters(
    model: Classifier,
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Return temporal (n_filters, n_taps) and spatial (n_filters, n_channels) filters, strongest first."""
    state = {k: v.detach().cpu().double().numpy() for k, v in model.network.state_dict().items()}
    if "conv_time_spat.conv_time.weight" in state:
        time = state["conv_time_spat.conv_time.weight"].reshape(
            -1, _taps(state, "conv_time_spat.conv_time.weight")
        )
        pairs = state["conv_time_spat.conv_spat.weight"].squeeze(2)
        strongest = np.linalg.norm(pairs, axis=-1).argmax(axis=1)
        space = pairs[np.arange(len(pairs)), strongest]
        time = time[strongest]
    elif "conv_spatial.weight" in state or "conv_spatial.parametrizations.weight.original" in state:
        key = next(
            k for k in state if k.startswith("conv_spatial") and k.endswith(("weight", "original"))
        )
        space = state[key].reshape(len(state[key]), -1)
        time = state["conv_temporal.weight"].reshape(len(state["conv_temporal.weight"]), -1)
        time = np.repeat(time, len(space) // len(time), axis=0)
    else:
        return None, None
    order = np.argsort(-np.linalg.norm(space, axis=1))[:MAX_MAPS]
    return time[order], space[order]


def _taps(state: Mapping[str, NDArray[Any]], key: str) -> int:
    return int(np.prod(state[key].shape[1:]))


def filters(model: Classifier, cohort: Cohort, info: Any) -> tuple[Topomap | Lines, ...]:
    """Return what the first layers look for: maps over the head, and pass bands."""
    time, space = first_filters(model)
    if time is None or space is None:
        return ()
    n_fft = 256
    response = np.abs(np.fft.rfft(time, n=n_fft, axis=1))
    bands = Lines(
        np.fft.rfftfreq(n_fft, 1 / cohort.rate),
        response / np.maximum(response.max(axis=1, keepdims=True), 1e-12),
        names=tuple(f"filter {k + 1}" for k in range(len(time))),
        x_label="frequency", x_unit="Hz", y_label="gain, largest = 1", y_unit="1",
        title="Temporal filters: what they pass",
        caption="The temporal filter that each of the strongest spatial filters reads most.",
    )  # fmt: skip
    names, places = places_of(cohort.channels, info)
    if len(names) < 4:
        return (bands,)
    rows = [cohort.channels.index(name) for name in names]
    flat = cohort.signals[:: max(1, len(cohort) // 200)].astype(float)
    flat = flat - flat.mean(axis=-1, keepdims=True)
    covariance = np.einsum("nct,ndt->cd", flat, flat) / (flat.shape[0] * flat.shape[2])
    scale = model.scale.detach().cpu().double().numpy()[:, 0]
    patterns = (space / scale) @ covariance
    patterns /= np.maximum(np.abs(patterns).max(axis=1, keepdims=True), 1e-12)
    maps = Topomap(
        patterns[:, rows], places, names=tuple(names),
        titles=tuple(f"filter {k + 1}" for k in range(len(space))),
        value_label="pattern, largest = 1", value_unit="1",
        title="Spatial patterns of the strongest filters",
        caption="Filters times the covariance of the data: where the activity is that they read.",
    )  # fmt: skip
    return maps, bands


def places_of(channels: Sequence[str], info: Any) -> tuple[list[str], NDArray[np.float64]]:
    """Return the channels with a place on the head: the data's own, else a template's by name."""
    here = set(info["ch_names"])
    names, places = positions(info, [name for name in channels if name in here])
    if len(names) >= len(channels) / 2:
        return names, places
    import mne

    builtin = mne.channels.get_builtin_montages()
    template = "colin27_1005" if "colin27_1005" in builtin else "standard_1005"
    montage = mne.channels.make_standard_montage(template)
    found = match(channels, montage.ch_names)
    bare = mne.create_info([found[name] for name in found], 100.0, "eeg")
    bare.set_montage(montage)
    _, places = positions(bare, list(found.values()))
    return list(found), places


def saliency(
    model: Classifier,
    signals: NDArray[np.float32],
    channels: Sequence[str],
    rate: float,
    source: str,
) -> Signals:
    """Return gradient × input of the decision, laid over the first windows."""
    import torch

    x = torch.as_tensor(signals[:MAX_OVERLAY]).clone().requires_grad_(True)
    model.eval()
    logits = model(x)
    logits.max(dim=1).values.sum().backward()
    assert x.grad is not None  # noqa: S101
    values = (x.grad * x).detach().abs().double().numpy()
    values /= max(float(values.max()), 1e-12)
    overlay = np.concatenate(list(values), axis=1).astype(np.float32)
    return Signals(
        source=source,
        channels=tuple(channels),
        overlay=overlay,
        overlay_label="gradient × input of the decision, largest = 1",
        start=0.0,
        rate=rate,
        axis="time",
        title="What the decision rests on",
        caption=f"The first {len(values)} windows, one after the other.",
    )


def verdict_card(title: str, score: Number, lines: Sequence[str]) -> Report:
    """Return the result in words."""
    text = [
        f"## {title}",
        "",
        f"**Balanced accuracy {score}**",
        "",
        *[f"- {line}" for line in lines],
    ]
    return Report("\n".join(text), title="Verdict")
