"""Continuous recordings: EDF, BDF, GDF, BrainVision, Neuroscan CNT, KIT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.data import Recording
from neurostudio.errors import BadInput
from neurostudio.readers.base import reader

if TYPE_CHECKING:
    from pathlib import Path


@reader(name="EDF", suffixes=(".edf", ".edf+", ".rec"), kind="Recording")
def read_edf(path: Path, part: str) -> Recording:
    """Open EDF and EDF+."""
    import mne

    del part
    check_edf(path, sample_bytes=2)
    return _open_any_spelling(mne.io.read_raw_edf, path)


@reader(name="BDF", suffixes=(".bdf",), kind="Recording")
def read_bdf(path: Path, part: str) -> Recording:
    """Open BDF and BDF+ of BioSemi."""
    import mne

    del part
    check_edf(path, sample_bytes=3)
    return _open_any_spelling(mne.io.read_raw_bdf, path)


@reader(name="GDF", suffixes=(".gdf",), kind="Recording")
def read_gdf(path: Path, part: str) -> Recording:
    """Open GDF."""
    import mne

    del part
    return opened(mne.io.read_raw_gdf(path, preload=False, verbose="WARNING"))


@reader(name="BrainVision", suffixes=(".vhdr",), kind="Recording")
def read_brainvision(path: Path, part: str) -> Recording:
    """Open BrainVision by its header file."""
    import mne

    del part
    return opened(mne.io.read_raw_brainvision(path, preload=False, verbose="WARNING"))


@reader(name="Neuroscan CNT", suffixes=(".cnt",), kind="Recording")
def read_cnt(path: Path, part: str) -> Recording:
    """Open CNT of Neuroscan."""
    import mne

    del part
    return opened(mne.io.read_raw_cnt(path, preload=False, verbose="WARNING"))


@reader(name="KIT MEG", suffixes=(".sqd", ".con"), kind="Recording")
def read_kit(path: Path, part: str) -> Recording:
    """Open SQD of KIT."""
    import mne

    del part
    return opened(mne.io.read_raw_kit(path, preload=False, verbose="WARNING"))


def opened(raw: Any) -> Recording:
    """Return the recording if there is anything in it."""
    if not raw.ch_names or not raw.n_times:
        raise BadInput(f"it holds {len(raw.ch_names)} channels and {raw.n_times} samples")
    return Recording(raw)


def check_edf(path: Path, sample_bytes: int) -> None:
    """Check the sizes that the header of an EDF or BDF file claims against the file."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(256)
        if len(head) < 256:
            raise BadInput(f"it ends after {size} bytes, within its header")
        n_records, n_channels = _number(head[236:244]), _number(head[252:256])
        if n_channels < 1:
            raise BadInput("its header names no channel")
        if size < 256 * (n_channels + 1):
            raise BadInput(f"it ends within its header of {n_channels} channels")
        stream.seek(256 + 216 * n_channels)
        fields = stream.read(8 * n_channels)
    samples = sum(_number(fields[start : start + 8]) for start in range(0, len(fields), 8))
    held = (size - 256 * (n_channels + 1)) // max(samples * sample_bytes, 1)
    if samples < 1 or held < 1:
        raise BadInput("it has a header and no samples")
    if n_records > held:
        raise BadInput(
            f"it ends after {held} of {n_records} blocks of samples. It was cut off; copy it again"
        )


def _number(field: bytes) -> int:
    try:
        return int(field.decode("ascii", "replace").replace("\0", " "))
    except ValueError as error:
        text = field.decode("ascii", "replace").strip()
        raise BadInput(f"its header says '{text}' where a number belongs") from error


def _open_any_spelling(read: Any, path: Path) -> Recording:
    try:
        return opened(read(path, preload=False, verbose="WARNING"))
    except UnicodeDecodeError:
        return opened(read(path, preload=False, encoding="latin1", verbose="WARNING"))
