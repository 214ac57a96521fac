"""Place sensors by a template, fitted to what was measured, and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Params,
    Recording,
    Result,
    Sheet,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import in_space, inside, wrapped
from neurostudio.montage import match, places, template

from .fitting import rms, similarity, turned

if TYPE_CHECKING:
    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[np.float64]]


class PlaceParams(Params):
    """Parameters of :func:`place_sensors`."""

    template: Literal[
        "present", "10-05", "10-20", "biosemi64", "biosemi128", "GSN-HydroCel-128"
    ] = param("10-05", "The template head; present: the places that the channels have")
    fit: bool = param(
        False, "Turn, shift and scale the template so that it meets the places that are present"
    )
    scale: float = param(1.0, "Then scale about the middle of the head", unit="1", gt=0.2, lt=5)
    turn_x: float = param(
        0.0, "Turn about the axis to the right ear: nod", unit="°", ge=-180, le=180
    )
    turn_y: float = param(0.0, "Turn about the axis to the nose: tilt", unit="°", ge=-180, le=180)
    turn_z: float = param(0.0, "Turn about the axis to the top", unit="°", ge=-180, le=180)
    shift_x: float = param(0.0, "Shift to the right", unit="m", ge=-0.5, le=0.5)
    shift_y: float = param(0.0, "Shift to the nose", unit="m", ge=-0.5, le=0.5)
    shift_z: float = param(0.0, "Shift to the top", unit="m", ge=-0.5, le=0.5)
    moves: tuple[str, ...] = param(
        (), "Sensors to place by hand: name and x, y, z in metres, as 'Cz 0 0.01 0.1'"
    )


def _check(params: PlaceParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    present, _ = _present(signals)
    if params.template == "present" and len(present) < 1:
        raise BadInput("No channel has a place. Choose a template.")
    if params.fit and params.template == "present":
        raise BadInput(
            "The places that are present cannot be fitted to themselves. Choose a template."
        )
    if params.fit and len(present) < 4:
        raise BadInput(
            f"{len(present)} channels have a place; a fit needs at least 4. Place without a fit."
        )
    _moves(params, signals)


def _moves(params: PlaceParams, signals: Recording | Trials) -> dict[str, Array]:
    found = {}
    for each in params.moves:
        name, *numbers = each.rsplit(maxsplit=3)
        try:
            place = np.array([float(number) for number in numbers])
        except ValueError:
            place = np.empty(0)
        if len(place) != 3 or not np.isfinite(place).all():
            raise BadInput(
                f"'{each}' is no place. Write a name and three numbers: 'Cz 0 0.01 0.1'."
            )
        if name not in inside(signals).ch_names:
            raise BadInput(f"There is no channel '{name}' to place.")
        found[name] = place
    return found


def _present(signals: Recording | Trials) -> tuple[list[str], Array]:
    instance = inside(signals)
    kinds = instance.get_channel_types()
    names = [n for n, kind in zip(instance.ch_names, kinds, strict=True) if kind in _PLACEABLE]
    return places(instance.info, names)


_PLACEABLE = {"eeg", "seeg", "ecog", "dbs"}


@method(group="Preprocess", check=_check)
def place_sensors(context: Context, params: PlaceParams, signals: Recording | Trials) -> Result:
    """Give EEG channels places: from a template, fitted to the present ones, moved by hand."""
    import mne

    context.say("Placing sensors")
    present, measured = _present(signals)
    names, where = _begin(params, signals)
    numbers: dict[str, Number] = {}
    if params.fit:
        names, where, numbers = _fitted(names, where, present, measured)
    middle = where.mean(axis=0)
    turn = turned((params.turn_x, params.turn_y, params.turn_z))
    shift = np.array([params.shift_x, params.shift_y, params.shift_z])
    where = middle + shift + params.scale * (where - middle) @ turn.T
    final = dict(zip(names, where, strict=True)) | _moves(params, signals)
    placed = inside(signals).copy()
    montage = mne.channels.make_dig_montage(final, coord_frame="head")
    placed.set_montage(montage, on_missing="ignore", verbose="ERROR")
    after = wrapped(signals, placed)
    both = [name for name in present if name in final]
    old = dict(zip(present, measured, strict=True))
    if both:
        moved = rms(np.array([old[n] for n in both]), np.array([final[n] for n in both]))
        numbers["moved"] = Number(moved, "m", note=f"root mean square of {len(both)} channels")
    numbers["placed"] = Number(len(final), note=f"of {len(placed.ch_names)} channels")
    return Result({"placed": after}, (*_views(signals, after, final, old),), numbers)


def _begin(params: PlaceParams, signals: Recording | Trials) -> tuple[list[str], Array]:
    """Return the channels that can be placed and where the template, in head coordinates, has them."""
    import mne

    if params.template == "present":
        return _present(signals)
    montage = template(params.template)
    info = mne.create_info(list(montage.ch_names), 1.0, "eeg", verbose="ERROR")
    info.set_montage(montage, verbose="ERROR")
    known, found = places(info, montage.ch_names)
    instance = inside(signals)
    kinds = dict(zip(instance.ch_names, instance.get_channel_types(), strict=True))
    pairs = match([name for name in instance.ch_names if kinds[name] in _PLACEABLE], known)
    if not pairs:
        raise BadInput(
            f"None of the channel names is in {params.template} "
            f"({', '.join(instance.ch_names[:3])} …). Choose another template."
        )
    return list(pairs), np.array([found[known.index(other)] for other in pairs.values()])


def _fitted(
    names: list[str], where: Array, present: list[str], measured: Array
) -> tuple[list[str], Array, dict[str, Number]]:
    both = [name for name in names if name in present]
    if len(both) < 4:
        raise BadInput(
            f"{len(both)} channels have a place both in the template and in the data; a fit needs 4."
        )
    source = where[[names.index(name) for name in both]]
    target = measured[[present.index(name) for name in both]]
    found = similarity(source, target)
    return (
        names,
        found.apply(where),
        {
            "distance before": Number(rms(source, target), "m", note="template to present places"),
            "distance after": Number(rms(found.apply(source), target), "m", note="after the fit"),
            "scale": Number(found.scale, "1", note="of the fit"),
            "turn": Number(found.angle, "°", note="of the fit"),
        },
    )


def _views(
    before: Recording | Trials, after: Recording | Trials, final: dict[str, Array], old: Any
) -> tuple[Any, ...]:
    names = list(final)
    distance = [
        float(np.linalg.norm(final[name] - old[name])) if name in old else float("nan")
        for name in names
    ]
    known = np.isfinite(distance).any()
    shown = np.array(distance)[None] * 1e3 if known else None
    words = {"value_label": "moved by", "value_unit": "mm", "diverging": False} if known else {}
    table = Sheet(
        {
            "channel": names,
            **{
                f"{axis} (mm)": [round(1e3 * float(final[n][k]), 1) for n in names]
                for k, axis in enumerate("xyz")
            },
            "moved by (mm)": [round(1e3 * each, 1) for each in distance],
        },
        title="Places",
        caption="Head coordinates: x to the right ear, y to the nose, z to the top.",
    )
    space = in_space(after, names, shown, title="Sensors in space", **words)
    was = in_space(before, list(old), title="Sensors before") if old else ()
    return (*space, table, *was)
