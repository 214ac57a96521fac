"""The result of a training: numbers with intervals, tables, pictures, and the model with its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Number, Report, Result, Table
from neurostudio.scores import bootstrap, interval, score

from . import fitting, judging, keeping, pictures, probes
from .people import SIMULATED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context, View

    from .fitting import How
    from .judging import Judged, Reading

    Array = NDArray[np.float64]

DRAWS = 500
GAINS = {
    "gain over ridge": "ridge on the measures themselves",
    "gain over the site": "the mean age of the person's site",
}


def number(
    values: Callable[[NDArray[np.intp]], float], groups: Sequence[str], seed: int
) -> tuple[float, float, float]:
    """Return a statistic of rows, with its interval over resampled groups."""
    low, high = interval(bootstrap(values, groups, draws=DRAWS, seed=seed))
    return values(np.arange(len(groups))), low, high


def error_of(truth: Array, guess: Array, groups: Sequence[str], seed: int, *, chance: float,
             baseline: float | None = None, note: str = "", unit: str = "years") -> Number:  # fmt: skip
    """Return the mean absolute error with its interval over groups."""
    off = np.abs(guess - truth)
    value, low, high = number(lambda rows: float(off[rows].mean()), groups, seed)
    return Number(value, unit, low, high, chance, baseline, note)


def gain_of(
    truth: Array, guess: Array, simple: Array, groups: Sequence[str], seed: int, note: str
) -> Number:
    """Return by how many years the mean error is smaller than that of a simple way, person by person."""
    less = np.abs(simple - truth) - np.abs(guess - truth)
    value, low, high = number(lambda rows: float(less[rows].mean()), groups, seed)
    return Number(value, "years", low, high, 0.0, note=note)


def share_of(right: NDArray[Any], groups: Sequence[str], seed: int, *, chance: float,
             baseline: float, note: str = "") -> Number:  # fmt: skip
    """Return the share that is right, with its interval over groups."""
    hits = np.asarray(right, float)
    value, low, high = number(lambda rows: float(hits[rows].mean()), groups, seed)
    return score(value, low=low, high=high, chance=chance, baseline=baseline, note=note)


def result_of(
    context: Context, found: Judged, how: How, config: Mapping[str, Any], made_by: str
) -> Result:
    """Return what a training gives back."""
    assert found.model is not None  # noqa: S101  all folds are over
    people = found.people
    embedding = fitting.embedded(found.model, judging.scaled(people, np.arange(len(people))).inputs)
    numbers = numbers_of(found, context.seed)
    model = keeping.model_of(context, found, how, embedding, config, made_by)
    places, shares = pictures.plane(embedding)
    views = (
        _words(found, numbers),
        *_ages(found),
        *_nulls(found),
        *_meter(found, numbers),
        *pictures.maps(places, shares, people.keys, people.ages, people.sites),
        *pictures.learning_curves(found.histories),
        *[each for each in (pictures.correlations(people),) if each is not None],
    )
    return Result(
        data={
            "model": model,
            "embedding": keeping.table_of(
                people.keys, embedding, str(config["key"]), simulated=people.simulated
            ),
            "map": keeping.map_of(people.keys, places, people.ages, people.sites),
            "scores": _scores(found, str(config["key"])),
        },
        views=views,
        numbers=numbers,
        warnings=_warnings(found, numbers),
    )


def _warnings(found: Judged, numbers: Mapping[str, Number]) -> tuple[str, ...]:
    codes = [SIMULATED] if found.people.simulated else []
    if "site, weak probe" in numbers:
        weak, tuned = numbers["site, weak probe"].value, numbers["site, tuned probe"].value
        codes += ["weak-site"] if tuned > weak + 0.02 else []
    return tuple(codes)


def numbers_of(found: Judged, seed: int) -> dict[str, Number]:
    """Return what could be read of unseen people, with chance and baselines, and the null run."""
    people, rows = found.people, found.rows
    groups = [found.groups[k] for k in rows]
    truth = people.ages[rows]
    note = f"{len(rows)} people, none seen in training" + (
        "; simulated data" if people.simulated else ""
    )
    predicted, mean, by_site, simple = (
        found.all(name) for name in ("predicted", "mean", "site_mean", "simple")
    )
    assert predicted is not None  # noqa: S101  every fold has them
    assert mean is not None  # noqa: S101
    assert by_site is not None  # noqa: S101
    chance = float(np.abs(mean - truth).mean())
    site_error = float(np.abs(by_site - truth).mean())
    below = site_error if simple is None else float(np.abs(simple - truth).mean())
    numbers = {
        "age error": error_of(
            truth, predicted, groups, seed, chance=chance, baseline=below, note=note
        )
    }
    if simple is not None:
        numbers["age error, ridge on measures"] = error_of(
            truth, simple, groups, seed, chance=chance, note="the same folds, without an encoder"
        )
        numbers["gain over ridge"] = gain_of(
            truth,
            predicted,
            simple,
            groups,
            seed,
            "mean error of ridge minus that of the embedding",
        )
    numbers["age error, mean age of the site"] = error_of(
        truth, by_site, groups, seed, chance=chance, note="who reads the site reads some of the age"
    )
    if len(set(people.sites)) > 1:
        words = "mean error of the site's mean age minus that of the embedding"
        numbers["gain over the site"] = gain_of(truth, predicted, by_site, groups, seed, words)
    numbers["correlation of age"] = _correlation(truth, predicted, simple, groups, seed)
    return numbers | _anatomy(found, groups, seed) | _sites(found, groups, seed) | _controls(found)


def _correlation(
    truth: Array, guess: Array, simple: Array | None, groups: Sequence[str], seed: int
) -> Number:
    def of(rows: NDArray[np.intp], values: Array) -> float:
        if np.ptp(values[rows]) == 0 or np.ptp(truth[rows]) == 0:
            return float("nan")
        return float(np.corrcoef(truth[rows], values[rows])[0, 1])

    value, low, high = number(lambda rows: of(rows, guess), groups, seed)
    below = None if simple is None else of(np.arange(len(truth)), simple)
    return Number(value, "1", low, high, 0.0, below, "age against the age that was read")


def _anatomy(found: Judged, groups: Sequence[str], seed: int) -> dict[str, Number]:
    read, flat = found.all("anatomy"), found.people.flat()
    if read is None or flat is None:
        return {}
    truth = flat[found.rows]

    def r2(rows: NDArray[np.intp]) -> float:
        return probes.explained(truth[rows], read[rows])

    value, low, high = number(r2, groups, seed)
    bare = _explained(found, found.untrained)
    note = "R², mean over regional measures; the baseline is an untrained encoder in the first fold"
    return {"anatomy": score(value, low=low, high=high, chance=0.0, baseline=bare, note=note)}


def _sites(found: Judged, groups: Sequence[str], seed: int) -> dict[str, Number]:
    sites = np.array(found.people.sites)
    truth = sites[found.rows]
    names, counts = np.unique(truth, return_counts=True)
    numbers = {}
    for name in ("weak", "tuned"):
        guess = found.all(name)
        if guess is not None:
            numbers[f"site, {name} probe"] = share_of(
                guess == truth, groups, seed, chance=1 / len(names), baseline=counts.max() / len(truth),
                note=f"{len(names)} sites; the baseline is always the largest; low is better",
            )  # fmt: skip
    return numbers


def _controls(found: Judged) -> dict[str, Number]:
    first = found.readings[0]
    truth = found.people.ages[first.rows]
    chance = float(np.abs(first.mean - truth).mean())
    numbers = {}
    for name, reading in (("null run", found.null), ("untrained encoder", found.untrained)):
        if reading is not None:
            error = float(np.abs(reading.predicted - truth).mean())
            trained = float(np.abs(first.predicted - truth).mean())
            numbers[f"age error, {name}"] = Number(
                error, "years", chance=chance, baseline=trained,
                note="first fold; the baseline is the trained encoder there",
            )  # fmt: skip
    return numbers


def _explained(found: Judged, reading: Reading | None) -> float | None:
    flat = found.people.flat()
    if reading is None or reading.anatomy is None or flat is None:
        return None
    return probes.explained(flat[reading.rows], reading.anatomy)


def _ages(found: Judged) -> tuple[View, ...]:
    rows, people = found.rows, found.people
    predicted, simple = found.all("predicted"), found.all("simple")
    assert predicted is not None  # noqa: S101  every fold has it
    keys = [people.keys[k] for k in rows]
    views = [pictures.ages(people.ages[rows], predicted, keys, "Age, read from the embedding")]
    if simple is not None:
        views.append(pictures.ages(people.ages[rows], simple, keys, "Age, ridge on the measures"))
    return tuple(views)


def _nulls(found: Judged) -> tuple[View, ...]:
    first, null = found.readings[0], found.null
    if null is None:
        return ()
    truth = found.people.ages[first.rows]

    def error(values: Array | None) -> float:
        return float("nan") if values is None else float(np.abs(values - truth).mean())

    bare = found.untrained
    views = [
        pictures.beside_null(
            ["age"], [error(first.predicted)], np.array([[error(null.predicted)]]),
            "ages and anatomy of other people", "mean absolute error", "years", [error(first.mean)],
            [error(first.simple if first.simple is not None else first.site_mean)],
            "Age error beside the null run",
            "First fold; lower is better. The baseline is "
            + ("ridge on the measures." if first.simple is not None else "the mean age of the site."),
        )
    ]  # fmt: skip
    own, other = _explained(found, first), _explained(found, null)
    if own is not None and other is not None:
        views.append(
            pictures.beside_null(
                ["anatomy"], [own], np.array([[other]]), "ages and anatomy of other people", "R²", "1", [0.0],
                [_explained(found, bare) or 0.0], "Anatomy beside the null run",
                "First fold. The baseline is an untrained encoder.",
            )
        )  # fmt: skip
    return tuple(views)


def _meter(found: Judged, numbers: Mapping[str, Number]) -> tuple[View, ...]:
    del found
    if "site, weak probe" not in numbers:
        return ()
    weak = numbers["site, weak probe"]
    return pictures.site_meter(weak, numbers["site, tuned probe"], float(weak.baseline or 0))


def _words(found: Judged, numbers: Mapping[str, Number]) -> Report:
    lines = [f"## Age is read to {numbers['age error']}", ""]
    lines += ["- **Simulated data.**"] if found.people.simulated else []
    for name, words in GAINS.items():
        if name in numbers:
            lines.append(f"- {verdict(numbers[name])} than {words} ({numbers[name]}).")
    lines += [f"- Regional anatomy, R²: {numbers['anatomy']}."] if "anatomy" in numbers else []
    if found.people.inputs.ndim == 2 and "anatomy" in numbers:
        lines.append(
            "- The encoder sees these measures, so an untrained one can read them as well."
        )
    if "age error, null run" in numbers:
        lines.append(
            f"- Trained on other people's ages and anatomy: {numbers['age error, null run']}."
        )
    lines.append("- Each person was judged by an encoder that never saw the person.")
    lines.append("- The model that is kept was trained on everybody.")
    return Report("\n".join(lines), title="Verdict")


def verdict(gain: Number) -> str:
    """Return in words whether a gain is one: its interval must leave 0 out."""
    if gain.low is not None and gain.low > 0:
        return "Better"
    return "Worse" if gain.high is not None and gain.high < 0 else "Not clearly better or worse"


def _scores(found: Judged, key: str) -> Table:
    import pandas as pd

    rows, people = found.rows, found.people
    columns: dict[str, Any] = {
        key: [people.keys[k] for k in rows], "site": [people.sites[k] for k in rows],
        "age": people.ages[rows], "predicted": found.all("predicted"),
        "mean age of the site": found.all("site_mean"),
        "fold": [k for k, each in enumerate(found.readings, 1) for _ in each.rows],
    }  # fmt: skip
    for name, label in (
        ("simple", "ridge on measures"),
        ("weak", "site, weak probe"),
        ("tuned", "site, tuned probe"),
    ):
        values = found.all(name)
        if values is not None:
            columns[label] = values
    return Table(pd.DataFrame(columns))
