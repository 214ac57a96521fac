"""Learns pixels from embeddings, applies it to predicted ones, and measures what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray
from PIL import Image

from neurostudio.api import BadInput, Images, ImageStack, NullControl, Result, Table
from neurostudio.learning.retrieval import rows_of, two_way
from neurostudio.learning.ridge import fit_ridge
from neurostudio.scores import Number, bootstrap, interval, score

from .engineered import edges
from .linear import folds_of
from .preparing import read_embeddings
from .retrieve import RetrieveParams, looked_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context, TrainedModel, Trials

    from .reconstruct import ReconstructParams

    Array = NDArray[Any]

DRAWS, ENOUGH = 200, 200


def rebuild(
    context: Context,
    params: ReconstructParams,
    models: Sequence[TrainedModel],
    trials: Trials,
    features: Table,
    pictures: ImageStack,
) -> Result:
    """Return the pictures, their likeness to the seen ones, and the same for shuffled pairs."""
    ids, predicted, simulated = predicted_embeddings(context, models, trials, features)
    model = models[0]
    found = read_embeddings(features, str(model.config["reading"]["picture"]))
    learned = [each for each in model.config["known_pictures"] if each in set(found.ids)]
    stack = pixels_of(pictures, [*learned, *ids], params.side)
    x, y = found.of(learned), stack[: len(learned)].reshape(len(learned), -1)
    predicted = with_spread(predicted, x)
    for _ in context.track(range(1), "Learning pixels"):
        fitted = fit_ridge(x, y, folds_of(np.array(learned)), alphas=(1e0, 1e1, 1e2, 1e3, 1e4, 1e5))
    made = np.clip(fitted.predict(predicted), 0, 1).reshape(len(ids), *stack.shape[1:])
    ceiling = np.clip(fitted.predict(found.of(ids)), 0, 1).reshape(made.shape)
    seen = stack[len(learned) :]
    plain = np.broadcast_to(y.mean(axis=0).reshape(stack.shape[1:]), seen.shape)
    shown = {"made": made, "ceiling": ceiling, "plain": plain, "seen": seen}
    numbers, table, null = _compared(shown, ids, context, simulated)
    codes = (*(("simulated",) if simulated else ()), *(("few",) if len(learned) < ENOUGH else ()))
    return Result(
        data={"pictures": _stack(made, ids), "scores": Table(table)},
        views=(_beside(seen, made, ceiling, ids, params.shown), null),
        numbers=numbers,
        warnings=codes,
    )


def predicted_embeddings(
    context: Context, models: Sequence[TrainedModel], trials: Trials, features: Table
) -> tuple[list[str], Array, bool]:
    """Return pictures new to all decoders, and the mean prediction of each in the embedding's own unit.

    Raises
    ------
    BadInput
        The decoders were trained on other features or other pictures.
    """
    first = models[0].config
    for each in models[1:]:
        for key, what in (("features", "features"), ("known_pictures", "pictures")):
            if each.config[key] != first[key]:
                raise BadInput(
                    f"The decoders were trained on different {what}. Train them on one split."
                )
    parts = []
    for each in models:
        queries, _, responses = looked_up(
            context, each, trials, features, RetrieveParams(average=0)
        )
        ids = sorted(set(queries.pictures.tolist()))
        mean = [queries.predictions[queries.pictures == name].mean(axis=0) for name in ids]
        scale = np.asarray(each.weights["feature_spread"])
        parts.append(np.stack(mean) * scale + np.asarray(each.weights["feature_mean"]))
    return ids, np.mean(parts, axis=0), responses.simulated


def with_spread(predicted: Array, targets: Array) -> Array:
    """Return predictions whose mean and spread over pictures are those of the training targets."""
    spread = predicted.std(axis=0)
    standard = (predicted - predicted.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.asarray(standard * targets.std(axis=0) + targets.mean(axis=0))


def pixels_of(pictures: ImageStack, ids: Sequence[str], side: int) -> Array:
    """Return pictures (n, side, side[, 3]) from 0 to 1, found by their ids.

    Raises
    ------
    BadInput
        A picture is missing.
    """
    array = pictures.array
    if "id" not in array.coords:
        raise BadInput("The pictures have no ids, so they cannot be matched with the trials.")
    rows = rows_of(list(ids), [str(each) for each in array.coords["id"].values], "pictures")
    found = []
    for row in rows:
        picture = Image.fromarray(np.asarray(array[int(row)]).astype(np.uint8))
        found.append(np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR), float))
    return np.stack(found) / 255


def likeness(made: Array, seen: Array) -> dict[str, Array]:
    """Return PixCorr and SSIM of each pair, (n,)."""
    a, b = (each.reshape(len(each), -1) for each in (made, seen))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    pixels = np.where(size > 0, (a * b).sum(axis=1) / np.where(size > 0, size, 1), 0)
    return {
        "PixCorr": pixels,
        "SSIM": np.array([ssim(*each) for each in zip(made, seen, strict=True)]),
    }


def ssim(one: Array, other: Array) -> float:
    """Return structural similarity of two pictures from 0 to 1, grey, in windows of 7 pixels.

    Wang et al. 2004: ``(2 μ₁ μ₂ + c₁)(2 σ₁₂ + c₂) / ((μ₁² + μ₂² + c₁)(σ₁² + σ₂² + c₂))``.
    """
    from scipy.ndimage import uniform_filter

    x, y = (each.mean(axis=-1) if each.ndim == 3 else each for each in (one, other))
    mean_x, mean_y = uniform_filter(x, 7), uniform_filter(y, 7)
    share = 49 / 48  # unbiased
    var_x = share * (uniform_filter(x * x, 7) - mean_x**2)
    var_y = share * (uniform_filter(y * y, 7) - mean_y**2)
    both = share * (uniform_filter(x * y, 7) - mean_x * mean_y)
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    found = top / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return float(found[3:-3, 3:-3].mean())


def _edges(pictures: Array) -> Array:
    grey = pictures.mean(axis=-1) if pictures.ndim == 4 else pictures
    return np.stack([edges(each) for each in grey])


def _compared(
    shown: Mapping[str, Array], ids: Sequence[str], context: Context, simulated: bool
) -> tuple[dict[str, Number], Any, NullControl]:
    """Return scores with the mean picture as baseline, the best a linear map can do, and the null."""
    made, seen = shown["made"], shown["seen"]
    own, best, plain = (likeness(shown[name], seen) for name in ("made", "ceiling", "plain"))
    random = np.random.default_rng([context.seed, 13])
    orders = [random.permutation(len(ids)) for _ in range(DRAWS)]
    null: dict[str, list[float]] = {name: [] for name in own}
    for order in context.track(orders, "Shuffling"):
        for name, values in likeness(made, seen[order]).items():
            null[name].append(float(values.mean()))
    note = f"{len(ids)} pictures new to the decoders; linear map"
    note += "; simulated data" if simulated else ""
    numbers: dict[str, Number] = {}
    for name, values in own.items():
        chance, below = float(np.mean(null[name])), float(plain[name].mean())
        numbers[name] = _number(_mean_of(values), ids, chance, below, note)
        numbers[f"{name}, from true embeddings"] = Number(
            float(best[name].mean()), "1", note="the best that the linear map can do"
        )
    for name, turn in {"pixels": _flat, "edges": _edges}.items():
        numbers[f"two-way, {name}"] = _number(
            _two_way_of(turn(made), turn(seen)), ids, 0.5, 0.5, note
        )
    names = tuple(own)
    view = NullControl(
        np.array([numbers[name].value for name in names]),
        np.array([null[name] for name in names]),
        names=names,
        null_name="seen pictures shuffled",
        low=np.array([numbers[name].low for name in names]),
        high=np.array([numbers[name].high for name in names]),
        baseline=np.array([numbers[name].baseline for name in names]),
        y_label="likeness",
        y_unit="1",
        title="Likeness to the seen pictures, and to others",
        caption="Baseline: the mean of the training pictures.",
    )
    return numbers, pd.DataFrame({"picture": list(ids)} | own), view


def _mean_of(values: Array) -> Callable[[Array], float]:
    return lambda rows: float(values[rows].mean())


def _two_way_of(made: Array, seen: Array) -> Callable[[Array], float]:
    return lambda rows: two_way(made[rows], seen[rows])


def _flat(pictures: Array) -> Array:
    return pictures.reshape(len(pictures), -1)


def _number(
    statistic: Callable[[Array], float], ids: Sequence[str], chance: float, below: float, note: str
) -> Number:
    def drawn(rows: Array) -> float:
        return statistic(np.unique(rows))  # a picture drawn twice would be its own other

    low, high = interval(bootstrap(drawn, list(ids), draws=200))
    value = statistic(np.arange(len(ids)))
    return score(value, low=low, high=high, chance=chance, baseline=below, note=note)


def _stack(made: Array, ids: Sequence[str]) -> ImageStack:
    dims = ("item", "y", "x", "channel")[: made.ndim]
    return ImageStack(
        xarray.DataArray(
            np.round(255 * made).astype(np.uint8), dims=dims,
            coords={"id": ("item", np.array(ids))}, attrs={"unit": "grey value"},
        )
    )  # fmt: skip


def _beside(seen: Array, made: Array, ceiling: Array, ids: Sequence[str], shown: int) -> Images:
    rows = np.linspace(0, len(ids) - 1, min(shown, len(ids))).round().astype(int)
    triples = np.stack([seen[rows], made[rows], ceiling[rows]], axis=1)
    names = [word for _ in rows for word in ("seen", "from response", "from truth")]
    pixels = np.round(255 * triples.reshape(-1, *seen.shape[1:])).astype(np.uint8)
    return Images(
        pixels, names=tuple(names), columns=6, title="Pictures from responses",
        caption=(
            "Two pictures a row: seen, made from the predicted embedding, made from the true embedding (the "
            "best that a linear map can do)."
        ),
    )  # fmt: skip
