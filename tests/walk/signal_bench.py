"""Walks through the first hour with a recording, with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/signal_bench.py DATA SCREENS

DATA holds eeg/eeglab. The walk marks stretches and a bad channel, takes back and does again, fits ICA, takes
a component away, cuts, averages, looks at maps and time-frequency, exports to FIF and reads it in MNE, writes
the script, runs it, and compares the averages.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hands import find
from walking import HOME, Walking

NAME = "eeglab_data"
FIF = HOME / "marked_raw.fif"


class Walk(Walking):
    """The first hour with a recording."""

    def figure(self):
        return self.window.results.page.figure()

    def marks(self):
        return [each.text for each in self.figure().happenings]

    def sitting(self):
        hands = self.hands
        self.ready()
        self.maximise()
        hands.key("ctrl+o")
        hands.rest(1.0)
        hands.type(str(self.data / "eeg" / "eeglab" / f"{NAME}.set"))
        hands.key("Return")
        self.wait_item(NAME)
        hands.wait_for(lambda: self.window.results.page is not None, "the recording")
        hands.wait_for(lambda: self.figure().ready, "its first page")
        self.mark()
        self.clean()
        self.average()
        self.save_script()
        hands.key("ctrl+q")

    # ---- marks -------------------------------------------------------------------------------------

    def place(self, time, row=None):
        """Where a time lies on the screen."""
        from PySide6.QtCore import QPoint

        figure = self.figure()
        layout = figure.canvas.layout_for()
        y = layout.y_of(row) if row is not None else layout.top + 0.6 * layout.plot_height
        x = layout.x_of(time) if time is not None else 14
        return figure.canvas.mapToGlobal(QPoint(round(x), round(y)))

    def drag(self, begin, end):
        self._mouse(begin, "mousedown", "1")
        middle = (begin + end) / 2
        self._mouse(middle)
        self._mouse(end)
        self._mouse(end, "mouseup", "1")

    def _mouse(self, time, *act, row=None):
        at = self.eyes.ask(lambda: self.place(time, row))
        subprocess.run(["xdotool", "mousemove", str(at.x()), str(at.y()), *act], check=True)
        self.hands.rest(0.25)

    def mark(self):
        hands = self.hands
        before = self.eyes.ask(lambda: len(self.marks()))
        self._mouse(8.5, "click", "1")
        hands.key("a")
        self.drag(3.4, 4.6)
        hands.wait_for(lambda: len(self.marks()) == before + 1, "the first mark")
        self.drag(6.0, 6.6)
        hands.wait_for(lambda: len(self.marks()) == before + 2, "the second mark")
        hands.key("a")
        self._mouse(None, "click", "1", row=1)
        hands.wait_for(lambda: bool(self.figure()._source.bad), "the bad channel")
        hands.photograph("21-marked")
        hands.key("ctrl+z", "ctrl+z")
        hands.wait_for(lambda: len(self.marks()) == before + 1, "the marks before")
        hands.photograph("22-undone")
        hands.key("ctrl+shift+z", "ctrl+shift+z")
        hands.wait_for(
            lambda: len(self.marks()) == before + 2 and self.figure()._source.bad,
            "the marks again",
        )
        hands.key("e")
        hands.photograph("23-events")
        hands.key("e")
        hands.key("ctrl+alt+e")
        hands.rest(1.0)
        hands.key("ctrl+a")
        hands.type(str(FIF))
        hands.key("Return")
        hands.wait_for(FIF.exists, "the exported file")
        hands.rest(1.5)
        hands.photograph("24-exported")
        hands.key("Escape")

    # ---- analyses ----------------------------------------------------------------------------------

    def run(self, method, item, seconds=300.0):
        self.hands.key("ctrl+Return")
        self.wait_item(item, seconds)
        name = self.eyes.ask(lambda: self.run_named(method).name)
        self.hands.click("Runs", row=name[:4])
        self.hands.key("ctrl+shift+r")
        self.hands.wait_for(lambda: find("Result") is not None, "the result")
        self.hands.rest(1.5)

    def pictures(self, prefix):
        hands = self.hands
        for number in range(self.eyes.ask(lambda: find("Result").count())):
            hands.photograph(f"{prefix}-{number:02d}")
            hands.key("ctrl+Next")
            hands.rest(1.2)

    def clean(self):
        self.choose_method("fit ica")
        self.pick("signals", NAME)
        self.hands.photograph("25-form-ica")
        self.run("fit_ica", "ica", 400)
        self.pictures("26-ica")
        self.choose_method("remove components")
        self.pick("signals", NAME)
        self.pick("ica", "ica")
        self.fill("Components", "ICA000")
        self.run("remove_components", "cleaned")
        self.pictures("27-removed")

    def average(self):
        self.choose_method("cut trials")
        self.hands.click("Choose recordings")
        self.hands.rest(0.6)
        self.hands.click("Check none")
        self.hands.click("Search the names")
        self.hands.type("cleaned")
        self.hands.click("Check all shown")
        self.hands.key("Return")
        self.hands.rest(0.6)
        self.fill("Events", "square")
        self.fill("End", "0.8")
        self.hands.photograph("28-form-cut")
        self.run("cut_trials", "trials")
        self.choose_method("average trials")
        self.pick("trials", "trials")
        self.run("average_trials", "evoked")
        self.pictures("29-average")
        self.choose_method("time frequency")
        self.pick("trials", "trials")
        self.fill("Low", "6")
        self.run("time_frequency", "power")
        self.pictures("30-time-frequency")


def compare(walk):
    """Hold the exported file and the script's average against what the window had."""
    import mne
    import numpy as np

    raw = mne.io.read_raw_fif(FIF, verbose="error")
    original = mne.io.read_raw_eeglab(walk.data / "eeg" / "eeglab" / f"{NAME}.set", verbose="error")
    print(
        "annotations:", len(original.annotations), "in the file,", len(raw.annotations), "exported"
    )
    print("bad channels:", raw.info["bads"])
    assert len(raw.annotations) == len(original.annotations) + 2
    assert len(raw.info["bads"]) == 1
    again = runpy.run_path(str(walk.script))["evoked"]
    folder = next(Path(walk.kept).glob("runs/*-average_trials/data/evoked"))
    import neurostudio as ns

    here = ns.open(folder)
    difference = np.abs(again.epochs.get_data() - here.epochs.get_data()).max()
    print(f"largest difference of the averages: {difference:g} V")
    assert difference == 0.0


def main():
    """Walk, then compare."""
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    walk.kept = max((HOME / "sessions").glob("*"), key=lambda each: each.stat().st_mtime)
    compare(walk)


if __name__ == "__main__":
    main()
