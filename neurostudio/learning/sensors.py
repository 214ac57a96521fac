"""What analyses of EEG and MEG share: channels, units, conditions, and maps of the head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.data import Recording, Trials
from neurostudio.errors import BadInput
from neurostudio.montage import places, positions
from neurostudio.views import Sensors, Topomap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

_POTENTIALS = {"eeg", "eog", "ecog", "seeg", "dbs", "emg", "ecg", "bio"}
_PLACED = ("eeg", "mag", "grad", "hbo", "hbr")


def inside(signals: Recording | Trials) -> Any:
    """Return the MNE object."""
    return signals.raw if isinstance(signals, Recording) else signals.epochs


def wrapped(signals: Recording | Trials, instance: Any) -> Recording | Trials:
    """Return an MNE object in the envelope that its original had."""
    return Recording(instance) if isinstance(signals, Recording) else Trials(instance)


def check_channels(names: Sequence[str], signals: Recording | Trials) -> None:
    """Raise where a channel that was asked for is not there.

    Raises
    ------
    BadInput
        The message names the first three.
    """
    present = inside(signals).ch_names
    missing = [name for name in names if name not in present]
    if missing:
        raise BadInput(
            f"{len(missing)} channels are not in the data: {', '.join(missing[:3])}. "
            f"There are {len(present)}: {', '.join(present[:5])} …"
        )


def data_channels(signals: Recording | Trials, chosen: Sequence[str] = ()) -> list[str]:
    """Return the chosen channels, else the data channels that are not bad, else all channels."""
    import mne

    instance = inside(signals)
    if chosen:
        return list(chosen)
    rows = mne.pick_types(
        instance.info, meg=True, eeg=True, seeg=True, ecog=True, dbs=True, fnirs=True
    )
    rows = rows if len(rows) else range(len(instance.ch_names))
    return [instance.ch_names[row] for row in rows]


def scale_of(signals: Recording | Trials, names: Sequence[str]) -> tuple[float, str]:
    """Return the factor and the unit in which people read these channels."""
    kinds = set(inside(signals).get_channel_types(picks=list(names)))
    if kinds <= _POTENTIALS:
        return 1e6, "µV"
    if kinds == {"mag"}:
        return 1e15, "fT"
    if kinds == {"grad"}:
        return 1e13, "fT/cm"
    return 1.0, "SI"


def samples(
    signals: Trials, names: Sequence[str], rows: Sequence[int] | Rows | None = None
) -> Array:
    """Return the values of trials: (n_trials, n_channels, n_times).

    Raises
    ------
    BadInput
        A value is NaN or infinite; the message names the channel and the trial.
    """
    epochs = signals.epochs if rows is None else signals.epochs[np.asarray(rows, dtype=int)]
    found = np.asarray(epochs.get_data(picks=list(names), copy=True, verbose="ERROR"), float)
    broken = ~np.isfinite(found).all(axis=2)
    if broken.any():
        trial, channel = np.argwhere(broken)[0]
        raise BadInput(
            f"{int(broken.sum())} channels of trials hold values that are no numbers, first "
            f"{names[channel]} in trial {trial}. Leave out those trials, or mark the channel bad."
        )
    return found


def check_column(trials: Trials, column: str) -> None:
    """Raise where trials have no such column of labels.

    Raises
    ------
    BadInput
        The message lists the columns that there are.
    """
    if column and column not in trials.names("columns"):
        raise BadInput(
            f"The trials have no column '{column}'. "
            f"They have: {', '.join(trials.names('columns')) or 'none'}."
        )


def labels_of(trials: Trials, column: str = "") -> list[str]:
    """Return the label of each trial: of a column, or its event where none is named."""
    if column:
        return [str(value) for value in trials.epochs.metadata[column]]
    words = {code: word for word, code in trials.epochs.event_id.items()}
    return [words.get(code, str(code)) for code in trials.epochs.events[:, 2]]


def conditions(trials: Trials, column: str = "", chosen: Sequence[str] = ()) -> dict[str, Rows]:
    """Return the rows of each condition: those chosen in that order, or all in order of appearance.

    Raises
    ------
    BadInput
        A condition that was chosen has no trial.
    """
    labels = np.array(labels_of(trials, column), dtype=object)
    wanted = list(chosen) or list(dict.fromkeys(labels))
    found = {word: np.flatnonzero(labels == word) for word in wanted}
    empty = [word for word, rows in found.items() if not len(rows)]
    if empty:
        raise BadInput(
            f"No trial is '{empty[0]}'. There are: {', '.join(sorted(set(labels))[:10])}."
        )
    return found


def check_window(trials: Trials, start: float, end: float, what: str) -> None:
    """Raise where a window of time is turned round or lies outside the trials.

    Raises
    ------
    BadInput
        The message says both limits.
    """
    epochs = trials.epochs
    if start >= end:
        raise BadInput(
            f"{what} would begin at {start:g} s and end at {end:g} s. The end must be the later one."
        )
    slack = 1 / float(epochs.info["sfreq"])
    if start < epochs.tmin - slack or end > epochs.tmax + slack:
        raise BadInput(
            f"{what} is {start:g} to {end:g} s; the trials last from {epochs.tmin:g} to "
            f"{epochs.tmax:g} s. Choose a window inside them."
        )


def topomap(
    signals: Recording | Trials, names: Sequence[str], values: Array, **words: Any
) -> tuple[Topomap, ...]:
    """Return maps of the head, or nothing where fewer than four channels have a place.

    Parameters
    ----------
    signals, names
        Where the places stand, and the channels of ``values``.
    values : array of shape (n_maps, n_channels)
        Where there are sensors of several types, those of the first type are shown.
    words
        ``title``, ``titles``, ``caption``, ``value_label`` and so on.
    """
    instance = inside(signals)
    kinds = dict(zip(instance.ch_names, instance.get_channel_types(), strict=True))
    first = next((kind for kind in _PLACED if any(kinds[name] == kind for name in names)), "")
    of_kind = [name for name in names if kinds[name] == first]
    kept, seen = positions(instance.info, of_kind)
    if len(kept) < 4:
        return ()
    columns = [list(names).index(name) for name in kept]
    shown = np.atleast_2d(np.asarray(values, float))[:, columns]
    return (Topomap(values=shown, positions=seen, names=tuple(kept), **words),)


def in_space(
    signals: Recording | Trials, names: Sequence[str], values: Array | None = None, **words: Any
) -> tuple[Sensors, ...]:
    """Return the sensors in space with values as colours, or nothing where none has a place.

    Parameters
    ----------
    values : array of shape (n_maps, n_channels), or None
    words
        ``title``, ``titles``, ``value_label`` and so on.
    """
    info = inside(signals).info
    kept, where = places(info, names)
    if not kept:
        return ()
    columns = [list(names).index(name) for name in kept]
    shown = None if values is None else np.atleast_2d(np.asarray(values, float))[:, columns]
    bads = tuple(name for name in kept if name in info["bads"])
    return (Sensors(positions=where, names=tuple(kept), values=shown, bads=bads, **words),)


def event_mark(trials: Trials) -> Mapping[str, float]:
    """Return the event's time as a mark of a picture, where the trials hold it."""
    return {"event": 0.0} if trials.epochs.tmin < 0 <= trials.epochs.tmax else {}
