"""Which units, which columns and which stretch of time a method looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, SpikeTrains, Table, Traces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Data, Items

ONSETS = ("stimulus_onset_time", "onset", "start_time")


def spikes_of(items: Items) -> SpikeTrains:
    """Return the spike trains among the items."""
    found: SpikeTrains = _of_kind(items["spikes"], SpikeTrains)
    return found


def table_of(items: Items) -> Table:
    """Return the table of trials among the items."""
    found: Table = _of_kind(items["trials"], Table)
    return found


def traces_of(items: Items, name: str) -> Traces:
    """Return traces among the items."""
    found: Traces = _of_kind(items[name], Traces)
    return found


def _of_kind(given: Data | tuple[Data, ...], kind: Any) -> Any:
    if not isinstance(given, kind):  # the method's own check came first
        raise TypeError(f"expected {kind.__name__}, got {type(given).__name__}")
    return given


def check_units(names: Sequence[str], spikes: SpikeTrains) -> None:
    """Raise where a unit is named that is not there, or where there is none."""
    known = spikes.names("units")
    if not known:
        raise BadInput("There are no units in the spike trains. Choose other data.")
    absent = [name for name in names if name not in known]
    if absent:
        shown = ", ".join(known[:10]) + (" …" if len(known) > 10 else "")
        raise BadInput(f"There is no unit '{absent[0]}'. There are {len(known)}: {shown}.")


def chosen(spikes: SpikeTrains, names: Sequence[str]) -> Any:
    """Return the group of the named units, or of all."""
    units = spikes.units
    if not names:
        return units
    return units[[key for key in units.index if str(key) in set(names)]]


def check_column(name: str, table: Table, what: str) -> None:
    """Raise where a table has no such column; an empty name is none."""
    if name and name not in table.names("columns"):
        raise BadInput(
            f"The trials have no column '{name}' for {what}. "
            f"They have: {', '.join(table.names('columns'))}."
        )


def onset_column(name: str, table: Table) -> str:
    """Return the column to align at: the one named, else the first of the usual names.

    Raises
    ------
    BadInput
        There is none, or it holds no numbers.
    """
    check_column(name, table, "the times of events")
    columns = table.names("columns")
    found = name or next((each for each in ONSETS if each in columns), "")
    if not found:
        raise BadInput(
            f"None of the columns is called {', '.join(ONSETS)}. "
            f"Name the one with the times of events: {', '.join(columns)}."
        )
    if table.frame[found].dtype.kind not in "iuf":
        raise BadInput(f"The column '{found}' holds no times in seconds. Choose another.")
    return found


def onsets_of(name: str, table: Table) -> NDArray[np.float64]:
    """Return the times of events in seconds."""
    values: NDArray[np.float64] = table.frame[onset_column(name, table)].to_numpy(dtype=float)
    return values


def rows_inside(
    onsets: NDArray[np.float64], start: float, end: float, spikes: SpikeTrains
) -> NDArray[np.intp]:
    """Return the trials whose window was observed as a whole; where nothing was observed, no rate is 0.

    Raises
    ------
    BadInput
        There is none.
    """
    support = spikes.units.time_support
    first, last = float(support.start[0]), float(support.end[-1])
    rows = np.flatnonzero((onsets + start >= first - 1e-9) & (onsets + end <= last + 1e-9))
    if not len(rows):
        raise BadInput(
            f"No window around the {len(onsets)} events lies inside of the {first:g} s to {last:g} s that "
            "were observed. Choose another column of times or a shorter window."
        )
    return rows


def words_of(name: str, table: Table) -> NDArray[np.str_]:
    """Return a column as words, one a trial; all alike where no column is named."""
    if not name:
        return np.full(len(table.frame), "all")
    return np.array([_word(value) for value in table.frame[name]], dtype=str)


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def ordered_words(words: NDArray[np.str_]) -> list[str]:
    """Return the different words: by number where all are numbers, else by the alphabet."""
    found = sorted(set(words.tolist()))
    try:
        return sorted(found, key=float)
    except ValueError:
        return found


def check_window(start: float, end: float, width: float) -> None:
    """Raise where a window ends before it begins, or holds no bin."""
    if start >= end:
        raise BadInput(
            f"The window would begin at {start:g} s and end at {end:g} s. "
            "The end must be the later one."
        )
    if width > end - start:
        raise BadInput(
            f"A bin of {width:g} s is longer than the window of {end - start:g} s. "
            "Use shorter bins or a longer window."
        )
