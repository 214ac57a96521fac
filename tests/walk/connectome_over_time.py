"""Walks through motifs of co-change on the real worm, with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/connectome_over_time.py DATA SCREENS

DATA holds calcium/celegans_wholebrain.nwb. The other methods run on their own small examples: the walk
looks at the way, not at the scores.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trying import Trying


class Walk(Trying):
    """One worm, its atlas, its anatomy; simulated worms; half of a file."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.worm()
        self.anatomy()
        self.damaged()
        for number, method in enumerate((
            "simulate_worms", "differential_affinity", "choose_rank", "factorise_affinities",
            "find_communities", "motif_atlas",
        )):  # fmt: skip
            self.try_it(method.replace("_", " "), method, 96 + number)
        self.save_script()
        self.hands.key("ctrl+q")

    def worm(self):
        """The atlas of a real animal: cancelled half-way, then whole; a click on a community."""
        hands = self.hands
        self.open("calcium/celegans_wholebrain.nwb")
        hands.rest(3.0)
        hands.key("alt+n")
        hands.click("Search the names")
        hands.type("Roi")
        hands.key("alt+a", "Return")
        hands.wait_for(lambda: bool(self.items()), "the traces", 60)
        hands.rest(2.0)
        self.choose_method("motif atlas")
        self.fill("Smoothing", "1.2")
        self.fill("N starts", "3")
        hands.photograph("90-form-atlas")
        self.cancel_half_way(self.begin_run("motif_atlas"))
        run = self.begin_run("motif_atlas")
        self.finish(run, 91, "worm")
        self.eyes.ask(lambda: self.tabs().setCurrentIndex(0))
        hands.rest(1.0)
        self.click_community()
        hands.photograph("92-community-chosen")

    def click_community(self):
        """Click the first community of the first component."""
        import subprocess

        place = self.eyes.ask(self.place_of_a_bar)
        subprocess.run(["xdotool", "mousemove", str(place.x()), str(place.y())], check=True)
        self.hands.rest(0.5)
        subprocess.run(["xdotool", "click", "1"], check=True)
        self.hands.wait_for(lambda: len(self.chosen()) > 1, "a chosen community", 10)

    def place_of_a_bar(self):
        from PySide6.QtWidgets import QGraphicsRectItem

        area = self.tabs().currentWidget().findChildren(self.graphics())[0]
        bar = min(
            (
                each
                for each in area.scene().items()
                if isinstance(each, QGraphicsRectItem) and each.data(0)
            ),
            key=lambda each: each.sceneBoundingRect().top(),
        )
        return area.viewport().mapToGlobal(area.mapFromScene(bar.sceneBoundingRect().center()))

    def graphics(self):
        import pyqtgraph as pg

        return pg.GraphicsView

    def chosen(self):
        from importlib import import_module

        return import_module("neurostudio.ui.linking").links().units

    def cancel_half_way(self, run):
        """Cancel while it fits: over at once, and said in the list."""
        hands = self.hands
        hands.wait_for(
            lambda: any(each["kind"] == "metrics" for each in run.events()), "curves", 120
        )
        hands.click("Runs", row=run.name[:4])
        hands.photograph("90-live")
        hands.key("ctrl+shift+period")
        hands.wait_for(lambda: run.state.value in {"cancelled", "done"}, "the end", 3)
        hands.rest(1.0)
        hands.photograph("90-cancelled")

    def anatomy(self):
        """A component beside the wiring of Cook et al."""
        hands = self.hands
        hands.wait_for(
            lambda: any("component_1" in each for each in self.items()), "the component", 30
        )
        name = self.eyes.ask(lambda: next(each for each in self.items() if "component_1" in each))
        self.choose_method("compare with anatomy")
        self.pick("component", name)
        hands.photograph("93-form-anatomy")
        self.finish(self.begin_run("compare_with_anatomy"), 94, "anatomy")

    def damaged(self):
        """Open half of a file."""
        whole = (self.data / "calcium/celegans_wholebrain.nwb").read_bytes()
        half = self.session.parent / "half.nwb"
        half.write_bytes(whole[: len(whole) // 2])
        self.open(half)
        self.hands.rest(5.0)
        self.hands.photograph("95-damaged")
        self.hands.key("Escape")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
