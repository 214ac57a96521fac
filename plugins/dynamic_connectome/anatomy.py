"""A component beside the anatomy: whether neurons that change together have contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Heatmap,
    NullControl,
    Number,
    Params,
    Result,
    Scatter,
    Table,
    View,
    method,
    param,
)

from .declaring import MOTIFS, WARNINGS
from .pictures import SIMULATED, anatomical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LEAST = 4
DRAWN = 4000
WORDS = {"chemical": "chemical synapses", "gap": "gap junctions"}


class AnatomyParams(Params):
    """Parameters of :func:`compare_with_anatomy`."""

    n_shuffles: int = param(1000, "Shuffles of the names of neurons", ge=99, le=10_000)


@method(
    group="Compare",
    title="Compare with anatomy",
    example="anatomy",
    warnings={
        "names": "Some neurons are not in the anatomy; they were left out.",
        "same animal": "The anatomy is that of another animal than the one recorded.",
        "no communities": "The component carries no communities; only its pairs were compared.",
        "simulated": WARNINGS["simulated"],
    },
)
def compare_with_anatomy(
    context: Context,
    params: AnatomyParams,
    component: Connectome,
    anatomy: Connectome | None = None,
    gap: Connectome | None = None,
) -> Result:
    """Compare the affinity of pairs, and communities, with contacts, beside shuffled names of neurons.

    Without an anatomy it is that of the worm of Cook et al. 2019, chemical synapses and gap junctions.
    Contacts of both directions are added.
    """
    given = _anatomies(anatomy, gap)
    names, kept, contacts = _shared(component, given)
    functional = _square(component, kept)
    labels = _communities(component, kept)
    random = np.random.default_rng(context.seed)
    orders = [
        random.permutation(len(names))
        for _ in context.track(range(params.n_shuffles), "Shuffling names")
    ]
    numbers: dict[str, Number] = {"shared neurons": Number(len(names))}
    nulls: dict[str, tuple[float, Array]] = {}
    for kind, weights in contacts.items():
        nulls[f"rank correlation, {WORDS[kind]}"] = _against(
            context, functional, weights, orders, _ranks
        )
        if labels is not None:
            together = (labels[:, None] == labels[None]).astype(float)
            nulls[f"contacts in communities, {WORDS[kind]}"] = _against(
                context, together, weights, orders, _ratio
            )
    for name, (value, null) in nulls.items():
        p = float((1 + (null >= value).sum()) / (1 + len(null)))
        what = ("contacts of a pair inside a community over those between" if "in comm" in name
                else "Spearman, all pairs of shared neurons")  # fmt: skip
        numbers[name] = Number(
            value, "1", chance=float(null.mean()),
            note=f"{what}; chance: names shuffled, 95 % of them {np.percentile(null, 2.5):.3g} to "
            f"{np.percentile(null, 97.5):.3g}",
        )  # fmt: skip
        numbers[f"p, {name}"] = Number(
            p, "1", chance=0.5,
            note=f"one-sided, {len(null)} shuffles; of this component and measure alone, not corrected",
        )  # fmt: skip
    codes = ["names"] if len(names) < component.matrix.sizes["source"] else []
    codes += ["same animal"] if anatomy is None else []
    codes += [] if labels is not None else ["no communities"]
    codes += ["simulated"] if component.matrix.attrs.get("simulated") else []
    note = SIMULATED if "simulated" in codes else ""
    return Result(
        data={"pairs": Table(_table(names, functional, contacts))},
        views=_views(names, functional, contacts, labels, nulls, context.seed, note),
        numbers=numbers,
        warnings=tuple(codes),
    )


def _anatomies(anatomy: Connectome | None, gap: Connectome | None) -> dict[str, Connectome]:
    if anatomy is None:
        from neurostudio.worm import worm_connectome

        found = {"chemical": worm_connectome("chemical"), "gap": worm_connectome("electrical")}
        return found | ({"gap": gap} if gap is not None else {})
    electrical = anatomy.matrix.attrs.get("synapses") == "electrical"
    first = {"gap" if electrical and gap is None else "chemical": anatomy}
    return first | ({"gap": gap} if gap is not None else {})


def _shared(
    component: Connectome, anatomies: dict[str, Connectome]
) -> tuple[list[str], list[int], dict[str, Array]]:
    known = [set(each.names("nodes")) for each in anatomies.values()]
    own = component.names("nodes")
    names, kept = [], []
    for k, name in enumerate(own):
        called = next(
            (n for n in (name, anatomical(name)) if all(n in each for each in known)), None
        )
        if called is not None:
            names.append(called)
            kept.append(k)
    if len(names) < LEAST:
        raise BadInput(
            f"The component and the anatomy share {len(names)} names of neurons; {LEAST} are needed. "
            "Name the neurons alike."
        )
    contacts = {}
    for kind, each in anatomies.items():
        where = {name: k for k, name in enumerate(each.names("nodes"))}
        weights = _square(each, [where[name] for name in names])
        contacts[kind] = weights
    return names, kept, contacts


def _square(connectome: Connectome, kept: Sequence[int]) -> Array:
    matrix = connectome.matrix
    matrix = matrix.mean("time") if "time" in matrix.dims else matrix
    values = np.nan_to_num(np.asarray(matrix.transpose("source", "target").to_numpy(), float))
    values = values[np.ix_(kept, kept)]
    directed = not np.allclose(values, values.T)
    return np.asarray(values + values.T if directed else values)


def _communities(component: Connectome, kept: Sequence[int]) -> Array | None:
    if "community" not in component.matrix.coords:
        return None
    words = component.matrix["community"].to_numpy().astype(str)[list(kept)]
    return np.asarray(np.unique(words, return_inverse=True)[1], float)


def _against(
    context: Context,
    one: Array,
    other: Array,
    orders: Sequence[Any],
    measure: Callable[[Array, Array], Callable[[Any], float]],
) -> tuple[float, Array]:
    of = measure(one, other)
    null = [of(order) for order in context.track(orders, "Comparing")]
    return of(np.arange(len(one))), np.array(null)


def _ranks(one: Array, other: Array) -> Callable[[Any], float]:
    from scipy.stats import rankdata

    n = len(one)
    upper = np.triu_indices(n, 1)

    def ranked(values: Array) -> Array:
        found = rankdata(values[upper])
        found -= found.mean()
        length = np.linalg.norm(found)
        made = np.zeros((n, n))
        made[upper] = found / length if length else found
        return made + made.T

    first, second = ranked(one), ranked(other)
    return lambda order: float((first[np.ix_(order, order)] * second).sum() / 2)


def _ratio(together: Array, contacts: Array) -> Callable[[Any], float]:
    n = len(together)
    off = ~np.eye(n, dtype=bool)

    def of(order: Any) -> float:
        inside = together[np.ix_(order, order)].astype(bool) & off
        between = off & ~inside
        if not inside.any() or not between.any() or not contacts[between].any():
            return 1.0
        return float(contacts[inside].mean() / contacts[between].mean())

    return of


def _table(names: Sequence[str], functional: Array, contacts: dict[str, Array]) -> Any:
    import pandas as pd

    first, second = np.triu_indices(len(names), 1)
    columns: dict[str, Any] = {
        "pair": [f"{names[a]} {names[b]}" for a, b in zip(first, second, strict=True)],
        "functional": functional[first, second],
    }
    columns |= {kind: weights[first, second] for kind, weights in contacts.items()}
    frame = pd.DataFrame(columns)
    return frame.sort_values("functional", ascending=False, kind="stable", ignore_index=True)


def _views(
    names: Sequence[str],
    functional: Array,
    contacts: dict[str, Array],
    labels: Array | None,
    nulls: dict[str, tuple[float, Array]],
    seed: int,
    note: str,
) -> tuple[View, ...]:
    order = np.argsort(-functional.sum(axis=1), kind="stable")
    if labels is not None:
        order = np.lexsort([-functional.sum(axis=1), labels])
    called = tuple(names[k] for k in order)
    views: list[View] = []
    for start, words in (("rank", "Pairs"), ("contacts", "Communities")):
        rows = {k: v for k, v in nulls.items() if k.startswith(start)}
        if rows:
            views.append(NullControl(
                values=np.array([v for v, _ in rows.values()]), null=np.stack([n for _, n in rows.values()]),
                names=tuple(k.partition(", ")[2] for k in rows), null_name="names of neurons shuffled",
                y_label="rank correlation" if start == "rank" else "contacts inside over between",
                y_unit="1", title=f"{words} against the anatomy, beside shuffled names",
                caption=f"{MOTIFS}{note}",
                chance=np.array([0.0 if start == "rank" else 1.0] * len(rows)),
            ))  # fmt: skip
    first, second = np.triu_indices(len(names), 1)
    chosen = np.arange(len(first))
    if len(chosen) > DRAWN:
        chosen = np.sort(np.random.default_rng(seed).choice(len(first), DRAWN, replace=False))
    a, b = first[chosen], second[chosen]
    for kind, weights in contacts.items():
        views.append(Scatter(
            np.log10(1 + weights[a, b]), functional[a, b],
            names=tuple(f"{names[i]} {names[j]}" for i, j in zip(a, b, strict=True)),
            x_label=f"log10 (1 + {WORDS[kind]})", x_unit="1", y_label="affinity in the component",
            y_unit="1", title=f"Pairs: affinity and {WORDS[kind]}",
            caption=f"{len(chosen):,} of {len(first):,} pairs; pairs are not independent. {MOTIFS}{note}",
        ))  # fmt: skip
    views.append(_matrix(functional, order, called, "Affinity in the component", "affinity", note))
    views += [
        _matrix(np.log10(1 + weights), order, called, f"Anatomy: {WORDS[kind]}, same order",
                f"log10 (1 + {WORDS[kind]})", note)
        for kind, weights in contacts.items()
    ]  # fmt: skip
    return tuple(views)


def _matrix(
    values: Array, order: Any, names: tuple[str, ...], title: str, label: str, note: str
) -> Heatmap:
    return Heatmap(
        values[np.ix_(order, order)], x_names=names, y_names=names, x_label="neuron", y_label="neuron",
        value_label=label, value_unit="1", title=title,
        caption=f"Neurons by community where known, the strongest first.{note}",
    )  # fmt: skip
