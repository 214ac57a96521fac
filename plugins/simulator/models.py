"""Trained networks kept and made again: weights, and the plain values that build them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from neurostudio.api import BadInput, TrainedModel
from neurostudio.spiking.differentiable import AdaptingNetwork, LeakyNetwork, RateNetwork

KINDS = {"adapting": AdaptingNetwork, "leaky": LeakyNetwork, "rate": RateNetwork}


def build(kind: str, shape: dict[str, Any]) -> torch.nn.Module:
    """Return a new network."""
    network: torch.nn.Module = KINDS[kind](**shape)
    return network


def keep(
    network: torch.nn.Module, kind: str, shape: dict[str, Any], method: str, **more: Any
) -> TrainedModel:
    """Return a network as an item."""
    weights = {k: v.detach().cpu().numpy().copy() for k, v in network.state_dict().items()}
    return TrainedModel(weights, {"kind": kind, "shape": shape, "simulated": True, **more}, method)


def again(model: TrainedModel) -> torch.nn.Module:
    """Return the network of an item.

    Raises
    ------
    BadInput
        It was trained by another method.
    """
    kind = str(model.config.get("kind", ""))
    if kind not in KINDS:
        raise BadInput(
            f"The model was trained by {model.method}; give one of 'Train spiking network' or 'Fit network'."
        )
    network = build(kind, dict(model.config["shape"]))
    network.load_state_dict({k: torch.as_tensor(np.array(v)) for k, v in model.weights.items()})
    return network.eval()
