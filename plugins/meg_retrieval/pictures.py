"""What is seen of a decoder: scores beside their null, averaging, gallery size, what was mistaken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, NullControl, Report, Sheet
from neurostudio.learning.retrieval import cosines, rows_of

from .judging import FEW, averaged, by_gallery, by_repeats, drawn_singly, number, tops_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Number, View

    from .experiment import Experiment
    from .judging import Judged, Queries
    from .preparing import Embeddings

    Array = NDArray[Any]

MOST_ROWS, MOST_CATEGORIES, BEST = 60, 40, 5


def of_scores(
    judgements: Mapping[tuple[str, str], Judged],
    numbers: Mapping[str, Number],
    experiment: Experiment,
) -> tuple[View, ...]:
    """Return the verdict in words, and each score beside its null."""
    size = len(experiment.gallery.ids)
    k = tops_of(size)[-1]
    return (_verdict(numbers, judgements, experiment, k), null_control(judgements, k))


def _verdict(
    numbers: Mapping[str, Number],
    judgements: Mapping[tuple[str, str], Judged],
    experiment: Experiment,
    k: int,
) -> Report:
    main = "deep" if ("deep", "single") in judgements else "ridge"
    few = len(judgements[main, "averaged"].ranks) < FEW
    way, other = ("single", "averaged") if few else ("averaged", "single")
    value = numbers[f"top-{k}, {way}"]
    size = len(experiment.gallery.ids)
    low, chance = value.low or 0.0, value.chance or 0.0
    above = "above chance" if low > chance else "not distinguishable from chance"
    lines = [
        f"Gallery of {size} pictures, none of a category that was trained on; {above}."
        if experiment.split.kind and not _seen(experiment)
        else f"Gallery of {size} pictures that training saw too; {above}.",
        f"{other.capitalize()} predictions: {numbers[f'top-{k}, {other}']}.",
        "Predictions were averaged, not signals. Similar pictures of one category count as wrong.",
    ]
    if main == "deep":
        lines.insert(1, f"Ridge on the same split: {judgements['ridge', way].top(k):.3g}.")
    if experiment.responses.simulated:
        lines.insert(0, "Simulated data.")
    text = ["## Which picture was seen?", "", f"**Top-{k}, {way}: {value}**", ""]
    return Report("\n".join([*text, *(f"- {line}" for line in lines)]), title="Verdict")


def _seen(experiment: Experiment) -> bool:
    from .preparing import seen_before

    return seen_before(experiment.responses, experiment.split)


def null_control(judgements: Mapping[tuple[str, str], Judged], k: int) -> NullControl:
    """Return top-k of each decoder, averaged and single, beside its runs on shuffled pictures."""
    shown = [key for key in judgements if "shuffled" not in key[0]]
    shown.sort(key=lambda key: (key[1] == "single", key[0] != "deep"))
    found = [number(judgements[key], k) for key in shown]
    nulls = [
        [
            each.top(k)
            for (name, trials), each in judgements.items()
            if trials == key[1] and name.startswith(f"{key[0]}, shuffled")
        ]
        for key in shown
    ]
    most = max(map(len, nulls)) or 1
    drawn = "queries" if drawn_singly(judgements[shown[0]]) else "the groups of the split"
    caption = f"Intervals by drawing {drawn} again."
    if "deep" in {name for name, _ in shown} and not nulls[0]:
        caption += " No encoder was trained on shuffled pictures ('Deep null' is off)."
    null = np.full((len(shown), most), np.nan)
    for row, values in enumerate(nulls):
        null[row, : len(values)] = values
    return NullControl(
        values=np.array([each.value for each in found]),
        null=null,
        names=tuple(f"{name}, {trials}" for name, trials in shown),
        null_name="pictures shuffled against trials in training",
        low=np.array([each.low for each in found]),
        high=np.array([each.high for each in found]),
        chance=np.array([each.chance for each in found]),
        y_label=f"top-{k}",
        y_unit="1",
        title=f"Top-{k} of {judgements[shown[0]].n_gallery} pictures, and where there is nothing to find",
        caption=caption,
    )


def of_queries(real: Mapping[str, Queries], experiment: Experiment, main: str) -> tuple[View, ...]:
    """Return averaging, gallery size, the best five of each query, and the mistaken categories."""
    gallery = experiment.gallery
    k = tops_of(len(gallery.ids))[-1]
    whole = averaged(real[main])
    few = len(whole) < FEW
    whole = real[main] if few else whole
    own = experiment.responses
    category = dict(zip(own.pictures.tolist(), own.categories.tolist(), strict=True))
    return (
        *(() if few else _averaging(real, gallery, k)),
        *sizes(real, gallery, k),
        *mistaken(whole, gallery, category, "single trials" if few else "averaged predictions"),
        best_of(whole, gallery),
    )


def _averaging(real: Mapping[str, Queries], gallery: Embeddings, k: int) -> tuple[View, ...]:
    curves = {name: by_repeats(queries, gallery, k) for name, queries in real.items()}
    counts = next(iter(curves.values()))[0]
    if len(counts) < 2:
        return ()
    values = np.array([curve for _, curve in curves.values()])
    queries = len(averaged(next(iter(real.values()))))
    error = 1.96 * np.sqrt(np.clip(values * (1 - values), 0, None) / queries)
    return (
        Lines(
            np.array(counts, float), values, names=tuple(curves), x_label="predictions averaged",
            y_label=f"top-{k}", y_unit="1", low=np.maximum(values - error, 0),
            high=np.minimum(values + error, 1), levels={"chance": k / len(gallery.ids)},
            title="What averaging repeats gains",
            caption="A picture and subject each; bands are ± 1.96 binomial standard errors.",
        ),
    )  # fmt: skip


def sizes(real: Mapping[str, Queries], gallery: Embeddings, k: int) -> tuple[View, ...]:
    """Return how top-k falls as the gallery grows, and chance with it."""
    m = len(gallery.ids)
    counts = sorted({*np.unique(np.geomspace(k + 1, m, 8).round().astype(int)).tolist()})
    if m <= 2 * k or len(counts) < 3:
        return ()
    x = np.array(counts, float)
    rows = [by_gallery(averaged(queries), gallery, counts, k) for queries in real.values()]
    return (
        Lines(
            x, np.array([*rows, (k / x).tolist()]), names=(*real, "chance"),
            x_label="pictures in the gallery",
            y_label=f"top-{k}", y_unit="1", log_x=m > 10 * k,
            title="How the score depends on the gallery",
            caption="The seen picture among others drawn at random; averaged predictions.",
        ),
    )  # fmt: skip


def mistaken(
    queries: Queries,
    gallery: Embeddings,
    category: Mapping[str, str],
    what: str = "averaged predictions",
) -> tuple[Heatmap, ...]:
    """Return which category the best picture has, for each category that was seen."""
    classes = sorted({category.get(each, each) for each in gallery.ids})
    if not 2 <= len(classes) <= MOST_CATEGORIES:
        return ()
    best = cosines(queries.predictions, gallery.values).argmax(axis=1)
    counts = np.zeros((len(classes), len(classes)))
    for picture, row in zip(queries.pictures.tolist(), best, strict=True):
        seen = classes.index(category.get(picture, picture))
        counts[seen, classes.index(category.get(gallery.ids[row], gallery.ids[row]))] += 1
    return (
        Heatmap(
            counts, x_names=tuple(classes), y_names=tuple(classes), x_label="found", y_label="seen",
            value_label="queries", show_values=len(classes) <= 12, title="Category of the best picture",
            caption=f"{what.capitalize()}.",
        ),
    )  # fmt: skip


def best_of(queries: Queries, gallery: Embeddings) -> Sheet:
    """Return one row a query: the true picture, its rank, the five best with their cosines."""
    similar = cosines(queries.predictions, gallery.values)
    own = rows_of(queries.pictures.tolist(), gallery.ids, "items of the gallery")
    order = np.argsort(-similar, axis=1)
    chosen = np.arange(len(queries))[:MOST_ROWS]
    rank = [int(np.flatnonzero(order[row] == own[row])[0]) + 1 for row in chosen]
    columns: dict[str, list[Any]] = {
        "seen": [str(queries.pictures[row]) for row in chosen],
        "subject": [str(queries.subjects[row]) for row in chosen],
        "rank of the seen": rank,
    }
    for place in range(min(BEST, len(gallery.ids))):
        columns[f"{place + 1}."] = [
            f"{gallery.ids[order[row, place]]} ({similar[row, order[row, place]]:.2f})"
            for row in chosen
        ]
    more = len(queries) - len(chosen)
    caption = "Cosine in brackets; rank 1 is right."
    caption += f" The first {MOST_ROWS} of {len(queries)}." if more > 0 else ""
    return Sheet(columns, title="The five best of each query", caption=caption)


def grid(
    queries: Queries, gallery: Embeddings, pixels: Mapping[str, Array], rows: Sequence[int]
) -> tuple[Array, tuple[str, ...]]:
    """Return the seen picture and the best five of some queries, and a name each; the true one is marked."""
    similar = cosines(queries.predictions, gallery.values)
    order = np.argsort(-similar, axis=1)[:, :BEST]
    shown, names = [], []
    for row in rows:
        seen = str(queries.pictures[row])
        shown.append(pixels[seen])
        names.append("seen")
        for column in order[row]:
            shown.append(pixels[gallery.ids[column]])
            right = "✓ " if gallery.ids[column] == seen else ""
            names.append(f"{right}{similar[row, column]:.2f}")
    return np.stack(shown), tuple(names)
