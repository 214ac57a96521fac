"""Batches: from the dialog to the core and back, with the core's signals in the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from neurostudio.runs import State

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from neurostudio.batches import Batch
    from neurostudio.chains import Chain
    from neurostudio.runs import Run

    from .batch_dialog import BatchDialog
    from .studio import Studio


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for."""

    chain: Chain
    folder: str
    pattern: str
    out: str
    where: str
    workers: int


class Batches(QObject):
    """One batch at a time; it goes on while its dialog is closed."""

    row_changed = Signal(object)
    begun = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._window = window
        self.dialog: BatchDialog | None = None
        self.batch: Batch | None = None
        self.ended.connect(self._ended)

    def ask(self) -> None:
        """Show the dialog: that of the batch under way, or a new one for the chosen data."""
        from .batch_dialog import BatchDialog

        if self.dialog is None:
            self.dialog = BatchDialog(self._studio, self, self._window)
        if not self.active():
            self.dialog.take_item(self._studio.item)
        self.dialog.show()
        self.dialog.raise_()

    def start(self, wish: Wish) -> None:
        """Begin, or go on with what is there, in a thread."""
        self.let_go()
        self._studio.background.run(self._begin, wish, done=self._begun, failed=self.failed.emit)

    def _begin(self, wish: Wish) -> Batch:
        from neurostudio.batches import Batch, jobs_for

        jobs = jobs_for(wish.where, wish.workers)
        try:
            batch = Batch(wish.chain, Path(wish.folder), Path(wish.out), jobs, wish.pattern)
            batch.changed.connect(self.row_changed.emit)
            batch.ended.connect(self.ended.emit)
            batch.start()
        except Exception:
            jobs.close()
            raise
        return batch

    def _begun(self, batch: Batch) -> None:
        self.batch = batch
        self._studio.background.run(batch.rows, done=self.begun.emit, failed=self.failed.emit)
        if batch.over:
            self.ended.emit()

    def _ended(self) -> None:
        if self.batch is not None:
            self._studio.said.emit("The batch has ended.")
            batch, self.batch = self.batch, None
            self._studio.background.run(batch.close, failed=self.failed.emit)

    def active(self) -> list[Run]:
        """Return the files that wait or are worked on."""
        if self.batch is None:
            return []
        states = {State.QUEUED, State.RUNNING}
        return [run for run in self.batch.jobs.active if run.state in states]

    def stop(self) -> None:
        """Let what is under way stop early; what waits does not begin."""
        if self.batch is not None:
            self._studio.background.run(self.batch.stop, failed=self.failed.emit)

    def cancel(self) -> None:
        """End all at once."""
        if self.batch is not None:
            self._studio.background.run(self.batch.cancel, failed=self.failed.emit)

    def let_go(self) -> None:
        """Stop following the last batch; what is under way goes on and is found at the next start."""
        if self.batch is not None:
            batch, self.batch = self.batch, None
            batch.changed.disconnect(self.row_changed.emit)
            batch.ended.disconnect(self.ended.emit)
            batch.close()
