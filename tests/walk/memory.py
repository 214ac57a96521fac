"""Walks through the memory of spiking neurons, with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/memory.py DATA SCREENS

DATA holds spikes/hippocampus_linear_track.nwb. A memory is learned, asked and overwritten step by step; then
it stores the places of recorded cells, and is asked where the animal was.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trying import Trying


class Walk(Trying):
    """One pattern, programs, place cells."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.demonstration()
        self.places()
        self.large()
        self.step_by_step()
        for number, method in enumerate(
            ("memories_from_images", "stdp_window", "memory_capacity"), start=94
        ):
            self.try_it(method.replace("_", " "), method, number)
        self.save_script()
        self.hands.key("ctrl+q")

    def demonstration(self):
        self.choose_method("run memory program")
        self.hands.photograph("90-form-program")
        self.finish(self.begin_run("run_memory_program"), 90, "program")

    def large(self):
        """A program that runs long enough to be watched, and to be cancelled half way."""
        hands = self.hands
        self.choose_method("run memory program")
        self.pick("Program", "random")
        self.fill("N cues", "300")
        self.fill("N content", "200")
        self.fill("N rounds", "5")
        run = self.begin_run("run_memory_program")
        hands.wait_for(
            lambda: any(each["kind"] == "view" for each in run.events()), "live pictures", 120
        )
        hands.click("Runs", row=run.name[:4])
        hands.rest(1.5)
        hands.photograph("91-live")
        self.eyes.ask(self.live_pictures)
        hands.rest(1.5)
        hands.photograph("91-live-pictures")
        hands.key("ctrl+shift+period")
        hands.wait_for(lambda: run.state.value == "cancelled", "the end", 3)
        hands.rest(1.0)
        hands.photograph("91-cancelled")

    def live_pictures(self):
        """Bring the pictures of the running method to the front."""
        from PySide6.QtWidgets import QTabWidget

        for tabs in self.window.findChildren(QTabWidget):
            for k in range(tabs.count()):
                if tabs.tabText(k) == "&Pictures":
                    tabs.setCurrentIndex(k)

    def step_by_step(self):
        """Learn a pattern, ask for it, overwrite it."""
        self.choose_method("learn pattern")
        self.fill("Cue", "1")
        self.fill("Content", "0, 2, 7")
        self.hands.photograph("92-form-learn")
        run = self.begin_run("learn_pattern")
        self.finish(run, 92, "learn")
        self.choose_method("recall pattern")
        self.pick("memory", "memory_2")
        self.hands.rest(1.0)
        self.fill("Cue", "1")
        self.hands.photograph("93-form-recall")
        self.finish(self.begin_run("recall_pattern"), 93, "recall")

    def places(self):
        """Store the places of recorded cells, and vote."""
        hands = self.hands
        self.open("spikes/hippocampus_linear_track.nwb")
        hands.rest(3.0)
        hands.key("Return")  # both parts
        hands.wait_for(
            lambda: len([k for k in self.items() if "hippo" in k]) > 1,
            "both parts",
            60,
        )
        hands.rest(2.0)
        self.choose_method("memories from assemblies")
        self.pick("spikes", "hippo")
        self.pick("position", "hippo")
        self.fill("Until", "5382")
        hands.photograph("97-form-assemblies")
        self.finish(self.begin_run("memories_from_assemblies"), 97, "assemblies")
        self.choose_method("recall by votes")
        self.pick("program", "operations")
        self.pick("fragments", "fragments")
        hands.rest(1.0)
        hands.photograph("98-form-votes")
        self.finish(self.begin_run("recall_by_votes"), 98, "votes")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
