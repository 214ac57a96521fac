"""The columns of a table that the encoder sees, found again by name in another table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Table

from .people import joined, measures_of, numbers, region_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .declaring import TableParams
    from .people import PeopleParams

_MOST_MISSING = 0.2


def features(
    table: Table, params: TableParams, keys: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return names and values (n, n_columns) of what the encoder sees of some people.

    Raises
    ------
    BadInput
        No column is left.
    """
    found = named(table, params.pattern, every=params.features == "every number")
    told = {params.key, params.age, params.site, params.leave_out, params.group, *params.without}
    rows = joined(keys, table, params, "measures")
    kept: dict[str, Any] = {}
    for name, column in found.items():
        values = numbers(list(table.frame[column]))[rows]
        full = np.isfinite(values).mean() >= 1 - _MOST_MISSING
        if column not in told and full and np.nanstd(values) > 0:
            kept[name] = values
    if not kept:
        raise BadInput(
            "No column of numbers that differ between people is left. Give the pattern of the columns' names."
        )
    return tuple(kept), np.column_stack(list(kept.values())).astype(np.float32)


def named(table: Table, pattern: str, *, every: bool) -> dict[str, str]:
    """Return the column of each feature: ``measure:region``, or with ``every`` each column's plain name."""
    if not every:
        found = measures_of(table, pattern)
        return {
            f"{measure}:{region}": column
            for region, row in zip(found.regions, found.columns, strict=True)
            for measure, column in zip(found.measures, row, strict=True)
        }
    names: dict[str, str] = {}
    for column in map(str, table.frame.columns):
        values = numbers(list(table.frame[column]))
        if np.isfinite(values).mean() > 0 and np.nan_to_num(values).any():
            names.setdefault(region_name(column), column)
    return names


def again(
    table: Table, config: Mapping[str, Any], params: PeopleParams, keys: Sequence[str]
) -> NDArray[np.float64]:
    """Return the columns (n, n_columns) that a model was trained on, of the people of another table.

    Raises
    ------
    BadInput
        Columns are missing; the message names the first three.
    """
    every = config["features"] == "every number"
    found = named(table, str(config.get("pattern", "")), every=every)
    wanted = [str(each) for each in config["columns"]]
    missing = [name for name in wanted if name not in found]
    if missing:
        raise BadInput(
            f"{len(missing)} of the {len(wanted)} columns that the model was trained on are missing: "
            f"{', '.join(missing[:3])}. Give a table with the same measures."
        )
    rows = joined(keys, table, params, "measures")
    return np.column_stack([numbers(list(table.frame[found[name]]))[rows] for name in wanted])
