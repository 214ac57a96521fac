"""Train and test parts as explicit objects: whole groups (people, runs), never single windows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Split:
    """Which ids are trained on, validated on and tested on; the group of each id.

    ``kind`` says in words how the parts were made.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    groups: Mapping[str, str]
    kind: str = "group"

    @property
    def hash(self) -> str:
        """A short name of exactly this split, kept in models and results."""
        parts = {part: sorted(getattr(self, part)) for part in PARTS}
        text = json.dumps([parts, sorted(self.groups.items()), self.kind])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def rows(self, ids: Sequence[str], part: str) -> Rows:
        """Return the indices of the ids in a part: ``train``, ``validation`` or ``test``."""
        wanted = set(getattr(self, part))
        return np.array([row for row, each in enumerate(ids) if each in wanted], dtype=np.intp)


def check_leak(split: Split) -> None:
    """Raise where a group or an id stands in more than one part.

    Raises
    ------
    BadInput
        The message names the first three groups.
    """
    seen: dict[str, str] = {}
    leaked: list[str] = []
    for part in PARTS:
        for each in getattr(split, part):
            group = split.groups.get(each, each)
            if seen.setdefault(group, part) != part and group not in leaked:
                leaked.append(group)
    if leaked:
        names = ", ".join(f"'{name}'" for name in leaked[:3])
        raise BadInput(
            f"{len(leaked)} groups stand on both sides of the split: {names}. "
            "Split by subject, so that no person is trained on and tested on."
        )


def split_by_group(
    groups: Sequence[str],
    labels: Sequence[Any],
    *,
    ids: Sequence[str] | None = None,
    folds: int = 5,
    validation: float = 0.2,
    seed: int = 0,
    test: Sequence[bool] | None = None,
) -> tuple[Split, ...]:
    """Return one split a fold; whole groups move together, labels are spread evenly.

    Parameters
    ----------
    groups, labels
        The group (person, run) and the label of each id.
    ids
        By default the numbers of the rows, as text.
    folds
        How many parts take their turn as the test part; as many as groups leaves one group out.
    validation
        Share of the remaining groups kept apart for stopping early; 0 for none.
    seed
        Decides which groups go together.
    test
        True where an id belongs to a given test part: one split instead of folds.

    Raises
    ------
    BadInput
        Fewer groups than folds, or a group on both sides of a given test part.
    """
    names = [str(row) for row in range(len(groups))] if ids is None else list(ids)
    groups = [str(group) for group in groups]
    kept = dict(zip(names, groups, strict=True))
    if test is not None:
        chosen = {group for group, tested in zip(groups, test, strict=True) if tested}
        _refuse_mixed(groups, test, chosen)
        tested_groups, kind = [chosen], "given test part"
    else:
        _refuse_few(groups, folds)
        tested_groups = _deal(groups, labels, folds, seed)
        kind = f"group, fold of {folds}"
    return tuple(
        _split(names, groups, labels, tested, validation, seed + 1, kept, kind)
        for tested in tested_groups
    )


def _refuse_mixed(groups: Sequence[str], test: Sequence[bool], chosen: set[str]) -> None:
    mixed = sorted({g for g, t in zip(groups, test, strict=True) if not t and g in chosen})
    if mixed:
        raise BadInput(
            f"{len(mixed)} groups stand on both sides of the given test part: "
            f"{', '.join(mixed[:3])}. Give every window of a group the same value."
        )
    if not chosen or len(chosen) == len(set(groups)):
        raise BadInput("The given test part leaves nothing to test or nothing to train on.")


def _refuse_few(groups: Sequence[str], folds: int) -> None:
    n_groups = len(set(groups))
    if n_groups < max(folds, 2):
        raise BadInput(
            f"There are {n_groups} groups and {folds} folds. "
            "Use fewer folds, or split by a column with more groups."
        )


def _split(
    names: Sequence[str],
    groups: Sequence[str],
    labels: Sequence[Any],
    tested: set[str],
    validation: float,
    seed: int,
    kept: Mapping[str, str],
    kind: str,
) -> Split:
    rest = [row for row, group in enumerate(groups) if group not in tested]
    held: set[str] = set()
    n_rest = len({groups[row] for row in rest})
    if validation > 0 and n_rest > 2:
        parts = min(n_rest, max(2, round(1 / validation)))
        dealt = _deal([groups[row] for row in rest], [labels[row] for row in rest], parts, seed)
        held = dealt[0]
    split = Split(
        train=tuple(names[row] for row in rest if groups[row] not in held),
        validation=tuple(names[row] for row in rest if groups[row] in held),
        test=tuple(name for name, group in zip(names, groups, strict=True) if group in tested),
        groups=kept,
        kind=kind,
    )
    check_leak(split)
    return split


def _deal(groups: Sequence[str], labels: Sequence[Any], parts: int, seed: int) -> list[set[str]]:
    """Deal whole groups into parts, each group to the part that then is spread most evenly."""
    classes = sorted({str(label) for label in labels})
    counts: dict[str, NDArray[np.float64]] = {}
    for (group, label), n in Counter(
        (group, str(label)) for group, label in zip(groups, labels, strict=True)
    ).items():
        counts.setdefault(group, np.zeros(len(classes)))[classes.index(label)] += n
    order = sorted(counts)
    np.random.default_rng(seed).shuffle(order)
    order.sort(key=lambda group: -float(np.std(counts[group])))
    total = np.maximum(sum(counts.values(), np.zeros(len(classes))), 1)
    dealt: list[set[str]] = [set() for _ in range(parts)]
    filled = np.zeros((parts, len(classes)))
    for group in order:
        best = min(range(parts), key=lambda part: _unevenness(filled, counts[group], total, part))
        filled[best] += counts[group]
        dealt[best].add(group)
    return dealt


def _unevenness(
    filled: NDArray[np.float64],
    added: NDArray[np.float64],
    total: NDArray[np.float64],
    part: int,
) -> tuple[float, float]:
    trial = filled.copy()
    trial[part] += added
    return round(float(np.mean(np.std(trial / total, axis=0))), 9), float(filled[part].sum())
