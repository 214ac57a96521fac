"""Fields of planted sources at real sensors: a sphere, or a cortex of TVB where it is installed."""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mne
import numpy as np

from neurostudio.api import BadInput
from neurostudio.montage import template

from .world import N_SOURCES, RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

DEPTH, RADIUS = 0.065, 0.09  # metres: sources and head of the sphere
PATCH = 30  # vertices of one source on the cortex
HELMET = 0.11  # metres
BACK = 0.35  # the rearmost part of the cortex that stands for occipital and temporal


def electrodes() -> Any:
    """Return the description of 64 electrodes at the places of BioSemi's cap."""
    montage = template("biosemi64")
    info = mne.create_info(montage.ch_names, RATE, "eeg", verbose="ERROR")
    info.set_montage(montage)
    return info


def sphere(info: Any, random: np.random.Generator) -> tuple[Any, tuple[Array, Array]]:
    """Return sensors, and the field there of 12 dipoles in a sphere, behind and below.

    Parameters
    ----------
    info
        Sensors with places: those of one type are used, magnetometers first.

    Returns
    -------
    info
        Of the sensors used.
    places, gain
        (n_sensors, 3) in head radii, and (n_sensors, 12) of unit mean square.

    Raises
    ------
    BadInput
        No sensor has a place.
    """
    info, meg = _of_one_type(info)
    centre = (0.0, 0.0, 0.04) if meg else "auto"
    model = mne.make_sphere_model(
        centre, None if meg else RADIUS, info=None if meg else info, verbose="ERROR"
    )
    middle = np.asarray(model["r0"], float)
    direction = random.standard_normal((N_SOURCES, 3)) * [1.0, 0.5, 0.5] + [0.0, -1.2, -0.1]
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    turned = np.cross(direction, random.standard_normal((N_SOURCES, 3)))
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    sources = mne.setup_volume_source_space(
        pos={"rr": middle + DEPTH * direction, "nn": turned}, sphere_units="m", verbose="ERROR"
    )
    same = mne.transforms.Transform("head", "mri")
    found = mne.make_forward_solution(
        info, same, sources, model, meg=meg, eeg=not meg, mindist=0.0, verbose="ERROR"
    )
    moments = found["sol"]["data"].reshape(len(info["ch_names"]), -1, 3)
    gain = np.einsum("cmd,md->cm", moments, turned)
    places = np.array([each["loc"][:3] for each in info["chs"]]) / 0.1
    return info, (places, gain / np.sqrt((gain**2).mean()))


def _of_one_type(info: Any) -> tuple[Any, bool]:
    for meg, eeg in (("mag", False), ("grad", False), (False, True)):
        rows = mne.pick_types(info, meg=meg, eeg=eeg, ref_meg=False, exclude="bads")
        rows = [k for k in rows if np.isfinite(info["chs"][k]["loc"][:3]).all()
                and info["chs"][k]["loc"][:3].any()]  # fmt: skip
        if len(rows) >= 4:
            chosen = mne.pick_info(info, rows, verbose="ERROR")
            clean = mne.create_info(
                chosen["ch_names"], RATE, chosen.get_channel_types(), verbose="ERROR"
            )
            for own, given in zip(clean["chs"], chosen["chs"], strict=True):
                own["loc"] = given["loc"].copy()
                own["coil_type"], own["coord_frame"] = given["coil_type"], given["coord_frame"]
            with clean._unlock():
                clean["dev_head_t"] = chosen["dev_head_t"] or mne.transforms.Transform(
                    "meg", "head"
                )
            if eeg:
                clean.set_montage(chosen.get_montage(), on_missing="ignore")
            return clean, bool(meg)
    raise BadInput("The sensors have no places. Place them first, or choose another recording.")


def cortex(random: np.random.Generator) -> tuple[Any, tuple[Array, Array]]:
    """Return 248 magnetometers and the field there of 12 patches of a real cortex (package tvb-data).

    Raises
    ------
    BadInput
        The package is not installed.
    """
    spec = find_spec("tvb_data")
    if spec is None or not spec.submodule_search_locations:
        raise BadInput(
            "The lead field of TVB is not installed. Install the package tvb-data, or choose the sphere."
        )
    root = Path(spec.submodule_search_locations[0])
    field = np.load(
        root / "projectionMatrix/projection_meg_276_surface_16k.npy", allow_pickle=False
    )
    with zipfile.ZipFile(root / "surfaceData/cortex_16384.zip") as packed:
        vertices = np.loadtxt(io.BytesIO(packed.read("vertices.txt")))
    measured = np.isfinite(field).any(axis=1)  # the reference sensors have no field
    return patches(np.nan_to_num(field[measured]), vertices, random)


def patches(
    field: Array, vertices: Array, random: np.random.Generator
) -> tuple[Any, tuple[Array, Array]]:
    """Return sensors, and the field of 12 patches of neighbouring vertices in the rear of a cortex.

    The package's list of sensors holds no usable places, so that a sensor is put on the helmet over the
    part of the cortex that it sees best.

    Parameters
    ----------
    field : array of shape (n_sensors, n_vertices)
    vertices : array of shape (n_vertices, 3)
        In millimetres; x to the nose in TVB's cortex, y to the left.
    """
    forward = np.stack([-vertices[:, 1], vertices[:, 0], vertices[:, 2]], axis=1)  # x right, y nose
    forward = forward - forward.mean(axis=0)
    rear = np.argsort(forward[:, 1])[: int(BACK * len(forward))]
    centres = random.choice(rear, N_SOURCES, replace=False)
    near = [np.argsort(((forward - forward[k]) ** 2).sum(axis=1))[:PATCH] for k in centres]
    gain = np.stack([field[:, each].sum(axis=1) for each in near], axis=1)
    seen = np.abs(field) ** 4
    direction = (seen / seen.sum(axis=1, keepdims=True)) @ forward
    places = HELMET * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    names = [f"MEG{k + 1:03d}" for k in range(len(places))]
    info = mne.create_info(names, RATE, "mag", verbose="ERROR")
    for channel, place in zip(info["chs"], places, strict=True):
        channel["loc"][:3] = place
        channel["coord_frame"] = mne.io.constants.FIFF.FIFFV_COORD_HEAD
    return info, (places / 0.1, gain / np.sqrt((gain**2).mean()))
