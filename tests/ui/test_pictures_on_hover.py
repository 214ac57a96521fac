"""A picture under the pointer of a map; rows of pictures; a scale that does not move."""

import base64

import numpy as np
import pytest

pytest.importorskip("PySide6")

from neurostudio.ui.drawing import scatter, widget_for

from neurostudio.views import Heatmap, Images, Scatter, load_view, save_view


@pytest.mark.parametrize("shape", [(3, 4, 5), (3, 4, 5, 3)])
def test_the_tip_of_a_point_holds_its_own_picture(qtbot, tmp_path, shape):
    from PySide6.QtGui import QImage

    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    view = Scatter(np.arange(3.0), np.arange(3.0), names=("a", "<b>", "c"), pictures=pixels)
    save_view(view, tmp_path / "view.npz")
    view = load_view(tmp_path / "view.npz")
    qtbot.addWidget(widget_for(view))
    data = scatter._under_pointer(view)
    words = scatter._tip(1.0, 1.0, data[1])
    assert "&lt;b&gt;" in words
    stored = words.split("base64,")[1].split('"')[0]
    image = QImage.fromData(base64.b64decode(stored))
    assert (image.width(), image.height()) == (5, 4)
    wanted = pixels[1, 2, 3] if len(shape) == 4 else [pixels[1, 2, 3]] * 3
    colour = image.pixelColor(3, 2)
    assert [colour.red(), colour.green(), colour.blue()] == list(wanted)


def test_a_map_without_pictures_says_name_and_place():
    view = Scatter(np.arange(2.0), np.arange(2.0), names=("a", "b"))
    assert scatter._tip(0.0, 1.0, scatter._under_pointer(view)[0]) == "a\n0, 1"


def test_pictures_stand_in_as_many_columns_as_asked_for(qtbot):
    widget = widget_for(Images(np.zeros((6, 4, 4)), columns=2))
    qtbot.addWidget(widget)
    rows = {each[0] for places in widget.area.ci.items.values() for each in places}
    columns = {each[1] for places in widget.area.ci.items.values() for each in places}
    assert (len(rows), len(columns)) == (3, 2)


def test_the_scale_of_a_matrix_can_be_fixed(qtbot):
    import pyqtgraph as pg

    widget = widget_for(Heatmap(np.array([[0.1, -0.2]]), diverging=True, span=(-1.0, 1.0)))
    qtbot.addWidget(widget)
    images = [each for each in widget.area.scene().items() if isinstance(each, pg.ImageItem)]
    assert any(np.allclose(each.levels, (-1, 1)) for each in images)
