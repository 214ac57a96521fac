"""Does a source help, at how many labels? Strategies side by side on the same unseen people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import (
    BadInput,
    Context,
    Items,
    Number,
    Result,
    Text,
    TrainedModel,
    Trials,
    method,
    param,
)

from .cohort import WARNINGS, CohortParams
from .method import _check, check_classes, check_source, pool_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .curve import Curve

Strategy = Literal["scratch", "fine_tune", "frozen", "discriminative", "pooled"]


class CompareParams(CohortParams):
    """Parameters of :func:`compare_transfer`."""

    budgets: tuple[int, ...] = param((10, 20, 50, 200), "Labelled recordings to learn from; more than "
                                     "there are means all")  # fmt: skip
    strategies: tuple[Strategy, ...] = param(
        ("scratch", "fine_tune", "frozen"), "What is compared; scratch is always among them"
    )
    seeds: int = param(5, "Draws of the labelled recordings", ge=1, le=50)
    folds: int = param(4, "Parts that take turns as the test part where none is given", ge=2, le=50)
    steps_scratch: int = param(150, "Updates from scratch", ge=1, le=10**5)
    steps_transfer: int = param(120, "Updates from the source", ge=1, le=10**5)
    learning_rate: float = param(
        1e-3, "Largest step size from scratch and of new layers", unit="1", gt=0, le=1
    )
    transfer_rate: float = param(3e-4, "Largest step size of fine-tuning", unit="1", gt=0, le=1)
    weight_decay: float = param(
        5e-4, "Pull of the weights towards 0", unit="1", ge=0, le=1, advanced=True
    )
    batch_size: int = param(64, "Windows in one update", ge=2, le=4096, advanced=True)
    decay: float = param(0.5, "By how much each earlier layer learns more slowly ('discriminative')",
                         unit="1", ge=0.01, le=1, advanced=True)  # fmt: skip
    bootstrap: int = param(2000, "Draws for the interval", ge=100, le=100_000, advanced=True)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"budgets": (10, 20), "seeds": 2},
        "Standard": {},
    }


def _check_compare(params: CompareParams, items: Items) -> None:
    _check(params, items)
    if not params.budgets or min(params.budgets) < 2:
        raise BadInput("Every budget needs at least 2 recordings, one of each label.")


@method(group="Analyse", title="Does transfer help?", warnings=WARNINGS, gpu=True,
        check=_check_compare, example="compare")  # fmt: skip
def compare_transfer(
    context: Context,
    params: CompareParams,
    source: TrainedModel,
    windows: Trials,
    source_windows: Trials | None = None,
) -> Result:
    """Compare learning from scratch with transfer at several numbers of labels.

    ``source_windows`` show what the source forgets; the strategy *pooled* needs them.
    """
    from . import cohort as cohorts
    from .curve import measure

    check_source(source)
    windows = cohorts.adapted(windows, source.config)
    cohort = cohorts.read_cohort(windows, params, context.seed)
    check_classes(source, cohort)
    pool = None
    if source_windows is not None or "pooled" in params.strategies:
        pool = pool_of(source, source_windows, cohort, params, context.seed)
    curve = measure(context, params, source, cohort, pool)
    verdicts = curve.verdicts(params.bootstrap, context.seed)
    warnings = set(cohorts.warnings_of(cohort, params))
    if source.config.get("simulated"):
        warnings.add("simulated")
    return Result(
        data={"curve": curve.table(), "verdict": Text(curve.words(verdicts))},
        views=curve.views(verdicts),
        numbers=_numbers(curve, verdicts),
        warnings=tuple(sorted(warnings)),
    )


def _numbers(curve: Curve, verdicts: Mapping[tuple[str, int], Any]) -> dict[str, Number]:
    numbers = {
        f"{name}, {budget} labels": curve.score(name, budget) for name, budget in curve.cells
    }
    for (name, budget), (difference, low, high) in verdicts.items():
        numbers[f"{name} minus scratch, {budget} labels"] = Number(
            difference, "1", low, high, 0.0, None, "difference in balanced accuracy"
        )
    return numbers | curve.forgetting()
