"""Measures training and transfer on the UCI alcoholism data, people left out.

    python docs/measurements/uci_alcoholism.py DATA [SEEDS]

DATA is a folder with ``eeg/uci_alcoholism`` (16 people, 1-s trials) and ``eeg/eegmmidb`` (8 runs of one
person's motor movement and imagery, the source of the transfer).
"""

from __future__ import annotations

import sys
from pathlib import Path

import neurostudio as ns

CLASSES = ("T0", "T1")  # rest against movement
SUBJECTS = (2, 3, 6, 12)  # 10, 25, 50 and 100 % of the 12 training subjects of each of 4 folds


def main(data: Path, seeds: int) -> None:
    """Print every number with its interval, its chance level and its baseline."""
    eeg = data / "eeg"
    cohort = ns.open(eeg / "uci_alcoholism", part="trials")
    target = ns.run(
        "prepare_windows", recordings={"uci": cohort}, label="group", channels=(), window=1.0, skip=0.0,
        shortest=0.0,
    )["windows"]  # fmt: skip
    print(target.summary())

    alone = ns.run("train_classifier", windows=target, folds=16)
    tell("trained on the cohort alone, each of 16 people left out once", alone)

    runs = {path.stem: ns.open(path) for path in sorted((eeg / "eegmmidb").glob("*.edf"))}
    cut = ns.run("cut_trials", recordings=runs, events=CLASSES, start=0.0, end=2.0, baseline=False)
    windows = ns.run(
        "prepare_windows", recordings={"eegmmidb": cut["trials"]}, label="event", channels=(), window=1.0,
        skip=0.0, shortest=0.0,
    )["windows"]  # fmt: skip
    source = ns.run(
        "train_classifier", windows=windows, target=target, split_by="recording", folds=8
    )
    tell("the source: rest against movement of one person, each of 8 runs left out once", source)

    fine = ns.run("transfer_classifier", source=source["model"], windows=target, folds=16)
    tell("fine-tuned from the source, each of 16 people left out once", fine)

    curve = ns.run(
        "compare_transfer", source=source["model"], windows=target, budgets=SUBJECTS, folds=4, seeds=seeds
    )  # fmt: skip
    tell(f"transfer against scratch at {SUBJECTS} training subjects, {seeds} draws", curve)
    print(curve["verdict"].text)


def tell(title: str, result: object) -> None:
    """Print a result under its title."""
    print(f"\n## {title}\n{result}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
