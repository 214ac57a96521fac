"""What the two fits of posed pictures report in one way: live pictures, held-out views, null run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .camera_params import FEW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neurostudio.api import Context
    from neurostudio.training import History

    from .camera_params import FitParams
    from .posed import Posed
    from .seeing import Frame

    Stage = tuple[int, Mapping[str, list[float]]]


def codes_of(posed: Posed) -> tuple[str, ...]:
    """Return the warnings that the pictures bring with them."""
    codes = {
        "simulated": posed.simulated,
        "start poses": posed.truth is not None,
        "few views": len(posed) < FEW,
    }
    return tuple(code for code, true in codes.items() if true)


def shuffled(posed: Posed, seed: int) -> Posed:
    """Return pictures of which each has the camera of another one."""
    from dataclasses import replace

    order = np.random.default_rng([seed, 12]).permutation(len(posed))
    others = np.empty(len(posed), int)
    others[order] = np.roll(order, 1)
    return replace(posed, cameras=posed.cameras.only(others))


def columns_of_history(history: History) -> Mapping[str, list[float]]:
    """Return loss and PSNR over the epochs."""
    return {name: history.column(name) for name in ("train_loss", "psnr")}


def validation(background: float, field: Any, held: Posed) -> Callable[[Any], dict[str, float]]:
    """Return what measures a field on the first held-out view while it is fitted."""
    from .picture_scores import psnr
    from .seeing import frame

    baseline = float(psnr(held.pixels, np.broadcast_to(held.pixels.mean(0), held.pixels.shape))[0])

    def validate(network: Any) -> dict[str, float]:
        del network
        seen = frame(field, held.cameras, 0, background)
        return {
            "psnr": float(psnr(held.pixels[:1], seen.colour[None])[0]),
            "psnr_of_mean_view": baseline,
        }

    return validate


def show_held(context: Context, background: float, field: Any, held: Posed) -> None:
    """Show the first held-out view beside what a field shows there."""
    from .camera_views import pairs
    from .seeing import frame

    seen = frame(field, held.cameras, 0, background)
    words = "A view that the fit never saw, and what the field shows there."
    context.show("held-out view", pairs(held.pixels[:1], seen.colour[None], held.names[:1], words,
                                        "Held-out view"))  # fmt: skip


def frames_of(context: Context, background: float, field: Any, held: Posed) -> list[Frame]:
    """Return what a field shows from the cameras of the held-out views."""
    from .seeing import frame

    return [
        frame(field, held.cameras, k, background)
        for k in context.track(range(len(held)), "Held-out views")
    ]


def data_of(
    params: FitParams, method: str, field: Any, posed: Posed, held: Posed, frames: list[Frame]
) -> dict[str, Any]:
    """Return the model, and the held-out views and their depth as it shows them."""
    from .posed import stack_of
    from .seeing import as_model

    size = posed.cameras.shape
    config = {
        "background": params.background,
        "samples": getattr(field, "n_samples", 0),
        "intrinsics": posed.cameras.intrinsics[0].ravel().tolist(),
        "picture": list(size),
        "bounds": posed.cameras.bounds.ravel().tolist(),
        "distance": float(
            np.linalg.norm(posed.cameras.poses[:, :3, 3] - posed.cameras.centre, axis=1).mean()
        ),
        "simulated": posed.simulated,
    }
    colours = np.stack([each.colour for each in frames])
    depths = np.stack([each.depth for each in frames])
    about = (held.cameras, held.names, params.convention)
    return {
        "model": as_model(field, method, config),
        "held_out_views": stack_of(colours, *about, simulated=posed.simulated),
        "depth": stack_of(depths, *about, unit="mm", simulated=posed.simulated),
    }


def views_of(
    posed: Posed, rows: Any, held: Posed, frames: list[Frame], field: Any, stages: list[Stage],
    judged: Any, null: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """Return held-out views beside the fit, the way of it, depth, and cameras in space."""
    from .camera_views import cameras_in_space, depth_pictures, pairs, way_of_fit
    from .solid import mesh_of

    groups = np.isin(np.arange(len(posed)), rows)
    colours = np.stack([each.colour for each in frames])
    return (
        pairs(held.pixels, colours, held.names,
              "Views that the fit never saw, each beside what the field shows there.",
              "Held-out views"),
        *way_of_fit(stages, judged, None if null is None else float(null.views.mean())),
        depth_pictures(np.stack([each.depth for each in frames]), held.names),
        cameras_in_space(posed.cameras, posed.names, groups, mesh_of(field),
                         caption="Cameras as pyramids; the body is where the field turns opaque. mm."),
    )  # fmt: skip
