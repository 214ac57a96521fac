"""Inside napari's own window: files open at their millimetres, a method runs, its layer appears.

Run with a screen: ``xvfb-run -a env QT_QPA_PLATFORM=xcb pytest -m opengl tests/ui``.
"""

from __future__ import annotations

import os

import nibabel
import numpy as np
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.opengl, pytest.mark.filterwarnings("ignore")]

AFFINE = np.array([[2.0, 0, 0, -20], [0, 3.0, 0, -30], [0, 0, 2.5, -10], [0, 0, 0, 1]])


@pytest.fixture
def viewer(tmp_path, monkeypatch, qapp):
    monkeypatch.setitem(os.environ, "NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    import napari

    made = napari.Viewer()
    yield made
    made.close()


def test_a_volume_opens_at_its_millimetres_and_a_method_makes_a_layer(viewer, qtbot, tmp_path):
    values = np.zeros((20, 20, 12), np.float32)
    values[12, 8, 6] = 100.0
    nibabel.save(nibabel.Nifti1Image(values, AFFINE), tmp_path / "spot.nii.gz")
    (layer,) = viewer.open(str(tmp_path / "spot.nii.gz"), plugin="neurostudio")
    place = np.asarray(layer.data_to_world((12, 8, 6)))
    np.testing.assert_allclose(place, (AFFINE @ [12, 8, 6, 1])[:3])
    assert viewer.camera.orientation2d is not None
    _, widget = viewer.window.add_plugin_dock_widget("neurostudio", "Methods")
    widget.methods.value = "smooth_volume"
    widget.run()
    qtbot.waitUntil(lambda: len(viewer.layers) > 1, timeout=60_000)
    smooth = viewer.layers[-1]
    peak = np.unravel_index(np.argmax(smooth.data), smooth.data.shape)
    np.testing.assert_allclose(smooth.data_to_world(peak), place, atol=1e-4)
    assert smooth.data.max() < 100.0
    assert widget.run_button.enabled


def test_a_surface_and_a_connectome_open_from_the_samples(viewer):
    viewer.open_sample("neurostudio", "fsaverage")
    assert viewer.layers[-1]._type_string == "surface"
    viewer.open_sample("neurostudio", "worm")
    assert [each._type_string for each in viewer.layers][-2:] == ["points", "vectors"]
    assert len(viewer.layers[-2].data) == 473


def test_a_run_that_cannot_be_says_why(viewer, qtbot):
    _, widget = viewer.window.add_plugin_dock_widget("neurostudio", "Methods")
    widget.methods.value = "smooth_volume"
    widget.run()
    qtbot.waitUntil(lambda: "needs" in widget.log.value, timeout=20_000)
    assert widget.run_button.enabled
