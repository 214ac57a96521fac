"""Sounds: WAV, FLAC, OGG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.data import Traces
from neurostudio.errors import BadInput
from neurostudio.readers.base import Part, check_room, reader

if TYPE_CHECKING:
    from pathlib import Path


def look_sound(path: Path) -> tuple[Part, ...]:
    """Describe a sound from its header."""
    import soundfile

    _check_length(path)
    facts = soundfile.info(path)
    words = f"{facts.channels} channels, {facts.samplerate:g} Hz, {facts.duration:.4g} s"
    return (Part("", "Traces", words),)


@reader(name="Sound", suffixes=(".wav", ".flac", ".ogg"), kind="Traces", look=look_sound)
def read_sound(path: Path, part: str) -> Traces:
    """Read a sound; 1 is the loudest that the file can hold."""
    import numpy as np
    import pynapple as nap
    import soundfile

    del part
    _check_length(path)
    facts = soundfile.info(path)
    if not facts.frames or not facts.samplerate:
        raise BadInput("it holds no sound")
    check_room(16 * facts.frames * facts.channels)
    values, rate = soundfile.read(path, dtype="float64", always_2d=True)
    if len(values) < facts.frames:
        raise BadInput(f"it ends after {len(values)} of {facts.frames} samples; copy it again")
    names = ["sound"] if facts.channels == 1 else [f"sound {n + 1}" for n in range(facts.channels)]
    frame = nap.TsdFrame(t=np.arange(len(values)) / rate, d=values, columns=names)
    return Traces(frame, "full scale")


def _check_length(path: Path) -> None:
    """Check the length that a WAV file claims; 0 and the largest mean that it is not known."""
    with path.open("rb") as stream:
        head = stream.read(8)
    claimed = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and claimed not in {0, 0xFFFFFFFF}:
        size = path.stat().st_size
        if claimed + 8 > size:
            raise BadInput(f"it ends after {size:,} of {claimed + 8:,} bytes; copy it again")
