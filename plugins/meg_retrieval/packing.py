"""Simulated responses as trials and a table of embeddings, with the planted truth beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mne
import numpy as np
import pandas as pd

from neurostudio.api import Table, Trials

from . import world

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .world import Pictures, Responses, Settings

    Array = NDArray[Any]

HEAD = 0.11  # metres, radius of the helmet
PLANE = 0.75  # head radii of one unit of the plane


def experiment(
    settings: Settings,
    *,
    info: Any = None,
    field: tuple[Array, Array] | None = None,
    features: tuple[tuple[str, ...], Array] | None = None,
) -> tuple[Trials, Table, Table]:
    """Return trials, the embeddings of their pictures, and the planted sources.

    Parameters
    ----------
    info, field
        Sensors of another system (MNE's ``info``), and their field (places, gain) for 12 sources.
    features
        Ids and embeddings (n_pictures, 24) of given pictures, in place of drawn ones.
    """
    random = np.random.default_rng([settings.seed, world.VERSION])
    pictures = (
        world.draw_pictures(settings, random)
        if features is None
        else world.given_pictures(settings, *features, random)
    )
    found = world.respond(settings, pictures, random, field)
    trials = trials_of(found, pictures, info)
    return trials, embeddings_of(pictures), sources_of(found)


def trials_of(found: Responses, pictures: Pictures, info: Any = None) -> Trials:
    """Return the responses as trials whose columns name picture, category, subject, repeat and part."""
    info = planar_info(found.places) if info is None else info
    order = found.pictures
    tested = pictures.tested[order]
    frame = pd.DataFrame(
        {
            "picture": [pictures.ids[k] for k in order],
            "category": [pictures.categories[k] for k in order],
            "subject": [f"sub_{k + 1:02d}" for k in found.subjects],
            "repeat": found.repeats,
            "part": np.where(tested, "test", "train"),
            "delay": found.delays,
            "simulated": True,
        }
    )
    count = len(order)
    events = np.stack([np.arange(count), np.zeros(count), np.ones(count)], axis=1).astype(int)
    unit = 1e-6 / world.TESLA if "eeg" in info.get_channel_types() else 1.0
    epochs = mne.EpochsArray(
        found.signals * unit, info, events, -world.ONSET / world.RATE, {"picture": 1},
        metadata=frame, proj=False, verbose="ERROR",
    )  # fmt: skip
    return Trials(epochs)


def planar_info(places: Array) -> Any:
    """Return magnetometers whose places, seen from above, are those of the plane."""
    names = [f"MEG{k + 1:03d}" for k in range(len(places))]
    info = mne.create_info(names, world.RATE, "mag", verbose="ERROR")
    flat = PLANE * places
    angle = np.linalg.norm(flat, axis=1) * np.pi / 2
    direction = np.arctan2(flat[:, 1], flat[:, 0])
    for k, channel in enumerate(info["chs"]):
        around = np.array([np.cos(direction[k]), np.sin(direction[k])]) * np.sin(angle[k])
        out = np.array([*around, np.cos(angle[k])])
        beside = np.array([-np.sin(direction[k]), np.cos(direction[k]), 0.0])
        channel["loc"][:12] = np.concatenate([HEAD * out, beside, np.cross(out, beside), out])
    return info


def embeddings_of(pictures: Pictures) -> Table:
    """Return one row a picture: its id, its category, its 24 features."""
    columns = {f"f{k:02d}": pictures.features[:, k] for k in range(pictures.features.shape[1])}
    frame = pd.DataFrame({"picture": pictures.ids, "category": pictures.categories, **columns})
    return Table(frame)


def sources_of(found: Responses) -> Table:
    """Return the planted truth: when each source begins, and how much each sensor sees of it."""
    frame = pd.DataFrame(
        found.field.T, columns=[f"sensor {k + 1}" for k in range(len(found.field))]
    )
    names = [f"source {k + 1}" for k in range(world.N_SOURCES)]
    frame.insert(0, "begins", found.begins)
    frame.insert(0, "source", names)
    return Table(frame)


def components(table: Table) -> tuple[tuple[tuple[str, ...], Array], bool]:
    """Return ids and the 24 main components (n_pictures, 24) of embeddings, each of spread 1.22.

    1.22 is the spread of the simulator's own features. The second value says whether there were fewer
    than 24 components.
    """
    from .preparing import read_embeddings

    found = read_embeddings(table, "picture")
    values = found.values - found.values.mean(axis=0)
    spread = values.std(axis=0)
    values = values / np.where(spread > 0, spread, 1)
    left, sizes, _ = np.linalg.svd(values, full_matrices=False)
    there = sizes > 1e-9 * sizes[0]
    kept = left[:, : world.N_FEATURES] * there[: world.N_FEATURES]
    rows = np.zeros((len(kept), world.N_FEATURES))
    rows[:, : kept.shape[1]] = kept * np.sqrt(len(kept) * 1.49)
    return (found.ids, rows), int(there.sum()) < world.N_FEATURES
