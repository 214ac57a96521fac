"""How much two people should attract each other: by age, by regional anatomy, and the losses with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from neurostudio.learning.losses import contrastive

if TYPE_CHECKING:
    from torch import Tensor

    from .people import Anatomy


def age_weights(ages: Tensor, width: float, kernel: str = "gaussian") -> Tensor:
    """Return weights (n, n) of people by age, 1 for the same age.

    Parameters
    ----------
    ages : tensor of shape (n,)
        Years.
    width
        σ in years; of ``cauchy``, ``1 / (1 + (Δ/σ)²)``.
    kernel
        ``gaussian`` and ``rbf`` are ``exp(−Δ² / 2σ²)``: how the paper's two differ is not known.
    """
    scaled = (ages[:, None] - ages[None, :]) / width
    if kernel == "cauchy":
        return 1 / (1 + scaled.square())
    return torch.exp(-scaled.square() / 2)


def anatomy_weights(descriptors: Tensor, way: str) -> Tensor:
    """Return weights (n, n) of people by regional anatomy, 0 to 1; negative similarity counts as 0.

    Parameters
    ----------
    descriptors : tensor of shape (n, n_regions, n_measures)
        z-scored over the training people: raw ones are all positive, and every cosine near 1.
    way
        ``local``: the measures of each region are compared, and the mean over regions taken; ``global``: the
        profile of each measure over the brain is compared, and the mean over measures taken.
    """
    rows = descriptors if way == "local" else descriptors.transpose(1, 2)
    unit = torch.nn.functional.normalize(rows, dim=2)
    return torch.einsum("ird,krd->ik", unit, unit).div(rows.shape[1]).clamp(min=0)


def standardised(values: Tensor, reference: Tensor) -> Tensor:
    """Return values centred and scaled by the mean and standard deviation of the reference people."""
    mean, scale = reference.mean(dim=0), reference.std(dim=0, unbiased=False)
    return (values - mean) / torch.where(scale > 0, scale, torch.ones_like(scale))


def entropy(weights: Tensor) -> float:
    """Return how even the weights of a row are, 0 for one partner to 1 for all alike; the mean over rows.

    The person itself is left out.
    """
    n = len(weights)
    others = weights[~torch.eye(n, dtype=torch.bool, device=weights.device)].reshape(n, n - 1)
    total = others.sum(dim=1, keepdim=True)
    shares = (others / total.clamp(min=1e-12))[total[:, 0] > 0]
    if not len(shares) or n < 3:
        return 0.0
    bits = torch.special.entr(shares).sum(dim=1)
    return float(bits.mean() / torch.log(torch.tensor(float(n - 1))))


def of_views(weights: Tensor) -> Tensor:
    """Return the weights (2n, 2n) of two views of each person, from those of people (n, n).

    Rows are all first views, then all second views. The two views of one person attract each other
    with weight 1; a row has no weight with itself.
    """
    own = torch.eye(len(weights), dtype=torch.bool, device=weights.device)
    people = weights.masked_fill(own, 1.0)
    both = people.repeat(2, 2)
    return both.masked_fill(torch.eye(2 * len(weights), dtype=torch.bool, device=both.device), 0.0)


def weighted(rows: Tensor, weights: Tensor, temperature: float, form: str = "") -> Tensor:
    """Return the loss of rows (n, d) of unit length with weights (n, n), a scalar.

    ``form`` changes what a positive k of row i is compared with (Barbano et al. 2023): ``threshold``: with k
    and with those t whose weight is below w_ik; ``exponential``: with all t, each as
    ``exp(s_it (1 − w_it))``, so that similar people repel each other less. Otherwise with all but i itself.
    """
    similarity = rows @ rows.T / temperature
    others = ~torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    if form not in {"threshold", "exponential"}:
        return contrastive(similarity, weights, others)
    if form == "threshold":
        bottom = _below(similarity, weights, others)
    else:
        kept = (similarity * (1 - weights)).masked_fill(~others, float("-inf"))
        bottom = torch.logsumexp(kept, dim=1, keepdim=True)
    weights = weights * others
    total = weights.sum(dim=1, keepdim=True)
    shares = weights / total.clamp(min=1e-12)
    terms = torch.where(shares > 0, shares * (similarity - bottom), torch.zeros_like(shares))
    return -terms.sum() / len(rows)


def _below(similarity: Tensor, weights: Tensor, others: Tensor) -> Tensor:
    """Return for each pair (i, k) the logarithm of the sum over t that weigh less, and k itself.

    Sorted by weight, what weighs less is a stretch from the start, so that one running sum a row will do.
    """
    weight = weights.masked_fill(~others, -1.0)
    ordered, order = torch.sort(weight, dim=1)
    blocked = similarity.masked_fill(~others, float("-inf")).gather(1, order)
    blocked = blocked.clamp(min=-1e4)  # a running sum of minus infinities has no gradient
    running = torch.logcumsumexp(blocked, dim=1)
    count = torch.searchsorted(ordered, weight.contiguous())  # how many weigh less
    below = running.gather(1, (count - 1).clamp(min=0))
    below = below.masked_fill(count == 0, -1e4)
    return torch.logaddexp(below, similarity)


def combined(
    first: Tensor, second: Tensor, ages: Tensor, descriptors: Tensor | None, how: Anatomy
) -> dict[str, Tensor]:
    """Return the terms of the loss of two views (n, d) by name: ``age``, ``anatomy`` or ``views``.

    ``ages`` (n,) in years, ``descriptors`` (n, n_regions, n_measures) z-scored. Each term has its weight.
    """
    rows = torch.nn.functional.normalize(torch.cat([first, second]), dim=1)
    if how.loss == "simclr":
        alone = torch.eye(len(first), device=rows.device)
        return {"views": weighted(rows, of_views(alone), how.temperature)}
    terms: dict[str, Tensor] = {}
    if how.uses_anatomy:
        assert descriptors is not None  # noqa: S101  the method asked for them
        weights = of_views(anatomy_weights(descriptors, how.anatomy))
        terms["anatomy"] = how.anatomy_weight * weighted(rows, weights, how.temperature)
    if how.uses_age:
        weights = of_views(age_weights(ages, how.age_width, how.kernel))
        term = weighted(rows, weights, how.temperature, how.loss)
        terms["age"] = term * (how.age_weight if how.loss == "anatomy and age" else 1.0)
    return terms
