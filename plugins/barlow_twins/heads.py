"""A classifier on top of an encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch

if TYPE_CHECKING:
    from .networks import Twins


class Head(torch.nn.Module):
    """An encoder with a linear classifier; the projector takes no part."""

    def __init__(self, twins: Twins, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.twins = twins
        self.classifier = torch.nn.Linear(n_features, n_classes)
        for each in twins.projector.parameters():
            each.requires_grad_(False)

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """Return logits (n, n_classes) of samples that were not standardised yet."""
        return cast("torch.Tensor", self.classifier(self.twins.embed(samples)))
