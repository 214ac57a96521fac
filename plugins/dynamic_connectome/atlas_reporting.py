"""The atlas in numbers and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Heatmap, Lines, NullControl, Number, Report, Sheet, View

from .atlas_words import words
from .components import called, fit_numbers
from .declaring import FORM, MOTIFS, ONE_ANIMAL
from .picture_of_atlas import MotifAtlas
from .pictures import (
    SIMULATED,
    animal_profiles,
    graph,
    in_worm,
    membership,
    places,
    sorted_matrix,
    time_courses,
    timeline,
    visible,
)
from .reading import matched_purity, strength_over_time

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .animals import Cohort
    from .atlas_controls import Controls
    from .fitting import Fit
    from .grouping import Grouping
    from .reading import Epochs
    from .tensors import Affine

    Array = NDArray[np.float64]

DRAWN = 6
FOLLOWS = 0.6


@dataclass(frozen=True, slots=True)
class Atlas:
    """All that an atlas found: ``same`` (rank, n, n), ``shares`` (rank, n_epochs) the purity."""

    cohort: Cohort
    affine: Affine
    fit: Fit
    same: Array
    groupings: tuple[Grouping, ...]
    epochs: Epochs
    shares: Array
    controls: Controls
    left_out: Array
    simulated: bool

    @property
    def note(self) -> str:
        """What every caption says beside its own words."""
        one = f" {ONE_ANIMAL}" if len(self.cohort.animals) == 1 else ""
        return one + (SIMULATED if self.simulated else "")

    @property
    def labels(self) -> NDArray[np.int64]:
        """The community of each neuron in each component (rank, n)."""
        return np.stack([each.labels for each in self.groupings])


def numbers_of(atlas: Atlas) -> dict[str, Number]:
    """Return the numbers of an atlas, each beside its control."""
    controls, found = atlas.controls, fit_numbers(atlas.fit, atlas.controls.shifted)
    _, pure = matched_purity(atlas.shares)
    agreements = np.array([each.agreement for each in atlas.groupings])
    counts = [int(each.labels.max()) + 1 for each in atlas.groupings]
    what = "stimuli" if atlas.epochs.given else "quarters of the recording"
    found["purity"] = Number(
        float(pure.mean()),
        "1",
        float(pure.min()),
        float(pure.max()),
        chance=float(controls.turned.mean()) if len(controls.turned) else None,
        baseline=float(controls.shifted_purity.mean()) if controls.shifted else None,
        note=f"mean over components matched to {what}, range over them; chance: their times turned round; "
        "baseline: traces shifted in time",
    )
    if len(controls.turned):
        p = (1 + (controls.turned >= pure.mean()).sum()) / (1 + len(controls.turned))
        found["p of purity"] = Number(
            float(p), "1", chance=0.5, note=f"{len(controls.turned)} turns"
        )
    if atlas.epochs.given:
        follow = (atlas.shares >= FOLLOWS).sum(axis=0)
        found["components per stimulus"] = Number(
            float(follow.mean()),
            "1",
            float(follow.min()),
            float(follow.max()),
            note=f"with a purity of at least {FOLLOWS:g}; range over stimuli",
        )
    found["communities"] = Number(
        float(np.mean(counts)),
        "1",
        min(counts),
        max(counts),
        note="mean over components, and range",
    )
    if np.isfinite(agreements).any():
        found["agreement of seeds"] = Number(
            float(np.nanmean(agreements)),
            "1",
            float(np.nanmin(agreements)),
            float(np.nanmax(agreements)),
            chance=float(controls.shifted_agreement.mean()) if controls.shifted else None,
            note="adjusted mutual information of communities over seeds, range over components; chance: "
            "traces shifted in time",
        )
    found |= _sides(controls)
    if len(atlas.left_out):
        found["without one animal"] = Number(
            float(atlas.left_out.mean()),
            "1",
            float(atlas.left_out.min()),
            float(atlas.left_out.max()),
            note="cosine of components fitted without each animal with those of all; range",
        )
    return found  # fmt: skip


def _sides(controls: Controls) -> dict[str, Number]:
    if not controls.n_sides:
        return {}
    null = controls.sides_null
    value = float(controls.sides.mean())
    words = f"share of {controls.n_sides} left-right pairs in one community, range over components"
    p = ""
    if len(null):
        share = (1 + (null >= value).sum()) / (1 + len(null))
        p = f"; chance: labels shuffled, 95th percentile {np.percentile(null, 95):.3g}, p = {share:.3g}"
    moved = ""
    if controls.shifted:
        moved = f"; traces shifted in time: {controls.shifted_sides.mean():.3g}"
    plain = controls.static_null
    return {
        "left-right agreement": Number(
            value, "1", float(controls.sides.min()), float(controls.sides.max()),
            chance=float(null.mean()) if len(null) else None, note=f"{words}{p}{moved}",
        ),
        "left-right agreement, static correlation": Number(
            controls.static_sides, "1", chance=float(plain.mean()) if len(plain) else None,
            note=f"{int(controls.static.labels.max()) + 1} communities of the whole recording's "
            "correlation; large communities make this score easy: compare it with its own chance",
        ),
    }  # fmt: skip


def views_of(atlas: Atlas) -> tuple[View, ...]:
    """Return the pictures of an atlas, the overview first."""
    cohort, times, fit = atlas.cohort, atlas.affine.times, atlas.fit
    names, note = called(fit.factors.rank), atlas.note
    views: list[View] = [
        _overview(atlas),
        time_courses(times, fit.factors.time, atlas.epochs.marks, names, note),
    ]
    if len(cohort.animals) > 1:
        views.append(animal_profiles(fit.factors.animals, cohort.animals, names, note))
    views.append(_against_controls(atlas))
    views.append(_purity(atlas))
    for r in range(min(fit.factors.rank, DRAWN)):
        labels = atlas.groupings[r].labels
        views += [
            sorted_matrix(atlas.same[r], labels, cohort.neurons, f"Between whom: {names[r]}", note),
            graph(atlas.same[r], labels, cohort.neurons, f"Graph of {names[r]}", note),
        ]
    xyz, space = places(cohort.neurons)
    if xyz is not None:
        views += [
            in_worm(
                atlas.same[r],
                atlas.groupings[r].labels,
                cohort.neurons,
                xyz,
                space,
                f"In the worm: {names[r]}",
            )
            for r in range(min(fit.factors.rank, DRAWN))
        ]
    views += [
        timeline(times, fit.factors.time, atlas.same, atlas.labels, cohort.neurons, note),
        _communities_over_time(atlas),
        membership(atlas.labels, cohort.neurons, names, note),
        _members(atlas),
        Report(title="What can be said", text=words(atlas)),
    ]
    return tuple(views)


def _overview(atlas: Atlas) -> MotifAtlas:
    fit, times = atlas.fit, atlas.affine.times
    animals = fit.factors.animals
    middle = np.maximum(np.median(animals, axis=0), 1e-12)
    inside = np.stack([atlas.epochs.inside[k] for k in range(len(atlas.epochs.names))]).astype(
        float
    )
    order = np.stack([
        np.lexsort([-atlas.same[r].sum(axis=1), each.labels]) for r, each in enumerate(atlas.groupings)
    ])  # fmt: skip
    return MotifAtlas(
        times=times, time=fit.factors.time.T * np.sqrt(len(times)), animals=(animals / middle).T,
        matrices=atlas.same.astype(np.float32), labels=atlas.labels, order=order, inside=inside,
        neurons=atlas.cohort.neurons, animal_names=atlas.cohort.animals,
        epoch_names=atlas.epochs.names if atlas.epochs.given else (), shares=atlas.shares, axis="time",
        title="Motif atlas", above=FORM,
        caption="One row a component: when, in whom, between whom, and its communities. "
        f"{MOTIFS}{atlas.note}",
    )  # fmt: skip


def _against_controls(atlas: Atlas) -> NullControl:
    controls = atlas.controls
    _, pure = matched_purity(atlas.shares)
    rows: list[tuple[str, float, Array]] = [("purity: turned", float(pure.mean()), controls.turned)]
    if controls.shifted:
        rows.append(("purity: shifted", float(pure.mean()), controls.shifted_purity))
        agreements = np.array([each.agreement for each in atlas.groupings])
        rows.append(
            (
                "seeds: shifted",
                float(np.mean(agreements)),
                controls.shifted_agreement,
            )
        )
    if controls.n_sides:
        value = float(controls.sides.mean())
        rows.append(("L-R: labels", value, controls.sides_null))
        if controls.shifted:
            rows.append(("L-R: shifted", value, controls.shifted_sides))
            moved = float(controls.shifted_sides.mean())
            rows.append(("shifted L-R: labels", moved, controls.shifted_sides_null))
        rows.append(
            (
                "static L-R: labels",
                controls.static_sides,
                controls.static_null,
            )
        )
    rows = [row for row in rows if np.isfinite(row[1])]
    null = np.full((len(rows), max(1, *(len(n) for _, _, n in rows))), np.nan)
    for k, (_, _, draws) in enumerate(rows):
        null[k, : len(draws)] = draws
    return NullControl(
        values=np.array([v for _, v, _ in rows]), null=null, names=tuple(n for n, _, _ in rows),
        null_name="control", y_label="score", y_unit="1", title="Beside its controls",
        caption="A score says something only where it lies outside its control. Controls: times of stimuli "
        "turned round, traces each shifted in time, labels of neurons shuffled. Seeds: agreement of "
        "communities over seeds; L-R: left and right partners in one community; static: of the "
        f"correlation over the whole recording.{atlas.note}",
    )  # fmt: skip


def _purity(atlas: Atlas) -> Heatmap:
    words = "stimulus" if atlas.epochs.given else "quarter (no stimuli were given)"
    return Heatmap(
        atlas.shares, x_names=atlas.epochs.names, y_names=called(atlas.fit.factors.rank), x_label=words,
        y_label="component", value_label="purity", value_unit="1", show_values=True, span=(0.0, 1.0),
        title="Which component follows what",
        caption="Mean loading inside an epoch over the sum of those in all; equal for all is "
        f"{1 / len(atlas.epochs.names):.2f}.{atlas.note}",
    )  # fmt: skip


def _communities_over_time(atlas: Atlas) -> Lines:
    lines, names = [], []
    marks, early = visible(atlas.epochs.marks, atlas.affine.times)
    for r, each in enumerate(atlas.groupings[:DRAWN]):
        course = strength_over_time(atlas.same[r], each.labels, atlas.fit.factors.time[:, r])
        for g in np.argsort(-course.sum(axis=1), kind="stable")[:2]:
            lines.append(course[g] * np.sqrt(len(course[g])))
            names.append(f"component {r + 1}, community {g + 1}")
    return Lines(
        atlas.affine.times, np.array(lines), tuple(names), x_label="time", x_unit="s",
        y_label="mean affinity inside", y_unit="1", marks=marks, axis="time",
        title="Strongest communities over time",
        caption=f"The two strongest of each component. {MOTIFS}{early}{atlas.note}",
    )  # fmt: skip


def _members(atlas: Atlas) -> Sheet:
    columns: dict[str, list[object]] = {
        "component": [],
        "community": [],
        "neurons": [],
        "members, strongest first": [],
    }
    for r, each in enumerate(atlas.groupings):
        strength = atlas.same[r].sum(axis=1)
        for g in range(int(each.labels.max()) + 1):
            inside = np.flatnonzero(each.labels == g)
            inside = inside[np.argsort(-strength[inside], kind="stable")]
            columns["component"].append(r + 1)
            columns["community"].append(g + 1)
            columns["neurons"].append(len(inside))
            columns["members, strongest first"].append(
                ", ".join(atlas.cohort.neurons[k] for k in inside)
            )
    return Sheet(columns, title="Members of the communities")
