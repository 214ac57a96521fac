"""Tables: CSV and TSV in any dialect, Parquet."""

from __future__ import annotations

import gzip
import io
import re
from typing import TYPE_CHECKING, Any

from neurostudio.data import Connectome, Table
from neurostudio.errors import BadInput
from neurostudio.readers.base import Part, check_room, choose, reader

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from neurostudio.data import Data

NUMBER = re.compile(r"^\s*[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?\s*$|^\s*nan\s*$", re.IGNORECASE)
WHOLE = 64 * 2**20  # a larger table is not read to see whether it is a matrix


def look_table(path: Path) -> tuple[Part, ...]:
    """List the table, and the connectome if it is a square matrix of numbers."""
    if path.stat().st_size > WHOLE:
        return (Part("", "Table", f"{path.stat().st_size / 1e6:,.0f} MB"),)
    frame = read_table_file(path)
    matrix = matrix_in(frame)
    if matrix is None:
        return (Part("", "Table", Table(frame).summary()),)
    return (
        Part("connectome", "Connectome", Connectome(matrix).summary()),
        Part("table", "Table", Table(frame).summary()),
    )


@reader(
    name="CSV table",
    suffixes=(".csv", ".csv.gz", ".tsv", ".tsv.gz"),
    kind="Table or Connectome",
    look=look_table,
)
def read_csv(path: Path, part: str) -> Data:
    """Read a table, or as a connectome a square matrix of numbers or a list of connections."""
    from neurostudio.readers.connectomes import with_nodes_beside

    frame = read_table_file(path)
    matrix = matrix_in(frame) if path.stat().st_size <= WHOLE or part == "connectome" else None
    if choose(part, ("",) if matrix is None else ("connectome", "table")) == "connectome":
        return with_nodes_beside(Connectome(matrix), path)  # type: ignore[arg-type]
    return Table(frame)


def look_parquet(path: Path) -> tuple[Part, ...]:
    """Describe the table from its footer."""
    from pyarrow import parquet

    facts = parquet.read_metadata(path)
    return (Part("", "Table", f"{facts.num_rows:,} rows, {facts.num_columns} columns"),)


@reader(name="Parquet table", suffixes=(".parquet",), kind="Table", look=look_parquet)
def read_parquet(path: Path, part: str) -> Table:
    """Read a table."""
    import pandas as pd
    from pyarrow import parquet

    del part
    facts = parquet.read_metadata(path)
    check_room(sum(facts.row_group(n).total_byte_size for n in range(facts.num_row_groups)))
    return Table(pd.read_parquet(path))


def read_table_file(path: Path) -> pd.DataFrame:
    """Read a table of words and numbers, finding out separator, decimal sign and header."""
    import pandas as pd

    text = decoded(read_bytes(path))
    if "\0" in text[:4096]:
        raise BadInput("it holds bytes that are no text")
    lines = [line for line in text[:65536].splitlines() if line.strip()][:50]
    if not lines:
        raise BadInput("it holds no rows")
    separator = separator_of(lines)
    frame = pd.read_csv(
        io.StringIO(text),
        sep=separator,
        decimal=decimal_of(lines, separator),
        header=None if _is_numbers(lines[0], separator) else 0,
        low_memory=False,
    )
    if isinstance(frame.columns, pd.RangeIndex) or all(isinstance(n, int) for n in frame.columns):
        frame.columns = [f"column {number + 1}" for number in range(frame.shape[1])]
    return frame


def read_bytes(path: Path) -> bytes:
    """Read a file that may be compressed, unless it would not fit into memory."""
    if not path.name.lower().endswith(".gz"):
        check_room(6 * path.stat().st_size)
        return path.read_bytes()
    pieces, total = [], 0
    with gzip.open(path, "rb") as stream:
        while piece := stream.read(2**24):
            total += len(piece)
            check_room(6 * total)
            pieces.append(piece)
    return b"".join(pieces)


def decoded(content: bytes) -> str:
    """Return bytes as text: UTF-8, else UTF-16 with its mark, else Latin 1."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def separator_of(lines: list[str]) -> str:
    """Return the separator that cuts the lines into equally many fields, most of them."""

    def quality(separator: str) -> tuple[bool, int]:
        counts = [line.count(separator) for line in lines]
        return (min(counts) == max(counts) and counts[0] > 0, sorted(counts)[len(counts) // 2])

    best = max(("\t", ";", ","), key=quality)
    return best if quality(best)[1] else ","


def decimal_of(lines: list[str], separator: str) -> str:
    """Return the decimal sign: a comma where it is no separator and no point is used."""
    if separator == ",":
        return "."
    fields = [field for line in lines for field in line.split(separator)]
    commas = sum(bool(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", field)) for field in fields)
    points = sum(bool(re.fullmatch(r"\s*[-+]?\d+\.\d+\s*", field)) for field in fields)
    return "," if commas > points else "."


def matrix_in(frame: pd.DataFrame) -> Any:
    """Return the matrix that a table is: square numbers, or a list of source, target, weight; or None."""
    from neurostudio.readers.connectomes import ends_of, matrix_of_edges

    return matrix_of_edges(frame) if ends_of(frame) else square(frame)


def square(frame: pd.DataFrame) -> Any:
    """Return the square matrix of numbers that a table is, or None.

    Raises
    ------
    BadInput
        Two nodes have one name.
    """
    import numpy as np
    import xarray

    names = None
    if frame.shape[1] == frame.shape[0] + 1 and frame.dtypes.iloc[0].kind not in "biuf":
        names = [str(name) for name in frame.iloc[:, 0]]
        frame = frame.iloc[:, 1:]
    if frame.shape[0] != frame.shape[1] or len(frame) < 2:
        return None
    if any(getattr(dtype, "kind", "O") not in "iuf" for dtype in frame.dtypes):
        return None
    columns = [str(name) for name in frame.columns]
    if names and names == [re.sub(r"\.\d+$", "", name) for name in columns] != columns:
        from neurostudio.readers.connectomes import check_names

        check_names(names)
    if names is None or names != columns:
        names = columns
    return xarray.DataArray(
        frame.to_numpy(dtype=np.float64),
        dims=("source", "target"),
        coords={"source": names, "target": names},
    )


def _is_numbers(line: str, separator: str) -> bool:
    return all(NUMBER.match(field) for field in line.split(separator))
