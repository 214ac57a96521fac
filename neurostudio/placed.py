"""Points in space that an item holds, whatever its kind: electrodes, cells, nodes of a connectome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurostudio.data import Connectome, Points, Recording, Trials
from neurostudio.errors import BadInput
from neurostudio.spaces import MNI305, UNKNOWN, space_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from neurostudio.data import Data

KINDS = ("Points", "Connectome", "Recording", "Trials")
HEAD = "head (nasion and ears)"
_METRES = 1000.0
# frames of MNE: https://mne.tools/stable/documentation/implementation.html#coordinate-systems
_FRAMES = {
    "mni_tal": MNI305,
    "head": HEAD,
    "device": "MEG device",
    "mri": "MRI of the person",
    "unknown": UNKNOWN,
}
_HEAD = 4  # FIFFV_COORD_HEAD
_TO_MILLIMETRES = {"m": 1000.0, "cm": 10.0, "um": 1e-3, "µm": 1e-3}


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Named points: ``positions`` (n, 3) in millimetres to the right, to the front and up, in a space."""

    names: tuple[str, ...]
    positions: NDArray[np.float64]
    space: str


def placed(data: Data) -> Placed:
    """Return the points of an item that have a place.

    Raises
    ------
    BadInput
        It holds none.
    """
    if isinstance(data, Points):
        found = _columns(data.table, data.table)
    elif isinstance(data, Connectome):
        found = _columns(data.matrix.coords, data.matrix["source"].coords)
    elif isinstance(data, Recording):
        return _sensors(data.raw.info)
    elif isinstance(data, Trials):
        return _sensors(data.epochs.info)
    else:
        found = None
    if found is None:
        raise BadInput("It has no places in space: x, y and z in millimetres are missing.")
    names, positions = found
    return Placed(names, positions, space_of(data))


def _columns(values: Any, names: Any) -> tuple[tuple[str, ...], NDArray[np.float64]] | None:
    import numpy as np

    if not all(axis in values for axis in "xyz"):
        return None
    positions = np.column_stack([_in_millimetres(values[axis]) for axis in "xyz"])
    for key in ("name", "source", "label"):
        if key in names and names[key].size == len(positions):
            words = [str(each) for each in np.asarray(names[key]).ravel()]
            break
    else:
        words = [str(k + 1) for k in range(len(positions))]
    there = np.asarray(np.isfinite(positions).all(axis=1), bool)
    return tuple(word for word, good in zip(words, there, strict=True) if good), positions[there]


def _in_millimetres(column: Any) -> NDArray[np.float64]:
    import numpy as np

    factor = _TO_MILLIMETRES.get(str(column.attrs.get("unit", "")), 1.0)
    return np.asarray(column, float).ravel() * factor


def _sensors(info: Any) -> Placed:
    """Return electrodes as their montage has them, else sensors as the recording has them."""
    import numpy as np

    montage = info.get_montage()
    about: dict[str, Any] = {"ch_pos": {}, "coord_frame": ""}
    if montage is not None:
        about = montage.get_positions()
    channels = {name: place for name, place in about["ch_pos"].items() if _is_place(place)}
    frame = about["coord_frame"]
    if not channels:  # coils of MEG
        found = {each["ch_name"]: each for each in info["chs"] if _is_place(each["loc"][:3])}
        channels = {name: each["loc"][:3] for name, each in found.items()}
        frame = (
            "head"
            if any(int(each["coord_frame"]) == _HEAD for each in found.values())
            else "device"
        )
    if not channels:
        raise BadInput("Its sensors have no places; give it a montage first.")
    positions = _METRES * np.array(list(channels.values()), float)
    return Placed(tuple(channels), positions, _FRAMES.get(frame, frame))


def _is_place(place: Any) -> bool:
    import numpy as np

    return bool(np.isfinite(place).all() and np.any(place))
