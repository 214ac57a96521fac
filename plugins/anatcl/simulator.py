"""A cohort with planted anatomy: ten regions whose shells follow thickness, volume and area.

Sizes are relative (1 is a grown person's mean); places are parts of the image's edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

N_REGIONS, N_SITES, EDGE = 10, 6, 20
YOUNGEST, OLDEST = 8.0, 84.0
MEASURES = ("thickness", "volume", "area")
REGIONS = tuple(f"region {k + 1}" for k in range(N_REGIONS))
_NOISE, _VOXEL_NOISE = 0.02, 0.08
_HURT = (1, 4)  # regions 2 and 5, which a disease thins


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """The truth of a cohort.

    ``images`` (n, x, y, z); ``descriptors`` (n, n_regions, 3): thickness, volume, area; ``ages`` (n,)
    in years; ``sites`` (n,) 0 to 5; ``ill`` (n,).
    """

    images: NDArray[np.float32]
    descriptors: Array
    ages: Array
    sites: NDArray[np.intp]
    ill: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What all people and all scanners share."""

    loadings: Array
    base: Array
    slope: Array
    centres: Array
    gain: Array
    bias: Array

    @classmethod
    def of(cls, seed: int) -> World:
        """Draw a world."""
        random = np.random.default_rng((seed, 0))
        return cls(
            random.normal(size=(3, N_REGIONS)),
            random.uniform(0.8, 1.2, N_REGIONS),
            random.uniform(0.2, 1.0, N_REGIONS),
            random.uniform(0.22, 0.78, (N_REGIONS, 3)),
            random.uniform(0.7, 1.4, N_SITES),
            random.normal(size=(N_SITES, 3)),
        )


def cohort(n: int, seed: int = 0, part: int = 0, *, disease: float = 0.0) -> Planted:
    """Return n people.

    Parameters
    ----------
    seed
        Of the world: regions, scanners.
    part
        Another number gives other people of the same world.
    disease
        By how much the volume of two regions is lower in a random half; 0 for nobody ill.
    """
    world = World.of(seed)
    random = np.random.default_rng((seed, 1 + part))
    ages = random.uniform(YOUNGEST, OLDEST, n)
    sites = random.integers(N_SITES, size=n)
    ill = random.random(n) < 0.5 if disease else np.zeros(n, bool)
    descriptors = _descriptors(world, ages, random)
    descriptors[:, _HURT, 1] -= disease * ill[:, None]
    descriptors[:, _HURT[0], 0] -= disease / 2 * ill
    images = np.stack(
        [_image(world, d, site, random) for d, site in zip(descriptors, sites, strict=True)]
    )
    return Planted(images, descriptors, ages, sites, ill)


def _descriptors(world: World, ages: Array, random: np.random.Generator) -> Array:
    f = random.normal(size=(len(ages), 3))
    u = ((ages - YOUNGEST) / (OLDEST - YOUNGEST))[:, None]

    def noise() -> Array:
        return _NOISE * random.normal(size=(len(ages), N_REGIONS))

    thickness = world.base * (1 - 0.25 * world.slope * u) + 0.06 * f @ world.loadings + noise()
    volume = world.base * (1 - 0.35 * world.slope * u) + 0.08 * f[:, [1, 2, 0]] @ world.loadings
    area = 1 + 0.06 * f[:, [2, 0, 1]] @ world.loadings
    return np.stack([thickness, volume + noise(), area + noise()], axis=2)


def _image(
    world: World, descriptors: Array, site: int, random: np.random.Generator
) -> NDArray[np.float32]:
    axis = np.linspace(0, 1, EDGE)
    places = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    values = np.zeros((EDGE,) * 3)
    for centre, (thickness, volume, area) in zip(world.centres, descriptors, strict=True):
        distance = np.linalg.norm(places - centre, axis=-1)
        values += volume * np.exp(-0.5 * ((distance - 0.10 * area) / (0.06 * thickness)) ** 2)
    field = 1 + 0.15 * (places - 0.5) @ world.bias[site]
    noise = _VOXEL_NOISE * random.normal(size=values.shape)
    return np.asarray(world.gain[site] * field * values + noise, np.float32)
