"""Walks through brain space with mouse and keys: a map over a template, a surface, fMRI, a worm.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/brain_space.py DATA SCREENS

DATA holds mri, fmri and calcium. Template, surface and worm come from the samples of the first screen.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hands import find
from trying import Trying

RUNS = [f"haxby_sub-001_run-{k:02d}" for k in range(1, 13)]


class Walk(Trying):
    """An imaging lab's first look."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.volumes()
        self.surface()
        self.series()
        self.worm()
        self.save_script()
        self.hands.key("ctrl+q")

    def figure(self):
        return self.window.results.page.figure()

    def look_at(self, item):
        self.hands.click("Open data", row=item)
        self.hands.rest(2.5)

    def run(self, method, seconds=300.0):
        """Run what is filled in, wait for its end and look at its result."""
        run = self.begin_run(method)
        self.hands.wait_for(lambda: run.state.value in {"done", "failed"}, method, seconds)
        self.hands.click("Runs", row=run.name[:4])
        self.hands.key("ctrl+shift+r")
        self.hands.rest(2.0)
        assert run.state.value == "done", run.error()

    def choose_all(self, what, words):
        """Check those whose names hold some words."""
        hands = self.hands
        hands.click(f"Choose {what}")
        hands.rest(0.6)
        hands.click("Check none")
        hands.click("Search the names")
        hands.type(words)
        hands.rest(0.4)
        hands.click("Check all shown")
        hands.click("OK")
        hands.rest(0.6)

    # ---- volumes -----------------------------------------------------------------------------------

    def volumes(self):
        hands = self.hands
        hands.wait_for(lambda: find("Open the sample MNI152 brain") is not None, "the samples")
        hands.photograph("41-first-screen")
        hands.click("Open the sample MNI152 brain")
        self.wait_item("mni152_t1")
        self.open("mri/chris_t1.nii.gz", "mri/spmMotor.nii.gz", "mri/AllenAtlas.nii.gz")
        for item in ("chris_t1", "spmMotor", "AllenAtlas"):
            self.wait_item(item)
        hands.rest(1.5)
        self.choose_method("set space")
        self.pick("data", "spmMotor")
        self.run("set_space", 60)
        hands.photograph("42-space-declared")
        self.look_at("mni152_t1")
        self.eyes.ask(lambda: self.figure().add_item("declared"))
        hands.rest(3.0)
        hands.photograph("43-map-over-template")
        self.eyes.ask(lambda: self.figure().add_item("chris_t1"))
        hands.rest(2.0)
        hands.photograph("44-another-space-is-refused")
        self.look_at("AllenAtlas")
        hands.rest(2.0)
        hands.photograph("45-atlas")
        self.look_at("chris_t1")
        self.eyes.ask(lambda: self.figure().show_napari())
        hands.rest(12.0)
        hands.photograph("46-napari")

    # ---- surfaces ----------------------------------------------------------------------------------

    def surface(self):
        hands = self.hands
        self.choose_method("volume to surface")
        self.pick("volume", "declared")
        self.run("volume_to_surface", 120)
        hands.photograph("47-result-surface")
        self.look_at("surface")
        hands.click("Left")
        hands.photograph("48-surface-left")
        hands.click("Top")
        hands.photograph("49-surface-top")

    # ---- fMRI --------------------------------------------------------------------------------------

    def series(self):
        hands = self.hands
        files = [f"fmri/{run}_{what}" for run in RUNS for what in ("bold.nii.gz", "events.tsv")]
        self.open(*files)
        self.wait_item(f"{RUNS[-1].replace('-', '_')}_events", 120)
        hands.rest(2.0)
        hands.photograph("50-series-open")
        self.choose_method("first level")
        self.choose_all("runs", "bold")
        self.choose_all("events", "events")
        hands.photograph("51-form-glm")
        self.run("first_level_glm", 300)
        hands.photograph("52-glm")
        self.choose_method("decode runs")
        self.choose_all("runs", "bold")
        self.choose_all("events", "events")
        self.run("decode_runs", 900)
        hands.photograph("53-decoding")

    # ---- the worm ----------------------------------------------------------------------------------

    def worm(self):
        hands = self.hands
        self.choose_method("connectome of c. elegans")
        self.run("sample_worm", 60)
        self.look_at("worm")
        hands.photograph("54-worm-matrix")
        for number, name in enumerate(("Graph", "3D", "Nodes")):
            self.eyes.ask(lambda k=number: self.figure().tabs.setCurrentIndex(k + 1))
            hands.rest(2.5)
            hands.photograph(f"{55 + number}-worm-{name.lower()}")
        for number, method in enumerate(("graph_measures", "small_world", "rich_club")):
            self.choose_method(method.replace("_", " "))
            self.pick("connectome", "worm")
            self.run(method, 600)
            hands.photograph(f"{58 + number}-{method}")
        self.open("calcium/celegans_wholebrain.nwb")
        hands.rest(3.0)
        hands.photograph("61-calcium-parts")
        hands.key("Return")
        hands.rest(4.0)
        hands.photograph("62-calcium")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
