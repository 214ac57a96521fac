"""Layers over a volume: other grids, points, sensors, atlases, thresholds, order and looks."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

pytest.importorskip("PySide6")

from neurostudio.ui.linking import links
from neurostudio.ui.shelf import shelf
from PySide6.QtCore import Qt

from neurostudio.data import Points, Volume
from neurostudio.views import Slices

from .volumes import OpenItem, affine_of, atlas, planted, settled, shown

pytestmark = pytest.mark.usefixtures("nothing_shared")


def add(qtbot, figure, name):
    figure.add_item(name)
    settled(qtbot, figure)


def test_an_image_on_another_grid_lies_over_the_same_millimetres(qtbot):
    figure = shown(
        qtbot,
        Volume(nibabel.Nifti1Image(np.ones((60, 60, 60), np.uint8), np.diag([2.0, 2, 2, 1]) - 0)),
    )
    values = np.zeros((16, 20, 18), np.float32)
    values[5, 13, 11] = 9.0
    affine = affine_of("oblique")
    affine[:3, 3] += [50, 80, 30]
    shelf().put({"map": OpenItem("Volume", Volume(nibabel.Nifti1Image(values, affine)))})
    add(qtbot, figure, "map")
    place = affine[:3, :3] @ (5, 13, 11) + affine[:3, 3]
    figure.go_to(tuple(place))
    assert "map 9" in figure.words
    plane, pixels = figure.layers[1].pixels(2, place[2], frozenset())
    rows, columns = np.nonzero(pixels[..., 3])
    seen = (
        plane.start[0] + plane.steps[0] * columns.mean(),
        plane.start[1] + plane.steps[1] * rows.mean(),
    )
    np.testing.assert_allclose(seen, place[:2], atol=0.51 * plane.steps[0])


def test_an_item_of_another_space_is_refused_and_stays_labelled_if_it_is_insisted_on(qtbot):
    figure = shown(qtbot, planted(code=4)[0])
    shelf().put({"other": OpenItem("Volume", planted(code=3)[0])})
    add(qtbot, figure, "other")
    assert len(figure.layers) == 1
    assert "different spaces" in figure.panel.refusal.text()
    assert figure.panel.anyway.isVisible()
    figure.panel.anyway.click()
    assert figure.layers[1].note == "other space"
    assert "[other space]" in figure.panel.list.item(0).text()
    assert not figure.panel.anyway.isVisible()


def test_what_has_no_place_is_not_added(qtbot):
    import xarray

    figure = shown(qtbot, planted()[0])
    table = xarray.Dataset({"a": ("point", [1.0, 2.0])})
    shelf().put({"flat": OpenItem("Points", Points(table))})
    add(qtbot, figure, "flat")
    assert "no places in space" in figure.panel.refusal.text()


def test_points_are_seen_in_the_slices_near_them_and_chosen_by_a_click(qtbot):
    import xarray

    figure = shown(qtbot, planted()[0])
    figure.go_to((10.0, -20.0, 30.0))
    table = xarray.Dataset(
        {
            "x": ("point", [10.0, 10.0]),
            "y": ("point", [-20.0, -20.0]),
            "z": ("point", [31.0, 45.0]),
            "name": ("point", ["near", "far"]),
        }
    )
    shelf().put({"electrodes": OpenItem("Points", Points(table))})
    add(qtbot, figure, "electrodes")
    axial = figure.slices.planes[2]
    assert [str(each) for each in axial._pictures[1].data["data"]] == ["near"]
    axial._point_clicked(None, axial._pictures[1].points(), None)
    assert links().units == {"near"}
    figure.go_to((10.0, -20.0, 44.0))
    assert [str(each) for each in axial._pictures[1].data["data"]] == ["far"]


def test_sensors_of_a_recording_lie_in_millimetres():
    import mne
    from neurostudio.ui.drawing.slice_layers import layer_of

    from neurostudio.data import Recording

    raw = mne.io.RawArray(
        np.zeros((2, 10)), mne.create_info(["Cz", "Oz"], 100.0, "eeg"), verbose="error"
    )
    places = {"Cz": (0.0, 0.0, 0.1), "Oz": (0.0, -0.09, 0.01)}
    raw.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    layer = layer_of("eeg", Recording(raw))
    np.testing.assert_allclose(layer.positions, [[0, 0, 100], [0, -90, 10]], atol=1e-4)
    assert layer.names == ("Cz", "Oz")


def test_sensors_about_a_head_are_not_taken_for_places_of_a_scan(qtbot):
    import mne

    from neurostudio.data import Recording

    info = mne.create_info(["Cz"], 100.0, "eeg")
    raw = mne.io.RawArray(np.zeros((1, 10)), info, verbose="error")
    raw.set_montage(mne.channels.make_dig_montage({"Cz": (0.0, 0.0, 0.1)}, coord_frame="head"))
    figure = shown(qtbot, planted()[0])
    shelf().put({"eeg": OpenItem("Recording", Recording(raw))})
    add(qtbot, figure, "eeg")
    assert len(figure.layers) == 1
    assert "head (nasion and ears) are different spaces" in figure.panel.refusal.text()


def test_an_atlas_names_regions_and_a_click_chooses_one(qtbot):
    figure = shown(qtbot, atlas())
    left = np.subtract(figure.layers[0].bounds.mean(axis=1), (10.0, 0, 0))
    figure.go_to(tuple(left))
    assert "1 (Left half)" in figure.words
    before = brightness_of_colours(figure, left)
    figure.slices.planes[2].box.clicked.emit(left[0], left[1])
    assert links().units == {"Left half"}
    right = np.add(left, (20.0, 0, 0))
    assert pixel_alpha(figure, left) == 255
    assert pixel_alpha(figure, right) < 100
    assert before == brightness_of_colours(figure, left)
    links().choose_units(())
    assert pixel_alpha(figure, right) == 255


def pixel_alpha(figure, place):
    plane, pixels = figure.layers[0].pixels(2, place[2], links().units)
    row = round((place[1] - plane.start[1]) / plane.steps[1])
    column = round((place[0] - plane.start[0]) / plane.steps[0])
    return int(pixels[row, column, 3])


def brightness_of_colours(figure, place):
    plane, pixels = figure.layers[0].pixels(2, place[2], frozenset())
    row = round((place[1] - plane.start[1]) / plane.steps[1])
    column = round((place[0] - plane.start[0]) / plane.steps[0])
    return pixels[row, column, :3].tolist()


def test_weak_values_of_a_map_with_both_signs_are_hidden_on_both_sides(qtbot):
    from neurostudio.ui.drawing.slice_colours import TWO_SIDED, Look, coloured

    from neurostudio.grids import Cut

    values = np.array([[-4.0, -1.0, 0.0, 1.0, 4.0, np.nan, np.inf]])
    look = Look(TWO_SIDED, -5.0, 5.0, threshold=2.0)
    pixels = coloured(Cut(values, np.ones(values.shape, bool)), look)
    assert (pixels[0, :, 3] > 0).tolist() == [True, False, False, False, True, False, True]
    cold, warm = pixels[0, 0, :3].astype(int), pixels[0, 4, :3].astype(int)
    assert cold[2] > cold[0]
    assert warm[0] > warm[2]


def test_a_large_number_of_a_region_in_a_small_type_has_a_colour():
    from neurostudio.ui.drawing.slice_colours import ONE, REGIONS, Look, coloured

    from neurostudio.grids import Cut

    for dtype in (np.uint8, np.int16, np.uint32, np.float32):
        values = np.array([[0, 1, 100]], dtype)
        for name in (REGIONS, ONE):
            pixels = coloured(Cut(values, np.ones((1, 3), bool)), Look(name, 0, 100))
            assert (pixels[0, :, 3] > 0).tolist() == [False, True, True]


def test_an_image_of_noughts_and_ones_is_seen_as_a_mask_over_another():
    from neurostudio.ui.drawing.slice_colours import GREY, ONE, first_look

    values = np.array([0.0, 0.0, 1.0])
    assert first_look(values, over=True, regions=False, whole=True).colours == ONE
    assert first_look(values, over=False, regions=False, whole=True).colours == GREY


def test_layers_are_ordered_hidden_and_taken_away(qtbot):
    figure = shown(qtbot, planted()[0])
    shelf().put({name: OpenItem("Volume", planted()[0]) for name in ("a", "b")})
    add(qtbot, figure, "a")
    add(qtbot, figure, "b")
    figure.panel.down.click()
    assert [each.name for each in figure.layers] == ["This image", "b", "a"]
    figure.panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not figure.layers[2].look.visible
    assert not figure.slices.planes[0]._pictures[2].isVisible()
    figure.panel.list.setCurrentRow(1)
    figure.panel.away.click()
    assert [each.name for each in figure.layers] == ["This image", "a"]
    figure.panel.list.setCurrentRow(1)
    assert not figure.panel.away.isEnabled()  # the lowest stays


def test_the_look_of_a_layer_is_set_in_the_panel(qtbot):
    figure = shown(qtbot, planted()[0])
    panel, look = figure.panel, figure.layers[0].look
    panel.colours.setCurrentText("Hot")
    panel.low.setValue(5.0)
    panel.high.setValue(50.0)
    panel.threshold.setValue(20.0)
    panel.opacity.setValue(40)
    panel.smooth.setChecked(True)
    found = (look.colours, look.low, look.high, look.threshold, look.opacity, look.smooth)
    assert found == ("Hot", 5.0, 50.0, 20.0, 0.4, True)
    panel.colours.setCurrentText("Regions")
    assert not panel.low.isVisible()  # numbers of regions have no range
    assert panel.opacity.isVisible()


def test_the_menu_offers_what_is_open_and_has_a_place(qtbot):
    figure = shown(qtbot, planted()[0])
    figure.panel.fill_menu()
    assert not figure.panel.menu.actions()[0].isEnabled()
    shelf().put({"t1": OpenItem("Volume", planted()[0]), "words": OpenItem("Text", planted()[0])})
    figure.panel.fill_menu()
    assert [each.text() for each in figure.panel.menu.actions()] == ["t1"]


def test_anatomy_lies_below_a_described_map_and_the_threshold_holds(qtbot):
    values = np.zeros((4, 4, 4))
    values[1, 1, 1], values[2, 2, 2] = 5.0, 1.0
    view = Slices(
        values=values, affine=np.diag([4.0, 4, 4, 1]), under=np.ones((16, 16, 16)),
        under_affine=np.eye(4), threshold=3.0, diverging=True, value_label="effect", value_unit="t",
        space="MNI152",
    )  # fmt: skip
    figure = shown(qtbot, view)
    assert [each.name for each in figure.layers] == ["Anatomy", "effect"]
    figure.go_to((4.0, 4.0, 4.0))
    assert "effect 5 t" in figure.words
    assert "MNI152" in figure.words
    plane, pixels = figure.layers[1].pixels(2, 4.0, frozenset())
    assert (pixels[..., 3] > 0).sum() == 1
    assert (figure.layers[1].pixels(2, 8.0, frozenset())[1][..., 3] > 0).sum() == 0
    del plane


@pytest.mark.parametrize(
    ("values", "colours"),
    [
        (np.eye(4), "One colour"),
        (np.arange(16.0).reshape(4, 4), "Regions"),
        (np.linspace(0.5, 0.9, 16).reshape(4, 4), "Hot"),
    ],
)
def test_a_described_map_over_anatomy_is_never_grey(qtbot, values, colours):
    under = np.random.default_rng(0).random((4, 4, 4))
    view = Slices(
        values=np.repeat(values[..., None], 4, axis=2), affine=np.eye(4), under=under, threshold=0.4
    )
    assert shown(qtbot, view).layers[1].look.colours == colours
    alone = Slices(values=under, affine=np.eye(4))
    assert shown(qtbot, alone).layers[0].look.colours == "Grey"
