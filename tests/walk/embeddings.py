"""Walks through the methods of representation on real data, with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/embeddings.py DATA SCREENS

DATA holds images/cifar10_train_jpeg.npz, morphometry/fcon1000.csv.gz and eeg/muse. Trainings are short: the
walk looks at the way, not at the scores.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trying import Trying


class Walk(Trying):
    """Pictures without labels, brain age from tables."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.pictures()
        self.anatomy()
        self.save_script()
        self.hands.key("ctrl+q")

    def pictures(self):
        hands = self.hands
        self.open("images/cifar10_train_jpeg.npz")
        hands.wait_for(lambda: any("cifar" in each for each in self.items()), "the pictures", 60)
        hands.rest(2.0)
        hands.photograph("71-pictures")
        self.choose_method("preview views")
        self.finish(self.begin_run("preview_views"), 72, "views")
        self.choose_method("pretrain pictures")
        self.fill("Label", "class_name")
        self.fill("Samples at most", "2000")
        self.fill("Epochs", "4")
        hands.photograph("73-form-pretrain")
        run = self.begin_run("pretrain_pictures")
        hands.wait_for(
            lambda: any(each["kind"] == "metrics" for each in run.events()), "curves", 120
        )
        hands.rest(3.0)
        hands.photograph("74-live")
        self.finish(run, 75, "pretrained")

    def anatomy(self):
        hands = self.hands
        self.open("morphometry/fcon1000.csv.gz")
        self.wait_item("fcon1000")
        hands.rest(1.5)
        self.choose_method("train on tables")
        self.pick("measures", "fcon")
        self.pick("people", "fcon")
        self.fill("Key", "sub_id")
        self.fill("Epochs", "5")
        hands.photograph("76-form-tables")
        self.finish(self.begin_run("train_on_tables"), 77, "anatomy")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
