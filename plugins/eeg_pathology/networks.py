"""The four networks, their layers from input to classifier, and their way to start from a source."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

import torch

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

FIELD_OF_TCN = {"n_blocks": 5, "n_filters": 55, "kernel_size": 16, "drop_prob": 0.0527}


class Classifier(torch.nn.Module):
    """A network from microvolts to logits, with the scale of its channels inside.

    Dense predictions are averaged over time. Layers named in ``frozen`` keep their weights and
    their batch statistics.
    """

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, network: torch.nn.Module, n_channels: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(n_channels, 1))
        self.register_buffer("scale", torch.ones(n_channels, 1))
        self.frozen: tuple[str, ...] = ()

    def forward(self, signals: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (n_windows, n_classes)."""
        logits = self.network((signals - self.mean) / self.scale)
        return cast("torch.Tensor", logits.flatten(2).mean(-1) if logits.ndim > 2 else logits)

    def train(self, mode: bool = True) -> Classifier:
        """Switch training on, but for the frozen layers."""
        super().train(mode)
        for name in self.frozen:
            cast("torch.nn.Module", getattr(self.network, name)).eval()
        return self

    @property
    def layers(self) -> list[str]:
        """The names of the layers that have weights, from the input to the classifier."""
        return [
            name
            for name, each in self.network.named_children()
            if any(True for _ in each.parameters())
        ]

    def freeze(self, count: int) -> None:
        """Fix the first layers: their weights and their statistics."""
        self.frozen = tuple(self.layers[:count])
        for name in self.frozen:
            for each in cast("torch.nn.Module", getattr(self.network, name)).parameters():
                each.requires_grad_(False)

    def set_scale(self, signals: NDArray[np.float32]) -> None:
        """Fit mean and spread of each channel to the training part."""
        found = torch.as_tensor(signals).double()
        self.mean.copy_(found.mean(dim=(0, 2))[:, None])
        spread = found.std(dim=(0, 2))[:, None].clamp_min(1e-6)
        self.scale.copy_(spread)


def build(arguments: Mapping[str, Any]) -> Classifier:
    """Return a new network.

    Parameters
    ----------
    arguments
        ``network`` (shallow, deep4, eegnet, tcn), ``n_channels``, ``n_classes``, ``n_times``,
        ``dropout``, ``filters``, ``dense``, ``final_length``.

    Raises
    ------
    BadInput
        The windows are too short for the network.
    """
    name, n_times = str(arguments["network"]), int(arguments["n_times"])
    shape = {
        "n_chans": int(arguments["n_channels"]),
        "n_outputs": int(arguments["n_classes"]),
        "n_times": n_times,
    }
    makers = {"shallow": _shallow, "deep4": _deep4, "eegnet": _eegnet, "tcn": _tcn}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # braindecode's notes to its own developers
        try:
            network = makers[name](shape, arguments)
            if arguments.get("dense") and name in {"shallow", "deep4"}:
                network.to_dense_prediction_model()
        except (ValueError, RuntimeError, AssertionError) as error:
            raise BadInput(
                f"Windows of {n_times} samples are too short for the network '{name}'. "
                "Cut longer windows, use a higher rate, or choose the shallow network."
            ) from error
    return Classifier(network, shape["n_chans"])


def _shallow(shape: Mapping[str, int], arguments: Mapping[str, Any]) -> Any:
    from braindecode.models import ShallowFBCSPNet

    filters = int(arguments.get("filters") or 40)
    return ShallowFBCSPNet(
        **shape,
        n_filters_time=filters,
        n_filters_spat=filters,
        final_conv_length=arguments.get("final_length") or "auto",
        drop_prob=float(arguments.get("dropout", 0.5)),
        add_log_softmax=False,
    )


def _deep4(shape: Mapping[str, int], arguments: Mapping[str, Any]) -> Any:
    from braindecode.models import Deep4Net

    return Deep4Net(
        **shape,
        final_conv_length=arguments.get("final_length") or "auto",
        drop_prob=float(arguments.get("dropout", 0.5)),
        add_log_softmax=False,
    )


def _eegnet(shape: Mapping[str, int], arguments: Mapping[str, Any]) -> Any:
    from braindecode.models import EEGNetv4

    network = EEGNetv4(**shape, drop_prob=float(arguments.get("dropout", 0.5)))
    final = network.final_layer
    if hasattr(final, "logsoftmax"):
        final.logsoftmax = torch.nn.Identity()
    return network


def _tcn(shape: Mapping[str, int], arguments: Mapping[str, Any]) -> Any:
    from braindecode.models import TCN

    settings = dict(FIELD_OF_TCN)
    while field_of_tcn(settings) > shape["n_times"] and settings["n_blocks"] > 1:
        settings["n_blocks"] -= 1
    if field_of_tcn(settings) > shape["n_times"]:
        raise ValueError(f"the receptive field is {field_of_tcn(settings)} samples")
    network = TCN(
        n_chans=shape["n_chans"], n_outputs=shape["n_outputs"], **settings, add_log_softmax=False
    )
    for parent in list(network.modules()):
        for name, each in list(parent.named_children()):
            if isinstance(each, torch.nn.Dropout2d):  # torch will soon read its input otherwise
                setattr(parent, name, torch.nn.Dropout1d(each.p))
    return network


def field_of_tcn(settings: Mapping[str, float]) -> int:
    """Return how many samples one output of the temporal network sees."""
    blocks: int = 2 ** int(settings["n_blocks"]) - 1
    return 1 + 2 * int(settings["kernel_size"] - 1) * blocks


def n_parameters(model: torch.nn.Module) -> int:
    """Return how many weights a network has."""
    return sum(each.numel() for each in model.parameters())


def load(model: Classifier, weights: Mapping[str, NDArray[Any]]) -> None:
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


def weights_of(model: Classifier) -> dict[str, NDArray[Any]]:
    """Return the weights as arrays of their own."""
    return {k: v.detach().cpu().numpy().copy() for k, v in model.state_dict().items()}
