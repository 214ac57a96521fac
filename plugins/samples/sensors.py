"""Where the electrodes of a standard montage are."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Params,
    Points,
    Report,
    Result,
    method,
    param,
)
from neurostudio.samples import sample
from neurostudio.spaces import MNI305, UNKNOWN
from neurostudio.templates import fsaverage5
from neurostudio.views import Brain

MONTAGES = {  # newer names of MNE first
    "10-05": ("fsaverage_1005", "standard_1005"),
    "10-20": ("fsaverage_1020", "standard_1020"),
    "BioSemi 64": ("biosemi64",),
    "BioSemi 128": ("biosemi128",),
    "EGI HydroCel 128": ("GSN-HydroCel-128",),
    "EasyCap M1": ("easycap-M1",),
}
ON_THE_HEAD = ("fsaverage_", "standard_")


class MontageParams(Params):
    """Parameters of :func:`sample_montage`."""

    montage: Literal[
        "10-05", "10-20", "BioSemi 64", "BioSemi 128", "EGI HydroCel 128", "EasyCap M1"
    ] = param("10-05", "The electrodes; 10-05 and 10-20 lie on the template's head")


@method(
    group="Samples",
    title="EEG electrodes",
    warnings={
        "source": sample("sample_montage").words,
        "sphere": (
            "These electrodes lie on a sphere of 95 mm, not on a head: their millimetres belong to no "
            "brain's space."
        ),
    },
)
def sample_montage(context: Context, params: MontageParams) -> Result:
    """Open the places of the electrodes of a standard montage, in millimetres.

    10-05 and 10-20 are on the head of fsaverage (MNI305); before MNE 1.13 on that of Colin27, which MNE
    takes to be in the same space. The others lie on a sphere.
    """
    for _ in context.track(range(1), "Reading the montage"):
        name, names, places = read(params.montage)
    space = MNI305 if name.startswith(ON_THE_HEAD) else UNKNOWN
    mesh = fsaverage5() if space else None
    view = Brain(
        vertices=mesh.shapes["pial"] if mesh else None,
        faces=mesh.faces if mesh else None,
        points=places,
        point_names=names,
        space=space,
        title=f"Electrodes, {params.montage}",
        caption=f"{name} of MNE; "
        + ("around fsaverage5's pial surface." if mesh else "on a sphere."),
    )
    return Result(
        data={"electrodes": Points(_table(names, places, space, name))},
        views=(view, Report(title="Source", text=sample("sample_montage").words)),
        numbers={
            "electrodes": Number(len(names)),
            "median distance from the centre": Number(
                float(np.median(np.linalg.norm(places - places.mean(axis=0), axis=1))), "mm"
            ),
        },
        warnings=("source",) if space else ("source", "sphere"),
    )


def read(title: str) -> tuple[str, tuple[str, ...], Any]:
    """Return MNE's name of a montage, the electrodes' names and places (n, 3) in mm.

    Raises
    ------
    BadInput
        The installed MNE has no such montage.
    """
    import mne

    known = mne.channels.get_builtin_montages()
    name = next((each for each in MONTAGES[title] if each in known), None)
    if name is None:
        raise BadInput(f"MNE {mne.__version__} has no montage for {title}. Update mne.")
    found = mne.channels.make_standard_montage(name).get_positions()["ch_pos"]
    return name, tuple(found), 1e3 * np.array(list(found.values()), float)


def _table(names: tuple[str, ...], places: Any, space: str, montage: str) -> Any:
    import xarray

    columns: dict[str, Any] = {
        axis: ("point", places[:, k], {"unit": "mm"}) for k, axis in enumerate("xyz")
    }
    columns["name"] = ("point", np.array(names))
    columns["type"] = ("point", np.array(["eeg"] * len(names)))
    return xarray.Dataset(columns, attrs={"space": space, "unit": "mm", "montage": montage})
