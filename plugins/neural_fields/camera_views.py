"""Cameras around a body in space, pictures beside their truth, and the way of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Brain, Images, Lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .cameras import Array, Cameras
    from .picture_scores import Judged

_PYRAMID = ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 1))
_LENGTH = 0.35  # of a camera's pyramid, in halves of the box
_MOST_PAIRS = 8


def cameras_in_space(
    cameras: Cameras, names: Sequence[str], groups: NDArray[Any] | None, mesh: tuple[Array, Any] | None,
    *, caption: str, value_label: str = "held out (1) or learned from (0)",
) -> Brain:  # fmt: skip
    """Return cameras as pyramids at their millimetres around the body they look at.

    ``groups`` (n,) colours them, as ``value_label`` says. ``mesh`` is (vertices, faces). Only the tip of a
    pyramid has a name.
    """
    tips = cameras.poses[:, :3, 3]
    height, width = cameras.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], float)
    points, edges = [], []
    for k in range(len(cameras)):
        rays = corners @ np.linalg.inv(cameras.intrinsics[k]).T
        ends = tips[k] + _LENGTH * cameras.half * rays @ cameras.poses[k, :3, :3].T
        edges += [(5 * k + a, 5 * k + b) for a, b in _PYRAMID]
        points += [tips[k], *ends]
    named = tuple(word for name in names for word in (name, "", "", "", ""))
    return Brain(
        vertices=None if mesh is None else mesh[0],
        faces=None if mesh is None else mesh[1],
        points=np.array(points),
        point_names=named,
        point_values=None if groups is None else np.repeat(np.asarray(groups, float), 5),
        edges=np.array(edges),
        value_label=value_label,
        title="Cameras",
        caption=caption,
    )


def pairs(
    truth: NDArray[Any], guess: NDArray[Any], names: Sequence[str], caption: str, title: str
) -> Images:
    """Return held-out views, each beside its picture by the fit."""
    some = range(min(len(truth), _MOST_PAIRS))
    shown = [each for k in some for each in (truth[k], guess[k])]
    words = [word for k in some for word in (names[k], "fit")]
    return Images(
        pixels=np.asarray(shown, np.float32), names=tuple(words), columns=4, title=title,
        caption=caption,
    )  # fmt: skip


def depth_pictures(depth: NDArray[Any], names: Sequence[str]) -> Images:
    """Return depth pictures in mm."""
    return Images(
        pixels=np.asarray(depth[: 2 * _MOST_PAIRS], np.float32),
        names=tuple(names[: 2 * _MOST_PAIRS]),
        value_unit="mm",
        title="Depth",
        caption="Distance from the camera along the ray; empty where less than half of it is seen.",
    )


def way_of_fit(
    stages: Sequence[tuple[int, Mapping[str, Sequence[float]]]], judged: Judged, null: float | None
) -> tuple[Lines, Lines]:
    """Return loss, and PSNR of one held-out view, over the steps.

    ``stages`` are (steps, columns ``train_loss`` and ``psnr`` a stretch each) in their order.
    """
    steps, loss, ratio = [], [], []
    done = 0
    for n_steps, columns in stages:
        n = len(columns["train_loss"])
        steps += [done + n_steps * (k + 1) / n for k in range(n)]
        loss += list(columns["train_loss"])
        ratio += list(columns["psnr"])
        done += n_steps
    levels = {"mean held-out view": judged.mean_picture, "white": judged.white}
    if null is not None:
        levels["shuffled cameras, all views"] = null
    x = np.array(steps)
    return (
        Lines(x, np.array([ratio]), x_label="step", y_label="PSNR",
              y_unit="dB", levels=levels, title="PSNR of the first held-out view",
              caption="Of a view that the fit never saw; lines: what needs no model, and the null run."),
        Lines(x, np.array([loss]), x_label="step", y_label="loss", log_y=True,
              title="Loss", caption="Mean over the last steps, with its penalties."),
    )  # fmt: skip
