"""Images, and hands, for the tests of the volume view."""

from __future__ import annotations

from dataclasses import dataclass

import nibabel
import numpy as np
from PySide6.QtCore import QPointF

from neurostudio.data import Data, Volume

SHAPE = (16, 20, 18)


def affine_of(name):
    """An affine whose image has its middle near 10, -20, 30 mm."""
    angle = np.radians(30.0)
    c, s = np.cos(angle), np.sin(angle)
    edges = {"anisotropic": (2.0, 3.0, 4.0), "flipped": (-3.0, 3.0, -3.0)}.get(
        name, (3.0, 3.0, 3.0)
    )
    turn = np.eye(3)
    if name == "oblique":
        turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ np.array(
            [[c, -s, 0], [s, c, 0], [0, 0, 1]]
        )
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag(edges)
    affine[:3, 3] = np.array([10.0, -20.0, 30.0]) - affine[:3, :3] @ (np.array(SHAPE) / 2)
    return affine


def planted(name="straight", voxel=(5, 13, 11), size=1, code=2):
    """A dim image with a bright voxel (or block), and where the voxel is in mm."""
    affine = affine_of(name)
    values = np.full(SHAPE, 10, np.float32)
    block = tuple(slice(k - size + 1, k + size) for k in voxel)
    values[block] = 1000
    values[0, 0, 0] = 0
    image = nibabel.Nifti1Image(values, affine)
    image.header.set_sform(affine, code=code)
    place = affine[:3, :3] @ voxel + affine[:3, 3]
    return Volume(image), place


def atlas(code=2):
    """Two regions: left of the middle the first, right of it the second."""
    values = np.ones(SHAPE, np.uint8)
    values[SHAPE[0] // 2 :] = 2
    image = nibabel.Nifti1Image(values, affine_of("straight"))
    image.header.set_sform(affine_of("straight"), code=code)
    return Volume(image, {1: "Left half", 2: "Right half"})


@dataclass
class OpenItem:
    """An open item that is in memory."""

    kind: str
    data: Data

    def load(self):
        return self.data


def shown(qtbot, thing, size=(1000, 500)):
    """The figure of a volume or view, on the screen and read."""
    import neurostudio.ui.drawing as drawing

    figure = drawing.widget_for(thing)
    qtbot.addWidget(figure)
    figure.resize(*size)
    figure.show()
    settled(qtbot, figure)
    return figure


def settled(qtbot, figure):
    """Wait until all is read and drawn."""
    qtbot.waitUntil(lambda: figure.ready and not figure.busy, timeout=45_000)
    qtbot.wait(1)


def pixel_of(plane, place):
    """Where a place in mm is in the widget of the slices."""
    point = QPointF(float(place[plane.across]), float(place[plane.up]))
    scene = plane.box.mapViewToScene(point)
    return plane.plot.getViewWidget().mapFromScene(scene)


def brightness(figure, plane, place):
    """How bright a slice is at a place in mm, 0 to 255, as a person sees it."""
    at = pixel_of(plane, place)
    return figure.slices.area.grab().toImage().pixelColor(at).lightness()


def film(tmp_path, suffix=".nii"):
    """Six volumes, 2 s apart, each with its number as value; one voxel counts by tens."""
    values = np.arange(6, dtype=np.int16) * np.ones((4, 5, 6, 1), np.int16)
    values[1, 2, 3] = np.arange(6) * 10
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_zooms((1, 1, 1, 2.0))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / f"film{suffix}")
    return Volume(nibabel.load(tmp_path / f"film{suffix}", mmap=False))
