"""Images, people and regions joined into one cohort by the person's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Table

from .people import (
    Cohort,
    column,
    is_simulated,
    joined,
    measures_of,
    numbers,
    once,
    plain,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context

    from .declaring import TrainingParams
    from .people import PeopleParams


def keys_of(table: Table, params: PeopleParams, what: str) -> tuple[str, ...]:
    """Return the people of a table, each once, in its order."""
    rows = once(table, params, what)
    names = words(column(table, params.key, what))
    return tuple(names[row] for row in rows.values())


def with_age(
    context: Context, keys: Sequence[str], people: Table, params: PeopleParams
) -> list[int]:
    """Return which of the keys have an age; says how many are left out.

    Raises
    ------
    BadInput
        A person is not in the table.
    """
    known = once(people, params, "people")
    if params.twice == "drop":
        own = [plain(each) for each in column(people, params.key, "people")]
        double = {key for key in own if own.count(key) > 1} if len(own) > len(known) else set()
        keys = [key for key in keys if plain(key) not in double]
    rows = joined(keys, people, params, "people")
    ages = numbers(column(people, params.age, "people"))[rows]
    kept = [k for k, age in enumerate(ages) if np.isfinite(age)]
    if len(kept) < len(keys):
        context.say(f"{len(keys) - len(kept)} of {len(keys)} people have no age and were left out.")
    return kept


def sites_of(keys: Sequence[str], people: Table, params: PeopleParams) -> tuple[str, ...]:
    """Return the site of each person; empty where the table has none."""
    if not params.site or params.site not in people.frame.columns:
        return ("",) * len(keys)
    return column_of(keys, people, params.site, params)


def column_of(
    keys: Sequence[str], people: Table, name: str, params: PeopleParams
) -> tuple[str, ...]:
    """Return the words of a column for each person; nothing where no column is asked for."""
    if not name:
        return ()
    values = words(column(people, name, "people"))
    return tuple(values[row] for row in joined(keys, people, params, "people"))


def groups_of(
    keys: Sequence[str], people: Table, name: str, params: PeopleParams
) -> tuple[str, ...]:
    """Return who must not be parted: the values of a column, else each person alone."""
    return column_of(keys, people, name, params) or tuple(keys)


def cohort(
    keys: Sequence[str],
    inputs: NDArray[np.float32],
    people: Table,
    regions: Table | None,
    params: TrainingParams,
) -> Cohort:
    """Return one cohort in the order of the keys; a missing regional measure is the mean of the others.

    Raises
    ------
    BadInput
        The loss needs regional measures and there are none.
    """
    rows = joined(keys, people, params, "people")
    ages = numbers(column(people, params.age, "people"))[rows]
    made = Cohort(
        tuple(keys), ages, sites_of(keys, people, params), inputs,
        simulated=is_simulated(people, regions),
    )  # fmt: skip
    if regions is None:
        return made
    try:
        found = measures_of(regions, params.pattern)
    except BadInput:
        if params.anatomy_settings().uses_anatomy:
            raise
        return made
    values = found.values[joined(keys, regions, params, "regions")]
    values = np.where(np.isfinite(values), values, np.nanmean(values, axis=0))
    return Cohort(
        made.keys,
        made.ages,
        made.sites,
        inputs,
        values,
        found.regions,
        found.measures,
        made.simulated,
    )


def config_of(params: TrainingParams, people: Cohort) -> dict[str, Any]:
    """Return the plain values that a model keeps of its table and its settings."""
    return {
        "key": params.key, "age": params.age, "pattern": params.pattern,
        "regions": list(people.regions), "measures": list(people.measures),
        "oldest": float(people.ages.max()), "youngest": float(people.ages.min()),
    }  # fmt: skip
