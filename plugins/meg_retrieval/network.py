"""The encoder: attention over sensor places, a matrix a subject, convolutions, one vector a trial."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

START = 10.0  # so that each virtual channel begins with a few sensors, not with the mean of all
MARGIN = 0.2  # around the sensors, so that the Fourier basis does not wrap them round


def fourier_basis(places: NDArray[np.float64], frequencies: int) -> torch.Tensor:
    """Return the sensors' places as cosines and sines.

    Parameters
    ----------
    places : array of shape (n_sensors, 2)
        Seen from above, in any scale.
    frequencies
        K, of each direction.

    Returns
    -------
    tensor of shape (n_sensors, 2 K²)
        ``cos`` and ``sin`` of ``2π (k x + l y)`` for k, l = 0 … K − 1, x and y within a margin of [0, 1].
    """
    where = torch.as_tensor(places, dtype=torch.float64)
    low, high = where.min(dim=0).values, where.max(dim=0).values
    where = (where - low) / torch.where(high > low, high - low, torch.ones_like(low))
    where = (where + MARGIN) / (1 + 2 * MARGIN)
    k = torch.arange(frequencies, dtype=torch.float64)
    phase = where[:, 0, None, None] * k[:, None] + where[:, 1, None, None] * k
    phase = 2 * math.pi * phase.flatten(1)
    return torch.cat([phase.cos(), phase.sin()], dim=1).float()


class SpatialAttention(nn.Module):
    """Virtual channels: each a weighted mean of the sensors, by their places alone."""

    basis: torch.Tensor
    where: torch.Tensor

    def __init__(
        self, places: NDArray[np.float64], virtual: int, frequencies: int, dropout: float
    ) -> None:
        super().__init__()
        self.register_buffer("basis", fourier_basis(places, frequencies))
        self.register_buffer("where", torch.as_tensor(places, dtype=torch.float32))
        n_features = 2 * frequencies**2
        self.heads = nn.Parameter(START * torch.randn(virtual, n_features) / math.sqrt(n_features))
        self.dropout = dropout

    def weights(self) -> torch.Tensor:
        """Return how much each virtual channel (rows) takes from each sensor, sums of 1."""
        scores = self.heads @ self.basis.T
        if self.training and self.dropout > 0:
            row = torch.randint(len(self.where), (), device=scores.device)
            centre = self.where[row] + self.dropout * torch.randn(2).to(scores)
            left_out = (self.where - centre).norm(dim=1) < self.dropout
            if not bool(left_out.all()):
                scores = scores.masked_fill(left_out, float("-inf"))
        return torch.softmax(scores, dim=1)

    def forward(self, signals: torch.Tensor) -> torch.Tensor:
        """Return virtual channels (n, n_virtual, n_times) of signals (n, n_sensors, n_times)."""
        return self.weights() @ signals


class SubjectLayer(nn.Module):
    """One matrix a subject; a subject that was never seen gets their mean."""

    def __init__(self, n_subjects: int, n_channels: int) -> None:
        super().__init__()
        start = torch.eye(n_channels).repeat(n_subjects, 1, 1)
        noise = torch.randn(n_subjects, n_channels, n_channels)
        self.matrices = nn.Parameter(start + 0.1 / math.sqrt(n_channels) * noise)

    def forward(self, signals: torch.Tensor, subjects: torch.Tensor) -> torch.Tensor:
        """Return signals (n, n_channels, n_times), each turned by its subject's matrix; −1: the mean."""
        known = torch.cat([self.matrices, self.matrices.mean(dim=0, keepdim=True)])
        return torch.einsum("nct,ncd->ndt", signals, known[subjects])


class Block(nn.Module):
    """Two dilated convolutions with residual where shapes match, then a gated one."""

    def __init__(self, n_in: int, n_out: int, dilations: tuple[int, int]) -> None:
        super().__init__()
        first, second = dilations
        self.first = nn.Conv1d(n_in, n_out, 3, padding=first, dilation=first)
        self.first_norm = nn.BatchNorm1d(n_out)
        self.second = nn.Conv1d(n_out, n_out, 3, padding=second, dilation=second)
        self.second_norm = nn.BatchNorm1d(n_out)
        self.gated = nn.Conv1d(n_out, 2 * n_out, 3, padding=1)

    def forward(self, signals: torch.Tensor) -> torch.Tensor:
        """Return signals (n, n_out, n_times) of signals (n, n_in, n_times)."""
        found = nn.functional.gelu(self.first_norm(self.first(signals)))
        signals = signals + found if signals.shape == found.shape else found
        signals = signals + nn.functional.gelu(self.second_norm(self.second(signals)))
        return nn.functional.glu(self.gated(signals), dim=1)


class Head(nn.Module):
    """From the trial's vector to the embedding."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(n_in, elementwise_affine=False)
        self.linear = nn.Linear(n_in, n_out)

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        """Return embeddings (n, n_out)."""
        return cast("torch.Tensor", self.linear(nn.functional.gelu(self.norm(found))))


class Encoder(nn.Module):
    """From trials (n, n_sensors, n_times) and subjects (n,) to embeddings (n, n_features).

    The temperature of the contrastive loss lives here as the logarithm of its inverse.
    """

    def __init__(self, arguments: Mapping[str, Any], places: NDArray[np.float64]) -> None:
        super().__init__()
        virtual, hidden = int(arguments["virtual_channels"]), int(arguments["hidden"])
        wide, n_times = int(arguments["projection"]), int(arguments["n_times"])
        dropout = float(arguments["dropout"])
        self.attention = SpatialAttention(
            places, virtual, int(arguments["frequencies"]), float(arguments["spatial_dropout"])
        )
        self.mix = nn.Conv1d(virtual, virtual, 1)
        self.subjects = SubjectLayer(int(arguments["n_subjects"]), virtual)
        self.first = Block(virtual, hidden, (1, 2))
        self.second = Block(hidden, hidden, (4, 8))
        self.narrow = nn.Conv1d(hidden, 2 * hidden, 1)
        self.wide = nn.Conv1d(2 * hidden, wide, 1)
        self.time = nn.Linear(n_times, 1)
        self.left_out = nn.Dropout(dropout)
        self.head = Head(wide, int(arguments["n_features"]))
        self.second_head = (
            Head(wide, int(arguments["n_features"])) if arguments["second_head"] else None
        )
        start = torch.tensor(-math.log(float(arguments["temperature"])))
        if arguments["learn_temperature"]:
            self.sharpness = nn.Parameter(start)
        else:
            self.register_buffer("sharpness", start)
        nn.init.constant_(self.time.weight, 1 / n_times)

    @property
    def temperature(self) -> torch.Tensor:
        """By which similarities are divided in the loss."""
        return torch.exp(-self.sharpness.clamp(max=math.log(200.0)))

    def pooled(self, signals: torch.Tensor, subjects: torch.Tensor) -> torch.Tensor:
        """Return one vector a trial, before the heads."""
        found = self.subjects(self.mix(self.attention(signals)), subjects)
        found = self.second(self.first(found))
        found = nn.functional.gelu(self.narrow(found))
        # both maps are linear, so that summing over time first gives the same and costs far less
        summed = nn.functional.linear(found, self.time.weight)
        found = nn.functional.conv1d(summed, self.wide.weight)[..., 0] + self.time.bias
        if self.wide.bias is not None:
            found = found + self.wide.bias * self.time.weight.sum()
        return cast("torch.Tensor", self.left_out(found))

    def forward(
        self, signals: torch.Tensor, subjects: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the embedding for retrieval and that of the second head (the same without one)."""
        pooled = self.pooled(signals, subjects)
        found = self.head(pooled)
        return found, found if self.second_head is None else self.second_head(pooled)


def n_parameters(model: nn.Module) -> int:
    """Return the number of trained numbers, the temperature left out."""
    return sum(
        each.numel() for name, each in model.named_parameters() if not name.endswith("sharpness")
    )
