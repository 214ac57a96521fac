"""napari on the layers of a volume; needs OpenGL, so it runs under a display of its own."""

from __future__ import annotations

from types import SimpleNamespace

import nibabel
import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("napari")

from neurostudio.ui.linking import links
from neurostudio.ui.opengl import has_napari
from neurostudio.ui.shelf import shelf
from neurostudio.ui.theme import theme

from neurostudio.data import Volume

from .volumes import OpenItem, planted, settled, shown

pytestmark = [
    pytest.mark.slow,
    pytest.mark.opengl,
    # napari and what it imports warn about each other
    pytest.mark.filterwarnings("default"),
    pytest.mark.filterwarnings("error:Non-orthogonal"),
]


@pytest.fixture(autouse=True)
def own_napari(qapp, tmp_path, monkeypatch):
    """Napari's settings of a test never meet those of the person at the machine."""
    if not has_napari():
        pytest.skip("there is no OpenGL here")
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    links().place = None
    yield
    links().place = None
    shelf().put({})


def in_napari(qtbot, data):
    figure = shown(qtbot, data, (900, 600))
    figure.bar.three_d.trigger()
    qtbot.waitUntil(lambda: figure.napari.viewer is not None, timeout=60_000)
    settled(qtbot, figure)
    qtbot.waitUntil(lambda: len(figure.napari.model.layers) >= 2, timeout=10_000)
    return figure


def canvas_place(figure, place):
    """Where a place in mm is on napari's canvas, as a share of its height and width, in the axial slice."""
    camera = figure.napari.camera
    height, width = figure.napari.viewer.canvas.size
    centre = np.array(camera.center)[-2:]  # up and across of the slice
    down = height / 2 - (place[1] - centre[0]) * camera.zoom
    right = width / 2 + (place[0] - centre[1]) * camera.zoom
    return down / height, right / width


@pytest.mark.parametrize("name", ["straight", "anisotropic", "flipped", "oblique"])
def test_a_bright_voxel_is_seen_at_its_millimetres_in_napari(name, qtbot):
    data, place = planted(name, size=2)  # three voxels a side: napari's own grid may lie between
    figure = in_napari(qtbot, data)
    napari = figure.napari
    napari.model.dims.ndisplay = 2
    figure.go_to(tuple(place))
    napari._point.visible = False
    qtbot.wait(50)
    pixels = napari.viewer.screenshot(flash=False)[..., :3].max(axis=2)

    def seen(where):
        down, right = canvas_place(figure, where)
        return int(pixels[int(down * pixels.shape[0]), int(right * pixels.shape[1])])

    assert seen(place) > 200
    assert seen(place + np.array([14.0, -14.0, 0.0])) < 60


def test_the_crosshair_and_the_place_of_all_views_are_one(qtbot):
    data, place = planted(code=4)
    figure = in_napari(qtbot, data)
    links().move_place((4.0, -12.0, 20.0), "MNI152")
    np.testing.assert_allclose(figure.napari._point.data, [[4.0, -12.0, 20.0]])
    np.testing.assert_allclose(figure.napari.model.dims.point, [4, -12, 20], atol=3)
    figure.napari.place_moved.emit(place)
    np.testing.assert_allclose(links().place.position, place)
    np.testing.assert_allclose(figure.slices.place, place)


def test_a_click_in_3d_points_at_the_brightest_voxel_behind_it(qtbot):
    from neurostudio.ui.drawing.volume_shapes import place_under

    data, place = planted()
    figure = in_napari(qtbot, data)
    model = figure.napari.model
    image = model.layers[0]
    towards = np.array([0.0, 0.0, -1.0])

    # a line of sight from above through the voxel, then one beside the image
    sight = {"view_direction": towards, "dims_displayed": list(model.dims.displayed)}
    through = SimpleNamespace(position=place - 50 * towards, **sight)
    np.testing.assert_allclose(place_under(model, through, [image]), place)
    aside = SimpleNamespace(position=place + np.array([500.0, 0.0, 50.0]), **sight)
    assert place_under(model, aside, [image]) is None


def test_layers_looks_order_and_theme_are_those_of_the_slices(qtbot):
    figure = in_napari(qtbot, planted()[0])
    shelf().put({"map": OpenItem("Volume", planted("oblique")[0])})
    figure.add_item("map")
    settled(qtbot, figure)
    model = figure.napari.model
    qtbot.waitUntil(
        lambda: [each.name for each in model.layers] == ["This image", "map", "Crosshair"]
    )
    figure.panel.opacity.setValue(30)
    assert model.layers["map"].opacity == pytest.approx(0.3)
    figure.panel.list.item(0).setCheckState(figure.panel.list.item(0).checkState().Unchecked)
    assert not model.layers["map"].visible
    theme().choose("dark")
    assert model.theme.endswith("dark")
    figure.panel.away.click()
    assert [each.name for each in model.layers] == ["This image", "Crosshair"]


def test_another_time_is_another_volume_in_napari(qtbot):
    values = np.arange(3, dtype=np.int16) * np.ones((4, 4, 4, 1), np.int16)
    figure = in_napari(qtbot, Volume(nibabel.Nifti1Image(values, np.eye(4))))
    figure.slider.slider.setValue(2)
    qtbot.waitUntil(lambda: figure.napari.model.layers[0].data.max() == 2)


def test_napari_ends_with_the_page_and_the_slices_come_back(qtbot):
    figure = in_napari(qtbot, planted()[0])
    assert figure.image().width() > 100
    figure.bar.slices.trigger()
    assert figure.stack.currentWidget() is figure.slices
    view = figure.napari
    view.end()
    view.end()  # a second time does no harm
    assert view.viewer is None
    figure.go_to((10.0, -20.0, 30.0))
