"""Numbers that carry what makes them readable: unit, interval, chance level, baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a result.

    ``low`` and ``high`` bound its 95 % interval; ``chance`` and ``baseline`` are values of the same
    quantity by guessing and by the simple method beside it; ``note`` says in words where it is from.
    ``of_machine`` marks what is measured of the machine, such as a wall time: it differs from run to run.
    """

    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    baseline: float | None = None
    note: str = ""
    of_machine: bool = False

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit not in {"", "1"} else ""
        text = f"{_digits(self.value)}{unit}"
        if self.low is not None and self.high is not None:
            text += f" [{_digits(self.low)}, {_digits(self.high)}]"
        beside = []
        if self.chance is not None:
            beside.append(f"chance {_digits(self.chance)}")
        if self.baseline is not None:
            beside.append(f"baseline {_digits(self.baseline)}")
        return f"{text} ({', '.join(beside)})" if beside else text


def _digits(value: float) -> str:
    if math.isfinite(value) and float(value).is_integer() and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.4g}"


def score(
    value: float, *, low: float, high: float, chance: float, baseline: float | None, note: str = ""
) -> Number:
    """Return a score: a share of 1 that never stands without its interval and its chance level."""
    return Number(value, "1", low, high, chance, baseline, note)


def balanced_accuracy(truth: ArrayLike, guess: ArrayLike) -> float:
    """Return the mean over classes of the share that is guessed right; chance is 1 / classes.

    Examples
    --------
    >>> balanced_accuracy([0, 0, 0, 1], [0, 0, 0, 0])
    0.5
    """
    truth, guess = np.asarray(truth), np.asarray(guess)
    return float(np.mean([np.mean(guess[truth == label] == label) for label in np.unique(truth)]))


def accuracy(truth: ArrayLike, guess: ArrayLike) -> float:
    """Return the share that is guessed right."""
    return float(np.mean(np.asarray(truth) == np.asarray(guess)))


def auroc(truth: ArrayLike, probability: ArrayLike) -> float:
    """Return the chance that a positive case scores above a negative one; NaN for one class.

    Examples
    --------
    >>> auroc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    truth, probability = np.asarray(truth), np.asarray(probability, dtype=float)
    high, low = probability[truth == 1], probability[truth == 0]
    if not high.size or not low.size:
        return math.nan
    above = (high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean()
    return float(above)


def confusion(truth: ArrayLike, guess: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Return the counts (n_classes, n_classes): a row a true class, a column a guessed one."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (np.asarray(truth, dtype=int), np.asarray(guess, dtype=int)), 1)
    return counts


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], float],
    groups: Sequence[str],
    *,
    draws: int = 2000,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the statistic over resampled groups (people), each with all of its rows.

    Parameters
    ----------
    statistic
        Takes the rows of a draw; NaN where it is not defined, which is left out.
    groups
        The group of each row.
    draws, seed
        How often, and where the draws begin.

    Returns
    -------
    array of at most ``draws`` values
    """
    names, inverse = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    members = [np.flatnonzero(inverse == group) for group in range(len(names))]
    random = np.random.default_rng(seed)
    values = np.empty(draws)
    for draw in range(draws):
        chosen = random.integers(len(names), size=len(names))
        values[draw] = statistic(np.concatenate([members[each] for each in chosen]))
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds that hold the middle 95 % of the values; NaN where there are none."""
    if not values.size:
        return math.nan, math.nan
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def interval_of_share(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of ``n`` independent trials.

    Examples
    --------
    >>> low, high = interval_of_share(1.0, 10)
    >>> round(low, 3), high
    (0.722, 1.0)
    """
    z, n = 1.959964, max(n, 1)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def score_of_groups(
    truth: ArrayLike,
    guess: ArrayLike,
    groups: Sequence[str],
    *,
    chance: float,
    baseline: float | None = None,
    draws: int = 2000,
    seed: int = 0,
    note: str = "",
) -> Number:
    """Return the balanced accuracy with its interval by bootstrap over groups (people)."""
    truth, guess = np.asarray(truth), np.asarray(guess)
    n_classes = len(np.unique(truth))

    def value(rows: NDArray[np.intp]) -> float:
        if len(np.unique(truth[rows])) < n_classes:
            return math.nan
        return balanced_accuracy(truth[rows], guess[rows])

    low, high = interval(bootstrap(value, groups, draws=draws, seed=seed))
    return score(
        balanced_accuracy(truth, guess),
        low=low,
        high=high,
        chance=chance,
        baseline=baseline,
        note=note,
    )
