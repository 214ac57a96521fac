"""Live curves: metrics of runs as lines, with losses and scores on axes of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_AXES = ("epoch", "step")
_SCORES = (
    "accuracy",
    "auroc",
    "auc",
    "score",
    "f1",
    "r2",
    "kappa",
    "precision",
    "recall",
    "chance",
)
_LOSSES = ("loss", "error", "nll", "elbo", "mse")


@dataclass(slots=True)
class Curve:
    """One line: a metric of one series (a fold, a stage) of one run."""

    name: str
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)


def group_of(metric: str) -> str:
    """Return the axis on which a metric is drawn: ``loss``, ``score``, ``correlation``, or its own name.

    Examples
    --------
    >>> group_of("train_loss"), group_of("balanced_accuracy"), group_of("rate")
    ('loss', 'score', 'rate')
    """
    words = metric.lower().split("_")
    if any(word in _LOSSES for word in words):
        return "loss"
    if any(word in _SCORES for word in words):
        return "score"
    return "correlation" if "correlation" in words else metric


def axis_of(metrics: Iterable[Mapping[str, float | str]]) -> str:
    """Return what the horizontal axis is: ``epoch``, ``step``, or else the number of the record."""
    names = {name for record in metrics for name in record}
    return next((axis for axis in _AXES if axis in names), "record")


def curves(
    metrics: Sequence[Mapping[str, float | str]], prefix: str = ""
) -> dict[str, list[Curve]]:
    """Return the curves of one run for each axis, in the order in which they first appear."""
    found: dict[tuple[str, str], Curve] = {}
    axis = axis_of(metrics)
    for number, record in enumerate(metrics):
        words = [f"{key} {value}" for key, value in record.items() if isinstance(value, str)]
        x = record.get(axis, number)
        for metric, value in record.items():
            if metric in _AXES or isinstance(value, str):
                continue
            name = ", ".join([each for each in (prefix, metric.replace("_", " "), *words) if each])
            curve = found.setdefault((group_of(metric), name), Curve(name))
            curve.x.append(float(x))
            curve.y.append(value)
    groups: dict[str, list[Curve]] = {}
    for (group, _), curve in found.items():
        groups.setdefault(group, []).append(curve)
    return groups
