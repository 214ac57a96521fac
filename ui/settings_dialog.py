"""The settings: looks, folders, and how much runs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from neurostudio.settings import Settings

_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class FolderField(QWidget):
    """A folder's path, written or chosen; nothing written stands for the default."""

    def __init__(self, name: str, path: str, default: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.line = QLineEdit(path)
        self.line.setPlaceholderText(default)
        self.line.setAccessibleName(name)
        self.button = QPushButton("Choose…")
        self.button.setAccessibleName(f"Choose {name.lower()}")
        self.button.clicked.connect(self._choose)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.line, 1)
        line.addWidget(self.button)
        self.setFocusProxy(self.line)

    def _choose(self) -> None:
        found = QFileDialog.getExistingDirectory(self, self._name, self.line.text())
        if found:
            self.line.setText(found)


class SettingsDialog(QDialog):
    """Asks for the settings; ``chosen`` carries the fields that a person may change here."""

    chosen = Signal(dict)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 0)
        self.theme = QComboBox()
        for key, words in _THEMES.items():
            self.theme.addItem(words, key)
        self.theme.setCurrentIndex(list(_THEMES).index(settings.theme))
        self.sessions = FolderField(
            "Folder of unsaved sessions", settings.sessions_folder, str(settings.sessions())
        )
        self.models = FolderField(
            "Model folder", settings.model_folder, "where the session is saved"
        )
        self.recent = QSpinBox()
        self.recent.setRange(0, 50)
        self.recent.setValue(settings.recent_count)
        self.runs = QSpinBox()
        self.runs.setRange(0, 256)
        self.runs.setSpecialValueText("as many as cores but one")
        self.runs.setValue(settings.cpu_runs)
        self.queue = QLineEdit(settings.cluster_queue)
        self.queue.setPlaceholderText("the usual queue of SLURM")
        self.cores = QSpinBox()
        self.cores.setRange(1, 1024)
        self.cores.setValue(settings.cluster_cores)
        self.memory = QLineEdit(settings.cluster_memory)
        self.memory.setPlaceholderText("4GB")
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Theme", self.theme)
        form.addRow("&Unsaved sessions in", self.sessions)
        form.addRow("&Models in", self.models)
        form.addRow("&Recent files to keep", self.recent)
        form.addRow("&CPU runs at once", self.runs)
        form.addRow("&Queue of SLURM", self.queue)
        form.addRow("C&ores of a SLURM job", self.cores)
        form.addRow("M&emory of a SLURM job", self.memory)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.buttons)

    def _accept(self) -> None:
        values = {
            "theme": self.theme.currentData(),
            "sessions_folder": self.sessions.line.text().strip(),
            "model_folder": self.models.line.text().strip(),
            "recent_count": self.recent.value(),
            "cpu_runs": self.runs.value(),
            "cluster_queue": self.queue.text().strip(),
            "cluster_cores": self.cores.value(),
            "cluster_memory": self.memory.text().strip() or "4GB",
        }
        self.accept()
        self.chosen.emit(values)
