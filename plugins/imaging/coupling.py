"""Functional connectivity: which regions go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Heatmap,
    Number,
    Params,
    Result,
    Table,
    Traces,
    View,
    Volume,
    method,
    param,
)
from neurostudio.spaces import MNI152, MNI305, space_of
from neurostudio.templates import fsaverage5, in_mni152
from neurostudio.views import Brain

from .cleaning import fisher, images_that_count, level_of, with_random_phases
from .correlating import Measure, connect, strength_of
from .images import SIMULATED, WARNINGS, places_of, regions_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

BLOCKS = 10


class CouplingParams(Params):
    """Parameters of :func:`functional_connectivity`."""

    measure: Measure = param(
        "correlation",
        "partial: what is left when all other regions are known (Ledoit-Wolf); sparse: the same by the "
        "graphical lasso",
    )
    regions: tuple[str, ...] = param((), "Regions; none for all", suggest="channels")
    surrogates: int = param(
        39, "Series with random phases for the chance level", ge=19, le=1000, advanced=True
    )


@dataclass(frozen=True, slots=True)
class Chance:
    """The mean absolute connection of surrogates, and what their strongest pair reaches in 5 %."""

    mean: float
    highest: float


def _check(params: CouplingParams, items: Items) -> None:
    traces = items["traces"]
    assert isinstance(traces, Traces)  # noqa: S101  the method's own check came first
    names = traces.names("channels")
    strange = [name for name in params.regions if name not in names]
    if strange:
        raise BadInput(f"There is no region '{strange[0]}'. There are: {', '.join(names[:8])}.")
    count = len(params.regions or names)
    if count < 2:
        raise BadInput("There is one region; a connection needs at least two.")
    if len(traces.frame) < 20:
        raise BadInput(f"There are {len(traces.frame)} times; at least 20 are needed.")


@method(
    group="Analyse",
    check=_check,
    example="coupling",
    warnings=WARNINGS
    | {
        "few-times": (
            "There are fewer times than regions, so the partial correlations rest on shrinkage."
        ),
        "no-places": "The regions have no places; give the atlas to see them in the brain.",
    },
)
def functional_connectivity(
    context: Context, params: CouplingParams, traces: Traces, atlas: Volume | None = None
) -> Result:
    """Measure which regions' series go together, beside series that share nothing.

    Places come with the traces of 'parcellate'; for other traces give the atlas whose regions
    have the same names.
    """
    names = list(params.regions or traces.names("channels"))
    order = [traces.names("channels").index(name) for name in names]
    values = np.asarray(traces.frame.values, float)[:, order]
    _refuse_gaps(values, names)
    strength = strength_of(values, params.measure)
    matrix = connect(values, params.measure, strength)
    chance = _chance(context, params, values, strength)
    places, space = _places(traces, names, order, atlas)
    table = pairs_of(params, values, matrix, names, places)
    said = [code for code, true in (
        ("few-times", "partial" in params.measure and len(values) < len(names)),
        ("no-places", places is None)) if true]  # fmt: skip
    if SIMULATED in traces.names("columns"):
        said.insert(0, SIMULATED)
    return Result(
        data={
            "connectome": Connectome(_labelled(params, traces, matrix, names, places, space)),
            "pairs": Table(table),
        },
        views=_views(params, matrix, names, places, space, chance),
        numbers=_numbers(context, params, values, matrix, table, chance),
        warnings=tuple(said),
    )


def _refuse_gaps(values: Array, names: list[str]) -> None:
    wrong = [name for k, name in enumerate(names) if not np.isfinite(values[:, k]).all()]
    if wrong:
        raise BadInput(f"{len(wrong)} series have gaps: {', '.join(wrong[:3])}. Leave them out.")
    still = [name for k, name in enumerate(names) if not np.ptp(values[:, k])]
    if still:
        raise BadInput(f"{len(still)} series are constant: {', '.join(still[:3])}. Leave them out.")


def _chance(context: Context, params: CouplingParams, values: Array, strength: float) -> Chance:
    random = np.random.default_rng(context.seed)
    means, highest = [], []
    for _ in context.track(range(params.surrogates), "Random phases"):
        mixed = with_random_phases(values, random)
        pairs = np.abs(_below(connect(mixed, params.measure, strength)))
        means.append(float(pairs.mean()))
        highest.append(float(pairs.max()))
    return Chance(float(np.mean(means)), level_of(highest))


def _below(matrix: Array) -> Array:
    return np.asarray(matrix[np.tril_indices(len(matrix), -1)])


def pairs_of(
    params: CouplingParams, values: Array, matrix: Array, names: list[str], places: Array | None
) -> Any:
    """Return a row a pair: value, interval by Fisher's z, the images that count, distance in mm."""
    import pandas as pd

    second, first = np.tril_indices(len(names), -1)
    count = images_that_count(values[:, first], values[:, second])
    if "partial" in params.measure:
        count = np.maximum(count - (len(names) - 2), 4)
    r = matrix[first, second]
    _, low, high = fisher(r, count)
    if params.measure == "covariance":
        low = high = np.full(len(r), np.nan)
    frame = pd.DataFrame(
        {
            "first": [names[k] for k in first],
            "second": [names[k] for k in second],
            "value": r,
            "low": low,
            "high": high,
            "images that count": count,
        }
    )
    if places is not None:
        frame["distance"] = np.linalg.norm(places[first] - places[second], axis=1)
        frame.attrs["unit"] = "distance: mm"
    return frame


def _places(
    traces: Traces, names: list[str], order: list[int], atlas: Volume | None
) -> tuple[Array | None, str]:
    if atlas is not None:
        return _centres(atlas, names), space_of(atlas)
    columns = traces.names("columns")
    if not {"x", "y", "z"} <= set(columns):
        return None, ""
    where = np.stack([np.asarray(traces.frame[axis], float)[order] for axis in "xyz"], axis=1)
    space = str(np.asarray(traces.frame["space"])[0]) if "space" in columns else ""
    return where, space


def _centres(atlas: Volume, names: list[str]) -> Array:
    keys = {name: key for key, name in regions_of(atlas).items()}
    missing = [name for name in names if name not in keys]
    if missing:
        raise BadInput(
            f"{len(missing)} series have no region of their name in the atlas: {', '.join(missing[:3])}. "
            "Give the atlas that they were averaged with."
        )
    grid = np.asarray(atlas.image.dataobj)
    affine = np.asarray(atlas.image.affine, float)
    return np.array(
        [places_of(np.argwhere(grid == keys[name]), affine).mean(axis=0) for name in names]
    )


def _labelled(
    params: CouplingParams,
    traces: Traces,
    matrix: Array,
    names: list[str],
    places: Array | None,
    space: str,
) -> Any:
    import xarray

    facts: dict[str, Any] = {"region": ("source", names)}
    if places is not None:
        facts |= {axis: ("source", places[:, k]) for k, axis in enumerate("xyz")}
        facts["hemisphere"] = ("source", [_side(float(x)) for x in places[:, 0]])
    array = xarray.DataArray(
        matrix, dims=("source", "target"), coords={"source": names, "target": names, **facts}
    )
    unit = f"{traces.unit}2" if params.measure == "covariance" else "1"
    array.attrs |= {"unit": unit, "measure": params.measure, "directed": False}
    if places is not None:
        array.attrs |= {"space": space, "unit of x, y, z": "mm"}
    return array


def _side(x: float) -> str:
    return "midline" if abs(x) < 1 else "left" if x < 0 else "right"


def _numbers(
    context: Context,
    params: CouplingParams,
    values: Array,
    matrix: Array,
    table: Any,
    chance: Chance,
) -> dict[str, Number]:
    pairs = np.abs(_below(matrix))
    low, high = _interval(context, params, values)
    best = table.loc[table["value"].abs().idxmax()]
    known = params.measure != "covariance"
    return {
        "times": Number(len(values)),
        "mean connection": Number(
            float(pairs.mean()), "", low, high, chance.mean,
            note="mean absolute value over pairs; interval by leaving out blocks of time; chance: "
            "series of the same spectra with random phases",
        ),
        "strongest pair": Number(
            float(best["value"]), "",
            float(best["low"]) if known else None, float(best["high"]) if known else None,
            chance.highest,
            note=f"{best['first']} and {best['second']}; interval by Fisher's z for "
            f"{best['images that count']:.0f} images that count; chance: the strongest of all pairs in "
            "5 % of surrogates",
        ),
        "pairs above chance": Number(
            int((pairs > chance.highest).sum()),
            note=f"of {len(pairs)}; stronger than {chance.highest:.3g}, 5 % over all pairs together",
        ),
    }  # fmt: skip


def _interval(context: Context, params: CouplingParams, values: Array) -> tuple[float, float]:
    """Return the 95 % interval of the mean connection by the jackknife over blocks of time."""
    strength = strength_of(values, params.measure)

    def mean(some: Array) -> float:
        return float(np.abs(_below(connect(some, params.measure, strength))).mean())

    blocks = np.array_split(np.arange(len(values)), BLOCKS)
    left = [
        mean(np.delete(values, block, axis=0))
        for block in context.track(blocks, "Leaving out times")
    ]
    error = np.sqrt((BLOCKS - 1) / BLOCKS * np.sum((np.array(left) - np.mean(left)) ** 2))
    centre = mean(values)
    return centre - 1.96 * float(error), centre + 1.96 * float(error)


def _views(
    params: CouplingParams,
    matrix: Array,
    names: list[str],
    places: Array | None,
    space: str,
    chance: Chance,
) -> tuple[View, ...]:
    shown = matrix.copy()
    np.fill_diagonal(shown, np.nan)
    words = {"x_names": tuple(names), "y_names": tuple(names), "value_label": params.measure,
             "diverging": True}  # fmt: skip
    whole = Heatmap(
        values=shown,
        title=params.measure.capitalize(),
        caption=(
            f"Series that share nothing have {chance.mean:.3f} on average (absolute); their strongest pair "
            f"exceeds {chance.highest:.3f} in 5 % of surrogates."
        ),
        **words,  # type: ignore[arg-type]
    )
    strong = np.where(np.abs(shown) > chance.highest, shown, np.nan)
    above = Heatmap(
        values=strong,
        title="Pairs above chance",
        caption="Empty where a pair does not exceed what series with random phases reach.",
        **words,  # type: ignore[arg-type]
    )
    if places is None:
        return whole, above
    second, first = np.nonzero(np.tril(np.isfinite(strong), -1))
    body = _body(space)
    network = Brain(
        vertices=None if body is None else body[0],
        faces=None if body is None else body[1],
        points=places,
        point_names=tuple(names),
        edges=np.stack([first, second], axis=1),
        weights=np.nan_to_num(strong[first, second]),
        space=space,
        value_label=params.measure,
        diverging=True,
        title="Network",
        caption="Regions at the centre of their voxels, joined where they go together above chance.",
    )
    return whole, above, network


def _body(space: str) -> tuple[Array, Any] | None:
    """Return vertices and faces of the template's cortex in a space; None for other spaces."""
    if space not in {MNI152, MNI305}:
        return None
    mesh = fsaverage5()
    return (in_mni152(mesh.vertices) if space == MNI152 else mesh.vertices), mesh.faces
