"""Waits for runs that were asked to stop, while the window stays alive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QProgressDialog, QWidget

if TYPE_CHECKING:
    from neurostudio.jobs import Jobs

_INTERVAL = 100  # ms
_PATIENCE = 10.0  # s; a run that takes longer keeps its checkpoint without the window


class Stopping(QProgressDialog):
    """Says how many runs are still on their way to a stop; a person may close without waiting."""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        self._count = len(jobs.active)
        super().__init__("", "&Close now", 0, max(1, self._count), parent)
        self._jobs = jobs
        self._loop = QEventLoop(self)
        self._until = time.monotonic() + _PATIENCE
        self.setWindowTitle("Stopping runs")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAutoClose(False)
        self.setAutoReset(False)
        self.setMinimumDuration(0)
        self.canceled.connect(self._loop.quit)
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._look)

    def wait(self) -> None:
        """Return when all have stopped, the patience is over, or the person closes."""
        self._look()
        if self._jobs.active:
            self.show()
            self._timer.start()
            self._loop.exec()
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def _look(self) -> None:
        left = len(self._jobs.active)
        self.setValue(self._count - left)
        self.setLabelText(f"{left} runs keep their checkpoints…" if left > 1 else _LAST)
        if not left or time.monotonic() > self._until:
            self._loop.quit()


_LAST = "The run keeps its checkpoint…"
