"""The one loop for networks trained by gradient: stoppable, resumable to the bit, repeatable."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from neurostudio.devices import n_threads
from neurostudio.errors import BadInput
from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import torch

    from neurostudio.method import Context

    Batches = Callable[[torch.Generator], Iterable[Any]]
    State = dict[str, torch.Tensor]

_SAVE_INTERVAL = 1.0  # a checkpoint costs milliseconds; epochs of milliseconds share one


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: AdamW on a cosine, gradients clipped, the best epoch kept.

    ``optimiser`` is ``adamw`` or ``lars``. The rate rises over ``warm_up`` epochs and then, where
    ``cosine`` is on, falls to ``floor`` times itself.

    ``steps`` limits the updates in all (0: only the epochs count); ``patience`` counts epochs
    without a better validation score (0: never stop early); ``clip`` is the largest norm of the
    gradient (0: any).
    ``stage`` names this training among those of a run: its checkpoint, its seed, its curves.
    ``watch`` names the validation metric that chooses the epoch to keep; a leading minus means that
    lower is better; empty keeps the last epoch.
    """

    epochs: int = 10
    learning_rate: float = 1e-3
    weight_decay: float = 5e-4
    patience: int = 0
    steps: int = 0
    clip: float = 1.0
    cosine: bool = True
    precision: str = "32-true"
    stage: str = "training"
    watch: str = "score"
    optimiser: Literal["adamw", "lars"] = "adamw"
    warm_up: int = 0
    floor: float = 0.0


@dataclass
class History:
    """What a training went through: the metrics of each epoch, the best one, if it is over."""

    epochs: list[dict[str, float]] = field(default_factory=list)
    steps: int = 0
    best_epoch: int = -1
    best_score: float = -math.inf
    finished: bool = False

    def column(self, name: str) -> list[float]:
        """Return one metric over the epochs."""
        return [each.get(name, math.nan) for each in self.epochs]


def seed_of(*parts: object) -> int:
    """Return a seed that depends on all parts and on nothing else."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")


def hash_of_weights(state: Mapping[str, Any]) -> str:
    """Return a short name of exactly these weights: tensors or arrays by name."""
    digest = hashlib.sha256()
    for name in sorted(state):
        value = state[name]
        array = value.detach().cpu().numpy() if hasattr(value, "detach") else value
        digest.update(f"{name}{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def steady() -> Iterator[None]:
    """Hold torch to deterministic sums and leave one core to the window."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(n_threads())
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


def batches(*tensors: torch.Tensor, size: int, per_epoch: int = 0) -> Batches:
    """Return what deals the rows of tensors into shuffled batches.

    Each row comes once an epoch; or, with ``per_epoch``, that many full batches come, which pass
    through the rows again and again.
    """
    import torch

    n_rows = len(tensors[0])

    def deal(generator: torch.Generator) -> Iterator[tuple[torch.Tensor, ...]]:
        rounds = math.ceil(per_epoch * size / n_rows) if per_epoch else 1
        order = torch.cat([torch.randperm(n_rows, generator=generator) for _ in range(rounds)])
        order = order[: per_epoch * size] if per_epoch else order
        for start in range(0, len(order), size):
            rows = order[start : start + size].to(tensors[0].device)
            if len(rows) > 1 or len(order) == 1:  # one row has no batch statistics
                yield tuple(each[rows] for each in tensors)

    return deal


def train(
    context: Context,
    model: torch.nn.Module,
    deal: Batches,
    loss: Callable[[torch.nn.Module, Any], torch.Tensor],
    recipe: Recipe,
    *,
    steps_per_epoch: int,
    rates: Sequence[Mapping[str, Any]] = (),
    validate: Callable[[torch.nn.Module], Mapping[str, float]] | None = None,
    series: Mapping[str, str] | None = None,
    fingerprint: str = "",
    after_epoch: Callable[[torch.nn.Module, int], None] | None = None,
) -> History:
    """Train a network in place and return what happened; resume from a checkpoint of the run.

    Parameters
    ----------
    context
        Device, seed, folder; progress, live curves and the wish to stop go through it.
    deal
        Given a seeded generator, yields the batches of one epoch.
    loss
        Of the network and a batch, a scalar. It may use ``model.train()`` settings of its own.
    steps_per_epoch
        How many batches ``deal`` yields; fixes the schedule.
    rates
        Groups of parameters with learning rates of their own (``{"params": …, "lr": …}``).
    validate
        Metrics after each epoch; the recipe's ``watch`` among them chooses the epoch that is kept.
    series
        Text that names the live curves, such as ``{"fold": "1"}``.
    fingerprint
        Anything that a checkpoint must agree with, such as the hash of a split.
    after_epoch
        Called at each epoch's end, for pictures on the way.

    Raises
    ------
    Cancelled
        The run is to stop; the last checkpoint is kept.
    BadInput
        The loss left the finite numbers.
    """
    with steady():
        loop = _Loop(context, model, recipe, rates, steps_per_epoch, fingerprint)
        loop.resume()
        for epoch in context.track(range(loop.epochs), recipe.stage):
            if loop.history.finished or epoch < len(loop.history.epochs):
                continue
            metrics = loop.epoch(epoch, deal, loss)
            if validate is not None:
                metrics |= _evaluate(loop.network, validate)
            loop.note(epoch, metrics)
            context.log(epoch=epoch + 1, **metrics, **(series or {}))
            if after_epoch is not None:
                after_epoch(loop.network, epoch)
            if loop.patience_is_over(epoch):
                break
        loop.finish()
        return loop.history


def _evaluate(
    model: torch.nn.Module, validate: Callable[[torch.nn.Module], Mapping[str, float]]
) -> dict[str, float]:
    import torch

    model.eval()
    with torch.no_grad():
        return {name: float(value) for name, value in validate(model).items()}


class _Loop:
    """The state of one training: everything that a checkpoint holds."""

    def __init__(
        self,
        context: Context,
        model: torch.nn.Module,
        recipe: Recipe,
        rates: Sequence[Mapping[str, Any]],
        steps_per_epoch: int,
        fingerprint: str,
    ) -> None:
        self.context, self.model, self.recipe = context, model, recipe
        per_epoch = max(1, steps_per_epoch)
        self.rise = recipe.warm_up * per_epoch
        self.epochs = math.ceil(recipe.steps / per_epoch) if recipe.steps else recipe.epochs
        self.total = recipe.steps or self.epochs * per_epoch
        begin = hash_of_weights(model.state_dict())
        self.identity = f"{asdict(recipe)} {context.seed} {begin} {fingerprint}"
        self.history = History()
        groups = [dict(each) for each in rates] or [{"params": list(model.parameters())}]
        self.optimizer = _optimiser(groups, recipe)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.fabric = _fabric(context.device, recipe.precision)
        self.network, self.stepper = self.fabric.setup(model, self.optimizer)
        self.best: State = {}
        self.saved = -math.inf

    def epoch(
        self,
        epoch: int,
        deal: Batches,
        loss: Callable[[torch.nn.Module, Any], torch.Tensor],
    ) -> dict[str, float]:
        """Train one epoch, whose random numbers depend on seed, stage and epoch alone."""
        import torch

        seed = seed_of(self.context.seed, self.recipe.stage, epoch)
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        self.network.train()
        total, count = torch.zeros((), device=self.fabric.device), 0
        for batch in self.context.track(deal(generator), f"{self.recipe.stage}, epoch {epoch + 1}"):
            if self.history.steps >= self.total:
                break
            value = self._step(batch, loss)
            total += value
            count += 1
        mean = float(total) / max(count, 1)
        if not math.isfinite(mean):
            raise BadInput(
                f"The loss became {mean} in epoch {epoch + 1} of {self.recipe.stage}. "
                f"Lower the learning rate (now {self.recipe.learning_rate:g}) or check the data."
            )
        return {"train_loss": mean, "learning_rate": self._factor() * self.rates[0]}

    def _step(
        self, batch: Any, loss: Callable[[torch.nn.Module, Any], torch.Tensor]
    ) -> torch.Tensor:
        factor = self._factor()
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        self.stepper.zero_grad()
        value = loss(self.network, batch)
        self.fabric.backward(value)
        if self.recipe.clip > 0:
            self.fabric.clip_gradients(
                self.network, self.stepper, max_norm=self.recipe.clip, error_if_nonfinite=False
            )
        self.stepper.step()
        self.history.steps += 1
        return value.detach()

    def _factor(self) -> float:
        if self.history.steps < self.rise:
            return (self.history.steps + 1) / self.rise
        if not self.recipe.cosine:
            return 1.0
        passed = (self.history.steps - self.rise) / max(1, self.total - self.rise)
        share = 0.5 * (1 + math.cos(math.pi * min(1.0, passed)))
        return self.recipe.floor + (1 - self.recipe.floor) * share

    def note(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Take an epoch into the history, keep the network where it is the best, save."""
        self.history.epochs.append(dict(metrics))
        sign = -1 if self.recipe.watch.startswith("-") else 1
        score = sign * metrics.get(self.recipe.watch.removeprefix("-"), math.nan)
        if score > self.history.best_score:
            self.history.best_score, self.history.best_epoch = score, epoch
            self.best = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        if time.monotonic() - self.saved >= _SAVE_INTERVAL:
            self.save()

    def patience_is_over(self, epoch: int) -> bool:
        """Return whether the validation score has stood still for too long."""
        waited = epoch - self.history.best_epoch
        return bool(self.recipe.patience and self.best and waited >= self.recipe.patience)

    def finish(self) -> None:
        """Leave the best weights in the model, and a checkpoint that says it is over."""
        if self.best:
            self.model.load_state_dict(self.best)
        elif not self.history.finished:
            self.history.best_epoch = len(self.history.epochs) - 1
        if not self.history.finished:
            self.history.finished = True
            self.save()
        self.model.eval()

    @property
    def path(self) -> Path | None:
        """Where the checkpoint of this stage lies; nothing is written outside of a run."""
        folder = self.context.folder / "checkpoints"
        name = "".join(c if c.isalnum() else "-" for c in self.recipe.stage)
        return folder / f"{name}.safetensors" if folder.is_dir() else None

    def save(self) -> None:
        """Write the checkpoint: tensors as safetensors, all else as JSON in its header."""
        if self.path is None:
            return
        from safetensors.torch import save

        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self.best.items()}
        for number, values in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{k}": v for k, v in values.items()}
        plain = {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()}
        about = json.dumps({"identity": self.identity, "history": asdict(self.history)})
        write_atomically(self.path, save(plain, {"about": about}))
        self.saved = time.monotonic()

    def resume(self) -> None:
        """Take up the checkpoint of this stage, if one of this very training is there."""
        if self.path is None or not self.path.exists():
            return
        from safetensors import safe_open

        with safe_open(self.path, framework="pt") as stored:
            about = json.loads((stored.metadata() or {}).get("about", "{}"))
            if about.get("identity") != self.identity:
                return
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        self.history = History(**about["history"])
        self.model.load_state_dict(_under(tensors, "model."))
        device = self.fabric.device
        self.best = {k: v.to(device) for k, v in _under(tensors, "best.").items()}
        state: dict[int, dict[str, Any]] = {}
        for name, value in _under(tensors, "optimizer.").items():
            number, _, key = name.partition(".")
            state.setdefault(int(number), {})[key] = value
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})


def _under(tensors: Mapping[str, torch.Tensor], prefix: str) -> State:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _optimiser(groups: list[dict[str, Any]], recipe: Recipe) -> torch.optim.Optimizer:
    import torch

    from neurostudio.learning.lars import Lars

    make: Any = {"adamw": torch.optim.AdamW, "lars": Lars}[recipe.optimiser]
    found: torch.optim.Optimizer = make(
        groups, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    return found


def _fabric(device: str, precision: str) -> Any:
    from lightning_fabric import Fabric

    kind, _, number = device.partition(":")
    accelerator = {"cuda": "cuda", "mps": "mps"}.get(kind, "cpu")
    devices: Any = [int(number or 0)] if accelerator == "cuda" else 1
    chosen: Any = precision
    return Fabric(accelerator=accelerator, devices=devices, precision=chosen)
