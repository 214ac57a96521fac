"""Signals of MNE and EEGLAB: continuous, in trials, or averaged; the content decides."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING, Any

from neurostudio.data import Trials
from neurostudio.data.trials import IN_MEMORY
from neurostudio.errors import BadInput
from neurostudio.readers.base import reader
from neurostudio.readers.matlab import check_matlab
from neurostudio.readers.recordings import opened

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Data

BLOCK_START, BLOCK_END_OF_LIST = 104, -1
RAW, EPOCHS, AVERAGES = (102, 112, 119), 373, 104
NO_SIGNALS = {
    355: "a noise covariance",
    374: "a decomposition into independent components",
    352: "a forward solution",
    356: "an inverse operator",
    351: "a source space",
    310: "a conductor model",
}


@reader(name="FIF", suffixes=(".fif", ".fif.gz"), kind="Recording or Trials")
def read_fif(path: Path, part: str) -> Data:
    """Open FIF of MNE: a recording, trials, or averages (one trial each)."""
    import mne

    del part
    blocks = blocks_of(path)
    if EPOCHS in blocks:
        small = path.stat().st_size < IN_MEMORY
        return Trials(mne.read_epochs(path, proj=False, preload=small, verbose="WARNING"))
    if blocks & set(RAW):
        raw = mne.io.read_raw_fif(path, preload=False, allow_maxshield=True, verbose="WARNING")
        return opened(raw)
    if AVERAGES in blocks:
        return averages(mne.read_evokeds(path, proj=False, verbose="WARNING"))
    for block, words in NO_SIGNALS.items():
        if block in blocks:
            raise BadInput(f"it is {words}, which holds no signals. Open the recording instead")
    raise BadInput("it holds neither a recording nor trials nor averages")


@reader(name="EEGLAB", suffixes=(".set",), kind="Recording or Trials")
def read_eeglab(path: Path, part: str) -> Data:
    """Open EEGLAB, continuous or in trials."""
    import mne

    del part
    check_matlab(path)
    try:
        raw = mne.io.read_raw_eeglab(path, preload=False, verbose="WARNING")
    except TypeError as error:
        if "number of trials" not in str(error):
            raise
        return Trials(mne.read_epochs_eeglab(path, verbose="WARNING"))
    _check_companion(raw)
    return opened(raw)


def averages(evokeds: list[Any]) -> Trials:
    """Return averages as trials, named by their comments.

    Parameters
    ----------
    evokeds : list of mne.Evoked
        Averages over the same channels and times.
    """
    import mne
    import numpy as np
    import pandas as pd

    first = evokeds[0]
    for one in evokeds:
        if one.ch_names != first.ch_names or not np.array_equal(one.times, first.times):
            raise BadInput(
                f"its averages '{first.comment}' and '{one.comment}' have different channels or "
                "times. Save them as files of their own"
            )
    names = [one.comment or f"average {number + 1}" for number, one in enumerate(evokeds)]
    codes = {name: code + 1 for code, name in enumerate(dict.fromkeys(names))}
    numbers = np.arange(len(evokeds))
    events = np.column_stack([numbers, np.zeros_like(numbers), [codes[name] for name in names]])
    epochs = mne.EpochsArray(
        np.array([one.data for one in evokeds]),
        first.info,
        events=events,
        event_id=codes,
        tmin=first.times[0],
        proj=False,
        metadata=pd.DataFrame({"event": names, "trials averaged": [one.nave for one in evokeds]}),
        verbose="ERROR",
    )
    return Trials(epochs)


def blocks_of(path: Path) -> set[int]:
    """Return the kinds of block in a FIF file, and check that it is whole.

    The file is a chain of tags: kind, type, size, place of the next (0: here; -1: none).
    """
    opener: Any = gzip.open if path.name.lower().endswith(".gz") else open
    blocks, place = set(), 0
    with opener(path, "rb") as stream:
        end = stream.seek(0, 2) if opener is open else _length(stream)
        stream.seek(0)
        if stream.read(4) != b"\0\0\0\x64":
            raise BadInput("it does not begin as a FIF file does")
        while place < end:
            stream.seek(place)
            head = stream.read(16)
            if len(head) < 16:
                raise BadInput("it was cut off; copy it again")
            kind, _, size, following = struct.unpack(">iIii", head)
            after = place + 16 + size
            if size < 0 or after > end:
                raise BadInput(f"it was cut off at {end:,} bytes; copy it again")
            if kind == BLOCK_START and size == 4:
                blocks.add(struct.unpack(">i", stream.read(4))[0])
            if following == BLOCK_END_OF_LIST:
                return blocks
            if following and following <= place:
                raise BadInput("its list of contents leads in circles; it is damaged")
            place = following or after
    return blocks


def _length(stream: Any) -> int:
    """Return the length of a compressed stream, reading it in pieces."""
    total = 0
    while piece := stream.read(2**20):
        total += len(piece)
    return total


def _check_companion(raw: Any) -> None:
    """Check that the samples in a file of their own are all there."""
    for name, length in zip(raw.filenames, raw._raw_lengths, strict=True):
        if name is None or name.suffix.lower() != ".fdt":
            continue
        needed, held = length * len(raw.ch_names) * 4, name.stat().st_size
        if held < needed:
            raise BadInput(
                f"{name.name} holds {held:,} of {needed:,} bytes. It was cut off; copy it again"
            )
