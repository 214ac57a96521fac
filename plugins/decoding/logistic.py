"""Logistic regressions of many times at once: the optimum of scikit-learn's, without its loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
_STEPS, _HALVINGS, _CLOSE = 50, 20, 1e-5  # steps shrink quadratically: the last one errs by 1e-10


@dataclass(frozen=True, slots=True)
class Fitted:
    """One classifier a time: scaling and weights (n_times, n_channels), offsets (n_times,)."""

    mean: Array
    scale: Array
    weights: Array
    offsets: Array

    def decide(self, values: Array) -> Array:
        """Return what each says of trials at its own time: (n_trials, n_times).

        Parameters
        ----------
        values : array of shape (n_trials, n_channels, n_times)
        """
        scaled = self.weights / self.scale
        own = self.offsets - (self.mean * scaled).sum(axis=1)
        return np.asarray(np.einsum("nct,tc->nt", values, scaled) + own, np.float64)

    def decide_everywhere(self, values: Array) -> Array:
        """Return what each says of trials at every time: (n_times learnt, n_trials, n_times tested)."""
        scaled = self.weights / self.scale
        own = self.offsets - (self.mean * scaled).sum(axis=1)
        said = np.einsum("nct,lc->lnt", values, scaled, optimize=True)
        return np.asarray(said + own[:, None, None], np.float64)


def fit(values: Array, truth: Any, strength: float) -> Fitted:
    """Fit an L2-regularised logistic regression with balanced classes at each time.

    Parameters
    ----------
    values : array of shape (n_trials, n_channels, n_times)
    truth : array of shape (n_trials,)
        0 or 1.
    strength
        scikit-learn's C.

    Notes
    -----
    Minimises C Σ sᵢ log(1 + exp(−yᵢ(w·xᵢ + b))) + ½‖w‖² by Newton's steps, each halved until it helps;
    sᵢ = n / (2 n of the class).
    """
    moved = np.ascontiguousarray(values.transpose(2, 0, 1))
    mean, scale = moved.mean(axis=1), moved.std(axis=1)
    scale = np.where(scale > 10 * np.finfo(float).eps * np.abs(mean), scale, 1.0)
    design = (moved - mean[:, None]) / scale[:, None]
    design = np.concatenate([design, np.ones((*design.shape[:2], 1))], axis=2)
    truth = np.asarray(truth, float)
    counts = np.where(truth == 1, truth.sum(), len(truth) - truth.sum())
    found = _newton(design, 2 * truth - 1, strength * len(truth) / (2 * counts))
    return Fitted(mean, scale, found[:, :-1], found[:, -1])


def _newton(design: Array, signs: Array, share: Array) -> Array:
    """Return the weights (n_times, n_channels + 1); the last is the offset, which is not penalised."""
    penalty = np.ones(design.shape[2])
    penalty[-1] = 0.0
    found = np.zeros((len(design), design.shape[2]))
    cost = _cost(design, signs, share, penalty, found)
    for _ in range(_STEPS):
        margin = signs * (design @ found[:, :, None])[:, :, 0]
        wrong = 0.5 * (1 - np.tanh(0.5 * margin))  # 1 / (1 + exp(margin)), without overflow
        pull = (-share * signs * wrong)[:, None, :]
        slope = (pull @ design)[:, 0] + penalty * found
        curved = (design * (share * wrong * (1 - wrong))[:, :, None]).transpose(0, 2, 1) @ design
        curved += np.diag(penalty + 1e-10)
        step = np.linalg.solve(curved, slope[:, :, None])[:, :, 0]
        found, cost = _descend(design, signs, share, penalty, found, step, cost)
        if np.abs(step).max() < _CLOSE * max(1.0, np.abs(found).max()):
            break
    return found


def _descend(
    design: Array,
    signs: Array,
    share: Array,
    penalty: Array,
    found: Array,
    step: Array,
    cost: Array,
) -> tuple[Array, Array]:
    length = np.ones(len(found))
    for _ in range(_HALVINGS):
        tried = found - length[:, None] * step
        new = _cost(design, signs, share, penalty, tried)
        worse = new > cost + 1e-12 * np.abs(cost)
        if not worse.any():
            return tried, new
        length = np.where(worse, length / 2, length)
    kept = np.where(worse[:, None], found, tried)
    return kept, np.where(worse, cost, new)


def _cost(design: Array, signs: Array, share: Array, penalty: Array, found: Array) -> Array:
    margin = signs * (design @ found[:, :, None])[:, :, 0]
    loss = (share * np.logaddexp(0, -margin)).sum(axis=1)
    return np.asarray(loss + 0.5 * (penalty * found**2).sum(axis=1), np.float64)
