"""graph-tool's nested block model, in the process of another Python: plain files go in and come out."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

PROGRAM = """
import json, sys
import numpy as np
import graph_tool.all as gt
folder, seed = sys.argv[1], int(sys.argv[2])
edges = json.load(open(folder + "/edges.json"))
np.random.seed(seed); gt.seed_rng(seed)
graph = gt.Graph(directed=False)
graph.add_vertex(edges["n"])
weight = graph.new_ep("double")
for a, b, w in edges["edges"]:
    weight[graph.add_edge(a, b)] = w
found = [
    gt.minimize_nested_blockmodel_dl(graph, state_args=dict(
        deg_corr=deg, recs=[weight], rec_types=["real-exponential"]))
    for deg in (False, True)
]
best = min(found, key=lambda state: state.entropy())
labels = [int(best.get_levels()[0].get_blocks()[v]) for v in graph.vertices()]
json.dump({"labels": labels, "length": float(best.entropy())}, open(folder + "/blocks.json", "w"))
"""
PLACES = ("/usr/bin/python3", "python3")
LOOK = 0.1  # seconds between two looks at a wish to stop


@cache
def python() -> str | None:
    """Return a Python that has graph-tool, or nothing."""
    for place in PLACES:
        found = which(place)
        if (
            found
            and not subprocess.run(
                [found, "-P", "-c", "import graph_tool"], capture_output=True, check=False
            ).returncode
        ):
            return found
    return None


def nested_blocks(weights: Array, seed: int, pause: Callable[[], None]) -> tuple[Labels, float]:
    """Return the lowest level of the nested weighted block model, and its description length in nats.

    Weights are exponential; with and without correction for degrees, the shorter description is kept.

    Raises
    ------
    BadInput
        graph-tool failed; its last line is told.
    """
    place = python()
    assert place is not None  # noqa: S101
    first, second = np.nonzero(np.triu(weights, 1))
    edges = [[int(a), int(b), float(weights[a, b])] for a, b in zip(first, second, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "edges.json").write_text(json.dumps({"n": len(weights), "edges": edges}))
        words = [place, "-P", "-c", PROGRAM, folder, str(seed % 2**31)]
        with Path(folder, "errors.txt").open("w") as errors:
            work = subprocess.Popen(words, stderr=errors, stdout=subprocess.DEVNULL)
            try:
                while work.poll() is None:
                    pause()
                    time.sleep(LOOK)
            finally:
                work.kill()
                work.wait()
        if work.returncode:
            said = Path(folder, "errors.txt").read_text().strip().splitlines()
            raise BadInput(f"graph-tool failed: {said[-1] if said else 'no reason given'}")
        found = json.loads(Path(folder, "blocks.json").read_text())
    return np.array(found["labels"], np.int64), float(found["length"])
