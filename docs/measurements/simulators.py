"""Times our engine beside Brian2 and BrainPy, and what live pictures cost; prints Markdown.

    python docs/measurements/simulators.py BRIAN2_PYTHON BRAINPY_PYTHON

The peers live in environments of their own: ``pip install brian2==2.9.0 numpy==2.3.5 cython setuptools`` and
``pip install brainpy==2.8.2 jax==0.10.2 jaxlib==0.10.2 numba``. Brian2's Cython mode needs a C compiler.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import neurostudio as ns
from neurostudio.registry import find
from neurostudio.testing import ListContext

SERIES = (
    ("COBA-LIF", (4000, 16_000, 40_000), 1.0),
    ("COBA-HH", (4000,), 0.5),
)


def peers(brian2: str, brainpy: str) -> None:
    """Print a table of times and rates for each network."""
    for network, sizes, duration in SERIES:
        result = ns.run(
            "time_simulators",
            network=network,
            sizes=sizes,
            duration=duration,
            numpy_too=False,
            brian2_python=brian2,
            brainpy_python=brainpy,
            standalone=network == "COBA-LIF",
        )
        frame = result["times"].frame
        print(f"\n{network}, {duration:g} s of biology, {result.warnings}\n")
        print(
            "| program | version | neurons | wall, s (least to most of 3) | build, s | rate, Hz |"
        )
        print("|---|---|---|---|---|---|")
        for row in frame.itertuples():
            span = f"{row.wall_s:.3f} ({row.least_s:.3f} to {row.most_s:.3f})"
            print(
                f"| {row.program} | {row.version} | {row.neurons:,} | {span} | {row.build_s:.2f} | "
                f"{row.rate_hz:.1f} | {row.fault}"
            )


def pictures() -> None:
    """Print how much longer a run takes that shows twenty pictures a second."""
    method = find("simulate_network")
    print("\n| neurons | shown every, s | pictures | total, s | engine, s |\n|---|---|---|---|---|")
    for n in (4000, 16_000):
        for every in (10.0, 0.05, 10.0, 0.05):
            params = method.params(n_neurons=n, duration=5.0, show_every=every, n_trains=100)
            context = ListContext(folder=Path(tempfile.mkdtemp()))
            began = time.perf_counter()
            result = method(context, params)
            total = time.perf_counter() - began
            shown = len(context.of_kind("view")) // 3
            engine = result.numbers["wall time"].value
            print(f"| {n:,} | {every:g} | {shown} | {total:.2f} | {engine:.2f} |")


if __name__ == "__main__":
    peers(*sys.argv[1:3])
    pictures()
