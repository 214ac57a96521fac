"""A head measured with the chair turned by 10°, 2 cm higher, and a tenth larger than the template."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Example, Recording
from neurostudio.learning.planted import CHANNELS, info_of, recording_of
from neurostudio.montage import places

from .fitting import turned

ANGLE, RISE, GROWTH = 10.0, 0.02, 1.1


@cache
def recording() -> Recording:
    """Return a silent recording whose places are those of the template, turned, raised and grown."""
    import mne

    info = info_of(CHANNELS, 100.0)
    names, where = places(info, CHANNELS)
    moved = GROWTH * where @ turned((0.0, 0.0, ANGLE)).T + np.array([0.0, 0.0, RISE])
    found = recording_of(np.zeros((len(CHANNELS), 100)), info)
    montage = mne.channels.make_dig_montage(
        dict(zip(names, moved, strict=True)), coord_frame="head"
    )
    found.raw.set_montage(montage, verbose="ERROR")
    return found


def example() -> Example:
    """Return the recording; the template is fitted to its places."""
    return Example({"template": "10-20", "fit": True}, {"signals": recording()})
