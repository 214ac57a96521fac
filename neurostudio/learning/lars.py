"""LARS: momentum whose step is scaled, for each tensor, by how large the tensor is beside its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TRUST = 0.001


class Lars(torch.optim.Optimizer):
    """Layer-wise adaptive rates, for large batches. You, Gitman and Ginsburg, arXiv 1708.03888.

    ``g ← g + decay·w``; ``q = trust·‖w‖/‖g‖``, 1 where a norm is 0; ``v ← momentum·v + q·g``;
    ``w ← w − rate·v``. A group with ``adapted=False`` (biases, batch-norm parameters) takes q = 1.

    Parameters
    ----------
    params
        Tensors or groups of them.
    lr
        Rate of the groups that name none.
    momentum, weight_decay, trust, adapted
        As above; each group may have its own.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        *,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust: float = TRUST,
        adapted: bool = True,
    ) -> None:
        settings = {"momentum": momentum, "weight_decay": weight_decay, "trust": trust}
        super().__init__(params, {"lr": lr, "adapted": adapted, **settings})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every tensor that has a gradient by one step."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, group)
        return loss

    def _move(self, weight: torch.Tensor, group: dict[str, Any]) -> None:
        gradient = weight.grad + group["weight_decay"] * weight
        if group["adapted"]:
            size, slope = torch.linalg.vector_norm(weight), torch.linalg.vector_norm(gradient)
            known = (size > 0) & (slope > 0)
            ratio = group["trust"] * size / torch.where(known, slope, torch.ones_like(slope))
            gradient = gradient * torch.where(known, ratio, torch.ones_like(ratio))
        state = self.state[weight]
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(weight)
        state["velocity"].mul_(group["momentum"]).add_(gradient)
        weight.sub_(group["lr"] * state["velocity"])
