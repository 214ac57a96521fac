"""Walks through finding what was seen, on real trials, with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/retrieval.py DATA SCREENS

DATA holds eeg/uci_alcoholism, eeg/muse and images/imagenet_sample. Nobody measured which of many pictures
these people saw, so their conditions stand for pictures: the walk looks at the way, not at the scores.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hands import find
from trying import Trying
from walking import HOME

CONDITIONS = "id,first,second,match,new\nS1 obj,1,0,0,1\nS2 match,0,1,1,0\nS2 nomatch,0,1,0,1\n"
KINDS = "id,face,house,living\nFace,1,0,1\nHouse,0,1,0\n"
TRIED = (
    ("simulate responses", "simulate_responses", 61),
    ("train decoder", "train_decoder", 62),
    ("fit linear decoder", "fit_linear_decoder", 63),
    ("retrieve pictures", "retrieve", 64),
    ("decode pictures over time", "decode_pictures_over_time", 65),
    ("reconstruct from trials", "reconstruct_from_trials", 66),
)


class Walk(Trying):
    """Trials of people who saw pictures."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.open_cohort()
        self.train()
        self.over_time()
        self.pictures()
        for words, method, number in TRIED:
            self.try_it(words, method, number)
        self.save_script()
        self.hands.key("ctrl+q")

    def table(self, name, text):
        path = HOME / f"{name}.csv"
        path.write_text(text)
        self.open(path)
        self.wait_item(name)
        self.hands.rest(1.0)

    def open_cohort(self):
        hands = self.hands
        hands.key("ctrl+shift+o")
        hands.rest(1.0)
        hands.type(str(self.data / "eeg" / "uci_alcoholism"))
        hands.key("Return")
        hands.wait_for(lambda: find("parts of uci_alcoholism") is not None, "which part")
        hands.rest(0.5)
        hands.click("Check none")
        hands.click("parts of uci_alcoholism", row="trials")
        hands.key("space", "Return")
        self.wait_item("uci_alcoholism_trials")
        hands.rest(1.5)
        self.table("conditions", CONDITIONS)

    def train(self):
        """An encoder of three conditions: refused, cancelled, stopped early, resumed, looked at."""
        hands = self.hands
        self.choose_method("train decoder")
        self.pick("trials", "uci")
        self.pick("features", "cond")
        hands.key("ctrl+Return")
        hands.rest(1.0)
        hands.photograph("51-refused")
        self.pick("Presets", "Quick")
        self.fill("Picture", "condition")
        self.fill("Category", "condition")
        self.fill("Split by", "trial")
        self.fill("Epochs", "40")
        hands.photograph("52-form")
        run = self.learning("train_decoder")
        hands.photograph("53-live")
        self.eyes.ask(lambda: self.window.runs.details.setCurrentIndex(1))
        hands.rest(4.0)
        hands.photograph("53-live-pictures")
        hands.key("ctrl+shift+period")
        hands.wait_for(lambda: run.state.value == "cancelled", "the end", 3)
        hands.rest(1.0)
        hands.photograph("53-cancelled")
        run = self.learning("train_decoder")
        hands.key("ctrl+period")
        hands.wait_for(lambda: run.state.value == "stopped", "the early stop", 20)
        hands.photograph("54-stopped")
        hands.key("ctrl+r")
        hands.wait_for(lambda: run.state.value == "running", "the resumed run", 30)
        self.finish(run, 54, "resumed")

    def learning(self, method):
        """Start what is filled in, and return the run once it has learned for some epochs."""
        hands = self.hands
        run = self.begin_run(method)
        hands.wait_for(
            lambda: sum(each["kind"] == "metrics" for each in run.events()) > 3, "curves", 120
        )
        hands.click("Runs", row=run.name[:4])
        hands.rest(2.0)
        return run

    def over_time(self):
        """Faces and houses in recordings of four channels, with ridge in each window."""
        hands = self.hands
        files = sorted((self.data / "eeg" / "muse").glob("*N170*.edf"))
        self.open(*(f"eeg/muse/{each.name}" for each in files))
        hands.wait_for(
            lambda: sum("N170" in each for each in self.items()) == len(files), "the recordings"
        )
        self.choose_method("cut trials")
        hands.click("Choose recordings")
        hands.rest(0.6)
        hands.click("Check all shown")
        hands.key("Return")
        hands.rest(0.6)
        self.fill("Events", "Face, House")
        self.fill("Start", "-0.2")
        self.fill("End", "0.8")
        hands.photograph("55-cut")
        hands.key("ctrl+Return")
        self.wait_item("trials")
        self.table("kinds", KINDS)
        self.choose_method("decode pictures over time")
        self.pick("trials", "trials")
        self.pick("features", "kinds")
        self.fill("Picture", "event")
        self.fill("Category", "event")
        self.fill("Split by", "recording")
        hands.photograph("56-form-over-time")
        self.finish(self.begin_run("decode_pictures_over_time"), 56, "over-time")

    def pictures(self):
        """Features of real pictures, and responses simulated from them."""
        hands = self.hands
        hands.key("ctrl+shift+o")
        hands.rest(1.0)
        hands.type(str(self.data / "images" / "imagenet_sample"))
        hands.key("Return")
        self.wait_item("imagenet_sample")
        hands.rest(1.5)
        self.choose_method("embed pictures")
        self.pick("pictures", "image")
        hands.photograph("57-form-embed")
        self.finish(self.begin_run("embed_pictures"), 57, "embedded")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
