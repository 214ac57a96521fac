"""What a run has told so far: its metrics, progress, words and pictures, read on as it grows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from neurostudio.runs import Progress, measure

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.runs import Run

Event = dict[str, Any]


class Feed:
    """The events of one run; :meth:`read_on` takes what is new and may be called from any thread."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.metrics: list[dict[str, float | str]] = []
        self.words: list[str] = []
        self.pictures: dict[str, Path] = {}
        self._first: Event | None = None
        self._latest: Event | None = None
        self._offset = 0
        self._lock = threading.Lock()

    def read_on(self) -> Feed:
        """Take the events that were written since."""
        with self._lock:
            events, self._offset = self.run.events_from(self._offset)
            for event in events:
                self._take(event)
        return self

    def _take(self, event: Event) -> None:
        kind = event.get("kind")
        if kind == "metrics":
            self.metrics.append(event["values"])
        elif kind == "progress":
            self._latest = event
            self._first = self._first or event
        elif kind == "text":
            self.words.append(event["text"])
        elif kind == "view":
            self.pictures[event["name"]] = self.run.folder / event["file"]
        elif kind == "state" and event.get("state") == "running":
            self._first = self._latest = None  # time left is told anew after a resume

    @property
    def progress(self) -> Progress | None:
        """How far the run is, or None before it has said so."""
        latest = self._latest
        return None if latest is None else measure(latest, self._first or latest)
