"""Networks from a place in the cube -1 to 1 to one number: hash grid, voxel grid, Fourier features, SIREN."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

Encoder = Literal["hash", "siren", "fourier", "voxel"]
_PRIMES = (1, 2654435761, 805459861)
_COARSEST = 8  # cells a side of the hash grid's first level
_HEAD = 64  # units of the small network behind a grid
_TINY_EPS = 1e-15  # of Adam: the gradients of a grid's entries are small


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a field is made of; everything that builds it again.

    ``finest`` is the number of cells a side of the finest grid, ``entries`` the power of two that a level of
    the hash grid may hold.
    """

    encoder: Encoder = "hash"
    width: int = 128
    depth: int = 3
    levels: int = 8
    entries: int = 15
    features: int = 2
    finest: int = 64
    omega: float = 30.0
    sigma: float = 2.0

    def as_plain(self) -> dict[str, Any]:
        """Return it for a model's configuration."""
        return asdict(self)


class Field(torch.nn.Module):
    """A continuous field: places (n, 3) in -1 to 1 to values (n,)."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        make = {"hash": _Hash, "voxel": _Voxels, "fourier": _Fourier, "siren": _Siren}
        self.body: torch.nn.Module = make[architecture.encoder](architecture)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """Return the values (n,) at places (n, 3)."""
        found: torch.Tensor = self.body(places)
        return found[:, 0]

    def rates(self, rate: float) -> list[dict[str, Any]]:
        """Return the optimiser's groups: Adam's epsilon is tiny where there are grids."""
        grids = self.architecture.encoder in {"hash", "voxel"}
        eps = {"eps": _TINY_EPS} if grids else {}
        return [{"params": list(self.parameters()), "lr": rate, **eps}]


def build(config: Mapping[str, Any]) -> Field:
    """Return an untrained field of the architecture that a configuration holds."""
    return Field(Architecture(**config))


class _Hash(torch.nn.Module):
    """Müller et al. 2022: levels of grids whose corners share a table of 2^T entries, and a small network."""

    sizes: torch.Tensor
    starts: torch.Tensor
    corners: torch.Tensor

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        growth = (max(of.finest, _COARSEST) / _COARSEST) ** (1 / max(1, of.levels - 1))
        sizes = [math.floor(_COARSEST * growth**k + 1e-6) for k in range(of.levels)]
        counts = [min((size + 1) ** 3, 2**of.entries) for size in sizes]
        self.dense = [(size + 1) ** 3 <= 2**of.entries for size in sizes]
        self.mask = 2**of.entries - 1
        self.register_buffer("sizes", torch.tensor(sizes), persistent=False)
        starts = torch.tensor([0, *counts[:-1]]).cumsum(0)
        self.register_buffer("starts", starts, persistent=False)
        corners = torch.cartesian_prod(*[torch.tensor([0, 1])] * 3)
        self.register_buffer("corners", corners, persistent=False)
        self.table = torch.nn.Parameter(torch.empty(sum(counts), of.features).uniform_(-1e-4, 1e-4))
        self.head = _head(of.levels * of.features)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        scaled = (places.clamp(-1, 1)[:, None] + 1) / 2 * self.sizes[:, None]
        low = torch.minimum(scaled.floor().long(), self.sizes[:, None] - 1)
        along = scaled - low
        pairs = torch.stack([1 - along, along], dim=-1)  # (n, levels, 3, 2)
        weights = torch.einsum("nla,nlb,nlc->nlabc", *pairs.unbind(dim=2)).flatten(2)
        rows = self._rows(low[:, :, None] + self.corners)
        corners = torch.nn.functional.embedding(rows, self.table)
        mixed = (weights[..., None] * corners).sum(dim=2)
        found: torch.Tensor = self.head(mixed.flatten(1))
        return found

    def _rows(self, corners: torch.Tensor) -> torch.Tensor:
        """Return the rows of the table (n, levels, 8) of corners (n, levels, 8, 3)."""
        x, y, z = corners.unbind(dim=-1)
        found = []
        for level, dense in enumerate(self.dense):
            a, b, c = x[:, level], y[:, level], z[:, level]
            if dense:
                side = self.sizes[level] + 1
                row = (a * side + b) * side + c
            else:
                row = (a * _PRIMES[0] ^ b * _PRIMES[1] ^ c * _PRIMES[2]) & self.mask
            found.append(row + self.starts[level])
        return torch.stack(found, dim=1)


class _Voxels(torch.nn.Module):
    """One number a corner of a grid, trilinear between them; no network."""

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        side = of.finest + 1
        self.grid = torch.nn.Parameter(torch.zeros(1, 1, side, side, side))

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        # grid_sample takes (x, y, z) for the grid's last axis first; with align_corners the outer corners
        # are -1 and 1
        turned = places.flip(-1)[None, :, None, None]
        found = torch.nn.functional.grid_sample(
            self.grid, turned, padding_mode="border", align_corners=True
        )
        return found[0, 0, :, 0]


class _Fourier(torch.nn.Module):
    """Tancik et al. 2020: sin and cos of random projections, and a network of rectified units."""

    projection: torch.Tensor

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        half = of.width // 2
        self.register_buffer("projection", of.sigma * torch.randn(3, half))
        layers: list[torch.nn.Module] = []
        for k in range(of.depth):
            layers += [torch.nn.Linear(2 * half if k == 0 else of.width, of.width), torch.nn.ReLU()]
        self.head = torch.nn.Sequential(*layers, torch.nn.Linear(of.width, 1))

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        turned = 2 * math.pi * places @ self.projection
        found: torch.Tensor = self.head(torch.cat([turned.sin(), turned.cos()], dim=-1))
        return found


class _Siren(torch.nn.Module):
    """Sitzmann et al. 2020: layers of sin(omega (W x + b))."""

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        self.omega = of.omega
        sizes = [3, *[of.width] * of.depth]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(n, m) for n, m in pairwise(sizes))
        self.last = torch.nn.Linear(of.width, 1)
        for k, layer in enumerate([*self.layers, self.last]):
            n = layer.in_features
            edge = 1 / n if k == 0 else math.sqrt(6 / n) / of.omega
            torch.nn.init.uniform_(layer.weight, -edge, edge)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            places = torch.sin(self.omega * layer(places))
        found: torch.Tensor = self.last(places)
        return found


def _head(n: int) -> torch.nn.Sequential:
    return torch.nn.Sequential(
        torch.nn.Linear(n, _HEAD), torch.nn.ReLU(), torch.nn.Linear(_HEAD, 1)
    )
