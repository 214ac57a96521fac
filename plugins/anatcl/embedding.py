"""Embeds people by a trained encoder, or by released weights of the model folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Items,
    Number,
    Report,
    Result,
    Table,
    TrainedModel,
    Volume,
    method,
    param,
)

from .people import SIMULATED, WARNINGS, PeopleParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.api import View

WIDTH = 512


class EmbedParams(PeopleParams):
    """Parameters of :func:`embed_anatomy`."""

    released: Literal["local", "global"] = param(
        "local", "Which released weights are used where no model is given", advanced=True
    )
    released_fold: int = param(0, "Which fold of the released weights", ge=0, le=4, advanced=True)


def check_model(model: object) -> None:
    """Raise where a model is not one of this plugin.

    Raises
    ------
    BadInput
        It was trained by another method.
    """
    if isinstance(model, TrainedModel) and "trained_on" not in model.config:
        raise BadInput(
            f"The model was trained by '{model.method}' and is no encoder of anatomy. "
            "Choose one that 'Train on volumes' or 'Train on tables' made."
        )


def _check(params: EmbedParams, items: Items) -> None:
    del params
    check_model(items.get("model"))


@method(group="Apply", warnings=WARNINGS, gpu=True, check=_check, example="embedded")
def embed_anatomy(
    context: Context,
    params: EmbedParams,
    subjects: tuple[Volume, ...] | Table,
    model: TrainedModel | None = None,
    people: Table | None = None,
) -> Result:
    """Give each person a vector, and the age that is read from it.

    Without a model the released weights in the model folder are used, which need grey-matter maps. With
    ``people`` the ages are judged.
    """
    from . import joining, keeping, pictures

    model = model or _released(params, subjects)
    keys, rows = _embedded(context, params, model, subjects)
    places, shares = pictures.plane(rows)
    nobody = len(keys)
    sites = joining.sites_of(keys, people, params) if people is not None else ("",) * nobody
    years = _years(keys, people, params)
    simulated = bool(model.config.get("simulated")) or _simulated(subjects)
    table = keeping.table_of(keys, rows, params.key, simulated=simulated)
    numbers, views = _read(context, model, subjects, params, keys, rows, years)
    seen = {*map(str, model.config["trained_on"])} & {*keys}
    table.frame["part"] = ["training" if key in seen else "new" for key in keys]
    words = _words(model, subjects, len(keys), len(seen))
    codes = [SIMULATED] * simulated + ["seen"] * bool(seen)
    return Result(
        data={"embedding": table, "map": keeping.map_of(keys, places, years, sites)},
        views=(words, *views, *pictures.maps(places, shares, keys, years, sites)),
        numbers={"people": Number(len(keys)), **numbers},
        warnings=tuple(codes),
    )


def _words(model: TrainedModel, subjects: object, n: int, n_seen: int) -> Report:
    released = model.method == "released weights"
    text = [f"## {n} people embedded", "", f"- {model.summary()}"]
    if n_seen:
        text.append(f"- {n_seen} of them were in the training part of the encoder.")
    if released:
        text.append("- Released weights: they expect grey-matter maps of CAT12 (mwp1).")
        text.append(
            "- Each image was brought onto one grid and cropped or filled up to 121 x 128 x 121."
        )
    del subjects
    return Report("\n".join(text), title="What was embedded")


def _simulated(subjects: tuple[Any, ...] | Any) -> bool:
    first = subjects[0] if isinstance(subjects, tuple) else subjects
    if isinstance(first, Table):
        return "simulated" in first.frame
    header = first.image.header
    return "descrip" in header and SIMULATED in bytes(header["descrip"]).decode("latin-1")


def _released(params: EmbedParams, subjects: tuple[Volume, ...] | Table) -> TrainedModel:
    """Return the released encoder as a model; it has no line to age."""
    from . import grids
    from .encoders import build, weights_of
    from .released import released

    if isinstance(subjects, Table) or isinstance(subjects[0], Table):
        raise BadInput("Released weights embed images. Give a model that was trained on tables.")
    found = released(params.released, params.released_fold)
    head = {k: v for k, v in weights_of(build("resnet18")).items() if k.startswith("head.")}
    weights = {
        **{f"encoder.{k}": v for k, v in found.items()},
        **{k: 0 * v for k, v in head.items()},
    }
    grid = grids.grid_for(subjects, [str(k) for k in range(len(subjects))], 0, paper=True)
    config = {
        "encoder": "resnet18", "n_columns": 1, "width": WIDTH, "trained_on": [], "grid": grid.as_plain(),
        "scaling": "image", "simulated": False, "key": params.key,
    }  # fmt: skip
    return TrainedModel(weights, config, "released weights")


def _embedded(
    context: Context, params: EmbedParams, model: TrainedModel, subjects: tuple[Any, ...] | Any
) -> tuple[tuple[str, ...], Any]:
    from . import encoders, fitting, joining

    kept = model.config
    network = encoders.restored(str(kept["encoder"]), int(kept["n_columns"]), model.weights)
    network = network.to(context.device)
    table = _table(subjects)
    if table is not None:
        keys = joining.keys_of(table, params, "measures")
        return keys, fitting.embedded(network, table_inputs(model, table, params, keys))
    keys = context.names.get("subjects") or tuple(f"subject_{k}" for k in range(len(subjects)))
    parts = [
        fitting.embedded(network, volume_inputs(context, model, (each,), (name,)))
        for each, name in context.track(list(zip(subjects, keys, strict=True)), "Embedding")
    ]
    return keys, np.concatenate(parts)


def _table(subjects: tuple[Any, ...] | Any) -> Table | None:
    given = subjects if isinstance(subjects, tuple) else (subjects,)
    tables = [each for each in given if isinstance(each, Table)]
    if tables and len(given) > 1:
        raise BadInput("Give images, or one table of regional measures.")
    return tables[0] if tables else None


def table_inputs(
    model: TrainedModel, table: Table, params: PeopleParams, keys: Sequence[str]
) -> Any:
    """Return the columns (n, n_columns) of people as the encoder takes them.

    Raises
    ------
    BadInput
        The model was trained on images, or columns are missing.
    """
    from . import columns, judging

    if "columns" not in model.config:
        raise BadInput(
            "The model was trained on images. Give images, or a model trained on tables."
        )
    values = columns.again(table, model.config, params, keys)
    mean, scale = (np.array(model.config[name], float) for name in ("mean", "scale"))
    return judging.as_inputs(values, mean, scale)


def volume_inputs(
    context: Context, model: TrainedModel, volumes: tuple[Volume, ...], names: Sequence[str]
) -> Any:
    """Return images (n, 1, x, y, z) on the model's grid as the encoder takes them.

    Raises
    ------
    BadInput
        The model was trained on tables, or an image is in another space.
    """
    from neurostudio.spaces import relation, space_of

    from . import grids

    if "grid" not in model.config:
        raise BadInput("The model was trained on tables. Give a table of the same measures.")
    grid = grids.Grid.from_plain(model.config["grid"])
    for volume, name in zip(volumes, names, strict=True):
        grids.refuse(volume, name, volume, name)
        if not relation(grid.space, space_of(volume)).linked:
            raise BadInput(
                f"{name} is in the space '{space_of(volume) or 'unknown'}', the model's images were in "
                f"'{grid.space or 'unknown'}'. Register the image first, or declare its space."
            )
    return grids.stacked(context, volumes, names, grid, str(model.config["scaling"]))


def _years(keys: Sequence[str], people: Table | None, params: PeopleParams) -> Any:
    from .people import column, joined, numbers

    if people is None:
        return np.full(len(keys), np.nan)
    return numbers(column(people, params.age, "people"))[joined(keys, people, params, "people")]


def _read(context: Context, model: TrainedModel, subjects: Any, params: EmbedParams, keys: Sequence[str],
          rows: Any, years: Any) -> tuple[dict[str, Number], tuple[View, ...]]:  # fmt: skip
    """Return the error of the age that is read, beside ridge on the measures, where ages are known."""
    from . import keeping, pictures, reporting

    known = np.flatnonzero(np.isfinite(years))
    if "readout.weights" not in model.weights or len(known) < 2:
        return {}, ()
    truth, names = years[known], [keys[k] for k in known]
    guess = keeping.read_out(model.weights, rows)[known]
    chance = float(np.abs(truth - float(model.weights["readout.offset"][0])).mean())
    below = None
    table = _table(subjects)
    if table is not None and "plain.weights" in model.weights:
        measured = table_inputs(model, table, params, keys).astype(float)
        plain = keeping.read_out(model.weights, measured, "plain")[known]
        below = float(np.abs(plain - truth).mean())
    note = f"{len(known)} people; line to age fitted in training; the baseline is ridge on the measures"
    number = reporting.error_of(
        truth, guess, names, context.seed, chance=chance, baseline=below,
        note=note if below is not None else note.partition("; the baseline")[0],
    )  # fmt: skip
    numbers = {"age error": number, "mean gap": _gap(truth, guess)}
    return numbers, (pictures.ages(truth, guess, names, "Age, read by the model"),)


def _gap(truth: Any, guess: Any) -> Number:
    gap = guess - truth
    spread = 1.96 * float(gap.std()) / max(1, len(gap)) ** 0.5
    return Number(
        float(gap.mean()), "years", float(gap.mean()) - spread, float(gap.mean()) + spread, chance=0.0,
        note="age that was read minus age; far from 0 where the scanner or the processing is another",
    )  # fmt: skip
