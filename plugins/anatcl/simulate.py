"""The simulated cohort as a method of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Items,
    Number,
    Params,
    Result,
    Slices,
    Table,
    Volume,
    method,
    param,
)

from .people import SIMULATED, WARNINGS

if TYPE_CHECKING:
    from .simulator import Planted

KEY = "participant_id"
_EDGE_MM = 180.0


class CohortParams(Params):
    """Parameters of :func:`simulate_cohort`."""

    people: int = param(100, "People, one image each", ge=8, le=2000)
    disease: float = param(
        0.0, "By how much two regions are smaller in a random half; 0 for nobody ill", unit="1", ge=0, le=0.5
    )  # fmt: skip


def _check(params: CohortParams, items: Items) -> None:
    del items
    if 0 < params.disease < 0.001:
        raise BadInput(f"The disease is {params.disease:g}; give 0, or at least 0.001.")


@method(group="Simulate", title="Simulate a cohort", warnings=WARNINGS, check=_check,
        example="simulate")  # fmt: skip
def simulate_cohort(context: Context, params: CohortParams) -> Result:
    """Simulate brain images of people of six scanner sites, with the regional measures that are in them."""
    import pandas as pd

    from . import pictures, simulator
    from .people import Cohort

    for _ in context.track(range(1), "Simulating"):
        planted = simulator.cohort(params.people, context.seed, disease=params.disease)
    keys = names_of(params.people)
    people, regions = tables(planted)
    facts = Cohort(
        keys, planted.ages, tuple(map(str, planted.sites)), planted.images, planted.descriptors,
        simulator.REGIONS, simulator.MEASURES,
    )  # fmt: skip
    heat = pictures.correlations(facts)
    images = {key: volume_of(image) for key, image in zip(keys, planted.images, strict=True)}
    counts = pd.Series(planted.sites).value_counts()
    return Result(
        data={**images, "people": people, "regions": regions},
        views=(
            Slices(planted.images[0], affine(), value_label="grey value", title=f"The image of {keys[0]}",
                   caption="Simulated: ten shells whose thickness, brightness and radius are planted."),
            *([heat] if heat is not None else []),
        ),
        numbers={
            "people": Number(params.people),
            "people of the smallest site": Number(int(counts.min())),
            "ill": Number(int(planted.ill.sum())),
        },
        warnings=(SIMULATED,),
    )  # fmt: skip


def names_of(n: int, word: str = "person") -> tuple[str, ...]:
    """Return the keys of n people."""
    return tuple(f"{word}_{k + 1:04d}" for k in range(n))


def affine() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the affine (4, 4) of the simulated images: a cube of 180 mm around the origin."""
    from .simulator import EDGE

    found = np.diag([_EDGE_MM / EDGE] * 3 + [1.0])
    found[:3, 3] = -(_EDGE_MM - _EDGE_MM / EDGE) / 2
    return found


def volume_of(image: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Volume:
    """Return one image as a volume whose header says that it is simulated."""
    import nibabel

    made = nibabel.Nifti1Image(image, affine())
    made.header["descrip"] = SIMULATED
    made.header.set_xyzt_units("mm", "sec")
    return Volume(made)


def tables(planted: Planted, word: str = "person") -> tuple[Table, Table]:
    """Return the tables of people and of regional measures."""
    import pandas as pd

    from .simulator import MEASURES, REGIONS

    keys = list(names_of(len(planted.ages), word))
    people = pd.DataFrame(
        {
            KEY: keys, "age": planted.ages, "site": [f"site {k + 1}" for k in planted.sites],
            "diagnosis": ["patient" if ill else "control" for ill in planted.ill], "simulated": True,
        }
    )  # fmt: skip
    regions = pd.DataFrame({KEY: keys, "simulated": True})
    for r, region in enumerate(REGIONS):
        for m, measure in enumerate(MEASURES):
            regions[f"{measure}:{region}"] = planted.descriptors[:, r, m]
    return Table(people), Table(regions)
