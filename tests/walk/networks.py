"""Walks through simulated networks with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/networks.py DATA SCREENS

DATA holds spikes/hippocampus_linear_track.nwb and spikes/it_objects.nwb; the worm comes from the samples.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trying import Trying

TRIED = (
    ("simulate neuron", "simulate_neuron", 71),
    ("frequency current curve", "frequency_current_curve", 72),
    ("phase plane", "phase_plane", 73),
    ("bifurcation", "bifurcation", 74),
    ("simulate regions", "simulate_regions", 75),
    ("train spiking network", "train_spiking_network", 76),
    ("train reservoir", "train_reservoir", 77),
    ("run trained network", "run_trained_network", 78),
    ("find slow points", "find_slow_points", 79),
    ("check gradients", "check_gradients", 80),
    ("time simulators", "time_simulators", 81),
    ("time operators", "time_operators", 82),
    ("export network", "export_network", 83),
)


class Walk(Trying):
    """A balanced network, one driven by recorded spikes, the worm's wiring, and the examples."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.balanced()
        self.driven()
        self.worm()
        self.fitted()
        for words, method, number in TRIED:
            self.try_it(words, method, number)
        self.save_script()
        self.hands.key("ctrl+q")

    def balanced(self):
        hands = self.hands
        self.choose_method("simulate network")
        hands.photograph("61-form")
        self.fill("Duration", "20")
        run = self.begin_run("simulate_network")
        hands.wait_for(
            lambda: sum(each["kind"] == "view" for each in run.events()) > 6, "live pictures", 120
        )
        hands.click("Runs", row=run.name[:4])
        hands.rest(1.0)
        self.eyes.ask(lambda: self.window.runs.details.setCurrentIndex(1))
        hands.rest(1.5)
        hands.photograph("62-live")
        hands.key("ctrl+shift+period")
        hands.wait_for(lambda: run.state.value == "cancelled", "the end", 3)
        hands.photograph("63-cancelled")
        self.fill("Duration", "1")
        self.finish(self.begin_run("simulate_network"), 64, "balanced")

    def driven(self):
        self.open("spikes/hippocampus_linear_track.nwb")
        self.hands.rest(3.0)
        self.hands.key("Return")
        self.wait_item("hippocampus_linear_track_units")
        self.choose_method("simulate network")
        self.pick("spikes", "units")
        self.fill("Duration", "1")
        self.hands.photograph("65-form-driven")
        self.finish(self.begin_run("simulate_network"), 65, "driven")
        self.pick("spikes", "none")

    def worm(self):
        hands = self.hands
        self.choose_method("connectome of c. elegans")
        run = self.begin_run("sample_worm")
        hands.wait_for(lambda: run.state.value == "done", "the worm", 90)
        hands.rest(1.0)
        self.choose_method("simulate network")
        self.pick("Network", "from connectome")
        self.pick("connectome", "worm")
        hands.photograph("66-form-worm")
        self.finish(self.begin_run("simulate_network"), 66, "worm")

    def fitted(self):
        self.open("spikes/it_objects.nwb")
        self.hands.rest(3.0)
        self.hands.key("Return")
        self.wait_item("it_objects_units")
        self.choose_method("fit network")
        self.pick("spikes", "it_objects")
        self.pick("events", "it_objects")
        self.fill("Label", "object")
        self.hands.photograph("67-form-fit")
        self.finish(self.begin_run("fit_network"), 67, "fit")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
