"""What is kept of a training: the model with its facts, embeddings as tables, maps as points."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Points, Result, Table, TrainedModel
from neurostudio.training import hash_of_weights

from . import encoders, probes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context

    from .fitting import How
    from .judging import Judged

    Array = NDArray[np.float64]


def model_of(context: Context, found: Judged, how: How, embedding: Array, config: Mapping[str, Any],
             made_by: str) -> TrainedModel:  # fmt: skip
    """Return the encoder with all that is needed to use it again."""
    assert found.model is not None  # noqa: S101
    people = found.people
    weights = encoders.weights_of(found.model)
    line = probes.ridge(embedding, people.ages[:, None], context.seed, found.groups)
    facts = {
        "encoder": how.encoder, "n_columns": int(people.inputs.shape[1]), "width": found.model.width,
        "loss": how.anatomy.loss, "anatomy": how.anatomy.anatomy, "trained_on": list(people.keys),
        "split": [each.hash for each in found.splits], "seed": context.seed,
        "simulated": people.simulated, "weights_hash": hash_of_weights(weights),
        "start": config.get("start", ""),
    }  # fmt: skip
    return TrainedModel(weights | readout(line), {**facts, **config}, made_by)


def readout(line: Any, name: str = "readout") -> dict[str, Any]:
    """Return a line from features to age as arrays, to be kept with a model."""
    return {f"{name}.{part}": np.asarray(getattr(line, part), float)
            for part in ("weights", "mean", "scale", "offset")}  # fmt: skip


def read_out(weights: Mapping[str, NDArray[Any]], rows: Array, name: str = "readout") -> Array:
    """Return the ages (n,) that a kept line reads from features (n, d)."""
    mean, scale = weights[f"{name}.mean"], weights[f"{name}.scale"]
    found = (rows - mean) / scale @ weights[f"{name}.weights"] + weights[f"{name}.offset"]
    return np.asarray(found[:, 0])


def table_of(keys: Sequence[str], embedding: Array, key: str, *, simulated: bool = False) -> Table:
    """Return an embedding as a table: the person's key, then a column a feature."""
    import pandas as pd

    frame = pd.DataFrame(embedding, columns=[f"feature {k + 1}" for k in range(embedding.shape[1])])
    frame.insert(0, key, list(keys))
    if simulated:
        frame.insert(1, "simulated", True)
    return Table(frame)


def map_of(keys: Sequence[str], places: Array, years: Array, sites: Sequence[str]) -> Points:
    """Return the map of people as points."""
    import xarray

    columns = {"x": places[:, 0], "y": places[:, 1], "name": np.array(keys, str), "age": years,
               "site": np.array(sites, str)}  # fmt: skip
    table = xarray.Dataset({name: ("point", values) for name, values in columns.items()})
    return Points(table)


def with_line(result: Result, line: Any) -> Result:
    """Return a result whose model also keeps ridge on the measures themselves, as ``plain``."""
    model = result.data["model"]
    assert isinstance(model, TrainedModel)  # noqa: S101
    kept = TrainedModel({**model.weights, **readout(line, "plain")}, model.config, model.method)
    return replace(result, data={**result.data, "model": kept})
