"""A min/max pyramid on disk: any zoom of a recording of any length from a few reads.

A folder of one file a level, each (n_channels, n_blocks, 2) float32, channel by channel: the least and
the greatest sample of every 16, 64, 256 … samples. ``complete.json`` is written last, and without it,
with another key or with files of another length nothing in the folder is trusted.

``python -P -m neurostudio.pyramid ITEM FOLDER`` builds one in a process of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.files import checksum, ensure_writable, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from neurostudio.sources import Source

    Columns = NDArray[np.float32]

BASE = 16
STEP = 4
LARGEST = 65_536
_CHUNK_BYTES = 160_000_000
_TELL = 0.3  # seconds between two words on how far a build is
_SAMPLE = 65_536
_COMPLETE, _GROWING = "complete.json", "growing.json"


@dataclass(frozen=True, slots=True)
class Level:
    """One level: the samples of a block, the blocks of a channel, the file."""

    block: int
    n_blocks: int
    path: Path


def levels_of(folder: Path, n_times: int) -> tuple[Level, ...]:
    """Return the levels of a pyramid over so many samples, the finest first."""
    found = []
    block = BASE
    while block <= LARGEST and (block == BASE or block < n_times):
        found.append(Level(block, -(-n_times // block), folder / f"{block}.f32"))
        block *= STEP
    return tuple(found)


def key_of(source: Source) -> str:
    """Return what tells the samples of two sources apart: shape, rate, and the look of the files.

    The files' sizes, times and 64 kB at begin, middle and end; the checksum of all their bytes takes
    long and is kept in the finished pyramid.
    """
    about = f"{source.names} {source.n_times} {source.rate!r} {source.treatment}"
    digest = hashlib.sha256(about.encode())
    for path, size in source.files.items():
        digest.update(f"{size} {path.stat().st_mtime_ns}".encode())
        with path.open("rb") as file:
            for place in (0, max(0, size // 2), max(0, size - _SAMPLE)):
                file.seek(place)
                digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


class Pyramid:
    """The blocks of one pyramid, read from its folder; it may still grow.

    Parameters
    ----------
    folder
        Where the levels lie.
    n_channels, n_times
        Of the source.
    key
        Of the source (:func:`key_of`).
    """

    def __init__(self, folder: Path, n_channels: int, n_times: int, key: str) -> None:
        self.folder = folder
        self.levels = levels_of(folder, n_times)
        self._n_channels = n_channels
        self._n_times = n_times
        self._key = key
        self.n_done = 0

    def look(self) -> int:
        """Read how many samples are covered from the first on, and return it."""
        about = _read(self.folder / _COMPLETE)
        if about and about.get("key") == self._key and self._whole():
            self.n_done = self._n_times
        else:
            growing = _read(self.folder / _GROWING)
            fits = growing.get("key") == self._key and _lives(growing)
            self.n_done = int(growing.get("done", 0)) if fits else 0
        return self.n_done

    @property
    def complete(self) -> bool:
        """Whether all samples are covered."""
        return self.n_done >= self._n_times

    def _whole(self) -> bool:
        return all(
            each.path.exists() and each.path.stat().st_size == self._n_channels * each.n_blocks * 8
            for each in self.levels
        )

    def level_for(self, samples_per_pixel: float) -> Level | None:
        """Return the coarsest level whose blocks are no wider than a pixel."""
        fitting = [each for each in self.levels if each.block <= samples_per_pixel]
        return fitting[-1] if fitting else None

    def blocks(self, level: Level, first: int, last: int, picks: list[int]) -> Columns:
        """Return the blocks ``first`` to ``last`` of some channels, (n_picks, n_blocks, 2)."""
        found = np.empty((len(picks), last - first, 2), np.float32)
        with level.path.open("rb", buffering=0) as file:
            for row, channel in enumerate(picks):
                file.seek((channel * level.n_blocks + first) * 8)
                if file.readinto(memoryview(found[row]).cast("B")) != found[row].nbytes:
                    raise OSError(f"{level.path} is shorter than it should be")
        return found


def build(source: Source, folder: Path, stopped: Callable[[], bool] = bool) -> None:
    """Build the pyramid of a source, readable while it grows.

    Raises
    ------
    NotEnough
        The disk has no room for it.
    """
    key = key_of(source)
    shutil.rmtree(folder, ignore_errors=True)
    n_channels = len(source.names)
    levels = levels_of(folder, source.n_times)
    ensure_writable(folder, sum(each.n_blocks for each in levels) * n_channels * 8)
    about: dict[str, Any] = {"key": key, **_myself()}
    told = 0.0
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(each.path.open("w+b", buffering=0)) for each in levels]
        for file, level in zip(files, levels, strict=True):
            file.truncate(n_channels * level.n_blocks * 8)
        for first in range(0, source.n_times, LARGEST):
            last = min(first + LARGEST, source.n_times)
            if stopped():
                return
            for picks in _groups(n_channels, last - first):
                _reduce(source, (first, last), picks, levels, files)
            if time.monotonic() - told > _TELL or last == source.n_times:
                told = time.monotonic()
                write_atomically(folder / _GROWING, json.dumps({**about, "done": last}))
        for file in files:
            os.fsync(file.fileno())
    sums = {path.name: checksum(path) for path in source.files}
    if key_of(source) == key:  # the file stayed as it was all the while
        write_atomically(folder / _COMPLETE, json.dumps({**about, "sha256": sums}))
    (folder / _GROWING).unlink(missing_ok=True)


def _groups(n_channels: int, n_times: int) -> Iterator[list[int]]:
    size = max(1, _CHUNK_BYTES // (8 * max(1, n_times)))
    for first in range(0, n_channels, size):
        yield list(range(first, min(first + size, n_channels)))


def _reduce(
    source: Source,
    span: tuple[int, int],
    picks: list[int],
    levels: tuple[Level, ...],
    files: list[Any],
) -> None:
    from neurostudio import envelope

    first, last = span
    blocks = source.reduce(first + _edges(last - first, BASE), picks)
    for level, file in zip(levels, files, strict=True):
        if level.block > BASE:
            edges = _edges(blocks.shape[1], STEP)
            out = np.empty((len(picks), len(edges) - 1, 2), np.float32)
            envelope.of_blocks(blocks, edges, out)
            blocks = out
        for row, channel in enumerate(picks):
            file.seek((channel * level.n_blocks + first // level.block) * 8)
            file.write(blocks[row].tobytes())


def _edges(n: int, width: int) -> NDArray[np.int64]:
    return np.append(np.arange(0, n, width), n).astype(np.int64)


def _myself() -> dict[str, float]:
    import psutil

    return {"pid": os.getpid(), "created": psutil.Process().create_time()}


def _lives(about: dict[str, Any]) -> bool:
    import psutil

    try:
        process = psutil.Process(about["pid"])
        return bool(abs(process.create_time() - about["created"]) < 1.0)
    except (psutil.Error, KeyError):
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def under_way(folder: Path) -> bool:
    """Return whether a living process builds the pyramid of a folder."""
    return _lives(_read(folder / _GROWING))


def main(arguments: list[str]) -> int:
    """Build the pyramid of an item's data, of a filtered one where a filter is given as JSON."""
    from neurostudio import items
    from neurostudio.display_filter import DisplayFilter, FilteredSource
    from neurostudio.sources import source_of

    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    parent = os.getppid()
    source = source_of(items.load(Path(arguments[0])))
    if len(arguments) > 2:
        wanted = DisplayFilter.from_json(json.loads(arguments[2]))
        source = FilteredSource(source, wanted) if wanted else source
    build(source, Path(arguments[1]), lambda: os.getppid() != parent)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
