"""How fast the training is beside a bare loop of the same model, and beside lightly's loss where it is."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import Context
from neurostudio.learning.losses import barlow_twins, cross_correlation
from neurostudio.training import Recipe, batches, steady, train

from . import networks
from .declaring import PictureParams
from .distorting import small_grey

if TYPE_CHECKING:
    from collections.abc import Callable

    Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

_ARGUMENTS = {"kind": "pictures", "encoder": "small", "shape": (1, 16, 16), "projector_width": 256}
_SIZE, _STEPS, _RATE = 64, 400, 2e-3


def _ours(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    return barlow_twins(cross_correlation(first, second), 0.005)


def _pictures() -> torch.Tensor:
    return torch.rand(_SIZE * 20, 1, 16, 16, generator=torch.Generator().manual_seed(0))


def _step(model: Any, pictures: torch.Tensor, loss: Loss) -> torch.Tensor:
    params = PictureParams()
    views = (small_grey(pictures, second, params) for second in (False, True))
    return loss(*(model(each) for each in views))


def bare(loss: Loss = _ours) -> float:
    """Return the CPU seconds that a plain loop takes: AdamW, two views, one loss, nothing else."""
    pictures = _pictures()
    with steady():
        torch.manual_seed(0)
        model = networks.build(_ARGUMENTS)
        optimiser = torch.optim.AdamW(model.parameters(), lr=_RATE)
        start = time.process_time()
        for _ in range(_STEPS * _SIZE // len(pictures)):
            for rows in torch.randperm(len(pictures)).view(-1, _SIZE):
                optimiser.zero_grad()
                value = _step(model, pictures[rows], loss)
                value.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        return time.process_time() - start


def through_the_loop(loss: Loss = _ours) -> float:
    """Return the CPU seconds that the same steps take through the program's own loop."""
    pictures = _pictures()
    with steady():
        torch.manual_seed(0)
        model = networks.build(_ARGUMENTS)
    per_epoch = len(pictures) // _SIZE
    recipe = Recipe(
        epochs=_STEPS // per_epoch, learning_rate=_RATE, clip=0.0, cosine=False, watch=""
    )
    start = time.process_time()
    train(
        Context(), model, batches(pictures, size=_SIZE, per_epoch=per_epoch),
        lambda network, batch: _step(network, batch[0], loss), recipe, steps_per_epoch=per_epoch,
    )  # fmt: skip
    return time.process_time() - start


def _ratio(one: Callable[[], float], other: Callable[[], float], rounds: int) -> float:
    """Return the least time of one over the least of the other: other work on the machine only adds."""
    one(), other()  # warm
    times = np.array([(one(), other()) for _ in range(rounds)])
    least = times.min(axis=0)
    return float(least[0] / least[1])


def beside_bare_loop(rounds: int = 7) -> float:
    """Return the program's speed as a part of the bare loop's, taken in turns."""
    return _ratio(bare, through_the_loop, rounds)


def beside_lightly(rounds: int = 7) -> float:
    """Return the speed of a step with our loss as a part of that with lightly's, taken in turns.

    Encoder, views and optimiser are the same.

    Raises
    ------
    ImportError
        lightly is not installed.
    """
    theirs = import_module("lightly.loss").BarlowTwinsLoss(lambda_param=5e-3)
    return _ratio(lambda: bare(theirs), bare, rounds)
