"""What every walk shares: one window, the hands on it, and a home of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import traceback
from importlib import import_module
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "xcb")

HOME = Path(os.environ.setdefault("WALK_HOME", tempfile.mkdtemp(prefix="walk-")))
os.environ["NEUROSTUDIO_SETTINGS"] = str(HOME / "settings.json")

from hands import Eyes, Hands

import neurostudio as ns  # noqa: F401  makes the checkout's folders importable


class Walking:
    """One window and the hands on it."""

    def __init__(self, data: Path, screens: Path) -> None:
        self.data = data
        self.session = HOME / "session"
        self.script = HOME / "session.py"
        self.eyes = Eyes()
        self.hands = Hands(self.eyes, screens)
        self.error = ""

    @property
    def window(self):
        from PySide6.QtWidgets import QApplication

        for widget in QApplication.topLevelWidgets():
            if type(widget).__name__ == "MainWindow" and widget.isVisible():
                return widget
        return None

    def items(self):
        return dict(self.window.studio.workspace.items) if self.window else {}

    def run_named(self, part):
        return next((run for run in self.window.studio.workspace.runs if part in run.name), None)

    def wait_item(self, name, seconds=120.0):
        self.hands.wait_for(lambda: name in self.items(), f"the item {name}", seconds)

    def ready(self):
        self.hands.wait_for(lambda: self.window is not None, "the window")
        self.hands.wait_for(lambda: len(self.window.studio.methods) > 0, "the methods")
        subprocess.run(["xdotool", "mousemove", "800", "300"], check=True)
        self.hands.rest(1.0)

    def maximise(self):
        self.eyes.ask(lambda: self.window.setGeometry(0, 0, 1600, 1000))
        self.hands.rest(0.5)

    def choose_method(self, words):
        hands = self.hands
        hands.key("ctrl+f")
        hands.key("ctrl+a")
        hands.type(words)
        hands.key("Return")
        hands.rest(0.8)

    def open(self, *files):
        """Open files of the data folder by the dialog."""
        hands = self.hands
        hands.key("ctrl+o")
        hands.rest(1.0)
        hands.type(" ".join(f'"{self.data / each}"' for each in files))
        hands.key("Return")

    def fill(self, name, text):
        hands = self.hands
        hands.click(name)
        hands.key("ctrl+a")
        hands.type(text)
        hands.key("Tab")

    def pick(self, name, item):
        """Choose an item in the combo of an input by its first letters."""
        hands = self.hands
        hands.click(name)
        hands.rest(0.3)
        hands.type(item)
        hands.key("Return")

    def sit(self, sitting):
        try:
            sitting()
        except Exception:
            self.error = traceback.format_exc()
            print(self.error, flush=True)
            os._exit(1)

    def save_script(self):
        """Write the session as a script and wait for it."""
        hands = self.hands
        hands.key("ctrl+alt+s")
        hands.rest(1.0)
        hands.key("ctrl+a")
        hands.type(str(self.script))
        hands.key("Return")
        hands.wait_for(self.script.exists, "the script")

    def begin(self, sitting, session=None):
        """Show the window and let the hands move until it is closed."""
        app = import_module("neurostudio.ui.app")
        app.application()
        thread = threading.Thread(target=self.sit, args=(sitting,), daemon=True)
        thread.start()
        app.main(session=session)
        thread.join(10)
