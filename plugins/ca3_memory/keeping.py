"""Keeps a memory: between two runs as a model, within one as a checkpoint."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, TrainedModel
from neurostudio.files import write_atomically

from .judging import Truth
from .memory import Memory
from .network import POPULATIONS
from .rules import Plasticity

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program

Array = np.ndarray[Any, np.dtype[Any]]
METHOD = "run_memory_program"
UNITS = "currents and weights in nA times 0.2893, potentials in mV, times in ms"


def model_of(memory: Memory, truth: Truth) -> TrainedModel:
    """Return the whole state of a memory, and what it should hold."""
    config = {
        "n_cues": memory.program.n_cues,
        "n_content": memory.program.n_content,
        **memory.way.facts(),
        "label": memory.way.label,
        "bits": _listed(truth.bits),
        "ever": _listed(truth.ever),
        "units": UNITS,
        "simulated": True,
    }
    return TrainedModel(memory.arrays(), config, METHOD)


def _listed(patterns: dict[int, frozenset[int]]) -> dict[str, list[int]]:
    return {str(cue): sorted(bits) for cue, bits in patterns.items()}


def plasticity_in(model: TrainedModel) -> Plasticity:
    """Return the plasticity of a stored memory.

    Raises
    ------
    BadInput
        The model is no memory.
    """
    if model.method != METHOD or "rule" not in model.config:
        raise BadInput(
            f"This model was trained by {model.method}; it is no memory. 'Learn pattern' makes one."
        )
    return Plasticity.of_facts(model.config)


def truth_in(model: TrainedModel) -> Truth:
    """Return what a stored memory should hold."""
    bits, ever = (
        {int(cue): frozenset(found) for cue, found in model.config[name].items()}
        for name in ("bits", "ever")
    )
    return Truth(bits, ever)


def size_in(model: TrainedModel) -> tuple[int, int]:
    """Return the cues and the bits of a stored memory."""
    plasticity_in(model)
    return int(model.config["n_cues"]), int(model.config["n_content"])


def continued(model: TrainedModel, program: Program, learn_spikes: int) -> Memory:
    """Return a stored memory that goes on with a program, which begins where the memory stopped.

    Raises
    ------
    BadInput
        The program needs another size.
    """
    n_cues, n_content = size_in(model)
    if (program.n_cues, program.n_content) != (n_cues, n_content):
        raise BadInput(
            f"The program is for {program.n_cues} cues and {program.n_content} bits; the memory has {n_cues} "
            f"and {n_content}. Choose a program of its size, or begin without a memory."
        )
    begin = int(model.weights["step"]) - program.operations[0].at
    memory = Memory(program.later(begin), plasticity_in(model), learn_spikes)
    memory.restore(model.weights)
    return memory


class Checkpoint:
    """Where a program is, on disk: the state, the spikes so far, the weights after each operation."""

    def __init__(self, folder: Path, memory: Memory, learn_spikes: int) -> None:
        self._folder, self._memory = folder, memory
        words = json.dumps([memory.way.facts(), learn_spikes, repr(memory.program)])
        digest = hashlib.sha256(words.encode())
        for name, array in sorted(memory.arrays().items()):
            digest.update(name.encode() + array.tobytes())
        self._same = digest.hexdigest()

    def save(self, done: int, kept: dict[str, Array]) -> None:
        """Write what there is after ``done`` operations; the description comes last."""
        spikes = self._memory.spikes
        parts = [
            (step, code, neurons)
            for code, name in enumerate(POPULATIONS)
            for step, neurons in spikes.get(name, [])
        ]
        counts = [len(neurons) for _, _, neurons in parts]
        columns = {
            "spikes/step": np.repeat([step for step, _, _ in parts], counts).astype(np.int64),
            "spikes/population": np.repeat([code for _, code, _ in parts], counts).astype(np.int64),
            "spikes/neuron": np.concatenate([np.empty(0, np.int64), *(n for _, _, n in parts)]),
        }
        state = {f"state/{key}": value for key, value in self._memory.arrays().items()}
        raw = io.BytesIO()
        np.savez(raw, allow_pickle=False, **state, **columns, **kept)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"memory-{done}.npz"
        write_atomically(self._folder / name, raw.getvalue())
        facts = {"same": self._same, "done": done, "file": name}
        write_atomically(self._folder / "memory.json", json.dumps(facts))
        for old in self._folder.glob("memory-*.npz"):
            if old.name != name:
                old.unlink()

    def restore(self) -> tuple[int, dict[str, Array]]:
        """Return how many operations are done, and what was kept; 0 where nothing is of this program."""
        path = self._folder / "memory.json"
        if not path.is_file():
            return 0, {}
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["same"] != self._same:
            return 0, {}
        with np.load(self._folder / facts["file"], allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        head = "state/"
        self._memory.restore({k.removeprefix(head): v for k, v in arrays.items() if head in k})
        self._give_spikes(arrays)
        return int(facts["done"]), {k: v for k, v in arrays.items() if k.startswith("kept/")}

    def _give_spikes(self, arrays: dict[str, Array]) -> None:
        step, code = arrays["spikes/step"], arrays["spikes/population"]
        for number, name in enumerate(POPULATIONS):
            those = code == number
            steps, neurons = step[those], arrays["spikes/neuron"][those]
            times, firsts = np.unique(steps, return_index=True)
            found = list(zip(times.tolist(), np.split(neurons, firsts[1:]), strict=False))
            if found:
                self._memory.spikes[name] = found
            if name == "OUT":
                self._memory.out.update(dict(found))
