"""What was done, as snapshots to go back and forth between."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from neurostudio import items
from neurostudio.errors import NeurostudioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from neurostudio.session import Snapshot


class History:
    """A line of snapshots and a place on it."""

    def __init__(self, first: Snapshot) -> None:
        self._states = [first]
        self._now = 0

    @property
    def now(self) -> Snapshot:
        """The snapshot in force."""
        return self._states[self._now]

    @property
    def can_undo(self) -> str:
        """What undo would take back, or nothing."""
        return self.now.act if self._now > 0 else ""

    @property
    def can_redo(self) -> str:
        """What redo would do again, or nothing."""
        return self._states[self._now + 1].act if self._now + 1 < len(self._states) else ""

    def push(self, state: Snapshot) -> None:
        """Go on from here; what was undone is forgotten."""
        self._states = [*self._states[: self._now + 1], state]
        self._now += 1

    def go(self, by: int) -> bool:
        """Go back (-1) or forth (+1); return whether there was anywhere to go."""
        if not 0 <= self._now + by < len(self._states):
            return False
        self._now += by
        return True

    @contextmanager
    def kept(self, write: Callable[[], None]) -> Iterator[None]:
        """Write what is done inside, or take it back where the disk refuses."""
        before = self._states, self._now
        try:
            yield
            write()
        except NeurostudioError:
            self._states, self._now = before
            raise

    def move(self, old: Path, new: Path) -> None:
        """Put all snapshots into another session folder."""
        self._states = [state.moved(old, new) for state in self._states]

    def drop(self, folder: Path) -> None:
        """Forget the other snapshots that refer to items inside a folder that is to go."""
        now = self.now
        self._states = [
            state for state in self._states if state is now or not _refers_to(state, folder)
        ]
        # by identity: a name given, taken back and given again makes equal snapshots
        self._now = next(k for k, state in enumerate(self._states) if state is now)

    def runs(self) -> set[str]:
        """Return the names of all runs whose outputs any snapshot has listed."""
        return {step.run for state in self._states for step in state.steps if step.run}


def _refers_to(state: Snapshot, folder: Path) -> bool:
    return any(folder.resolve() in items.base(item.folder).parents for item in state.items.values())
