"""What stands around the picture of a body: sides, ruler, scale of colours, names of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.spaces import MODEL

from .brain_camera import apply
from .brain_colours import value_scale
from .brain_overlay import Words
from .colour_scale import limits

if TYPE_CHECKING:
    from .brain_bar import BrainBar
    from .brain_body import Body
    from .brain_canvas import BrainCanvas


def words_around(body: Body, bar: BrainBar, canvas: BrainCanvas) -> Words:
    """Return what is written over the picture of a body as it is seen now."""
    size = canvas.width(), canvas.height()
    words = Words()
    if body.space != MODEL:
        words.letters, words.millimetres = canvas.camera.letters(), canvas.camera.scale(*size)
    chosen = body.maps.get(bar.maps.currentText())
    if chosen is not None and not chosen.labels:
        words.scale = value_scale(diverging=chosen.diverging)
        words.span, words.threshold = bar.span, bar.threshold.value()
        words.label = _with_unit(chosen.name, chosen.unit)
    elif chosen is None and body.point_values is not None:
        words.scale = value_scale(diverging=body.diverging)
        words.span = limits(np.asarray(body.point_values, float), diverging=body.diverging)
        words.label = _with_unit(body.value_label, body.value_unit)
    if bar.names.isChecked() and len(body.points) == len(body.point_names):
        places = apply(canvas.camera.matrix(*size), body.points)
        words.names = [
            (name, float(x), float(y))
            for name, (x, y, _) in zip(body.point_names, places, strict=True)
        ]
    return words


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name
