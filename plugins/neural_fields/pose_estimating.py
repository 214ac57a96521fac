"""Where pictures were taken, by turning a fitted field until it looks like them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    Context,
    Images,
    ImageStack,
    Lines,
    Number,
    Params,
    Result,
    Table,
    TrainedModel,
    method,
    param,
    score,
)
from neurostudio.scores import bootstrap, interval, interval_of_share

from .camera_params import WARNINGS, check_convention
from .cameras import Convention
from .images import is_simulated

if TYPE_CHECKING:
    from .cameras import Array
    from .pose_search import Found
    from .posed import Posed
    from .seeing import Field

_NEAR_ANGLE, _NEAR_PLACE = (
    5.0,
    0.05,
)  # what counts as found: degrees, share of the camera's distance
_SAME_LOSS = 0.02  # another pose whose gap is below this fits as well
_SHOWN = 6


class PoseParams(Params):
    """Parameters of :func:`estimate_pose`."""

    convention: Convention = param(
        "ask", "Axes of the cameras. OpenCV: x right, y down, z into the picture. OpenGL: x right, y up, z "
        "out of it. It is never guessed",
    )  # fmt: skip
    steps: int = param(200, "Steps a start", ge=10, le=30_000)
    rays: int = param(512, "Rays of a step, drawn around what differs from the background", ge=16,
                      le=65_536)  # fmt: skip
    rate: float = param(
        0.02, "Learning rate of the pose (rad, halves of the box); it falls to a tenth", unit="1",
        ge=1e-5, le=1, advanced=True,
    )  # fmt: skip
    starts: int = param(
        1, "Starts a picture: the given camera, and others turned away from it", ge=1, le=20
    )
    spread: float = param(
        60.0, "How far the other starts are turned at most", unit="deg", ge=1, le=180
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"steps": 100, "rays": 256},
        "Standard": {},
        "Paper": {"starts": 5},
        "GPU": {"starts": 5, "rays": 4096},
    }


@method(group="Apply", warnings=WARNINGS, gpu=True, example="lost_cameras", check=check_convention)
def estimate_pose(
    context: Context, params: PoseParams, model: TrainedModel, pictures: ImageStack
) -> Result:
    """Find where pictures were taken in a fitted field, beginning from the cameras that they carry.

    The pose is moved by the gradient of the difference between the picture and what the field shows. Several
    starts tell whether other poses fit as well: the gap is how much larger the loss of the next best other
    pose is, as a share of the loss of an empty picture. Where the true poses stand beside simulated pictures,
    errors are given; they steer nothing.
    """
    from .posed import read_posed
    from .seeing import restored

    field = restored(model, context.device)
    bounds = np.array(model.config["bounds"], float).reshape(2, 3)
    posed = read_posed(pictures, params.convention, float((bounds[1] - bounds[0]).max()))
    tried = [
        _one(context, params, model, field, posed, number)
        for number in context.track(range(len(posed)), "Pictures")
    ]
    frame = _table(tried, posed, params)
    chosen = frame[frame["chosen"]]
    codes = {
        "simulated": is_simulated(model) or posed.simulated,
        "several poses": bool((chosen["gap"] < _SAME_LOSS).any()),
    }
    return Result(
        data={"poses": Table(frame)},
        views=_views(field, model, posed, tried),
        numbers=_numbers(chosen, posed, context.seed),
        warnings=tuple(code for code, true in codes.items() if true),
    )


def _one(
    context: Context,
    params: PoseParams,
    model: TrainedModel,
    field: Field,
    posed: Posed,
    number: int,
) -> list[Found]:
    """Return what each start of one picture led to, the best one first."""
    from .pose_search import Search, Sight, other_starts, search

    background = float(model.config["background"])
    sight = Sight(field, posed, number, background)
    how = Search(params.steps, params.rays, params.rate, background)
    starts = other_starts(
        posed.cameras.poses[number], posed.cameras.centre, params.starts, params.spread,
        context.seed + number,
    )  # fmt: skip
    truth = None if posed.truth is None else posed.truth[number]

    def show(pose: Array) -> None:
        context.show("overlay", _overlay(field, posed, number, [pose], background, ("on the way",)))

    found = [
        search(context, how, sight, start, f"{posed.names[number]}, start {k + 1}", truth=truth,
               show=show)
        for k, start in enumerate(context.track(starts, "Starts"))
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.loss)


def _overlay(
    field: Field, posed: Posed, number: int, poses: list[Array], background: float,
    words: tuple[str, ...],
) -> Images:  # fmt: skip
    """Return a picture, then what the field shows from poses, each with its difference."""
    pixels, names = [posed.pixels[number]], [posed.names[number]]
    for pose, word in zip(poses, words, strict=True):
        shown = _seen(field, posed, number, pose, background)
        pixels += [shown, np.abs(shown - posed.pixels[number])]
        names += [word, "difference"]
    return Images(
        pixels=np.asarray(pixels, np.float32), names=tuple(names), columns=len(names), title="Overlay",
        caption="The picture, what the field shows from the pose, and how they differ.",
    )  # fmt: skip


def _seen(field: Field, posed: Posed, number: int, pose: Array, background: float) -> Any:
    from dataclasses import replace

    from .seeing import frame

    moved = replace(posed.cameras.only([number]), poses=pose[None])
    return frame(field, moved, 0, background).colour


def _table(tried: list[list[Found]], posed: Posed, params: PoseParams) -> Any:
    """Return a row for each start: loss, gap, movement, error where the truth is known, pose."""
    import pandas as pd

    from .cameras import INTRINSICS, POSE, columns_of, in_convention

    rows = []
    for number, starts in enumerate(tried):
        gap = gap_between(starts, posed)
        for rank, each in enumerate(starts):
            row: dict[str, Any] = {
                "id": posed.names[number], "rank": rank + 1, "chosen": rank == 0, "loss": each.loss,
                "gap": gap, **_away(each.pose, posed, number),
            }  # fmt: skip
            row |= {axis: each.pose[k, 3] for k, axis in enumerate("xyz")}
            pose = in_convention(each.pose[None], params.convention)
            lens = posed.cameras.intrinsics[[number]]
            for name, matrix in ((POSE, pose), (INTRINSICS, lens)):
                row |= {
                    key: float(column[1][0]) for key, column in columns_of(name, matrix).items()
                }
            rows.append(row)
    return pd.DataFrame(rows)


def gap_between(starts: list[Found], posed: Posed) -> float:
    """Return by how much the best start's loss is below that of the best one that ended elsewhere.

    As a share of an empty picture's loss; NaN where all starts ended in one pose, or there was but one.
    """
    from .cameras import angle_between

    best = starts[0]
    for other in starts[1:]:
        turned = angle_between(best.pose[:3, :3], other.pose[:3, :3])
        moved = float(np.linalg.norm(best.pose[:3, 3] - other.pose[:3, 3]))
        distance = float(np.linalg.norm(best.pose[:3, 3] - posed.cameras.centre))
        if turned > _NEAR_ANGLE or moved > _NEAR_PLACE * distance:
            return (other.loss - best.loss) / max(best.empty, 1e-12)
    return float("nan")


def _away(pose: Array, posed: Posed, number: int) -> dict[str, float]:
    """Return how far a pose is from its start and, where it is known, from the truth: degrees and mm."""
    from .cameras import angle_between

    start = posed.cameras.poses[number]
    found = {
        "turned": angle_between(pose[:3, :3], start[:3, :3]),
        "moved": float(np.linalg.norm(pose[:3, 3] - start[:3, 3])),
    }
    if posed.truth is not None:
        true = posed.truth[number]
        found |= {
            "angle_error": angle_between(pose[:3, :3], true[:3, :3]),
            "place_error": float(np.linalg.norm(pose[:3, 3] - true[:3, 3])),
            "start_angle_error": angle_between(start[:3, :3], true[:3, :3]),
            "start_place_error": float(np.linalg.norm(start[:3, 3] - true[:3, 3])),
            "true_distance": float(np.linalg.norm(true[:3, 3] - posed.cameras.centre)),
        }
    return found


def _numbers(chosen: Any, posed: Posed, seed: int) -> dict[str, Number]:
    found = {
        "loss": Number(float(chosen["loss"].median()), "1", note="Huber residual, median over pictures"),
        "turned": Number(float(chosen["turned"].median()), "deg", note="from the start, median"),
        "gap between starts": Number(
            float(chosen["gap"].min()), "1",
            note="to the best pose elsewhere, of an empty picture's loss; least over pictures; nan: all "
            "starts ended in one pose",
        ),
    }  # fmt: skip
    if posed.truth is None:
        return found
    start = _is_near(chosen, "start_")
    near = _is_near(chosen, "")
    low, high = interval_of_share(float(near.mean()), len(near))
    found["poses found"] = score(
        float(near.mean()), low=low, high=high, chance=0.0, baseline=float(start.mean()),
        note=f"within {_NEAR_ANGLE:g} degrees and {100 * _NEAR_PLACE:g} % of the distance; baseline: the "
        "starts themselves",
    )  # fmt: skip
    for what, unit in (("angle", "deg"), ("place", "mm")):
        values = chosen[f"{what}_error"].to_numpy()
        ends = _interval_of_median(values, posed.names, seed)
        found[f"{what} error"] = Number(
            float(np.median(values)), unit, *ends,
            baseline=float(chosen[f"start_{what}_error"].median()),
            note=f"median, interval over pictures; worst {values.max():.3g} {unit}; baseline: of the starts",
        )  # fmt: skip
    return found


def _interval_of_median(values: Any, names: tuple[str, ...], seed: int) -> tuple[float, float]:
    return interval(bootstrap(lambda rows: float(np.median(values[rows])), names, seed=seed))


def _is_near(chosen: Any, prefix: str) -> Any:
    angle = chosen[f"{prefix}angle_error"].to_numpy()
    place = (chosen[f"{prefix}place_error"] / chosen["true_distance"]).to_numpy()
    return (angle <= _NEAR_ANGLE) & (place <= _NEAR_PLACE)


def _views(
    field: Field, model: TrainedModel, posed: Posed, tried: list[list[Found]]
) -> tuple[Any, ...]:
    background = float(model.config["background"])
    pixels: list[Any] = []
    names: list[str] = []
    for number in range(min(len(posed), _SHOWN)):
        poses = [posed.cameras.poses[number], tried[number][0].pose]
        one = _overlay(field, posed, number, poses, background, ("start", "found"))
        pixels += list(one.pixels)
        names += list(one.names)
    overlay = Images(
        pixels=np.asarray(pixels, np.float32), names=tuple(names), columns=5, title="Overlay",
        caption="A row a picture: the picture, the field from the start and its difference, from the pose "
        "that was found and its difference.",
    )  # fmt: skip
    return (overlay, *_lines(posed, tried), _space(field, posed, tried))


def _lines(posed: Posed, tried: list[list[Found]]) -> tuple[Lines, ...]:
    best = [starts[0].history for starts in tried[:_SHOWN]]
    steps = best[0].steps * (np.arange(len(best[0].epochs)) + 1) / len(best[0].epochs)
    names = posed.names[: len(best)]
    loss = Lines(
        steps, np.array([each.column("train_loss") for each in best]), names=names, x_label="step",
        y_label="loss", log_y=True, title="Loss", caption="Huber residual over the best start's way.",
    )  # fmt: skip
    if posed.truth is None:
        return (loss,)
    error = Lines(
        steps, np.array([each.column("angle_error") for each in best]), names=names, x_label="step",
        y_label="angle error", y_unit="deg", levels={"found": _NEAR_ANGLE}, title="Error",
        caption="Against the true pose, which steers nothing.",
    )  # fmt: skip
    return loss, error


def _space(field: Field, posed: Posed, tried: list[list[Found]]) -> Any:
    from dataclasses import replace

    from .camera_views import cameras_in_space
    from .solid import mesh_of

    n = len(posed)
    sets = [posed.cameras.poses, np.stack([starts[0].pose for starts in tried])]
    words = ["start", "found"]
    if posed.truth is not None:
        sets.append(posed.truth)
        words.append("true")
    cameras = replace(
        posed.cameras, poses=np.concatenate(sets),
        intrinsics=np.tile(posed.cameras.intrinsics, (len(sets), 1, 1)),
    )  # fmt: skip
    names = [f"{name}, {word}" for word in words for name in posed.names]
    label = ", ".join(f"{word} ({k})" for k, word in enumerate(words))
    return cameras_in_space(
        cameras, names, np.repeat(np.arange(len(sets)), n), mesh_of(field), value_label=label,
        caption=f"Cameras: {label}; mm.",
    )  # fmt: skip
