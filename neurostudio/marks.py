"""What a person marks in a recording: annotations and bad channels, kept apart from the samples."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from neurostudio.data import Recording, Trials
from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import mne

    from neurostudio.data import Data

_SAME = 1e-6  # seconds within which two onsets are one


@dataclass(frozen=True, slots=True)
class Mark:
    """An annotation: onset (from the first sample) and duration in seconds, words, channels (none: all)."""

    onset: float
    duration: float
    text: str
    channels: tuple[str, ...] = ()

    @property
    def short(self) -> tuple[Any, ...]:
        """Onset, duration, words, and channels where there are any: as a script writes it."""
        plain = (self.onset, self.duration, self.text)
        return (*plain, list(self.channels)) if self.channels else plain

    def is_same(self, other: Mark) -> bool:
        """Return whether both stand for one annotation."""
        near = abs(self.onset - other.onset) < _SAME and abs(self.duration - other.duration) < _SAME
        return near and (self.text, self.channels) == (other.text, other.channels)


@dataclass(frozen=True, slots=True)
class Marks:
    """A change of the marks: annotations that come and go, and channels that turn bad or good."""

    add: tuple[Mark, ...] = ()
    remove: tuple[Mark, ...] = ()
    bad: tuple[str, ...] = ()
    good: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Marks:
        """Return marks from plain values: annotations are lists or dicts."""
        return cls(
            add=tuple(_mark(each) for each in stored.get("add", ())),
            remove=tuple(_mark(each) for each in stored.get("remove", ())),
            bad=tuple(stored.get("bad", ())),
            good=tuple(stored.get("good", ())),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            key: [list(each) if isinstance(each, tuple) else each for each in value]
            for key, value in (
                ("add", [each.short for each in self.add]),
                ("remove", [each.short for each in self.remove]),
                ("bad", list(self.bad)),
                ("good", list(self.good)),
            )
            if value
        }

    def then(self, later: Marks) -> Marks:
        """Return the one change that is this change followed by another."""
        add, remove = list(self.add), list(self.remove)
        for gone in later.remove:
            known = next((each for each in add if each.is_same(gone)), None)
            if known is not None:
                add.remove(known)
            else:
                remove.append(gone)
        bad = {*self.bad} - {*later.good} | {*later.bad}
        good = {*self.good} - {*later.bad} | {*later.good}
        return Marks((*add, *later.add), tuple(remove), tuple(sorted(bad)), tuple(sorted(good)))

    @property
    def words(self) -> str:
        """What is done, for undo: ``mark 2 annotations``."""
        if self.add and self.remove and len(self.add) == len(self.remove):
            return f"change {_count(self.add, 'annotation')}"
        parts = [f"mark {_count(self.add, 'annotation')}"] if self.add else []
        parts += [f"remove {_count(self.remove, 'annotation')}"] if self.remove else []
        parts += [f"mark {', '.join(self.bad)} as bad"] if self.bad else []
        parts += [f"mark {', '.join(self.good)} as good"] if self.good else []
        return ", ".join(parts) or "mark nothing"


def _count(some: tuple[Mark, ...], word: str) -> str:
    return f"{word} {some[0].text}" if len(some) == 1 else f"{len(some)} {word}s"


def _mark(stored: Any) -> Mark:
    if isinstance(stored, Mark):
        return stored
    if isinstance(stored, dict):
        return Mark(**{**stored, "channels": tuple(stored.get("channels", ()))})
    onset, duration, text, *rest = stored
    return Mark(float(onset), float(duration), str(text), tuple(rest[0]) if rest else ())


def apply(data: Data, marks: Marks) -> Data:
    """Return data with other marks; the samples are the same and are not read.

    Raises
    ------
    BadInput
        The data have no such channels or annotations, or can hold none.
    """
    if not isinstance(data, Recording | Trials):
        raise BadInput(f"{type(data).__name__} holds no marks; recordings and trials do.")
    unknown = {*marks.bad, *marks.good} - {*data.names("channels")}
    if unknown:
        raise BadInput(f"There are no channels {', '.join(sorted(unknown))} to mark.")
    if isinstance(data, Trials):
        if marks.add or marks.remove:
            raise BadInput("Trials hold no annotations. Mark the recording, then cut it again.")
        epochs = copy.copy(data.epochs)
        epochs.info = _with_bads(data.epochs.info, marks)
        return Trials(epochs)
    raw = copy.copy(data.raw)
    raw.info = _with_bads(data.raw.info, marks)
    raw._annotations = _annotations(data, marks)
    return replace(data, raw=raw)


def _with_bads(info: Any, marks: Marks) -> Any:
    info = copy.deepcopy(info)
    bads = {*info["bads"]} - {*marks.good} | {*marks.bad}
    info["bads"] = [name for name in info["ch_names"] if name in bads]
    return info


def _annotations(data: Recording, marks: Marks) -> Any:
    raw = data.raw
    notes = raw.annotations.copy()
    begin = raw.first_time
    for gone in marks.remove:
        there = _rows(notes, begin)
        place = next((k for k, each in enumerate(there) if each.is_same(gone)), None)
        if place is None:
            raise BadInput(f"There is no annotation '{gone.text}' at {gone.onset:g} s to remove.")
        notes.delete(place)
    for new in marks.add:
        if not 0 <= new.onset <= raw.times[-1]:
            raise BadInput(
                f"'{new.text}' at {new.onset:g} s lies outside of the recording, "
                f"which ends at {raw.times[-1]:g} s."
            )
        length = min(new.duration, raw.n_times / raw.info["sfreq"] - new.onset)
        notes.append(new.onset + begin, max(0.0, length), new.text, ch_names=[new.channels])
    return notes


def marks_of(raw: mne.io.BaseRaw) -> tuple[Mark, ...]:
    """Return the annotations of a recording, counted from its first sample."""
    return tuple(_rows(raw.annotations, raw.first_time))


def _rows(notes: mne.Annotations, begin: float) -> list[Mark]:
    columns: Iterable[Any] = zip(
        notes.onset, notes.duration, notes.description, notes.ch_names, strict=True
    )
    return [
        Mark(float(onset) - begin, float(length), str(text), tuple(channels))
        for onset, length, text, channels in columns
    ]
