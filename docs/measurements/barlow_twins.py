"""Measures Barlow Twins on CIFAR-10 and on the UCI alcoholism data, and the speed of its training.

    python docs/measurements/barlow_twins.py DATA [PICTURES]

DATA is a folder with ``images/cifar10_train_jpeg.npz``, of which PICTURES are used, and
``eeg/uci_alcoholism``. Where lightly is installed, the step is also timed beside one with its loss.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import neurostudio as ns


def main(data: Path, pictures: int) -> None:
    """Print every number with its interval, its chance level and its baseline."""
    speed()
    cifar = ns.open(data / "images" / "cifar10_train_jpeg.npz")
    found = ns.run(
        "pretrain_pictures", pictures=cifar, label="class_name", samples_at_most=pictures, epochs=30
    )
    tell(f"{pictures} pictures of CIFAR-10", found)
    judged = ns.run(
        "evaluate_embedding", model=found["model"], samples=cifar, label="class_name",
        samples_at_most=pictures,
    )  # fmt: skip
    tell("the same, accuracy against labels", judged)

    trials = ns.open(data / "eeg" / "uci_alcoholism", part="trials")
    found = ns.run(
        "pretrain_windows",
        windows=trials,
        label="group",
        split_by="subject",
        epochs=40,
        probe_labels=20,
    )
    tell("16 people, group, four of them never seen", found)
    for label in ("group", "condition"):
        judged = ns.run(
            "evaluate_embedding", model=found["model"], samples=trials, label=label, split_by="subject",
            folds=8, draws=5, labels_per_class=(5, 50),
        )  # fmt: skip
        tell(f"16 people, {label}, two left out at a time", judged)


def speed() -> None:
    """Print the speed of the training beside a bare loop and, where it is, beside lightly's loss."""
    timing = import_module("neurostudio.plugins.barlow_twins.timing")
    print(f"speed beside a bare loop: {timing.beside_bare_loop():.3f}")
    if find_spec("lightly") is None:
        print("speed beside lightly: not measured, lightly is not installed")
        return
    print(f"speed beside lightly: {timing.beside_lightly():.3f}")


def tell(title: str, result: object) -> None:
    """Print a result under its title."""
    print(f"\n## {title}\n{result}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12_000)
