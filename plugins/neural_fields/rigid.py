"""Rigid movements as six numbers, so that a pose can be learned by its gradient."""

from __future__ import annotations

import torch

_SMALL = 1e-4  # below this angle (rad) the quotients are taken from their Taylor series


def exponential(xi: torch.Tensor) -> torch.Tensor:
    """Return the rigid movements exp(xi) of se(3).

    Parameters
    ----------
    xi : tensor of shape (…, 6)
        (w, v): a rotation vector in rad, and a velocity in the unit of the translation.

    Returns
    -------
    tensor of shape (…, 4, 4)

    Notes
    -----
    R = I + a [w] + b [w]^2, t = (I + b [w] + c [w]^2) v with a = sin th / th, b = (1 - cos th) / th^2,
    c = (th - sin th) / th^3, th = |w|.
    """
    w, v = xi[..., :3], xi[..., 3:]
    squared = (w * w).sum(dim=-1)[..., None, None]
    small = squared < _SMALL**2
    safe = torch.where(
        small, torch.ones_like(squared), squared
    )  # no 0 / 0, in the gradient neither
    angle = safe.sqrt()
    a = torch.where(small, 1 - squared / 6, angle.sin() / angle)
    b = torch.where(small, 0.5 - squared / 24, (1 - angle.cos()) / safe)
    c = torch.where(small, 1 / 6 - squared / 120, (angle - angle.sin()) / (safe * angle))
    cross = _cross(w)
    twice = cross @ cross
    one = torch.eye(3, dtype=xi.dtype, device=xi.device)
    turn = one + a * cross + b * twice
    shift = (one + b * cross + c * twice) @ v[..., None]
    last = torch.zeros_like(shift.transpose(-1, -2))
    last = torch.cat([last, torch.ones_like(last[..., :1])], dim=-1)
    return torch.cat([torch.cat([turn, shift], dim=-1), last], dim=-2)


def _cross(w: torch.Tensor) -> torch.Tensor:
    """Return the matrices (…, 3, 3) of the cross products with w (…, 3)."""
    x, y, z = w.unbind(dim=-1)
    o = torch.zeros_like(x)
    rows = [torch.stack(row, dim=-1) for row in ((o, -z, y), (z, o, -x), (-y, x, o))]
    return torch.stack(rows, dim=-2)
