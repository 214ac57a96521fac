"""Which processor a run works on, and with how many threads."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from neurostudio.errors import NotEnough

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def n_threads() -> int:
    """Return the threads that a run may use: all cores but one, which is the window's."""
    return max(1, (os.cpu_count() or 2) - 1)


def limit_threads() -> AbstractContextManager[object]:
    """Hold linear algebra to :func:`n_threads`, so that every door gives the same sums."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(n_threads())
    return limits


def may_have_gpu() -> bool:
    """Return whether the machine looks as if it had a usable GPU, without importing torch."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    return bool(shutil.which("nvidia-smi")) or Path("/proc/driver/nvidia/version").exists()


def choose(wish: str, *, gpu: bool) -> str:
    """Return the device for a run.

    Parameters
    ----------
    wish
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.
    gpu
        Whether the method can use one at all.

    Raises
    ------
    NotEnough
        A device was asked for by name that torch does not offer here.
    """
    if wish == "cpu" or not gpu:
        return "cpu"
    if wish == "auto":
        return _best() if may_have_gpu() else "cpu"
    import torch

    offered = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not offered.get(wish.partition(":")[0], False):
        raise NotEnough(
            f"The device '{wish}' was asked for, and torch {torch.__version__} does not offer it here. "
            "Use 'auto' or 'cpu', or see 'neurostudio doctor'."
        )
    return wish


def _best() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
