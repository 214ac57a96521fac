"""Draws the accuracy of liquids over neurons and over images to organise on, with the paper's number.

    python docs/measurements/liquid_curve.py OUT FIGURE

OUT is what ``liquid.py`` wrote, FIGURE a file that ends with .svg or .png.
"""

from __future__ import annotations

import json
import sys
from math import prod
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

SMALL, LARGE = (
    (0.9596, 0.0013),
    (0.9749, 0.0011),
)  # 1,000 and 8,000 neurons, mean and s.d. over networks
PART, FULL = 10_000, 60_000


def main(out: Path, figure: Path) -> None:
    """Draw both curves side by side."""
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    liquids = [
        line
        for line in lines
        if line["data"] == "MNIST" and line["organising"].get("liquid", "NALSM") == "NALSM"
    ]
    whole, axes = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
    part = [line for line in liquids if line["reading"]["n_train"] == PART and not plastic(line)]
    for axis, label, x, same in (
        (axes[0], "neurons (5,000 images to organise on)", neurons, images_are_5000),
        (axes[1], "images to organise on (1,000 neurons)", images, has_1000_neurons),
    ):
        draw(axis, [line for line in part if same(line)], x, "o-", "10,000 to train the readout")
        full = [
            line for line in liquids if line["reading"]["n_train"] == FULL and not plastic(line)
        ]
        draw(axis, full, x, "s", "60,000 to train it, 50,000 to organise on")
        axis.axhline(
            SMALL[0], color="tab:red", label="paper, 1,000 neurons (50,000 and 50,000; plastic)"
        )
        axis.axhline(LARGE[0], color="tab:red", ls=":", label="paper, 8,000 neurons")
        axis.axhline(
            part[0]["numbers"]["raw linear"]["value"],
            color="0.5",
            ls="--",
            label="no liquid, 10,000",
        )
        ticks = sorted({x(line) for line in liquids})
        axis.set(xlabel=label, xscale="log", ylim=(0.865, 0.98))
        axis.set_xticks(ticks, [f"{each:,}" for each in ticks])
        axis.minorticks_off()
    axes[0].set_ylabel("accuracy on 10,000 test digits (MNIST)")
    axes[1].legend(fontsize=7, loc="lower right")
    whole.savefig(figure, dpi=130)


def draw(axis: Any, lines: list[Any], x: Any, style: str, label: str) -> None:
    """Draw accuracies with their 95 % intervals."""
    lines = sorted(lines, key=x)
    found = [line["numbers"]["accuracy"] for line in lines]
    value = [each["value"] for each in found]
    below = [each["value"] - each["low"] for each in found]
    above = [each["high"] - each["value"] for each in found]
    axis.errorbar(
        [x(line) for line in lines], value, [below, above], fmt=style, capsize=3, label=label
    )


def neurons(line: Any) -> int:
    """Return the neurons of a liquid."""
    return prod(line["organising"]["shape"])


def images(line: Any) -> int:
    """Return the images by which it organised itself."""
    return int(line["organising"]["n_initial"])


def images_are_5000(line: Any) -> bool:
    """Return whether a point belongs to the curve over neurons."""
    return images(line) == 5000


def has_1000_neurons(line: Any) -> bool:
    """Return whether a point belongs to the curve over images."""
    return neurons(line) == 1000


def plastic(line: Any) -> bool:
    """Return whether weights changed while the liquid was read."""
    return line["reading"].get("presentation") == "plastic"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
