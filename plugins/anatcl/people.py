"""People joined by their key: age, site, groups, regional measures; never by the order of rows."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Params, Table, param

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

PATTERNS = ("{measure}:{region}", "{measure}_{region}_thickness")
SIMULATED = "simulated"
WARNINGS = {
    SIMULATED: "The data are simulated.",
    "seen": (
        "Some of these people were in the training part of the encoder: what is read from their "
        "embedding is better than for new people."
    ),
    "weak-site": (
        "The weak probe reads the site less well than the tuned one: the site is less prominent, "
        "but it is there."
    ),
    "left out": "Some people were left out: no age, no site or a double key. The log says how many.",
}


class PeopleParams(Params):
    """How a table of people is read."""

    key: str = param(
        "participant_id", "Column that names the person, in every table", suggest="columns"
    )
    age: str = param("age", "Column of the age in years", suggest="columns")
    site: str = param(
        "site", "Column of the scanner site; empty for none", suggest="columns", advanced=True
    )
    twice: Literal["refuse", "drop"] = param(
        "refuse", "People whose key stands in several rows: refuse the table, or drop them",
        advanced=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What draws people together: the settings of the loss."""

    loss: str = "anatomy and age"
    anatomy: str = "local"
    age_weight: float = 1.0
    anatomy_weight: float = 1.0
    age_width: float = 2.0
    kernel: str = "gaussian"
    temperature: float = 0.1

    @property
    def uses_anatomy(self) -> bool:
        """Whether regional measures are needed."""
        return self.loss in {"anatomy and age", "anatomy"}

    @property
    def uses_age(self) -> bool:
        """Whether ages are needed."""
        return self.loss in {"anatomy and age", "age", "threshold", "exponential"}


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """People, row by row in one order.

    ``inputs`` (n, 1, x, y, z) or (n, n_columns); ``ages`` (n,) in years; ``sites`` (n,) in words,
    empty where unknown; ``descriptors`` (n, n_regions, n_measures) as they are in the table, if any.
    """

    keys: tuple[str, ...]
    ages: Array
    sites: tuple[str, ...]
    inputs: NDArray[np.float32]
    descriptors: Array | None = None
    regions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    simulated: bool = False

    def __len__(self) -> int:
        return len(self.keys)

    def of(self, rows: Rows) -> Cohort:
        """Return some people."""
        return replace(
            self,
            keys=tuple(self.keys[k] for k in rows),
            ages=self.ages[rows],
            sites=tuple(self.sites[k] for k in rows),
            inputs=self.inputs[rows],
            descriptors=None if self.descriptors is None else self.descriptors[rows],
        )

    def permuted(self, seed: int) -> Cohort:
        """Return the null cohort: ages and anatomy of other people, each moved as a whole."""
        random = np.random.default_rng(seed)
        order = random.permutation(len(self))
        measures = None if self.descriptors is None else self.descriptors[order]
        return replace(self, ages=self.ages[order], descriptors=measures)

    def flat(self) -> Array | None:
        """Return the regional measures as columns (n, n_regions · n_measures)."""
        return None if self.descriptors is None else self.descriptors.reshape(len(self), -1)


def plain(key: object) -> str:
    """Return a key as it is compared: ``sub-01`` and the item's name ``sub_01`` are one person."""
    return re.sub(r"\W+", "_", str(key)).strip("_").lower()


def column(table: Table, name: str, what: str) -> list[Any]:
    """Return a column.

    Raises
    ------
    BadInput
        The table does not have it; the message lists what it has.
    """
    frame = table.frame
    if name not in frame.columns:
        known = ", ".join(map(str, frame.columns[:8]))
        more = f" and {len(frame.columns) - 8} more" if len(frame.columns) > 8 else ""
        raise BadInput(
            f"The {what} have no column '{name}'; there are {known}{more}. Choose the right one."
        )
    return list(frame[name])


def once(table: Table, params: PeopleParams, what: str) -> dict[str, int]:
    """Return the row of each person by key.

    Raises
    ------
    BadInput
        A key stands there twice and is not to be dropped; the message names the first three.
    """
    keys = [plain(each) for each in column(table, params.key, what)]
    rows: dict[str, int] = {}
    double: list[str] = []
    for row, key in enumerate(keys):
        if key in rows and key not in double:
            double.append(key)
        rows.setdefault(key, row)
    if double and params.twice == "refuse":
        raise BadInput(
            f"{len(double)} people stand in the {what} more than once: {', '.join(double[:3])}. "
            "Keep one row a person, or set 'twice' to 'drop'."
        )
    return {key: row for key, row in rows.items() if key not in double}


def joined(keys: Sequence[str], table: Table, params: PeopleParams, what: str) -> Rows:
    """Return the row in a table of each person.

    Raises
    ------
    BadInput
        People are missing there; the message names the first three.
    """
    rows = once(table, params, what)
    missing = [key for key in keys if plain(key) not in rows]
    if missing:
        raise BadInput(
            f"{len(missing)} of {len(keys)} people are not in the {what}: {', '.join(missing[:3])}. "
            f"The column '{params.key}' must hold their names."
        )
    return np.array([rows[plain(key)] for key in keys], dtype=np.intp)


def numbers(values: Sequence[Any]) -> Array:
    """Return values as numbers, NaN where they are none."""

    def number(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            return math.nan

    return np.array([number(each) for each in values])


def words(values: Sequence[Any]) -> tuple[str, ...]:
    """Return values as words; empty where there is none."""
    return tuple("" if value is None or value != value else str(value) for value in values)


def is_simulated(*tables: Table | None) -> bool:
    """Return whether a table says that its people are simulated."""
    for table in tables:
        if table is not None and "simulated" in table.frame and len(table.frame):
            return bool(table.frame["simulated"].iloc[0])
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """Regional measures: ``values`` (n_rows, n_regions, n_measures) in the table's rows."""

    values: Array
    regions: tuple[str, ...]
    measures: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


def region_name(text: str) -> str:
    """Return a region's name as it is compared: lower case, ``_and_`` as ``&``."""
    return text.lower().replace("_and_", "&")


def measures_of(table: Table, pattern: str = "") -> Measures:
    """Return the regional measures of a table.

    Parameters
    ----------
    pattern
        How columns are called, such as ``{measure}:{region}`` or ``{measure}_{region}_thickness`` (then the
        hemispheres are the measures); empty for the known spelling that fits most columns.

    Notes
    -----
    Columns of zeros and doubles that end in ``.1`` count as missing; a region that lacks one of the
    measures, and the mean over the brain, are left out.

    Raises
    ------
    BadInput
        No column fits.
    """
    tried = (pattern,) if pattern else PATTERNS
    found = max((_matched(table, each) for each in tried), key=len)
    kinds = tuple(dict.fromkeys(measure for _, measure in found))
    regions = [
        r for r in dict.fromkeys(region for region, _ in found)
        if all((r, kind) in found for kind in kinds) and not r.startswith("mean")
    ]  # fmt: skip
    if not regions:
        raise BadInput(
            f"No column is called like {' or '.join(tried)}. Rename the columns, or give the pattern of "
            "their names, such as '{measure}_{region}_thickness'."
        )
    columns = tuple(tuple(found[r, kind] for kind in kinds) for r in regions)
    frame = table.frame
    values = np.stack([[numbers(list(frame[name])) for name in row] for row in columns])
    return Measures(np.moveaxis(values, 2, 0), tuple(regions), kinds, columns)


def _matched(table: Table, pattern: str) -> dict[tuple[str, str], str]:
    """Return the column of each region and measure that a pattern finds."""
    parts = re.split(r"(\{measure\}|\{region\})", pattern)
    short, long = "(?P<measure>[^:_]+)", "(?P<region>.+)"
    expression = "".join(
        short if p == "{measure}" else long if p == "{region}" else re.escape(p) for p in parts
    )
    if "{region}" not in pattern or parts.count("{region}") > 1 or parts.count("{measure}") > 1:
        raise BadInput(f"The pattern is '{pattern}'; it must hold '{{region}}' once.")
    found: dict[tuple[str, str], str] = {}
    for name in map(str, table.frame.columns):
        match = re.fullmatch(expression, name)
        if match is None or re.search(r"\.\d+$", name):
            continue
        values = numbers(list(table.frame[name]))
        if not np.nan_to_num(values).any():
            continue
        measure = match.groupdict().get("measure", "measure")
        found.setdefault((region_name(match["region"]), measure), name)
    return found
