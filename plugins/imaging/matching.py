"""Which table belongs to which run: by the entities of their names, never by order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import BadInput, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

ENTITY = re.compile(r"(?:^|_)(sub|ses|task|acq|ce|rec|dir|run)[-_]?([A-Za-z0-9]+)(?=_|$)")
COLUMNS = ("onset", "duration", "trial_type")


def entities(name: str) -> dict[str, str]:
    """Return the entities of BIDS in a name; numbers without leading zeros.

    Examples
    --------
    >>> entities("haxby_sub-001_run-01_bold")
    {'sub': '1', 'run': '1'}
    >>> entities("sub_001_task_rest_run_2_events")
    {'sub': '1', 'task': 'rest', 'run': '2'}
    """
    found = {}
    at = 0
    while match := ENTITY.search(name, at):
        value = match[2]
        found[match[1]] = (value.lstrip("0") or "0") if value.isdigit() else value
        at = match.end()
    return found


def partners(runs: Sequence[str], tables: Sequence[str], what: str) -> list[int]:
    """Return for each run the index of its table.

    A table fits a run if all entities of its name (subject, session, task, run) are the run's too;
    of several the one that says most. One run and one table belong together unless their names differ.

    Raises
    ------
    BadInput
        A run has no table or two that fit alike; the message names the first three.
    """
    found: list[int] = []
    lacking, twice = [], []
    for name in runs:
        fitting = _fitting(name, tables, alone=len(runs) == len(tables) == 1)
        best = [index for index, size in fitting if size == max(each for _, each in fitting)]
        if not best:
            lacking.append(name)
        elif len(best) > 1:
            twice.append(name)
        else:
            found.append(best[0])
    for some, words in ((lacking, "no"), (twice, "more than one")):
        if some:
            raise BadInput(
                f"{len(some)} of {len(runs)} runs have {words} table of {what} whose name fits: "
                f"{', '.join(some[:3])}. Names must share the entities of BIDS, as in "
                f"'sub_01_run_02_bold' and 'sub_01_run_02_{what}'."
            )
    return found


def _fitting(name: str, tables: Sequence[str], *, alone: bool) -> list[tuple[int, int]]:
    run = entities(name)
    found = []
    for index, other in enumerate(tables):
        own = entities(other)
        same = all(run.get(key) == value for key, value in own.items())
        clash = any(run.get(key, value) != value for key, value in own.items())
        if (own and same) or (alone and not clash):
            found.append((index, len(own)))
    return found


def names_of(names: Mapping[str, tuple[str, ...]], key: str, count: int) -> tuple[str, ...]:
    """Return the names of an input's items; numbers where a call gives none."""
    found = names.get(key, ())
    return found if len(found) == count else tuple(f"run_{k + 1}" for k in range(count))


def short(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``run 1``, ``run 2`` … where this tells the runs apart; else their whole names."""
    numbers = [entities(name).get("run", "") for name in names]
    if all(numbers) and len(set(numbers)) == len(names):
        return tuple(f"run {number}" for number in numbers)
    return tuple(names)


def matched(
    names: Mapping[str, tuple[str, ...]], n_runs: int, tables: tuple[Table, ...], what: str
) -> list[Table]:
    """Return each run's own table."""
    runs = names_of(names, "runs", n_runs)
    given = names_of(names, what, len(tables))
    return [tables[index] for index in partners(runs, given, what)]


def check_events(frame: pd.DataFrame, name: str, length: float) -> pd.DataFrame:
    """Return onset, duration (seconds) and trial_type of the events that begin within the run.

    Raises
    ------
    BadInput
        A column is missing, a number is none, or no event begins within the run.
    """
    missing = [each for each in COLUMNS if each not in frame]
    if missing:
        raise BadInput(
            f"The events of {name} have no column '{missing[0]}'; events of BIDS have onset, duration "
            f"and trial_type. There are: {', '.join(map(str, frame.columns[:8]))}."
        )
    kept = frame[list(COLUMNS)].copy()
    kept["trial_type"] = kept["trial_type"].astype(str)
    kept = kept[~kept["trial_type"].isin(["nan", "n/a", "None", "<NA>"])]
    for column in ("onset", "duration"):
        kept[column] = kept[column].astype(float)
        if not np.isfinite(kept[column]).all():
            raise BadInput(f"The events of {name} have a {column} that is no number.")
    kept = kept[(kept["onset"] >= 0) & (kept["onset"] < length)]
    if kept.empty:
        raise BadInput(
            f"No event of {name} begins within its {length:g} s. Are the onsets in seconds?"
        )
    return kept.reset_index(drop=True)
