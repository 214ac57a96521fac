"""Training on tables of regional measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Context, Items, Result, Table, method

from .declaring import TableParams, refuse_useless
from .people import WARNINGS

if TYPE_CHECKING:
    from .fitting import How


def _check(params: TableParams, items: Items) -> None:
    del items
    refuse_useless(params)


@method(group="Train", warnings=WARNINGS, gpu=True, check=_check, example="tables")
def train_on_tables(
    context: Context, params: TableParams, measures: Table, people: Table
) -> Result:
    """Train an encoder of regional measures in which people of like age and anatomy lie close.

    Both may be the same table. Each person is judged by an encoder that never saw the person, beside ridge
    on the measures themselves; the encoder that is kept was trained on everybody.
    """
    from . import columns, joining, judging, keeping, probes, reporting

    names = joining.keys_of(measures, params, "measures")
    kept = joining.with_age(context, names, people, params)
    keys = [names[k] for k in kept]
    seen, values = columns.features(measures, params, keys)
    cohort = joining.cohort(keys, values, people, measures, params)
    groups = joining.groups_of(keys, people, params.group, params)
    left = joining.column_of(keys, people, params.leave_out, params)
    context.say(f"{len(keys)} people, {len(seen)} columns, {len(cohort.regions)} regions.")
    how = _how(params)
    found = judging.judge(context, params, cohort, groups, left, how)
    mean, scale = judging.scale_of(cohort, np.arange(len(cohort)))
    config = {
        **joining.config_of(params, cohort), "columns": list(seen), "mean": mean.tolist(),
        "scale": scale.tolist(), "features": params.features,
    }  # fmt: skip
    result = reporting.result_of(context, found, how, config, "train_on_tables")
    rows = judging.as_inputs(cohort.inputs, mean, scale).astype(float)
    plain = probes.ridge(rows, cohort.ages[:, None], context.seed, groups)
    return keeping.with_line(result, plain)


def _how(params: TableParams) -> How:
    from neurostudio.training import Recipe

    from .fitting import How

    recipe = Recipe(
        epochs=params.epochs, learning_rate=params.learning_rate, weight_decay=0.0,
        clip=0.0, cosine=False, watch="",
    )  # fmt: skip
    return How(
        recipe, params.anatomy_settings(), encoder="table", batch_size=params.batch_size,
        decay=params.weight_decay,
        noise=params.noise, dropped=params.dropped,
    )  # fmt: skip
