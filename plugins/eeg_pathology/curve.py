"""The label-budget curve: many small trainings, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Lines, Number, Report, Table, View
from neurostudio.scores import auroc, balanced_accuracy, bootstrap, interval, score
from neurostudio.training import Recipe, seed_of

from . import fitting, networks
from .baseline import band_power, baseline
from .judging import splits_of, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context, TrainedModel

    from .cohort import Cohort
    from .compare import CompareParams
    from .fitting import Judged

    Rows = NDArray[np.intp]

SIMPLE = "band_power"
Key = tuple[str, int, int]  # strategy, budget, draw


@dataclass
class Curve:
    """The units judged by each strategy at each budget and draw, and the source's score after it."""

    cohort: Cohort
    judged: dict[Key, Judged] = field(default_factory=dict)
    source_before: float | None = None
    source_after: dict[str, list[float]] = field(default_factory=dict)

    @property
    def cells(self) -> list[tuple[str, int]]:
        """Strategies and budgets, in the order of their measurement."""
        return list(dict.fromkeys((name, budget) for name, budget, _ in self.judged))

    def draws(self, name: str, budget: int) -> list[Judged]:
        """Return the judged units of one cell, one for each draw."""
        return [each for (n, b, _), each in self.judged.items() if (n, b) == (name, budget)]

    def values(self, name: str, budget: int) -> NDArray[np.float64]:
        """Return the balanced accuracy of each draw."""
        return np.array([balanced_accuracy(e.truth, e.guess) for e in self.draws(name, budget)])

    def score(self, name: str, budget: int) -> Number:
        """Return the mean over draws with the bootstrap interval over groups."""
        draws = self.draws(name, budget)
        pooled = [
            bootstrap(lambda rows, e=each: _balanced(e, rows), each.groups, draws=400, seed=k)  # type: ignore[misc]
            for k, each in enumerate(draws)
        ]
        low, high = interval(np.concatenate(pooled))
        simple = self.values(SIMPLE, budget)
        values = self.values(name, budget)
        note = f"mean of {len(values)} draws, s.d. {values.std():.3f}"
        note += "; simulated data" if self.cohort.simulated else ""
        below = float(simple.mean()) if len(simple) else None
        return score(
            float(values.mean()),
            low=low,
            high=high,
            chance=self.cohort.chance,
            baseline=below,
            note=note,
        )

    def verdicts(self, draws: int, seed: int) -> dict[tuple[str, int], tuple[float, float, float]]:
        """Return the difference to scratch with its interval: groups resampled within each draw."""
        found = {}
        for name, budget in self.cells:
            if name in {"scratch", SIMPLE}:
                continue
            pairs = list(zip(self.draws(name, budget), self.draws("scratch", budget), strict=True))
            each = max(50, draws // len(pairs))
            pooled = [
                bootstrap(
                    lambda rows, a=a, b=b: _balanced(a, rows) - _balanced(b, rows),  # type: ignore[misc]
                    a.groups,
                    draws=each,
                    seed=seed + k,
                )
                for k, (a, b) in enumerate(pairs)
            ]
            difference = float(np.mean(self.values(name, budget) - self.values("scratch", budget)))
            found[name, budget] = (difference, *interval(np.concatenate(pooled)))
        return found

    def forgetting(self) -> dict[str, Number]:
        """Return what the source still knows after each strategy, where its windows were given."""
        if self.source_before is None:
            return {}
        before = Number(self.source_before, "1", chance=self.cohort.chance, note="before transfer")
        numbers = {"source, before": before}
        for name, values in self.source_after.items():
            numbers[f"source, after {name}"] = Number(
                float(np.mean(values)), "1", float(min(values)), float(max(values)),
                self.cohort.chance, self.source_before, "mean and range over draws and budgets",
            )  # fmt: skip
        return numbers

    def table(self) -> Table:
        """Return one row a strategy, budget, draw and metric."""
        import pandas as pd

        rows = []
        for (name, budget, draw), each in self.judged.items():
            metrics = {"balanced accuracy": balanced_accuracy(each.truth, each.guess)}
            if len(self.cohort.classes) == 2:
                metrics["AUROC"] = auroc(each.truth, each.probability[:, 1])
            rows += [
                {"strategy": name, "labels": budget, "seed": draw, "metric": k, "value": v}
                for k, v in metrics.items()
            ]
        return Table(pd.DataFrame(rows))

    def words(self, verdicts: dict[tuple[str, int], tuple[float, float, float]]) -> str:
        """Return the verdict card: helped, harmed, or no difference seen."""
        lines = ["## Did transfer help?", ""]
        n_units = len(next(iter(self.judged.values())).names)
        for (name, budget), (difference, low, high) in verdicts.items():
            word = "helped" if low > 0 else "harmed" if high < 0 else "no difference seen"
            lines.append(
                f"- **{name.replace('_', '-')}, {budget} labels: {word}.** "
                f"{100 * difference:+.1f} points of balanced accuracy "
                f"[{100 * low:+.1f}, {100 * high:+.1f}] against scratch, on {n_units} test recordings."
            )
        if self.cohort.simulated:
            lines += ["", "Simulated data."]
        lines += [
            "",
            "It holds for this pair of data sets and this number of labels. Not a medical device.",
        ]
        return "\n".join(lines)

    def views(
        self, verdicts: dict[tuple[str, int], tuple[float, float, float]]
    ) -> tuple[View, ...]:
        """Return the verdict card and the curve with its spread over draws."""
        names = list(dict.fromkeys(name for name, _ in self.cells))
        budgets = sorted({budget for _, budget in self.cells})
        mean = np.array([[self.values(n, b).mean() for b in budgets] for n in names])
        spread = np.array([[self.values(n, b).std() for b in budgets] for n in names])
        curve = Lines(
            np.array(budgets, dtype=float), mean, names=tuple(n.replace("_", " ") for n in names),
            x_label="labelled recordings", y_label="balanced accuracy", y_unit="1",
            low=mean - spread, high=mean + spread, levels={"chance": self.cohort.chance},
            log_x=True, title="How many labels pay off",
            caption="Mean and standard deviation over draws of the labelled recordings.",
        )  # fmt: skip
        return (Report(self.words(verdicts), title="Verdict"), curve)


def _balanced(units: Judged, rows: Rows) -> float:
    truth = units.truth[rows]
    if len(set(truth.tolist())) < 2:
        return float("nan")
    return balanced_accuracy(truth, units.guess[rows])


def measure(
    context: Context,
    params: CompareParams,
    source: TrainedModel,
    cohort: Cohort,
    pool: Cohort | None,
) -> Curve:
    """Train every strategy at every budget on every draw, and judge it on unseen groups."""
    curve = Curve(cohort)
    if pool is not None:
        curve.source_before = _source_score(context, _source_model(source), pool, source)
    features = band_power(cohort.signals, cohort.rate)
    strategies = list(dict.fromkeys(["scratch", *params.strategies]))
    splits = splits_of(cohort, params.folds, context.seed, validation=0.0)
    pools = [cohort.rows(split, "train") for split in splits]
    most = max(len(_units(cohort, rows)) for rows in pools)
    budgets = sorted({min(each, most) for each in params.budgets})
    jobs = [(b, d, s) for b in budgets for d in range(params.seeds) for s in [SIMPLE, *strategies]]
    for budget, draw, name in context.track(jobs, "Trainings"):
        parts = []
        for fold, split in enumerate(splits):
            rows = drawn(cohort, pools[fold], budget, seed_of(context.seed, "draw", draw, fold))
            tested = cohort.rows(split, "test")
            if name == SIMPLE:
                probability = baseline(cohort, features, rows, tested, context.seed)
            else:
                stage = f"{name} {budget} {draw} {fold}"
                how = _how(params, source, name, pool, stage)
                model, _ = fitting.fit(context, cohort, rows, rows[:0], how)
                signals = fitting.prepared(cohort, how.standardise)[tested]
                probability = fitting.predict(context, model, signals)
                if pool is not None:
                    after = _source_score(context, model, pool, source)
                    curve.source_after.setdefault(name, []).append(after)
            parts.append(fitting.judged(cohort, tested, probability))
        units = together(parts)
        curve.judged[name, budget, draw] = units
        value = balanced_accuracy(units.truth, units.guess)
        context.log(labels=budget, balanced_accuracy=value, chance=cohort.chance, strategy=name)
    return curve


def _units(cohort: Cohort, rows: Rows) -> NDArray[np.str_]:
    """Return what is labelled as one: recordings, or groups where labels differ inside them."""
    return np.unique(_labelled(cohort)[rows])


def _labelled(cohort: Cohort) -> NDArray[np.str_]:
    single = len(np.unique(cohort.units)) == len(cohort)
    return cohort.groups if single else cohort.units


def drawn(cohort: Cohort, rows: Rows, budget: int, seed: int) -> Rows:
    """Return the windows of so many recordings, alternating labels; larger draws hold smaller ones."""
    random = np.random.default_rng(seed)
    of = _labelled(cohort)
    names = _units(cohort, rows)
    majority = {
        name: int(np.bincount(cohort.labels[rows][of[rows] == name]).argmax())
        for name in names.tolist()
    }
    queues: dict[int, list[str]] = {}
    for name in random.permutation(names).tolist():
        queues.setdefault(majority[name], []).append(name)
    order: list[str] = []
    turn = 0
    while any(queues.values()):
        order.extend(queues[label].pop(0) for label in sorted(queues) if queues[label])
        turn += 1
    chosen = set(order[:budget])
    return np.array([row for row in rows if of[row] in chosen], dtype=np.intp)


def _how(
    params: CompareParams, source: TrainedModel, name: str, pool: Cohort | None, stage: str
) -> fitting.Fit:
    fresh = name in {"scratch", "pooled"}
    rate = params.transfer_rate if name in {"fine_tune", "discriminative"} else params.learning_rate
    recipe = Recipe(
        learning_rate=rate,
        weight_decay=params.weight_decay,
        steps=params.steps_scratch if fresh else params.steps_transfer,
        stage=stage,
        watch="",
    )
    return fitting.Fit(
        recipe=recipe,
        arguments=dict(source.config["arguments"]),
        batch_size=params.batch_size,
        standardise=str(source.config["standardise"]),
        strategy=name,
        decay=params.decay,
        source=source,
        pool=pool if name == "pooled" else None,
        series={"strategy": stage},
        live=False,
    )


def _source_model(source: TrainedModel) -> networks.Classifier:
    model = networks.build(source.config["arguments"])
    networks.load(model, source.weights)
    return model


def _source_score(
    context: Context, model: networks.Classifier, pool: Cohort, source: TrainedModel
) -> float:
    """Return the balanced accuracy on the source's held-out part, at the source's own scale."""
    rows = np.flatnonzero(pool.tested) if pool.tested is not None else np.arange(len(pool))
    signals = fitting.prepared(pool, str(source.config["standardise"]))[rows]
    before: dict[str, Any] = {"mean": model.mean, "scale": model.scale}
    for key, value in before.items():
        before[key] = value.clone()
    own = networks.weights_of(model) | {k: source.weights[k] for k in ("mean", "scale")}
    networks.load(model, own)
    units = fitting.judged(pool, rows, fitting.predict(context, model, signals))
    networks.load(model, own | {k: v.numpy() for k, v in before.items()})
    return balanced_accuracy(units.truth, units.guess)
