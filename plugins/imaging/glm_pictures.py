"""Pictures, tables and numbers of a general linear model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, Number, Sheet, Table, View, Volume

from .images import slices
from .thresholds import clusters, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from .glm import GlmParams, Map, Scan

    Array = NDArray[np.float64]

SHOWN = 12  # contrasts with a picture


def pictures(
    params: GlmParams,
    run: Volume,
    mean: Array,
    maps: Sequence[Map],
    images: Mapping[str, Array],
    designs: Sequence[pd.DataFrame],
    scans: Sequence[Scan],
) -> tuple[View, ...]:
    """Return a map for each contrast over the mean image, the clusters, and the first design."""
    views: list[View] = []
    for each in maps[:SHOWN]:
        passing = int((np.abs(each.z) >= each.threshold).sum())
        views.append(
            slices(
                run,
                images[each.name],
                mean,
                title=each.name,
                caption=words_of(params.correction, params.level, each.threshold, passing)
                + f" Below: the mean image. From {each.n_runs} runs.",
                value_label="z",
                diverging=True,
                threshold=each.threshold,
            )
        )
    views.append(_sheet(params, maps, images, np.asarray(run.image.affine)))
    views.extend((_design(designs[0], scans[0]), _regressors(designs[0], scans[0])))
    return tuple(views)


def _sheet(
    params: GlmParams, maps: Sequence[Map], images: Mapping[str, Array], affine: Array
) -> Sheet:
    rows = _rows(params, maps, images, affine)
    return Sheet(
        columns={
            "contrast": [each["contrast"] for each in rows],
            "peak z": [round(each["peak z"], 2) for each in rows],
            "x (mm)": [round(each["x"], 1) for each in rows],
            "y (mm)": [round(each["y"], 1) for each in rows],
            "z (mm)": [round(each["z"], 1) for each in rows],
            "voxels": [each["voxels"] for each in rows],
            "size (mm3)": [round(each["size"]) for each in rows],
        },
        title="Clusters",
        caption="Voxels that pass and share a face; the place is that of the peak.",
    )


def _design(design: pd.DataFrame, scan: Scan) -> Heatmap:
    values = design.to_numpy(float)
    top = np.abs(values).max(axis=0)
    return Heatmap(
        values=values / np.where(top > 0, top, 1.0),
        x_names=tuple(map(str, design.columns)),
        y=np.arange(len(design)) * scan.step,
        x_label="regressor",
        y_label="time",
        y_unit="s",
        value_label="share of the regressor's largest value",
        diverging=True,
        title="Design matrix",
        caption=f"Of {scan.name}; each column scaled by its largest value.",
    )


def _regressors(design: pd.DataFrame, scan: Scan) -> Lines:
    names = [each for each in sorted(set(scan.events["trial_type"])) if each in design]
    return Lines(
        x=np.arange(len(design)) * scan.step,
        y=design[names].to_numpy(float).T,
        names=tuple(names),
        x_label="time",
        x_unit="s",
        y_label="expected answer",
        y_unit="1",
        axis="time",
        title="Expected answer to each condition",
        caption=f"Of {scan.name}.",
    )


def _rows(
    params: GlmParams, maps: Sequence[Map], images: Mapping[str, Array], affine: Array
) -> list[dict[str, Any]]:
    return [
        {"contrast": each.name, **row}
        for each in maps
        for row in clusters(images[each.name], each.threshold, affine, params.least_voxels)
    ]


def tables(
    params: GlmParams,
    maps: Sequence[Map],
    images: Mapping[str, Array],
    affine: Array,
    vif: Mapping[str, float],
) -> dict[str, Table]:
    """Return the clusters (mm, mm3) and the variance inflation of each condition."""
    import pandas as pd

    columns = ["contrast", "peak z", "x", "y", "z", "voxels", "size"]
    found = pd.DataFrame(_rows(params, maps, images, affine), columns=columns)
    found.attrs["unit"] = "x, y, z: mm; size: mm3"
    inflated = pd.DataFrame({"condition": list(vif), "variance inflation": list(vif.values())})
    return {"clusters": Table(found), "inflation": Table(inflated)}


def numbers_of(
    params: GlmParams, maps: Sequence[Map], null: list[list[int]], vif: Mapping[str, float]
) -> dict[str, Number]:
    """Return how many voxels pass in each contrast, beside events at random times."""
    found = {}
    for k, each in enumerate(maps):
        passing = int((np.abs(each.z) >= each.threshold).sum())
        chance = float(np.mean([counts[k] for counts in null])) if null else None
        found[f"voxels, {each.name}"] = Number(
            passing,
            chance=chance,
            note=f"of {len(each.z):,}; chance: mean of {len(null)} fits to events at random times, "
            "the modelled answers taken out",
        )
    name = max(vif, key=lambda each: vif[each])
    found["largest variance inflation"] = Number(vif[name], "1", note=f"of '{name}'; 1 is best")
    found["threshold"] = Number(
        maps[0].threshold, "z", note=f"{params.correction}, of the first contrast"
    )
    return found
