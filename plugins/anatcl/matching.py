"""Embeddings and regional measures of the same people, joined by their key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Table

from .joining import groups_of, keys_of, sites_of
from .people import column, is_simulated, joined, measures_of, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .people import Measures, PeopleParams

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """People with their embedding (n, width), the groups that must not be parted, their sites.

    ``seen`` says that some were in the training part of the encoder; ``flat`` (n, n_measures) are regional
    measures of the same people, None where there are none.
    """

    keys: tuple[str, ...]
    rows: Array
    groups: tuple[str, ...]
    sites: tuple[str, ...]
    seen: bool
    simulated: bool
    flat: Array | None = None


def rows_of(embedding: Table, params: PeopleParams) -> tuple[tuple[str, ...], Array]:
    """Return people and their embedding (n, width).

    Raises
    ------
    BadInput
        There are no columns ``feature 1`` and so on, or values are missing.
    """
    names = [name for name in map(str, embedding.frame.columns) if name.startswith("feature ")]
    if not names:
        raise BadInput(
            "The table has no columns 'feature 1', … : give an embedding that 'Embed' made."
        )
    keys = keys_of(embedding, params, "embedding")
    found = joined(keys, embedding, params, "embedding")
    rows = embedding.frame[names].to_numpy(float)[found]
    if not np.isfinite(rows).all():
        raise BadInput("Some values of the embedding are missing. Leave those people out.")
    return keys, rows


def of_people(embedding: Table, people: Table, regions: Table | None, params: PeopleParams, *,
              group: str = "",               pattern: str = "") -> Embedded:  # fmt: skip
    """Return embedded people with what the tables know of them."""
    keys, rows = rows_of(embedding, params)
    seen = "part" not in embedding.frame or bool((embedding.frame["part"] == "training").any())
    flat = None
    if regions is not None:
        flat = flat_of(measures_of(regions, pattern), joined(keys, regions, params, "regions"))
    return Embedded(
        keys, rows, groups_of(keys, people, group, params), sites_of(keys, people, params), seen,
        is_simulated(embedding, people, regions), flat,
    )  # fmt: skip


def flat_of(found: Measures, rows: Any) -> Array:
    """Return regional measures as columns (n, n_regions · n_measures); what is missing is the mean."""
    values = found.values[rows].reshape(len(rows), -1)
    return np.where(np.isfinite(values), values, np.nanmean(values, axis=0))


def years_of(keys: tuple[str, ...], people: Table, params: PeopleParams) -> Array:
    """Return the age of each person in years.

    Raises
    ------
    BadInput
        An age is missing; the message names the first three.
    """
    ages = numbers(column(people, params.age, "people"))[joined(keys, people, params, "people")]
    missing = [keys[k] for k in np.flatnonzero(~np.isfinite(ages))]
    if missing:
        raise BadInput(
            f"{len(missing)} people have no age: {', '.join(missing[:3])}. Leave them out."
        )
    return ages
