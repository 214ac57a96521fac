"""Losses that several methods share: contrastive ones with weights, and that of Barlow Twins.

Contrastive core: rows with a similarity ``s_ik`` and weights ``w_ik``, an allowed set A_i a row,

``L = −(1/n) Σ_i Σ_{k∈A_i} (w_ik / Σ_t w_it) · [ s_ik − log Σ_{t∈A_i} exp(s_it) ]``
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

EPSILON = 1e-5  # of batch normalisation


def contrastive(
    similarity: torch.Tensor, weights: torch.Tensor, allowed: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the weighted contrastive loss, a scalar.

    Parameters
    ----------
    similarity : tensor of shape (n, m)
        Already divided by the temperature.
    weights : tensor of shape (n, m)
        At least 0; only their shares of a row count. A row without weight contributes nothing.
    allowed : bool tensor of shape (n, m), optional
        What a row is compared with: not itself, and no false negatives. Everything where not given.
    """
    import torch

    if allowed is None:
        allowed = torch.ones_like(similarity, dtype=torch.bool)
    blocked = similarity.masked_fill(~allowed, float("-inf"))
    weights = weights * allowed
    total = weights.sum(dim=1, keepdim=True)
    logs = blocked - torch.logsumexp(blocked, dim=1, keepdim=True)
    shares = torch.where(total > 0, weights / total.clamp(min=1e-12), torch.zeros_like(weights))
    terms = torch.where(shares > 0, shares * logs, torch.zeros_like(shares))
    return -terms.sum() / len(similarity)


def two_views(first: torch.Tensor, second: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return NT-Xent of SimCLR: the other view of the same sample against all others.

    Parameters
    ----------
    first, second : tensors of shape (n, d)
        Two views of the same samples, in the same order.
    temperature
        By which cosines are divided.
    """
    import torch

    rows = torch.nn.functional.normalize(torch.cat([first, second]), dim=1)
    n = len(first)
    other = torch.roll(torch.eye(2 * n, device=rows.device), n, dims=1)
    allowed = ~torch.eye(2 * n, dtype=torch.bool, device=rows.device)
    return contrastive(rows @ rows.T / temperature, other, allowed)


def paired(
    predictions: torch.Tensor,
    targets: torch.Tensor,
    ids: Sequence[str] | torch.Tensor,
    *,
    temperature: torch.Tensor | float,
    both_sides: bool = True,
    normalise: bool = True,
) -> torch.Tensor:
    """Return the loss of CLIP: each prediction against all targets, and each target against all predictions.

    Parameters
    ----------
    predictions, targets : tensors of shape (n, d)
    ids
        What each row is of: other rows of the same id are no negatives and are left out.
    temperature
        By which similarities are divided.
    both_sides
        Add the loss of targets against predictions.
    normalise
        Use cosines; else only the targets are scaled to unit length.
    """
    import torch

    aims = torch.nn.functional.normalize(targets, dim=1)
    given = torch.nn.functional.normalize(predictions, dim=1) if normalise else predictions
    similarity = given @ aims.T / temperature
    own = torch.eye(len(given), device=given.device)
    allowed = own.bool() | ~_same(ids, given.device)
    loss = contrastive(similarity, own, allowed)
    return loss + contrastive(similarity.T, own, allowed.T) if both_sides else loss


def _same(ids: Sequence[str] | torch.Tensor, device: torch.device) -> torch.Tensor:
    import torch

    if not isinstance(ids, torch.Tensor):
        numbers = {each: k for k, each in enumerate(dict.fromkeys(ids))}
        ids = torch.tensor([numbers[each] for each in ids])
    ids = ids.to(device)
    return ids[:, None] == ids[None, :]


def cross_correlation(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return the cross-correlation of the coordinates of two views, (d, d), −1 to 1.

    Each view (n, d) is normalised over the batch with its own mean and biased variance, ε = 1e-5. Where a
    process group is set up, sums run over all devices, with gradient.
    """
    import torch

    n = _over_devices(torch.tensor(float(len(first)), device=first.device))
    rows = [_normalised(each, n) for each in (first, second)]
    return _over_devices(rows[0].T @ rows[1]) / n


def _normalised(rows: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    mean = _over_devices(rows.sum(dim=0)) / n
    centred = rows - mean
    variance = _over_devices(centred.square().sum(dim=0)) / n
    return centred / (variance + EPSILON).sqrt()


def _over_devices(value: torch.Tensor) -> torch.Tensor:
    import torch.distributed as devices

    if devices.is_available() and devices.is_initialized() and devices.get_world_size() > 1:
        from torch.distributed.nn.functional import all_reduce

        summed: torch.Tensor = all_reduce(value)  # type: ignore[no-untyped-call]
        return summed
    return value


def barlow_twins(
    correlation: torch.Tensor,
    redundancy: float,
    *,
    invariance: bool = True,
) -> torch.Tensor:
    """Return ``Σ (1 − C_ii)² + λ Σ_{i≠j} C_ij²``; without the first sum where ``invariance`` is off.

    Parameters
    ----------
    correlation : tensor of shape (d, d)
    redundancy
        λ, the weight of what is off the diagonal.
    """
    diagonal = correlation.diagonal()
    beside = correlation.square().sum() - diagonal.square().sum()
    loss = redundancy * beside
    return loss + (1 - diagonal).square().sum() if invariance else loss
