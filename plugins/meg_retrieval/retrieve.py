"""Uses a stored decoder: the best pictures of a gallery for each response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.api import (
    Context,
    Images,
    ImageStack,
    Items,
    NullControl,
    Number,
    Params,
    Result,
    Table,
    TrainedModel,
    Trials,
    method,
    param,
)

from .preparing import WARNINGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .judging import Queries
    from .preparing import Embeddings, Responses

DRAWS = 200


class RetrieveParams(Params):
    """Parameters of :func:`retrieve`."""

    average: int = param(
        0, "Predictions averaged a picture and subject; 0 for all repeats, 1 for single trials", ge=0,
        le=1000,
    )  # fmt: skip
    keep_known: bool = param(
        False, "Keep pictures on which the model was trained; they are easier to find"
    )
    shown: int = param(6, "Queries whose best pictures are drawn", ge=1, le=8, advanced=True)


def _check(params: RetrieveParams, items: Items) -> None:
    from .models import check_model

    del params
    for name in ("model", "beside"):
        model = items.get(name)
        if isinstance(model, TrainedModel):
            check_model(model)


@method(group="Apply", title="Retrieve pictures", warnings=WARNINGS, gpu=True, check=_check,
        example="find")  # fmt: skip
def retrieve(
    context: Context,
    params: RetrieveParams,
    model: TrainedModel,
    trials: Trials,
    gallery: Table,
    pictures: ImageStack | None = None,
    beside: TrainedModel | None = None,
) -> Result:
    """Find the pictures of a gallery that fit each response best.

    ``gallery`` are embeddings by picture id; ``pictures`` are drawn where they are given; ``beside`` is a
    second decoder, such as the linear one, whose score stands as the baseline.
    """
    import numpy as np

    from . import judging
    from . import pictures as drawn

    found = looked_up(context, model, trials, gallery, params)
    queries, items, responses = found
    judgement = judging.judged(queries, items)
    tops = judging.tops_of(len(items.ids))
    below = None
    if beside is not None:
        other = looked_up(context, beside, trials, gallery, params)
        below = judging.judged(other[0], other[1])
    note = f"gallery of {len(items.ids)} pictures, {len(queries)} queries"
    note += "; simulated data" if responses.simulated else ""
    numbers = {
        f"top-{k}": judging.number(
            judgement, k, baseline=None if below is None else below.top(k), note=note,
            seed=context.seed,
        )
        for k in reversed(tops)
    }  # fmt: skip
    category = dict(zip(responses.pictures.tolist(), responses.categories.tolist(), strict=True))
    hits = _category_hits(queries, items, category)
    if hits is not None:
        numbers["category of the best picture"] = hits
    numbers["relative median rank"] = Number(
        judgement.relative_median_rank, "1", chance=0.5, note=f"0 is best; {note}"
    )
    null = _null(judgement, queries, items, tops[-1], context)
    real = {model.config["decoder"]: queries}
    known = set(model.config["known_pictures"])
    stranger = set(responses.subjects.tolist()) - set(map(str, model.config["subjects"]))
    codes = {
        "simulated": responses.simulated,
        "stranger": bool(stranger),
        "known": bool(known & set(items.ids)),
        "acausal": responses.acausal,
    }
    rows = np.argsort(judgement.ranks, kind="stable")
    rows = rows[np.linspace(0, len(rows) - 1, min(params.shown, len(rows))).round().astype(int)]
    return Result(
        data={"ranks": Table(_ranks(queries, items, judgement.ranks, category))},
        views=(
            *_grid(queries, items, pictures, rows),
            null,
            *drawn.sizes(real, items, tops[-1]),
            *drawn.mistaken(queries, items, category),
            drawn.best_of(queries, items),
        ),
        numbers=numbers,
        warnings=tuple(code for code, holds in codes.items() if holds),
    )


def looked_up(
    context: Context, model: TrainedModel, trials: Trials, gallery: Table, params: RetrieveParams
) -> tuple[Queries, Embeddings, Responses]:
    """Return predictions as queries, the gallery in the model's scale, and the trials they are of.

    Raises
    ------
    BadInput
        A picture is not in the gallery, or nothing is left once known pictures are taken out.
    """
    import numpy as np

    from neurostudio.api import BadInput

    from . import judging, models
    from .preparing import Embeddings, read_embeddings, read_responses

    reading = models.reading_of(model)
    responses = read_responses(trials, reading)
    items = read_embeddings(gallery, reading.picture, tuple(model.config["features"]))
    items.of(responses.pictures.tolist())
    items = models.standard_of(model)(items)
    known = set() if params.keep_known else set(model.config["known_pictures"])
    rows = np.array([k for k, each in enumerate(responses.pictures) if each not in known], int)
    kept = [k for k, each in enumerate(items.ids) if each not in known]
    if not len(rows) or len(kept) < 2:
        raise BadInput(
            "All pictures were in the model's training. Give new ones, or set 'Keep known' to find "
            "pictures again."
        )
    items = Embeddings(tuple(items.ids[k] for k in kept), items.values[kept], items.names)
    signals = models.scaled(model, responses)[rows]
    people = responses.subjects[rows]
    for _ in context.track(range(1), "Decoding"):
        predictions = models.predictions_of(context, model, signals, people.tolist())
    single = judging.Queries(
        predictions, responses.pictures[rows], people, responses.categories[rows],
        np.ones(len(rows), dtype=np.int64),
    )  # fmt: skip
    return (
        single if params.average == 1 else judging.averaged(single, params.average),
        items,
        responses,
    )


def _category_hits(
    queries: Queries, gallery: Embeddings, category: dict[str, str]
) -> Number | None:
    import numpy as np

    from neurostudio.learning.retrieval import cosines
    from neurostudio.scores import bootstrap, interval, score

    kinds = np.array([category.get(each, "") for each in gallery.ids])
    if len(set(kinds.tolist())) == len(kinds) or "" in kinds:
        return None
    best = kinds[cosines(queries.predictions, gallery.values).argmax(axis=1)]
    hit = (best == queries.groups).astype(float)
    draws = bootstrap(lambda rows: float(hit[rows].mean()), queries.pictures.tolist(), draws=500)
    low, high = interval(draws)
    chance = float(np.mean([(kinds == each).mean() for each in queries.groups]))
    return score(float(hit.mean()), low=low, high=high, chance=chance, baseline=None)


def _ranks(
    queries: Queries, gallery: Embeddings, ranks: NDArray[np.float64], category: dict[str, str]
) -> Any:
    """Return one row a query: what was seen, its rank, the five best with their cosines."""
    import numpy as np
    import pandas as pd

    from neurostudio.learning.retrieval import cosines

    similar = cosines(queries.predictions, gallery.values)
    order = np.argsort(-similar, axis=1)[:, :5]
    columns: dict[str, Any] = {
        "picture": queries.pictures,
        "subject": queries.subjects,
        "averaged": queries.counts,
        "rank": ranks + 1,
        "gallery": len(gallery.ids),
        "category": [category.get(each, "") for each in queries.pictures.tolist()],
    }
    ids = np.array(gallery.ids)
    for place in range(order.shape[1]):
        columns[f"best_{place + 1}"] = ids[order[:, place]]
        columns[f"cosine_{place + 1}"] = np.take_along_axis(similar, order[:, [place]], 1)[:, 0]
    return pd.DataFrame(columns)


def _null(
    judgement: Any, queries: Queries, gallery: Embeddings, k: int, context: Context
) -> NullControl:
    """Return top-k beside what it is where each query is told another picture as its own."""
    import numpy as np

    from neurostudio.learning.retrieval import cosines, rows_of, top

    from . import judging

    similar = cosines(queries.predictions, gallery.values)
    order = np.argsort(np.argsort(-similar, axis=1), axis=1)
    own = rows_of(queries.pictures.tolist(), gallery.ids, "items of the gallery")
    random = np.random.default_rng([context.seed, 9])
    every = np.arange(len(own))
    draws = [
        top(order[every, random.permutation(own)], k)
        for _ in context.track(range(DRAWS), "Shuffling")
    ]
    value = judging.number(judgement, k, seed=context.seed)
    return NullControl(
        np.array([value.value]), np.array([draws]), names=(f"top-{k} of {len(gallery.ids)}",),
        null_name="true pictures shuffled between queries", low=np.array([value.low]),
        high=np.array([value.high]), chance=np.array([value.chance]), y_label=f"top-{k}", y_unit="1",
        title="Found, and found where the truth is shuffled",
    )  # fmt: skip


def _grid(
    queries: Queries, gallery: Embeddings, stack: ImageStack | None, rows: NDArray[np.intp]
) -> tuple[Images, ...]:
    """Return the seen picture and the five best of some queries, from the best found to the worst."""
    import numpy as np

    from neurostudio.learning.retrieval import rows_of

    from . import pictures as drawn

    if stack is None:
        return ()
    ids = [str(each) for each in stack.array.coords["id"].values]
    place = rows_of(list(gallery.ids), ids, "pictures")
    pixels = {
        name: np.asarray(stack.array[int(row)])
        for name, row in zip(gallery.ids, place, strict=True)
    }
    shown, names = drawn.grid(queries, gallery, pixels, rows.tolist())
    return (
        Images(
            shown, names=names, columns=1 + min(drawn.BEST, len(gallery.ids)),
            title="What was seen, and what fits the response best",
            caption=(
                "A row a query, from the best found to the worst: first the one seen, then the five best of "
                f"{len(gallery.ids)} with their cosine; ✓ marks the picture seen."
            ),
        ),
    )  # fmt: skip
