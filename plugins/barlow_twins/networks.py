"""Encoders, whose output is the embedding, and the projector that the loss sees."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

SMALL_PICTURE = 64  # pixels: up to here a ResNet keeps the full resolution in its first layer
_SHALLOW_FILTERS = 40


class Twins(nn.Module):
    """An encoder and its projector, with the scale of the input's channels inside.

    ``mean`` and ``scale`` have the shape of one sample's channels, (n_channels, 1 …).
    """

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, encoder: nn.Module, projector: nn.Module, mean: torch.Tensor) -> None:
        super().__init__()
        self.encoder, self.projector = encoder, projector
        self.register_buffer("mean", mean.clone())
        self.register_buffer("scale", torch.ones_like(mean))

    def standard(self, samples: torch.Tensor) -> torch.Tensor:
        """Return samples with each channel at mean 0 and spread 1 of the training part."""
        return (samples - self.mean) / self.scale

    def embed(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the embedding (n, n_features) of samples that were not standardised yet."""
        return cast("torch.Tensor", self.encoder(self.standard(samples)))

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Return the projector's output (n, D) for views of standardised samples."""
        return cast("torch.Tensor", self.projector(self.encoder(views)))


def build(arguments: Mapping[str, Any]) -> Twins:
    """Return a new encoder with its projector.

    Parameters
    ----------
    arguments
        ``kind`` (pictures, windows, volumes), ``encoder`` (small, resnet18, resnet50), ``shape`` of one
        sample (channels first), ``projector_width``.
    """
    kind, encoder = str(arguments["kind"]), str(arguments["encoder"])
    shape = tuple(int(each) for each in arguments["shape"])
    width = int(arguments["projector_width"])
    axes = (1,) * (len(shape) - 1)
    if kind == "windows":
        network, features = _windows(shape)
        before: list[nn.Module] = [nn.Linear(features, 256, bias=False)]
        features = 256
    else:
        makers = {
            "small": _small_pictures if kind == "pictures" else _small_volumes,
            "resnet18": resnet18,
            "resnet50": resnet50,
        }
        network, features = makers[encoder](shape)
        before = []
    return Twins(
        network, nn.Sequential(*before, *_projector(features, width)), torch.zeros(shape[0], *axes)
    )


def _projector(features: int, width: int) -> list[nn.Module]:
    return [
        nn.Linear(features, width, bias=False),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.Linear(width, width, bias=False),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.Linear(width, width, bias=False),
    ]


def _small_pictures(shape: tuple[int, ...]) -> tuple[nn.Module, int]:
    layers: list[nn.Module] = []
    before = shape[0]
    for width in (16, 32, 64):
        layers += [nn.Conv2d(before, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        before = width
    size = [-(-each // 8) for each in shape[1:]]
    if size != [2, 2]:
        layers.append(nn.AdaptiveAvgPool2d(2))
    return nn.Sequential(*layers, nn.Flatten()), 256


def _small_volumes(shape: tuple[int, ...]) -> tuple[nn.Module, int]:
    layers: list[nn.Module] = []
    before = shape[0]
    for width in (12, 24, 48, 64):
        layers += [nn.Conv3d(before, width, 3, 2, 1, bias=False), nn.BatchNorm3d(width), nn.ReLU()]
        before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool3d(1), nn.Flatten()), 64


class Shallow(nn.Module):
    """The shallow EEG network without its classifier: log band power of 40 filters, averaged over time."""

    def __init__(self, n_channels: int, n_times: int) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # braindecode's notes to its own developers
            from braindecode.models import ShallowFBCSPNet

            try:
                network = ShallowFBCSPNet(
                    n_chans=n_channels, n_outputs=2, n_times=n_times, final_conv_length="auto"
                )
            except (ValueError, RuntimeError, AssertionError) as error:
                raise BadInput(
                    f"Windows of {n_times} samples are too short for the network. "
                    "Cut longer windows or use a higher rate."
                ) from error
        kept = [
            (name, each)
            for name, each in network.named_children()
            if not name.startswith(("final", "drop"))
        ]
        self.layers = nn.Sequential()
        for name, each in kept:
            self.layers.add_module(name, each)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return features (n, 40)."""
        return cast("torch.Tensor", self.layers(windows).flatten(2).mean(-1))


def _windows(shape: tuple[int, ...]) -> tuple[nn.Module, int]:
    return Shallow(shape[0], shape[1]), _SHALLOW_FILTERS


class _Block(nn.Module):
    """A residual block; names as in torchvision, so that released weights fit."""

    def __init__(self, before: int, width: int, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        after = width * (4 if bottleneck else 1)
        if bottleneck:
            self.conv1 = nn.Conv2d(before, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(width, after, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(after)
        else:
            self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.bottleneck = bottleneck
        self.downsample: nn.Module | None = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept = x if self.downsample is None else self.downsample(x)
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        if self.bottleneck:
            x = self.bn3(self.conv3(torch.relu(x)))
        return torch.relu(x + kept)


class ResNet(nn.Module):
    """A residual network without its classifier; pictures up to 64 pixels keep their resolution at first."""

    def __init__(
        self, shape: tuple[int, ...], counts: tuple[int, ...], *, bottleneck: bool
    ) -> None:
        super().__init__()
        small = max(shape[1:]) <= SMALL_PICTURE
        if small:
            self.conv1 = nn.Conv2d(shape[0], 64, 3, 1, 1, bias=False)
            self.maxpool: nn.Module = nn.Identity()
        else:
            self.conv1 = nn.Conv2d(shape[0], 64, 7, 2, 3, bias=False)
            self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.bn1 = nn.BatchNorm2d(64)
        before = 64
        for number, count in enumerate(counts):
            width, blocks = 64 * 2**number, []
            for k in range(count):
                stride = 2 if k == 0 and number > 0 else 1
                blocks.append(_Block(before, width, stride, bottleneck=bottleneck))
                before = width * (4 if bottleneck else 1)
            self.add_module(f"layer{number + 1}", nn.Sequential(*blocks))
        self.features = before
        for each in self.modules():
            if isinstance(each, nn.Conv2d):
                nn.init.kaiming_normal_(each.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return features (n, 512 or 2048)."""
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for number in (1, 2, 3, 4):
            x = cast("nn.Module", getattr(self, f"layer{number}"))(x)
        return x.mean(dim=(2, 3))


def resnet18(shape: tuple[int, ...]) -> tuple[nn.Module, int]:
    """Return ResNet-18 for samples of a shape (n_channels, height, width) and its 512 features."""
    network = ResNet(shape, (2, 2, 2, 2), bottleneck=False)
    return network, network.features


def resnet50(shape: tuple[int, ...]) -> tuple[nn.Module, int]:
    """Return ResNet-50 and its 2,048 features."""
    network = ResNet(shape, (3, 4, 6, 3), bottleneck=True)
    return network, network.features


def load(model: nn.Module, weights: Mapping[str, NDArray[Any]]) -> None:
    """Put stored weights into a network; every name must be there, and no other.

    Raises
    ------
    BadInput
        The weights are those of another network.
    """
    state = {name: torch.as_tensor(array.copy()) for name, array in weights.items()}
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise BadInput("The weights do not fit the network that the model describes.") from error


def weights_of(model: nn.Module) -> dict[str, NDArray[Any]]:
    """Return the weights as arrays of their own."""
    return {k: v.detach().cpu().numpy().copy() for k, v in model.state_dict().items()}


@torch.no_grad()
def embedded(
    model: Twins, samples: Any, rows: NDArray[np.intp], device: str, size: int = 256
) -> NDArray[np.float32]:
    """Return the embedding (n_rows, n_features) of rows of samples, batch norm in evaluation mode.

    ``samples`` gives a tensor of standard shape for a slice of rows by ``samples.tensor(rows)``.
    """
    import numpy as np

    model.eval()
    parts = [
        model.embed(samples.tensor(rows[start : start + size]).to(device)).cpu().numpy()
        for start in range(0, len(rows), size)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
