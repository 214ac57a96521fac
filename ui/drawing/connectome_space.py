"""A connectome where its nodes are in the body, as the description of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.errors import BadInput
from neurostudio.spaces import MNI152, MNI305
from neurostudio.views import Brain

if TYPE_CHECKING:
    from neurostudio.data import Surface

    from .connectome_state import ConnectomeState

LINES_MOST = 5_000  # lines that are still told apart in space
_BODIES = frozenset({"C. elegans"})


def has_places(state: ConnectomeState) -> bool:
    """Return whether at least two nodes have a place."""
    places = state.wires.places
    return places is not None and int(np.isfinite(places).all(axis=1).sum()) >= 2


def brain_of(state: ConnectomeState) -> Brain:
    """Return nodes, the strongest lines between them, and the body around them where the space is known."""
    wires = state.wires
    if wires.places is None:
        raise BadInput("The nodes have no places. Give them x, y and z in millimetres.")
    held = np.flatnonzero(np.isfinite(wires.places).all(axis=1))
    number = np.full(wires.n_nodes, -1)
    number[held] = np.arange(len(held))
    lines = wires.drawn(state.count)
    lines = lines[(number[wires.source[lines]] >= 0) & (number[wires.target[lines]] >= 0)]
    shown = lines[:LINES_MOST]
    body = body_of(wires.space, wires.places[held])
    caption = (
        f"The strongest {len(shown):,} of {len(lines):,} connections."
        if len(shown) < len(lines)
        else ""
    )
    lost = wires.n_nodes - len(held)
    caption += f" {lost:,} nodes have no place." if lost else ""
    return Brain(
        vertices=None if body is None else body.vertices,
        faces=None if body is None else body.faces,
        points=wires.places[held],
        point_names=tuple(wires.names[k] for k in held),
        point_values=wires.sizes()[held],
        edges=number[np.column_stack([wires.source[shown], wires.target[shown]])],
        weights=wires.weights[shown].astype(float),
        directed=wires.directed,
        space=wires.space,
        value_label="strength",
        value_unit=wires.unit,
        diverging=wires.signed,
        caption=caption.strip(),
    )


def body_of(
    space: str, points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Surface | None:
    """Return the surface of the body of a space: the cortex of a template, the outline of a worm."""
    from neurostudio.templates import fsaverage5, tube

    try:
        if space in {MNI152, MNI305}:
            return fsaverage5()
        return tube(points) if space in _BODIES else None
    except BadInput:
        return None
