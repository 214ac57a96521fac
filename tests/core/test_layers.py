"""Layers of napari lie at the millimetres of the data, and come back as the data."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import nibabel
import numpy as np
import pandas as pd
import pytest
import xarray

from neurostudio.data import Connectome, ImageStack, Points, Surface, Table, Volume
from neurostudio.errors import BadInput
from neurostudio.layers import data_of, layers_of
from neurostudio.napari import get_reader, read_layers

OBLIQUE = np.array(
    [[-1.9, 0.3, 0.1, 40.0], [0.2, 2.4, -0.5, -50.0], [0.1, 0.4, 3.1, -30.0], [0, 0, 0, 1.0]]
)


@dataclass
class FakeLayer:
    """What napari offers of a layer, with an affine of its own."""

    data: Any
    affine: Any
    name: str = "layer"
    metadata: dict[str, Any] = field(default_factory=dict)
    features: Any = None
    rgb: bool = False

    @property
    def ndim(self) -> int:
        return len(self.affine) - 1

    def data_to_world(self, place):
        return tuple(self.affine[:-1, :-1] @ np.asarray(place, float) + self.affine[:-1, -1])


def test_a_volume_lies_where_its_affine_says_and_time_comes_first():
    values = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    image = nibabel.Nifti1Image(values, OBLIQUE)
    image.header.set_zooms((*image.header.get_zooms()[:3], 2.5))
    ((data, options, kind),) = layers_of(Volume(image), "run")
    assert kind == "image"
    assert options["name"] == "run"
    np.testing.assert_array_equal(data, np.moveaxis(values, 3, 0))
    place = options["affine"] @ [2, 1, 2, 3, 1]
    np.testing.assert_allclose(place, [5.0, *(OBLIQUE @ [1, 2, 3, 1])[:3], 1])
    assert options["units"] == ("s", "mm", "mm", "mm")


def test_an_atlas_is_a_layer_of_labels_with_its_regions():
    image = nibabel.Nifti1Image(np.ones((2, 2, 2), np.int16), np.eye(4))
    ((_, options, kind),) = layers_of(Volume(image, {1: "cuneus"}), "atlas")
    assert kind == "labels"
    assert options["features"]["region"].tolist() == ["cuneus"]


def test_a_colour_image_is_shown_in_colour():
    colours = np.zeros((2, 2, 2), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    colours["G"] = 9
    ((data, options, _),) = layers_of(Volume(nibabel.Nifti1Image(colours, np.eye(4))), "rgb")
    assert options["rgb"]
    np.testing.assert_array_equal(data[0, 0, 0], [0, 9, 0])


def test_nodes_are_points_and_the_strongest_edges_arrows():
    matrix = xarray.DataArray(
        np.array([[0.0, 2.0], [0.0, 0.0]]),
        dims=("source", "target"),
        coords={"source": ["a", "b"], **{axis: ("source", [1.0, 4.0]) for axis in "xyz"}},
    )
    points, arrows = layers_of(Connectome(matrix), "net")
    np.testing.assert_array_equal(points[0], [[1, 1, 1], [4, 4, 4]])
    np.testing.assert_array_equal(arrows[0], [[[1, 1, 1], [3, 3, 3]]])
    assert arrows[1]["features"]["weight"].tolist() == [2.0]


def test_a_connectome_without_places_is_an_image_of_its_matrix():
    bare = Connectome(xarray.DataArray(np.eye(3), dims=("source", "target")))
    ((data, _, kind),) = layers_of(bare, "net")
    assert kind == "image"
    np.testing.assert_array_equal(data, np.eye(3))


def test_pictures_and_surfaces_become_layers():
    stack = ImageStack(xarray.DataArray(np.zeros((4, 8, 8)), dims=("item", "y", "x")))
    assert layers_of(stack, "faces")[0][2] == "image"
    mesh = Surface(np.eye(3), np.array([[0, 1, 2]]), {"thickness": np.array([1.0, np.nan, 3.0])})
    ((data, _, kind),) = layers_of(mesh, "mesh")
    assert kind == "surface"
    np.testing.assert_array_equal(data[2], [1, 0, 3])


def test_what_has_no_layer_is_said():
    with pytest.raises(BadInput, match="no layer"):
        layers_of(Table(pd.DataFrame({"a": [1]})), "table")


def test_a_layer_of_napari_becomes_a_volume_at_the_same_millimetres():
    values = np.zeros((3, 4, 5))
    values[1, 2, 3] = 1
    volume = data_of(FakeLayer(values, OBLIQUE), "Volume")
    np.testing.assert_allclose(volume.image.affine, OBLIQUE, atol=1e-5)
    full = np.eye(5)
    full[0, 0], full[1:, 1:] = 0.5, OBLIQUE
    series = data_of(FakeLayer(np.zeros((7, 3, 4, 5)), full), "Volume")
    assert series.image.shape == (3, 4, 5, 7)
    assert series.image.header.get_zooms()[3] == pytest.approx(0.5)
    np.testing.assert_allclose(series.image.affine, OBLIQUE, atol=1e-5)


def test_a_layer_that_came_from_an_item_goes_back_as_that_item():
    mesh = Surface(np.eye(3), np.array([[0, 1, 2]]), {})
    layer = FakeLayer((mesh.vertices, mesh.faces), np.eye(4), metadata={"neurostudio": mesh})
    assert data_of(layer, "Surface") is mesh


def test_points_and_surfaces_of_napari_are_moved_to_the_world():
    shift = np.eye(4)
    shift[:3, 3] = (10, 20, 30)
    points = data_of(FakeLayer(np.zeros((2, 3)), shift), "Points")
    assert isinstance(points, Points)
    assert points.table["y"].values.tolist() == [20.0, 20.0]
    mesh = data_of(FakeLayer((np.eye(3), np.array([[0, 1, 2]])), shift), "Surface")
    np.testing.assert_array_equal(mesh.vertices, np.eye(3) + np.array([10, 20, 30]))


def test_a_layer_of_the_wrong_shape_is_refused():
    with pytest.raises(BadInput, match="dimensions"):
        data_of(FakeLayer(np.zeros((2, 2)), np.eye(3)), "Volume")


def test_files_are_read_as_layers_and_others_left_to_napari(tmp_path):
    path = tmp_path / "t1.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((2, 2, 2), np.float32), OBLIQUE), path)
    reader = get_reader(str(path))
    assert reader is not None
    ((_, options, _),) = reader([str(path)])
    np.testing.assert_allclose(options["affine"], OBLIQUE, atol=1e-5)
    assert get_reader("notes.docx") is None
    assert get_reader("voice.wav") is None
    (tmp_path / "table.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(BadInput, match="layer"):
        read_layers(str(tmp_path / "table.tsv"))


def test_the_plugin_is_found_without_torch_qt_or_napari():
    code = (
        "import sys; import neurostudio.napari as n; n.get_reader('a.nii'); "
        "bad = {'torch', 'PySide6', 'napari', 'qtpy', 'vispy'} & set(sys.modules); print(sorted(bad))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_manifest_is_valid_and_names_what_is_there():
    npe2 = pytest.importorskip("npe2")
    from importlib import import_module
    from importlib.resources import files

    manifest = npe2.PluginManifest.from_file(str(files("neurostudio.resources") / "napari.yaml"))
    manifest.validate_imports()
    for command in manifest.contributions.commands:
        module, name = command.python_name.split(":")
        if module != "neurostudio.ui.napari":  # needs a Qt binding
            assert callable(getattr(import_module(module), name))
