"""The spikes of the published demonstrations: named by the hash of their listing."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from neurostudio.api import Number

if TYPE_CHECKING:
    from .memory import Memory

NAMES = {
    "CC": "CueS1", "NC": "ContS1", "CD": "Cond", "CI": "Int", "C2": "CueS2", "N2": "ContS2",
    "MC": "MergeCue", "MN": "MergeCont",
}  # fmt: skip
HASHES = {
    1: "4944406fbb3f958961d70574cd730f293607b3d6a74107ec9b43248a591d8881",
    2: "01733ac8f6dbc879f6f21c04c64c8c7fb9b9acf955afc61bad4036d4b2bf15df",
    3: "c09c64da9e716afc264c61ce89d2d5f335028f6dccda746663abf61ab0846047",
}


def listing(memory: Memory) -> list[str]:
    """Return all spikes but the input's, a line for each ms and population: ``1 NC 0 1 8 9``."""
    n, order = memory.program.n_cues, (*NAMES, "OC", "ON")
    found = {
        (step, order.index(short)): neurons.tolist()
        for short, name in NAMES.items()
        for step, neurons in memory.spikes.get(name, [])
    }
    for step, neurons in memory.out.items():
        found[step, order.index("OC")] = neurons[neurons < n].tolist()
        found[step, order.index("ON")] = (neurons[neurons >= n] - n).tolist()
    return [
        f"{step} {order[k]} {' '.join(map(str, found[step, k]))}"
        for step, k in sorted(found)
        if found[step, k]
    ]


def compared(memory: Memory, experiment: int) -> Number:
    """Return whether the spikes of a demonstration are exactly the published ones."""
    text = "".join(f"{line}\n" for line in listing(memory))
    same = hashlib.sha256(text.encode()).hexdigest() == HASHES[experiment]
    return Number(
        int(same),
        note="1: every spike of every population is where the authors' table has it; simulated",
    )
