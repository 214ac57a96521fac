"""Measures the imaging methods on real images: activation and decoding, a t map on the surface.

    python docs/measurements/haxby.py DATA

DATA is a folder with ``fmri`` (12 runs of one person of Haxby et al. 2001, one axial slice, and their events)
and ``mri/spmMotor.nii.gz`` (a t map of finger tapping in MNI152 whose header does not say so).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import neurostudio as ns


def main(data: Path) -> None:
    """Print every number with its interval, its chance level and its control."""
    fmri = data / "fmri"
    runs = {path.name[:-12]: ns.open(path) for path in sorted(fmri.glob("*_bold.nii.gz"))}
    events = {path.name[:-11]: ns.open(path) for path in sorted(fmri.glob("*_events.tsv"))}
    given = {"runs": runs, "events": events}

    # the onsets of these files hold the lag of the blood already: see 'lag of the signal'
    decode = {**given, "lag": 0.0}
    tell("decoding of 8 categories, each of 12 runs left out once", ns.run("decode_runs", **decode))
    tell("the same, images 5 s later (the default)", ns.run("decode_runs", **given))
    tell("the same from single images", ns.run("decode_runs", **decode, samples="images"))
    pair = {"conditions": ("face", "house"), "permutations": 200}
    tell("faces and houses", ns.run("decode_runs", **decode, **pair))
    tell("searchlight of 8 mm", ns.run("searchlight", **decode))

    contrasts = ("face - house", "face - others", "house - others", "scrambledpix - others")
    model = {**given, "contrasts": contrasts, "surrogates": 10}
    tell("activation, onsets 5 s earlier", ns.run("first_level_glm", **model, shift=-5.0))
    tell("activation, onsets as they are", ns.run("first_level_glm", **model))
    null = {**model, "surrogates": 0, "shuffle_events": True}
    tell("events at random times (null run)", ns.run("first_level_glm", **null))

    moved = ns.run("set_space", data=ns.open(data / "mri" / "spmMotor.nii.gz"), space="MNI152")
    surface = ns.run("volume_to_surface", volume=moved["declared"], name="t")
    tell("t map of finger tapping on fsaverage5", surface)
    mesh = surface["surface"]
    values = mesh.scalars["t"]
    for word, where in (("largest", int(np.argmax(values))), ("smallest", int(np.argmin(values)))):
        side = mesh.labels["hemisphere"][int(mesh.scalars["hemisphere"][where])]
        place = ", ".join(f"{value:.0f}" for value in mesh.vertices[where])
        print(f"  {word}: t = {values[where]:.2f} at ({place}) mm, {side} hemisphere")


def tell(title: str, result: ns.Result) -> None:
    """Print the numbers of a run."""
    print(f"\n{title}")
    for name, number in result.numbers.items():
        print(f"  {name}: {number}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
