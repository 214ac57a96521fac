"""What is seen: who attracts whom, curves, ages, the map of people, the site meter, anatomy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Heatmap, Lines, NullControl, Report, Scatter

from . import weighing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from neurostudio.api import Number
    from neurostudio.training import History

    from .people import Anatomy, Cohort

    Array = NDArray[np.float64]

MOST_SITES = 10
BANDS = (0, 20, 30, 40, 50, 60, 70, 200)
METER = (
    "Two probes, because the answer depends on the probe. The weak one (logistic regression, C = 0.003) says "
    "how prominent the site is; the tuned one (C from a grid) whether it can be read at all. A smaller value "
    "of the weak one alone does not mean that the site is gone."
)


def weights_of_batch(ages: Tensor, descriptors: Tensor, how: Anatomy) -> Heatmap | None:
    """Return the weights of a batch sorted by age, with their entropy; None for SimCLR, which has none."""
    if how.loss == "simclr":
        return None
    order = ages.argsort().cpu()
    ages, descriptors = ages.cpu()[order], descriptors.cpu()[order]
    parts = []
    if how.uses_anatomy:
        parts.append(how.anatomy_weight * weighing.anatomy_weights(descriptors, how.anatomy))
    if how.uses_age:
        term = weighing.age_weights(ages, how.age_width, how.kernel)
        parts.append(term * (how.age_weight if how.uses_anatomy else 1.0))
    weights = sum(parts[1:], parts[0])
    even = weighing.entropy(weights)
    values = weights.double().numpy()
    np.fill_diagonal(values, np.nan)
    places = np.arange(len(values), dtype=float)
    return Heatmap(
        values, x=places, y=places, x_label="person, youngest first", y_label="person, youngest first",
        value_label="weight", value_unit="1", title="Who attracts whom in a batch",
        caption=f"{how.loss}. Evenness of a row {even:.2f} (0: one partner, 1: all alike).",
    )  # fmt: skip


def learning_curves(histories: Mapping[str, History]) -> tuple[Lines, ...]:
    """Return the loss and, where they were read on the way, its terms, the age error, the site accuracy."""
    longest = max(len(each.epochs) for each in histories.values())
    x = np.arange(1, longest + 1, dtype=float)

    def rows(name: str, *, kept: Sequence[str]) -> Array:
        columns = [histories[key].column(name) for key in kept]
        return np.array([[*c, *[np.nan] * (longest - len(c))] for c in columns], dtype=float)

    everybody = tuple(histories)
    views = [
        Lines(x, rows("train_loss", kept=everybody), names=everybody, x_label="epoch", y_label="loss",
              y_unit="nat", title="Loss", caption="A line a fold."),
    ]  # fmt: skip
    first = everybody[:1]
    terms = [rows(f"{name}_term", kept=first)[0] for name in ("age", "anatomy")]
    if all(np.isfinite(each).any() for each in terms):
        views.append(
            Lines(x, np.stack(terms), names=("age", "anatomy"), x_label="epoch", y_label="loss term",
                  y_unit="nat", title=f"Terms of the loss, {first[0]}")
        )  # fmt: skip
    for name, label, unit in (("age_error", "mean absolute error of age", "years"),
                              ("site_accuracy", "site read by the weak probe", "1")):  # fmt: skip
        found = rows(name, kept=everybody)
        some = [k for k, each in enumerate(found) if np.isfinite(each).any()]
        if some:
            seen = np.isfinite(found[some]).any(axis=0)
            views.append(
                Lines(x[seen], found[some][:, seen], names=tuple(everybody[k] for k in some), x_label="epoch",
                      y_label=label, y_unit=unit, title=f"On the way: {label}",
                      caption="People of the test part. Nothing was chosen by it.")
            )  # fmt: skip
    return tuple(views)


def ages(truth: Array, predicted: Array, keys: Sequence[str], title: str,
         bounds: tuple[Array, Array] | None = None, groups: Sequence[str] = ()) -> Scatter:  # fmt: skip
    """Return age against the age that was read, with its interval where it is known."""
    low, high = bounds if bounds is not None else (None, None)
    return Scatter(
        truth, predicted, groups=tuple(groups), names=tuple(keys), x_label="age", x_unit="years",
        y_label="age read from the brain", y_unit="years", low=low, high=high, title=title,
        caption="Each person was judged by a model that never saw the person. A gap is not a diagnosis.",
    )  # fmt: skip


def bands(years: Array) -> tuple[str, ...]:
    """Return the age band of each person in words."""
    places = np.clip(np.searchsorted(BANDS, years, side="right") - 1, 0, len(BANDS) - 2)
    names = [f"{low} to {high} years" for low, high in pairwise(BANDS)]
    names[0], names[-1] = f"under {BANDS[1]} years", f"from {BANDS[-2]} years"
    return tuple(
        names[k] if np.isfinite(y) else "age unknown" for k, y in zip(places, years, strict=True)
    )


def plane(embedding: Array) -> tuple[Array, Array]:
    """Return the two main directions (n, 2) of an embedding (n, d), and their shares of the variance (2,)."""
    centred = embedding - embedding.mean(axis=0)
    spread = centred.std(axis=0)
    centred = centred / np.where(spread > 0, spread, 1)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    shares = s**2 / max(float((s**2).sum()), 1e-12)
    if len(s) < 2:
        return np.column_stack([u[:, 0] * s[0], np.zeros(len(u))]), np.array([shares[0], 0.0])
    turn = np.sign(np.abs(u[:, :2]).max(axis=0) + np.min(u[:, :2], axis=0))
    turn[turn == 0] = 1
    return u[:, :2] * s[:2] * turn, shares[:2]


def maps(places: Array, shares: Array, keys: Sequence[str], years: Array | None,
         sites: Sequence[str]) -> tuple[Scatter, ...]:  # fmt: skip
    """Return the map of people by age band and by site."""
    views = []
    colourings: list[tuple[str, tuple[str, ...]]] = []
    if years is not None and np.isfinite(years).any():
        order = np.argsort(years)
        colourings.append(("age", bands(years)))
    else:
        order = np.arange(len(places))
    if len(set(sites)) > 1:
        colourings.append(("site", few(sites)))
    for what, groups in colourings or [("", ())]:
        views.append(
            Scatter(
                places[order, 0], places[order, 1], groups=tuple(groups[k] for k in order) if groups else (),
                names=tuple(keys[k] for k in order), x_label=f"first direction ({shares[0]:.0%})", x_unit="1",
                y_label=f"second direction ({shares[1]:.0%})", y_unit="1",
                title=f"Map of people by {what}" if what else "Map of people",
                caption="Principal components of the embedding; shares of its variance.",
            )
        )  # fmt: skip
    return tuple(views)


def few(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the largest groups; the others are called so."""
    found, counts = np.unique(np.array(names, str), return_counts=True)
    kept = set(found[np.argsort(-counts, kind="stable")][:MOST_SITES].tolist())
    return tuple((each or "unknown") if each in kept else "other sites" for each in names)


def site_meter(weak: Number, tuned: Number, majority: float) -> tuple[Report, Scatter]:
    """Return how well the site can be read, in words and as a picture."""
    text = [
        "## How well can the site be read?", "",
        f"- weak probe: **{weak}**", f"- tuned probe: **{tuned}**",
        f"- always the largest site: {majority:.3g}",
        "", METER,
    ]  # fmt: skip
    rows = (weak, tuned)
    values = np.array([each.value for each in rows])
    view = Scatter(
        np.arange(2.0), values, names=("weak probe", "tuned probe"), x_label="probe",
        y_label="accuracy of the site", y_unit="1",
        low=np.array([each.low for each in rows], float), high=np.array([each.high for each in rows], float),
        x_names=("weak probe", "tuned probe"),
        levels={"chance": float(weak.chance or 0), "largest site": majority}, title="Site-leak meter",
        caption="People that the encoder never saw. The bar holds 95 % of resampled people.",
    )  # fmt: skip
    return Report("\n".join(text), title="Site-leak meter in words"), view


def beside_null(names: Sequence[str], found: Sequence[float], null: Array, null_name: str, label: str,
                unit: str, chance: Sequence[float], baseline: Sequence[float], title: str,
                caption: str = "") -> NullControl:  # fmt: skip
    """Return values beside their null."""
    return NullControl(
        np.array(found, float), np.array(null, float), names=tuple(names), null_name=null_name,
        chance=np.array(chance, float), baseline=np.array(baseline, float), y_label=label, y_unit=unit,
        title=title, caption=caption,
    )  # fmt: skip


def correlations(people: Cohort) -> Heatmap | None:
    """Return how the regional measures go together over people; None where there are none."""
    flat = people.flat()
    if flat is None or len(people) < 3:
        return None
    spread = flat.std(axis=0)
    kept = np.flatnonzero(spread > 0)
    rows = (flat[:, kept] - flat[:, kept].mean(axis=0)) / spread[kept]
    names = [f"{m}: {r}" for r in people.regions for m in people.measures]
    order = sorted(range(len(kept)), key=lambda k: (kept[k] % len(people.measures), kept[k]))
    matrix = (rows.T @ rows / len(rows))[np.ix_(order, order)]
    shown = tuple(names[kept[k]] for k in order)
    small = len(shown) <= 40
    places = None if small else np.arange(len(shown), dtype=float)
    return Heatmap(
        matrix, x=places, y=places, x_names=shown if small else (), y_names=shown if small else (),
        x_label="regional measure", y_label="regional measure", value_label="correlation", value_unit="1",
        diverging=True, title="How regional measures go together",
        caption=f"Over {len(people)} people; all regions of one measure stand together "
        f"({', '.join(people.measures)}).",
    )  # fmt: skip
