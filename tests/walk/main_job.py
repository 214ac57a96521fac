"""Walks through the main job with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/main_job.py DATA SCREENS

DATA holds eeg/uci_alcoholism and eeg/eegmmidb. The walk opens them, cuts trials, trains on one and transfers
to the other, stops early, resumes, looks at the maps, saves, quits, reopens, exports the script, runs it and
compares the numbers.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hands import find
from walking import Walking

from neurostudio.runs import State

RUNS = ("05", "06", "09", "10")  # executed and imagined: both fists (T1) against both feet (T2)


class Walk(Walking):
    """The main job."""

    # ---- first sitting -----------------------------------------------------------------------------

    def first_sitting(self):
        hands = self.hands
        self.ready()
        self.maximise()
        hands.photograph("01-first-screen")
        self.open_cohort()
        self.open_recordings()
        self.cut()
        self.train_source()
        self.transfer()
        self.look()
        hands.key("ctrl+s")
        hands.rest(1.0)
        hands.type(str(self.session))
        hands.photograph("14-save-session")
        hands.key("Return")
        hands.wait_for((self.session / "session.json").exists, "the saved session")
        hands.wait_for(lambda: not self.window.studio.workspace.untitled, "the new name")
        hands.key("ctrl+q")

    def open_cohort(self):
        hands = self.hands
        hands.key("ctrl+shift+o")
        hands.rest(1.0)
        hands.type(str(self.data / "eeg" / "uci_alcoholism"))
        hands.photograph("02-open-folder")
        hands.key("Return")
        hands.wait_for(
            lambda: find("parts of uci_alcoholism") is not None, "the question which part"
        )
        hands.rest(0.5)
        hands.click("Check none")
        hands.click("parts of uci_alcoholism", row="trials")
        hands.key("space")
        hands.photograph("03-which-part")
        hands.key("Return")
        self.wait_item("uci_alcoholism_trials")
        hands.rest(1.5)
        hands.photograph("04-cohort-open")

    def open_recordings(self):
        hands = self.hands
        folder = self.data / "eeg" / "eegmmidb"
        hands.key("ctrl+o")
        hands.rest(1.0)
        hands.type(" ".join(f'"{folder}/S001R{each}.edf"' for each in RUNS))
        hands.key("Return")
        self.wait_item("S001R10")
        for each in RUNS:
            self.wait_item(f"S001R{each}")
        hands.rest(1.5)
        hands.photograph("05-recordings-open")

    def cut(self):
        hands = self.hands
        self.choose_method("cut trials")
        hands.click("Choose recordings")
        hands.rest(0.6)
        hands.click("Check all shown")
        hands.key("Return")
        hands.rest(0.6)
        self.fill("Events", "T1, T2")
        self.fill("Start", "0.5")
        self.fill("End", "1.49")
        hands.click("Baseline")
        hands.photograph("06-form-cut-trials")
        hands.key("ctrl+Return")
        self.wait_item("trials", 120)
        hands.rest(2.0)
        hands.photograph("07-trials-cut")

    def train_source(self):
        hands = self.hands
        self.choose_method("train classifier")
        self.pick("windows", "trials")
        self.fill("Label", "event")
        self.fill("Split by", "recording")
        self.fill("Folds", "4")
        self.fill("Epochs", "12")
        self.pick("target", "uci")
        hands.photograph("08-form-train-source")
        hands.key("ctrl+Return")
        self.wait_item("model", 600)
        hands.rest(1.0)

    def transfer(self):
        hands = self.hands
        self.choose_method("transfer classifier")
        self.pick("source", "model")
        self.pick("windows", "uci")
        self.fill("Label", "group")
        self.fill("Split by", "subject")
        self.fill("Epochs", "20")
        hands.photograph("09-form-transfer")
        hands.key("ctrl+Return")
        hands.wait_for(lambda: self.epochs() >= 6, "six epochs", 300)
        hands.photograph("10-curves-move")
        hands.click("Runs", row="0003")
        hands.key("ctrl+period")
        hands.wait_for(lambda: self.run_named("transfer").state is State.STOPPED, "the early stop")
        hands.photograph("11-stopped-early")
        stopped = self.eyes.ask(self.epochs)
        hands.key("ctrl+r")
        hands.wait_for(lambda: self.epochs() > stopped, "an epoch after the stop", 120)
        hands.photograph("12-resumed")
        hands.wait_for(lambda: self.run_named("transfer").state is State.DONE, "the end", 900)
        hands.rest(2.0)

    def epochs(self):
        run = self.run_named("transfer")
        return 0 if run is None else sum(e["kind"] == "metrics" for e in run.events())

    def look(self):
        hands = self.hands
        hands.click("Runs", row="0003")
        hands.key("ctrl+shift+r")
        hands.rest(2.0)
        for number in range(self.eyes.ask(lambda: find("Result").count())):
            hands.photograph(f"13-result-{number:02d}")
            hands.key("ctrl+Next")
            hands.rest(1.0)

    # ---- second sitting ----------------------------------------------------------------------------

    def second_sitting(self):
        hands = self.hands
        self.ready()
        self.maximise()
        hands.wait_for(lambda: "model" in self.items(), "the items of the session")
        hands.photograph("15-reopened")
        hands.key("ctrl+5")
        hands.rest(1.0)
        hands.photograph("16-history")
        self.save_script()
        hands.key("ctrl+alt+d")
        hands.rest(1.0)
        hands.photograph("17-dark")
        hands.key("ctrl+q")


def main():
    """Run one sitting per process: the first starts the second, then the script is run and compared."""
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    again = len(sys.argv) > 3
    sitting = walk.second_sitting if again else walk.first_sitting
    walk.begin(sitting, walk.session if again else None)
    if not again:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "again"], check=True)
        compare(walk)


def compare(walk):
    """Run the exported script and hold its printed numbers against those of the session's runs."""
    done = subprocess.run(
        [sys.executable, str(walk.script)], capture_output=True, text=True, check=True
    )
    printed = re.findall(r"^(.+) = (\S+)  \(", done.stdout, flags=re.MULTILINE)
    stored = []
    for result in sorted(walk.session.glob("runs/*/result.json")):
        numbers = json.loads(result.read_text())["numbers"]
        stored += [(name, repr(float(number["value"]))) for name, number in numbers.items()]
    print("script:", printed)
    print("window:", stored)
    if printed != stored or not stored:
        sys.exit("the script gave other numbers than the window")
    print(f"{len(stored)} numbers are identical")


if __name__ == "__main__":
    main()
