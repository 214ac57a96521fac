"""Seed maps: which voxels go together with one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import BadInput, Context, Lines, Number, Result, Table, Volume, method, param

from .cleaning import (
    CleanParams,
    check_clean,
    cleaned,
    fisher,
    images_that_count,
    level_of,
    with_random_phases,
)
from .images import (
    WARNINGS,
    check_space,
    codes,
    filled,
    mask_for,
    memory,
    places_of,
    repetition_time,
    require_series,
    slices,
    values_of,
    volume_of,
)
from .parcelling import parcels_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


class SeedParams(CleanParams):
    """Parameters of :func:`seed_map`."""

    x: float = param(0.0, "The seed's place: to the right", unit="mm")
    y: float = param(0.0, "The seed's place: to the front", unit="mm")
    z: float = param(0.0, "The seed's place: up", unit="mm")
    radius: float = param(6.0, "Voxels up to this far from the place are the seed", unit="mm", gt=0)
    region: str = param(
        "", "A region of the atlas as the seed, in place of x, y, z", suggest="regions"
    )
    surrogates: int = param(
        39, "Seeds with random phases for the chance level", ge=19, le=1000, advanced=True
    )


def _check(params: SeedParams, items: Items) -> None:
    volume, atlas = items["volume"], items.get("atlas")
    assert isinstance(volume, Volume)  # noqa: S101  the method's own check came first
    require_series(volume, "The volume")
    check_clean(params, repetition_time(volume, params.repetition_time))
    if params.region and atlas is None:
        raise BadInput(f"The seed is the region '{params.region}'; give the atlas that has it.")


@method(group="Analyse", memory=memory, check=_check, example="seed", warnings=WARNINGS)
def seed_map(
    context: Context,
    params: SeedParams,
    volume: Volume,
    atlas: Volume | None = None,
    confounds: Table | None = None,
    mask: Volume | None = None,
) -> Result:
    """Correlate every voxel with the mean series of a place or region."""
    values = values_of(volume)
    mean = values.mean(axis=-1)
    inside = mask_for(volume, mean, mask) & (values.std(axis=-1) > 0)
    said = check_space(volume, atlas, "the volume", "the atlas") if atlas is not None else ()
    seed = _seed(params, volume, atlas, inside)
    step = repetition_time(volume, params.repetition_time)
    signals = cleaned(params, values[inside].T, step, confounds)
    own = signals[:, seed[inside]].mean(axis=1, keepdims=True)
    r = correlate(own, signals)
    z, _, _ = fisher(r, images_that_count(own, signals))
    random = np.random.default_rng(context.seed)
    outside = ~seed[inside]
    others = scaled(signals[:, outside])
    highest, passing = [], []
    for _ in context.track(range(params.surrogates), "Random phases"):
        found = np.abs(scaled(with_random_phases(own, random)).T @ others)[0]
        highest.append(float(found.max()))
        passing.append(found)
    level = level_of(highest)
    images = {"r": filled(inside, r).astype(float), "z": filled(inside, z).astype(float)}
    words = (
        f"Below: the mean image. Shown from |r| = {level:.2f} on, which the strongest voxel exceeds in 5 % "
        f"of {params.surrogates} seeds with random phases."
    )
    return Result(
        data={
            "r_map": volume_of(images["r"], volume),
            "z_map": volume_of(images["z"], volume),
            "seed": volume_of(seed.astype(np.uint8), volume, labels={1: "seed"}),
        },
        views=(
            slices(volume, images["r"], mean, title="Correlation with the seed", caption=words,
                   value_label="r", diverging=True, threshold=level),
            slices(volume, images["z"], mean, title="Fisher's z score", value_label="z",
                   diverging=True, threshold=2.0,
                   caption="From the images that count (Bartlett); shown from |z| = 2 on, not corrected."),
            slices(volume, seed.astype(float), mean, title="Seed", value_label="seed", threshold=0.5),
            Lines(x=np.arange(len(own)) * step, y=own.T, names=("seed",), x_label="time", x_unit="s",
                  y_label="mean of the seed", axis="time", title="Series of the seed"),
        ),
        numbers={
            "voxels of the seed": Number(int(seed.sum())),
            "voxels above chance": Number(
                int((np.abs(r[outside]) > level).sum()),
                chance=float(np.mean([(each > level).sum() for each in passing])),
                note=f"of {int(outside.sum()):,} outside the seed, |r| > {level:.3f}; chance: mean of "
                "surrogates",
            ),
        },
        warnings=codes([volume], *said),
    )  # fmt: skip


def correlate(seed: Array, signals: Array) -> Array:
    """Return the correlation of a series (n_images, 1) with each of others (n_images, n_voxels)."""
    return np.asarray((scaled(seed).T @ scaled(signals))[0])


def scaled(signals: Array) -> Array:
    """Return series (n_images, n) with mean 0 and length 1, so that their products are correlations."""
    centred = signals - signals.mean(axis=0)
    size = np.linalg.norm(centred, axis=0)
    return np.asarray(centred / np.where(size > 0, size, 1.0))


def _seed(params: SeedParams, volume: Volume, atlas: Volume | None, inside: Mask) -> Mask:
    if params.region and atlas is not None:
        parcels = parcels_of(atlas, volume)
        if params.region not in parcels.names:
            raise BadInput(
                f"The region '{params.region}' has no voxel in the volume. There are: "
                f"{', '.join(parcels.names[:8])}."
            )
        chosen = parcels.grid == parcels.keys[parcels.names.index(params.region)]
    else:
        places = places_of(
            np.argwhere(np.ones(inside.shape, bool)), np.asarray(volume.image.affine)
        )
        away = np.linalg.norm(places - [params.x, params.y, params.z], axis=1)
        chosen = (away <= params.radius).reshape(inside.shape)
    chosen = np.asarray(chosen & inside)
    if not chosen.any():
        where = params.region or f"({params.x:g}, {params.y:g}, {params.z:g}) mm"
        raise BadInput(f"No voxel of the brain is within the seed {where}. Move or widen it.")
    return chosen
