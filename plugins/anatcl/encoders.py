"""The encoders: a small one of volumes, the paper's ResNet-18 in three dimensions, one of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from torch import Tensor

SMALL = (12, 24, 48, 64)
WIDE = (64, 128, 256, 512)


class Encoder(nn.Module):
    """An encoder with the head that only the training uses."""

    def __init__(self, encoder: nn.Module, width: int, head: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head, self.width = encoder, head, width

    def forward(self, inputs: Tensor) -> Tensor:
        """Return what the loss compares, (n, n_head), before it is brought to unit length."""
        projected: Tensor = self.head(self.encoder(inputs))
        return projected

    def features(self, inputs: Tensor) -> Tensor:
        """Return the embedding, (n, width)."""
        found: Tensor = self.encoder(inputs)
        return found


def build(kind: str, n_columns: int = 0) -> Encoder:
    """Return a new encoder.

    ``small`` and ``resnet18`` take images (n, 1, x, y, z), ``table`` rows (n, n_columns).
    """
    if kind == "small":
        return Encoder(_small(), SMALL[-1], _head(SMALL[-1], 64, 64))
    if kind == "resnet18":
        return Encoder(ResNet18(), WIDE[-1], _head(WIDE[-1], 512, 128))
    layers = [nn.Linear(n_columns, 256), nn.BatchNorm1d(256), nn.ReLU()]
    layers += [nn.Linear(256, 256), nn.BatchNorm1d(256), nn.ReLU()]
    return Encoder(nn.Sequential(*layers), 256, nn.Linear(256, 64))


def _head(width: int, hidden: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, out))


def _small() -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in zip((1, *SMALL[:-1]), SMALL, strict=True):
        layers += [nn.Conv3d(before, after, 3, stride=2, padding=1, bias=False)]
        layers += [nn.BatchNorm3d(after), nn.ReLU()]
    return nn.Sequential(*layers, Pooled())


class Pooled(nn.Module):
    """The mean over all places: a finer map would let an untrained encoder read the anatomy."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (n, n_channels) of (n, n_channels, x, y, z)."""
        return inputs.mean(dim=(2, 3, 4))


class Block(nn.Module):
    """Two convolutions beside a short cut."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm3d(after)
        self.conv2 = nn.Conv3d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm3d(after)
        self.downsample: nn.Module | None = None
        if stride != 1 or before != after:
            cut = nn.Conv3d(before, after, 1, stride, bias=False)
            self.downsample = nn.Sequential(cut, nn.BatchNorm3d(after))

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the sum of both ways, (n, after, …)."""
        short = inputs if self.downsample is None else self.downsample(inputs)
        rows = torch.relu(self.bn1(self.conv1(inputs)))
        return torch.relu(self.bn2(self.conv2(rows)) + short)


class ResNet18(nn.Module):
    """ResNet-18 in three dimensions, without its classifier: (n, 1, x, y, z) to (n, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(1, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm3d(64)
        self.maxpool = nn.MaxPool3d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))
        self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512, 1))

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the pooled features (n, 512)."""
        rows = self.maxpool(torch.relu(self.bn1(self.conv1(inputs))))
        rows = self.layer4(self.layer3(self.layer2(self.layer1(rows))))
        pooled: Tensor = rows.mean(dim=(2, 3, 4))
        return pooled


def weights_of(model: nn.Module) -> dict[str, NDArray[Any]]:
    """Return the weights as arrays by name."""
    return {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}


def restored(kind: str, n_columns: int, weights: Mapping[str, NDArray[Any]]) -> Encoder:
    """Return an encoder with given weights, ready to be used.

    Raises
    ------
    BadInput
        The weights are those of another network.
    """
    model = build(kind, n_columns)
    own = model.state_dict()
    state = {k: torch.as_tensor(np.array(v)) for k, v in weights.items() if k in own}
    wrong = [k for k, v in own.items() if k not in state or state[k].shape != v.shape]
    if wrong:
        raise BadInput(
            f"The model does not fit the encoder '{kind}': {len(wrong)} arrays differ, such as '{wrong[0]}'. "
            "Train it again."
        )
    model.load_state_dict(state)
    return model.eval()
