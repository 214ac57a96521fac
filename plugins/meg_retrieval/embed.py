"""Embeddings of pictures, one row a picture id."""

from __future__ import annotations

from typing import Any, Literal

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    Items,
    Lines,
    Number,
    Params,
    Result,
    Scatter,
    Table,
    method,
    param,
)

STILL = 1e-9  # as large a spread is rounding
FLAT = "Some features are the same in all pictures; they were left out."


class EmbedParams(Params):
    """Parameters of :func:`embed_pictures`."""

    kind: Literal["engineered", "efficientnet"] = param(
        "engineered",
        "engineered: colours, local patterns, edges and spectrum; efficientnet: 1,280 features of "
        "EfficientNet-Lite0, where its package is installed",
    )
    components: int = param(
        0, "Keep that many main components; 0 for all features", ge=0, le=4096, advanced=True
    )


def _check(params: EmbedParams, items: Items) -> None:
    del params
    pictures = items["pictures"]
    if isinstance(pictures, ImageStack) and "id" not in pictures.array.coords:
        raise BadInput(
            "The pictures have no ids, so that embeddings could not be matched with trials. "
            "Open them as a folder, whose file names become ids."
        )


@method(group="Analyse", warnings={"flat": FLAT}, gpu=True, check=_check, example="embed")
def embed_pictures(context: Context, params: EmbedParams, pictures: ImageStack) -> Result:
    """Turn pictures into features, one row a picture id, for decoders to predict.

    Embeddings of any other network serve as well: a table with the id of each picture in the column
    ``picture`` or ``id``.
    """
    import numpy as np

    from . import engineered

    make = {"engineered": engineered.features, "efficientnet": engineered.efficientnet}
    names, values = make[params.kind](context, pictures)
    varied = values.std(axis=0) > STILL * np.maximum(np.abs(values).max(axis=0), 1)
    values, names = (
        values[:, varied],
        [name for name, kept in zip(names, varied, strict=True) if kept],
    )
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    left, sizes, _ = np.linalg.svd(standard, full_matrices=False)
    share = sizes**2 / np.sum(sizes**2)
    table = engineered.table_of(pictures, names, values)
    if params.components:
        kept = min(params.components, int((sizes > 1e-9 * sizes[0]).sum()))
        names = [f"component {k + 1}" for k in range(kept)]
        table = engineered.table_of(pictures, names, left[:, :kept] * sizes[:kept])
    numbers = {
        "pictures": Number(len(values)),
        "features": Number(len(names)),
        "effective dimensions": Number(
            float(1 / np.sum(share**2)), note="(Σ λ)² / Σ λ² of the standardised features"
        ),
    }
    return Result(
        data={"features": Table(table)},
        views=(_plane(left[:, :2] * sizes[:2], table), _spectrum(share)),
        numbers=numbers,
        warnings=() if varied.all() else ("flat",),
    )


def _plane(places: Any, table: Any) -> Scatter:
    groups = tuple(table["category"]) if "category" in table else ()
    return Scatter(
        places[:, 0], places[:, 1] if places.shape[1] > 1 else 0 * places[:, 0],
        groups=groups if len(set(groups)) <= 10 else (), names=tuple(table["picture"]),
        x_label="component 1", x_unit="1", y_label="component 2", y_unit="1",
        title="Pictures by the two main components of their features",
    )  # fmt: skip


def _spectrum(share: Any) -> Lines:
    import numpy as np

    return Lines(
        np.arange(1, len(share) + 1, dtype=float), np.cumsum(share)[None], x_label="components",
        y_label="share of the variance", y_unit="1", log_x=True, title="How many dimensions there are",
    )  # fmt: skip
