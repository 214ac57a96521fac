"""When a picture becomes decodable: a decoder of its own for each window of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import BadInput, Context, Items, Result, Table, Trials, method, param

from .method import SMALL, TrainParams, check, memory
from .preparing import WARNINGS

if TYPE_CHECKING:
    from collections.abc import Mapping


class CourseParams(TrainParams):
    """Parameters of :func:`decode_pictures_over_time`."""

    window: float = param(0.1, "Length of a window", unit="s", ge=0.01, le=2)
    stride: float = param(0.025, "From one window to the next", unit="s", ge=0.01, le=2)
    mode: Literal["sliding", "growing"] = param(
        "sliding", "sliding: windows of one length; growing: each from the trial's beginning"
    )
    decoders: tuple[Literal["ridge", "deep"], ...] = param(
        ("ridge",), "ridge: seconds a window; deep: an encoder a window"
    )
    picture_off: float = param(
        0.5, "When the picture goes off; drawn as a mark", unit="s", ge=0, le=10
    )
    epochs: int = param(6, "Passes of the encoder through the training part", ge=1, le=1000)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"window": 0.2, "stride": 0.1, "nulls": 1},
        "Standard": SMALL | {"decoders": ("ridge", "deep"), "window": 0.2, "stride": 0.1},
        "Paper": {
            "decoders": ("ridge", "deep"),
            "loss": "brain to picture",
            "temperature": 1.0,
            "learn_temperature": False,
            "falling_rate": False,
            "epochs": 100,
        },
    }


def _check(params: CourseParams, items: Items) -> None:
    check(params, items)
    trials = items["trials"]
    if isinstance(trials, Trials) and params.mode == "sliding":
        epochs = trials.epochs
        length = min(params.stop, epochs.tmax) - max(params.start, epochs.tmin)
        if params.window > length:
            raise BadInput(
                f"A window of {params.window:g} s does not fit into the {length:.3g} s that are decoded. "
                "Use a shorter one."
            )
    if not params.decoders:
        raise BadInput("No decoder is chosen; choose 'ridge', 'deep' or both.")


@method(group="Analyse", title="Decode pictures over time", warnings=WARNINGS, memory=memory, gpu=True,
        check=_check, example="over_time")  # fmt: skip
def decode_pictures_over_time(
    context: Context, params: CourseParams, trials: Trials, features: Table
) -> Result:
    """Decode pictures from each window of time, to see when they become decodable."""
    from .windows import follow

    return follow(context, params, trials, features)
