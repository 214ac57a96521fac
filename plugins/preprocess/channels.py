"""Which channels there are, what they are measured against, and where they sit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Sheet,
    Topomap,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import check_channels, inside, wrapped
from neurostudio.montage import match, positions

from .signals import loaded_copy, memory, picked, scale_of, stretch

if TYPE_CHECKING:
    from neurostudio.api import Items


class PickParams(Params):
    """Parameters of :func:`pick_channels`."""

    channels: tuple[str, ...] = param(
        (), "Channels to keep; none for all of the types", suggest="channels"
    )
    types: tuple[str, ...] = param(
        (), "Types to keep (eeg, meg, eog …) where no channels are named", suggest="channel types"
    )
    drop_bad: bool = param(False, "Leave out the channels that are marked bad")


def _check_pick(params: PickParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, signals)
    present = set(inside(signals).get_channel_types())
    missing = [kind for kind in params.types if kind not in present]
    if missing:
        raise BadInput(
            f"There is no channel of the type '{missing[0]}'. There are: {', '.join(sorted(present))}."
        )
    if not params.channels and not params.types and not params.drop_bad:
        raise BadInput("Nothing is chosen. Name channels or types, or leave out the bad ones.")


@method(group="Preprocess", memory=memory, check=_check_pick, example="pick")
def pick_channels(context: Context, params: PickParams, signals: Recording | Trials) -> Result:
    """Keep some channels and leave out the others."""
    context.say("Choosing channels")
    instance = inside(signals)
    kinds = instance.get_channel_types()
    kept = [
        name
        for name, kind in zip(instance.ch_names, kinds, strict=True)
        if (
            name in params.channels if params.channels else kind in params.types or not params.types
        )
        and not (params.drop_bad and name in instance.info["bads"])
    ]
    if not kept:
        raise BadInput("No channel is left: all that were chosen are marked bad.")
    dropped = [name for name in instance.ch_names if name not in kept]
    chosen = instance.copy().pick(kept, verbose="ERROR")
    columns = {
        "channel": list(instance.ch_names),
        "type": list(kinds),
        "kept": ["yes" if name in kept else "no" for name in instance.ch_names],
    }
    return Result(
        data={"picked": wrapped(signals, chosen)},
        views=(Sheet(columns, title="Channels"),),
        numbers={"kept": Number(len(kept)), "left out": Number(len(dropped))},
    )


class BadParams(Params):
    """Parameters of :func:`mark_bad_channels`."""

    channels: tuple[str, ...] = param((), "Channels to mark as bad", suggest="channels")
    threshold: float = param(
        0.0,
        "Also mark channels whose spread differs from the median channel's by this many robust "
        "standard deviations (of its logarithm); 0 for none",
        unit="1",
        ge=0,
        le=100,
    )
    keep_old: bool = param(True, "Keep the marks that are there", advanced=True)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"Find outliers": {"threshold": 5.0}}


def _check_bad(params: BadParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, signals)


@method(group="Preprocess", check=_check_bad, example="bad")
def mark_bad_channels(context: Context, params: BadParams, signals: Recording | Trials) -> Result:
    """Mark channels as bad, by name or because they stand out."""
    context.say("Comparing the channels")
    instance = inside(signals)
    names = [
        name
        for name, kind in zip(instance.ch_names, instance.get_channel_types(), strict=True)
        if kind not in {"stim", "misc", "resp"}
    ] or list(instance.ch_names)
    spread = stretch(signals, names).std(axis=-1).mean(axis=0)
    distance = _robust_distance(spread)
    found = [
        name
        for name, each in zip(names, distance, strict=True)
        if params.threshold and abs(each) > params.threshold
    ]
    old = list(instance.info["bads"]) if params.keep_old else []
    bads = list(dict.fromkeys([*old, *params.channels, *found]))
    marked = instance.copy()
    marked.info["bads"] = bads
    columns = {
        "channel": names,
        "spread": [float(value) for value in spread],
        "distance": [round(float(value), 2) for value in distance],
        "bad": ["yes" if name in bads else "" for name in names],
    }
    return Result(
        data={"marked": wrapped(signals, marked)},
        views=(
            Sheet(
                columns, title="Spread of each channel", caption="SI units; distance in robust s.d."
            ),
        ),
        numbers={"bad": Number(len(bads), note=", ".join(bads[:10]))},
    )


def _robust_distance(spread: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, Any]:
    logarithm = np.log(np.maximum(spread, np.finfo(float).tiny))
    centre = np.median(logarithm)
    scale = 1.4826 * np.median(np.abs(logarithm - centre))
    distance = (logarithm - centre) / max(float(scale), 0.05)
    return np.where(spread > 0, distance, -np.inf)  # a flat channel is always an outlier


class ReferenceParams(Params):
    """Parameters of :func:`rereference`."""

    reference: Literal["average", "channels"] = param(
        "average", "average: the mean of all EEG channels that are not bad; channels: those named"
    )
    channels: tuple[str, ...] = param((), "The reference channels", suggest="channels")


def _check_reference(params: ReferenceParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, signals)
    if params.reference == "channels" and not params.channels:
        raise BadInput("No reference channel is named. Name at least one, or use the average.")
    if not {"eeg", "ecog", "seeg", "dbs"} & set(inside(signals).get_channel_types()):
        raise BadInput("There is no EEG channel; only potentials have a reference.")


@method(group="Preprocess", title="Re-reference", memory=memory, check=_check_reference)
def rereference(context: Context, params: ReferenceParams, signals: Recording | Trials) -> Result:
    """Measure potentials against the average or against chosen channels."""
    for _ in context.track(range(1), "Re-referencing"):
        instance = loaded_copy(signals)
        reference = "average" if params.reference == "average" else list(params.channels)
        instance.set_eeg_reference(reference, projection=False, verbose="ERROR")
    after = wrapped(signals, instance)
    names = picked(instance)
    factor, unit = scale_of(instance, names)
    spread = np.stack(
        [stretch(each, names).std(axis=-1).mean(axis=0) * factor for each in (signals, after)]
    )
    view = Lines(
        x=np.arange(len(names), dtype=float),
        y=spread,
        names=("before", "after"),
        x_label="channel number",
        y_label="standard deviation",
        y_unit=unit,
        title="Spread of each channel before and after",
    )
    return Result(
        data={"rereferenced": after},
        views=(view,),
        numbers={"channels": Number(len(names), note=f"against {params.reference}")},
    )


class MontageParams(Params):
    """Parameters of :func:`set_montage`."""

    template: Literal["10-05", "10-20", "biosemi64", "biosemi128", "GSN-HydroCel-128"] = param(
        "10-05", "The template head with the places of the electrodes"
    )
    rename: bool = param(True, "Also give the channels the template's names: Fc5. becomes FC5")


@method(group="Preprocess", title="Set channel positions")
def set_montage(context: Context, params: MontageParams, signals: Recording | Trials) -> Result:
    """Give the channels their places from a template, matched by name."""
    import mne

    context.say(f"Matching names with {params.template}")
    template = mne.channels.make_standard_montage(_name_of(params.template))
    instance = inside(signals).copy()
    found = match(instance.ch_names, template.ch_names)
    if not found:
        raise BadInput(
            f"None of the {len(instance.ch_names)} channel names is in {params.template} "
            f"({', '.join(instance.ch_names[:3])} …). Choose another template."
        )
    kinds = dict(zip(instance.ch_names, instance.get_channel_types(), strict=True))
    lost = [name for name, kind in kinds.items() if kind == "eeg" and name not in found]
    if params.rename and len(set(found.values())) == len(found):
        taken = set(kinds) - set(found)
        instance.rename_channels(
            {a: b for a, b in found.items() if b not in taken}, verbose="ERROR"
        )
    else:
        template.rename_channels({b: a for a, b in found.items()})
    instance.set_montage(template, match_case=False, on_missing="ignore", verbose="ERROR")
    placed, places = positions(instance.info, instance.ch_names)
    view = Topomap(
        values=np.zeros((1, len(placed))),
        positions=places,
        names=tuple(placed),
        titles=(params.template,),
        title="Places of the electrodes",
        caption=f"Without a place: {', '.join(lost) or 'none'}.",
    )
    return Result(
        data={"placed": wrapped(signals, instance)},
        views=(view,),
        numbers={"placed": Number(len(placed)), "without a place": Number(len(lost))},
    )


def _name_of(template: str) -> str:
    """Return MNE's name of a template; MNE 1.13 gave some of them a new one."""
    import mne

    new = {"10-05": "colin27_1005", "10-20": "colin27_1020"}.get(template, template)
    old = {"10-05": "standard_1005", "10-20": "standard_1020"}.get(template, template)
    return new if new in mne.channels.get_builtin_montages() else old
