"""Walks through continuous fields of space, with mouse and keys, and photographs each step.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/walk/fields.py DATA SCREENS

DATA holds mri/chris_t1.nii.gz. The other fits are the methods' own small examples: the walk looks at the
way, not at the scores.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trying import Trying


class Walk(Trying):
    """Posed pictures, volumes, surfaces, paths."""

    def sitting(self):
        self.ready()
        self.maximise()
        self.head()
        self.try_it("simulate views", "simulate_views", 81)
        self.try_it("fit radiance", "fit_radiance", 82)
        self.try_it("fit splats", "fit_splats", 83)
        self.try_it("estimate pose", "estimate_pose", 84)
        self.try_it("fit volume", "fit_volume", 85)
        self.try_it("fit surface", "fit_surface", 86)
        self.try_it("plan trajectory", "plan_trajectory", 87)
        self.asked()
        self.hands.key("ctrl+q")

    def asked(self):
        """What is asked of volumes and fitted fields."""
        self.try_it("super resolve", "super_resolve", 90)
        self.try_it("sample field", "sample_field", 91)
        self.try_it("locate slice", "locate_slice", 92)
        self.try_it("render view", "render_view", 93)

    def head(self):
        """A field of a real head."""
        self.open("mri/chris_t1.nii.gz")
        self.wait_item("chris_t1")
        self.hands.rest(2.0)
        self.choose_method("fit volume")
        self.pick("volume", "chris")
        self.hands.photograph("88-form-head")
        self.cancel_half_way(self.begin_run("fit_volume"))
        self.finish(self.begin_run("fit_volume"), 88, "head")
        self.damaged()

    def cancel_half_way(self, run):
        """Cancel while it fits: over at once, and said in the list."""
        hands = self.hands
        hands.wait_for(
            lambda: any(each["kind"] == "metrics" for each in run.events()), "curves", 120
        )
        hands.click("Runs", row=run.name[:4])
        hands.photograph("88-live")
        hands.key("ctrl+shift+period")
        hands.wait_for(lambda: run.state.value == "cancelled", "the end", 3)
        hands.rest(1.0)
        hands.photograph("88-cancelled")

    def damaged(self):
        """Open half of a file."""
        whole = (self.data / "mri/chris_t1.nii.gz").read_bytes()
        half = self.session.parent / "half.nii.gz"
        half.write_bytes(whole[: len(whole) // 2])
        self.open(half)
        self.hands.rest(6.0)
        self.hands.photograph("89-damaged")


if __name__ == "__main__":
    data, screens = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    screens.mkdir(parents=True, exist_ok=True)
    walk = Walk(data, screens)
    walk.begin(walk.sitting)
    sys.exit(1 if walk.error else 0)
