"""Tables, points and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.errors import BadInput
from neurostudio.writers.base import writer

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Points, Table, Text


@writer(name="CSV", suffixes=(".csv",), kinds=("Table",), copies=1.0)
def write_csv(table: Table, path: Path) -> list[str]:
    """Write values separated by commas, numbers in full."""
    table.frame.to_csv(path, index=False)
    return _units(table, "CSV")


@writer(name="TSV", suffixes=(".tsv",), kinds=("Table",), copies=1.0)
def write_tsv(table: Table, path: Path) -> list[str]:
    """Write values separated by tabs, numbers in full; what is missing is n/a, as BIDS wants it."""
    table.frame.to_csv(path, index=False, sep="\t", na_rep="n/a")
    return _units(table, "TSV")


@writer(name="Parquet", suffixes=(".parquet",), kinds=("Table",), copies=1.0)
def write_parquet(table: Table, path: Path) -> list[str]:
    """Write Parquet, which keeps the types of the columns."""
    table.frame.rename(columns=str).to_parquet(path)
    return []


@writer(name="CSV", suffixes=(".csv",), kinds=("Points",), copies=2.0)
def write_points(points: Points, path: Path) -> list[str]:
    """Write a row a point with its coordinates and labels."""
    import pandas as pd

    dims = list(points.table.sizes)
    if len(dims) != 1:
        raise BadInput(
            f"A table has one dimension and these points have {len(dims)}: "
            f"{', '.join(map(str, dims))}. They stay in their session."
        )
    columns = {str(name): values.to_numpy() for name, values in points.table.variables.items()}
    pd.DataFrame(columns).to_csv(path, index=False)
    return [
        f"CSV holds no units; {name} is in {values.attrs['unit']}."
        for name, values in points.table.variables.items()
        if "unit" in values.attrs
    ]


@writer(name="Text", suffixes=(".txt", ".md"), kinds=("Text",))
def write_text(text: Text, path: Path) -> list[str]:
    """Write UTF-8."""
    path.write_text(text.text, encoding="utf-8", newline="")
    return []


def _units(table: Table, format: str) -> list[str]:
    unit = table.frame.attrs.get("unit")
    return [f"{format} holds no units; these are {unit}."] if unit else []
