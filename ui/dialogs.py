"""The window's questions: settings, shortcuts, closing, and what this program is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from neurostudio import __version__
from neurostudio.runs import State

from .batches import Batches
from .exporting import Exporter
from .theme import theme

if TYPE_CHECKING:
    from neurostudio.runs import Run

    from .actions import Actions
    from .settings_dialog import SettingsDialog
    from .shortcuts import ShortcutEditor
    from .stopping import Stopping
    from .studio import Studio

_ABOUT = """<h3>neurostudio {version}</h3>
<p>Explore recordings and brain-inspired models by point and click.</p>
<p>1. Open files, or drop them on the window.<br>
2. Choose a method on the left; what it needs is said below its name.<br>
3. Press Run. The result appears in the middle, its data on the list.</p>
<p>Everything that you do is a step of the history and a line of a Python script.
Find anything with Ctrl+Shift+P.</p>"""


class Dialogs(QObject):
    """Opens dialogs and does what they answer."""

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._window = window
        self._actions: Actions | None = None
        self.editor: ShortcutEditor | None = None
        self.settings_dialog: SettingsDialog | None = None
        self.question: QMessageBox | None = None
        self.stopping: Stopping | None = None
        self.exporter = Exporter(studio, window)
        self.batches = Batches(studio, window)

    def settings(self) -> None:
        """Ask for the settings."""
        from .settings_dialog import SettingsDialog

        self.settings_dialog = SettingsDialog(self._studio.settings, self._window)
        self.settings_dialog.chosen.connect(self._settings_chosen)
        self.settings_dialog.open()

    def _settings_chosen(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self._studio.settings, name, value)
        settings = self._studio.settings
        settings.recent_files = settings.recent_files[: settings.recent_count]
        theme().choose(settings.theme)
        self._studio.workspace.jobs.allow(settings.cpu_runs)
        self._studio.keep_settings()

    def shortcuts(self, actions: Actions) -> None:
        """Ask for the shortcuts."""
        from .shortcuts import ShortcutEditor

        self._actions = actions
        self.editor = ShortcutEditor(actions.acts, self._studio.settings.shortcuts, self._window)
        self.editor.chosen.connect(self._shortcuts_chosen)
        self.editor.open()

    def _shortcuts_chosen(self, chosen: dict[str, str]) -> None:
        self._studio.settings.shortcuts = chosen
        self._studio.keep_settings()
        if self._actions is not None:
            self._actions.use_shortcuts(chosen)

    def about(self) -> None:
        """Say what this is and how to begin."""
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About neurostudio")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_ABOUT.format(version=__version__))
        box.open()

    def may_close(self) -> bool:
        """Ask what is to become of runs that are under way; nothing is asked where there are none."""
        jobs = self._studio.workspace.jobs
        mine = [run for run in jobs.active if run.state in {State.QUEUED, State.RUNNING}]
        active = [*mine, *self.batches.active()]
        if not active:
            self.batches.let_go()
            return True
        box = QMessageBox(self._window)
        self.question = box
        box.setWindowTitle("Runs are under way")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(_under_way(active))
        box.setInformativeText(
            "A run that works may go on without the window; you find it when you open the session "
            "again. One that still waits can be resumed then."
        )
        go_on = box.addButton("Let them &go on", QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton("&Stop them", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("S&tay", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(go_on)
        box.setEscapeButton(stay)
        box.exec()
        self.question, answer = None, box.clickedButton()
        box.deleteLater()
        if answer is stop:
            self.batches.stop()
            self._stop(mine)
        if answer is not stay:
            self.batches.let_go()
        return answer is not stay

    def _stop(self, runs: list[Run]) -> None:
        """Stop runs, and wait a while until they have kept their checkpoints."""
        from .stopping import Stopping

        jobs = self._studio.workspace.jobs
        for run in runs:
            jobs.stop(run)
        self.stopping = Stopping(jobs, self._window)
        self.stopping.wait()
        self.stopping = None


def _under_way(runs: list[Run]) -> str:
    many = f"{len(runs)} runs are" if len(runs) > 1 else f"{runs[0].name} is"
    return f"{many} under way."
