"""What a component probably is, by ICLabel."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WARNINGS = {
    "no-iclabel": (
        "The components have no class: the package 'mne-icalabel', or torch for it, is not installed."
    ),
    "no-positions": (
        "The components have no class: ICLabel needs EEG channels that all have a place. "
        "Set the channel positions first."
    ),
    "iclabel-assumptions": (
        "ICLabel was made for EEG with an average reference, filtered from 1 to 100 Hz, and extended "
        "infomax. These data or this fit differ, so the classes are less certain than they look."
    ),
}


def classify(instance: Any, ica: Any) -> tuple[NDArray[np.float64] | None, list[str]]:
    """Return the probability of each class (n_components, 7), and the codes of warnings."""
    import warnings

    import mne

    if find_spec("mne_icalabel") is None or not (find_spec("torch") or find_spec("onnxruntime")):
        return None, ["no-iclabel"]
    if set(ica.info.get_channel_types()) != {"eeg"} or not _placed(ica.info):
        return None, ["no-positions"]
    from mne_icalabel.iclabel import iclabel_label_components

    with warnings.catch_warnings(record=True) as said, mne.utils.use_log_level("WARNING"):
        warnings.simplefilter("always")
        found = iclabel_label_components(instance, ica, inplace=False)
    odd = any("ICLabel was designed" in str(each.message) for each in said)
    return np.asarray(found, float), ["iclabel-assumptions"] if odd else []


def _placed(info: Any) -> bool:
    places = np.array([each["loc"][:3] for each in info["chs"]])
    return bool(np.isfinite(places).all() and places.any(axis=1).all())
