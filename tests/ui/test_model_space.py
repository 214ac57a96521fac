"""A simulated network in space has no left, no right and no millimetres."""

from __future__ import annotations

import numpy as np
import pytest
from neurostudio.ui.drawing import widget_for

from neurostudio.spaces import MODEL
from neurostudio.views import Brain


@pytest.mark.parametrize(("space", "written"), [(MODEL, False), ("", True)])
def test_letters_and_ruler_are_written_for_bodies_alone(qtbot, space, written):
    points = np.random.default_rng(0).random((20, 3)) * 50
    widget = widget_for(Brain(points=points, space=space))
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    from neurostudio.ui.drawing.brain_words import words_around

    words = words_around(widget.body, widget.bar, widget.canvas)
    assert any(words.letters) == written
    assert (words.millimetres > 0) == written
