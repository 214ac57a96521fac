"""Animals joined by the names of their neurons, on one axis of time."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Traces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

LEAST_NEURONS, LEAST_SAMPLES = 3, 12


@dataclass(frozen=True, slots=True)
class Cohort:
    """``values`` (n_animals, n_times, n_neurons), 0 where not ``seen`` (n_animals, n_neurons).

    Neurons stand in the order of their names, so that the order of a file is nothing; ``left_out`` are
    those of too few animals.
    """

    neurons: tuple[str, ...]
    animals: tuple[str, ...]
    times: Array
    values: Array
    seen: NDArray[np.bool_]
    left_out: tuple[str, ...] = ()
    codes: tuple[str, ...] = field(default=())

    @property
    def rate(self) -> float:
        """Samples a second."""
        return float((len(self.times) - 1) / (self.times[-1] - self.times[0]))


def check_traces(params: Any, items: Items) -> None:
    """Refuse, before a run starts, what cannot become a tensor.

    Raises
    ------
    BadInput
        A name stands twice in an animal, or there are too few neurons or samples.
    """
    given = items["traces"]
    for each in given if isinstance(given, tuple) else (given,):
        assert isinstance(each, Traces)  # noqa: S101
        twice = [name for name, n in Counter(each.names("channels")).items() if n > 1]
        if twice:
            raise BadInput(
                f"The neuron {twice[0]} stands twice in one animal. Give each its own name."
            )
        n_times, n_neurons = each.frame.shape
        if n_neurons < LEAST_NEURONS or n_times < LEAST_SAMPLES:
            raise BadInput(
                f"An animal has {n_neurons} trace{'s' * (n_neurons != 1)} of {n_times} samples; at least "
                f"{LEAST_NEURONS} traces of {LEAST_SAMPLES} samples are needed. Leave it out."
            )
    low, high = getattr(params, "rank_from", 1), getattr(params, "rank_to", 50)
    if low > high:
        raise BadInput(f"The sweep goes from rank {low} to {high}; give a higher end.")


def natural(name: str) -> tuple[Any, ...]:
    """Return a key by which names are sorted as people count: VB2 before VB10."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part)
                 for part in re.split(r"(\d+)", name) if part)  # fmt: skip


def join(traces: Sequence[Traces], names: Sequence[str], minimum: int) -> Cohort:
    """Return animals with the neurons that enough of them have.

    Raises
    ------
    BadInput
        Fewer than three neurons are left, or the animals share no time.
    """
    frames = [each.frame for each in traces]
    codes: list[str] = []
    minimum = min(minimum, len(frames))
    counts: Counter[str] = Counter()
    columns: list[dict[str, int]] = []
    for each in frames:
        values = np.asarray(each.values, float)
        whole = np.isfinite(values).all(axis=0)
        codes += [] if whole.all() else ["gaps"]
        columns.append({str(name): k for k, name in enumerate(each.columns) if whole[k]})
        counts.update(columns[-1].keys())
    neurons = tuple(sorted((n for n, c in counts.items() if c >= minimum), key=natural))
    left_out = tuple(sorted((n for n, c in counts.items() if c < minimum), key=natural))
    if len(neurons) < LEAST_NEURONS:
        raise BadInput(
            f"Only {len(neurons)} neurons are in at least {minimum} animals; {LEAST_NEURONS} are needed. "
            "Name neurons alike in all animals, or lower the minimum of animals."
        )
    times, more = _shared_times(frames)
    values = np.zeros((len(frames), len(times), len(neurons)))
    seen = np.zeros((len(frames), len(neurons)), bool)
    for w, (each, where) in enumerate(zip(frames, columns, strict=True)):
        here = np.array([n in where for n in neurons])
        seen[w] = here
        wanted = np.asarray(each.values, float)[:, [where[n] for n in neurons if n in where]]
        values[w][:, here] = _at(times, np.asarray(each.t, float), wanted)
    codes += more + (["left out"] if left_out else [])
    codes += ["one animal"] if len(frames) == 1 else []
    codes += [] if seen.all() else ["missing neurons"]
    codes += ["no names"] if len(frames) > 1 and all(n.isdigit() for n in neurons) else []
    return Cohort(
        neurons,
        _called(names, len(frames)),
        times,
        values,
        seen,
        left_out,
        tuple(dict.fromkeys(codes)),
    )


def _called(names: Sequence[str], n: int) -> tuple[str, ...]:
    return tuple(names) if len(names) == n else tuple(f"animal {k + 1}" for k in range(n))


def _shared_times(frames: Sequence[Any]) -> tuple[Array, list[str]]:
    all_times = [np.asarray(each.t, float) for each in frames]
    steps = np.array([np.median(np.diff(each)) for each in all_times])
    begin, end = max(each[0] for each in all_times), min(each[-1] for each in all_times)
    first = all_times[0]
    if all(
        len(each) == len(first) and np.allclose(each, first, atol=1e-6) for each in all_times
    ) and (np.allclose(np.diff(first), steps[0], rtol=1e-3)):
        return first, []
    n = int(np.floor((end - begin) / steps.max() + 1e-6)) + 1
    if n < LEAST_SAMPLES:
        raise BadInput(
            f"The animals share {max(end - begin, 0):.4g} s of time; {LEAST_SAMPLES} samples are needed. "
            "Let their times begin at the same event."
        )
    codes = ["resampled"] if np.ptp(steps) > 1e-3 * steps.max() else []
    ends = [each[-1] for each in all_times] + [each[0] + end - begin for each in all_times]
    codes += ["cut"] if np.ptp(ends[: len(frames)]) > steps.max() else []
    return begin + steps.max() * np.arange(n), codes


def _at(times: Array, own: Array, values: Array) -> Array:
    if len(own) == len(times) and np.allclose(own, times, atol=1e-6):
        return values
    return np.stack([np.interp(times, own, column) for column in values.T], axis=1)


def is_simulated(traces: Sequence[Traces]) -> bool:
    """Return whether any of the animals says that it was simulated."""
    return any("simulated" in each.unit for each in traces)


def names_given(context_names: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the names of the animals as a session gave them."""
    return tuple(context_names.get("traces", ()))
