"""The picture of OpenGL is the picture of the compiled raster, which the other tests look at.

Run with a screen: ``xvfb-run -a env QT_QPA_PLATFORM=xcb pytest -m opengl tests/ui``.
"""

from __future__ import annotations

import numpy as np
import pytest
from neurostudio.ui.drawing import brain_canvas, widget_for
from neurostudio.ui.drawing.brain_canvas import as_image
from neurostudio.ui.drawing.brain_scene import picture

from .test_brain import network, planted

pytestmark = [pytest.mark.slow, pytest.mark.opengl]


def pixels(image) -> np.ndarray:
    image = image.convertToFormat(image.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(float)


@pytest.mark.parametrize("thing", ["surface", "glass"])
def test_opengl_shows_what_the_raster_shows(qtbot, monkeypatch, thing):
    monkeypatch.setattr(brain_canvas, "has_card", lambda: True)
    figure = widget_for(planted((-50.0, 0, 0)) if thing == "surface" else network())
    qtbot.addWidget(figure)
    figure.resize(700, 600)
    figure.show()
    qtbot.waitExposed(figure)
    canvas = figure.canvas
    assert type(canvas.canvas).__name__ == "GlCanvas"
    canvas.overlay.hide()
    canvas.camera.look_from("Left")
    canvas.redraw()
    plain = picture(canvas.scene, canvas.camera, canvas.width(), canvas.height(), fine=2)
    wanted = pixels(as_image(plain))

    def near() -> bool:
        seen = pixels(canvas.picture_widget.grabFramebuffer())
        different = np.abs(seen - wanted).max(axis=2) > 40
        return different.mean() < 0.01

    qtbot.waitUntil(near, timeout=10_000)
    figure.close()
