"""What this machine offers, what is wrong with it, and what to do about it."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import psutil
from packaging.version import Version

from neurostudio.devices import may_have_gpu, n_threads
from neurostudio.files import free_space
from neurostudio.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

_GIGABYTE = 1e9
_OPENGL = (
    "from importlib import import_module;"
    "print(import_module('neurostudio.ui.graphics').opengl_renderer())"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    found: str
    fine: bool = True
    advice: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the finding as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Crash:
    """Versions that are known to crash, and since when one is safe from them."""

    package: str
    bad: Callable[[Version], bool]
    advice: str


KNOWN_CRASHES = (
    Crash(
        "PySide6-Essentials",
        lambda found: found >= Version("6.12") and sys.version_info < (3, 12),
        "PySide6 6.12 crashes Python 3.11 within minutes: pip install 'PySide6-Essentials<6.12'",
    ),
    Crash(
        "PySide6-Essentials",
        lambda found: Version("6.11.0") <= found <= Version("6.11.1"),
        "Qt 6.11.0 and 6.11.1 break floating panels: pip install 'PySide6-Essentials==6.11.3'",
    ),
    Crash(
        "torch",
        lambda found: found < Version("2.10"),
        "torch before 2.10 can be attacked through a model file: pip install 'torch>=2.10,<2.14'",
    ),
    Crash(
        "numpy",
        lambda found: found >= Version("2.4"),
        "numpy 2.4 is not supported yet: pip install 'numpy<2.4'",
    ),
    Crash(
        "braindecode",
        lambda found: found >= Version("1.0"),
        "braindecode 1.0 needs torchaudio, which does not load beside a CPU torch: "
        "pip install 'braindecode<1.0'",
    ),
    Crash(
        "mujoco",
        lambda found: found >= Version("4.0"),
        "mujoco 4 does not load the control suite: pip install 'mujoco<4'",
    ),
)


def examine() -> list[Finding]:
    """Look at everything; slow parts (torch, OpenGL) take a few seconds."""
    return [
        _python(),
        _qt(),
        _opengl(),
        _torch(),
        Finding("processor", f"{os.cpu_count()} cores; a run uses {n_threads()}"),
        _memory(),
        _disk(),
        *_crashes(),
    ]


def _installed(package: str) -> Version | None:
    try:
        return Version(version(package))
    except PackageNotFoundError:
        return None


def _python() -> Finding:
    found = f"{platform.python_version()} ({sys.executable})"
    if (3, 11) <= sys.version_info < (3, 14):
        return Finding("Python", found)
    return Finding("Python", found, fine=False, advice="Use Python 3.11, 3.12 or 3.13.")


def _qt() -> Finding:
    found = _installed("PySide6-Essentials")
    if found is None:
        advice = "For the desktop: pip install 'neurostudio[gui]'"
        return Finding("Qt", "not installed", fine=False, advice=advice)
    return Finding("Qt", f"PySide6 {found}")


def _opengl() -> Finding:
    advice = (
        "3D views need a display and OpenGL; signals, slices and tables work without. "
        "On Linux install libgl1 and libegl1; over a remote connection use software rendering "
        "(LIBGL_ALWAYS_SOFTWARE=1)."
    )
    if _installed("PySide6-Essentials") is None:
        return Finding("OpenGL", "not looked for without Qt")
    try:  # in a process of its own: a bad driver crashes the process that asks
        done = subprocess.run(
            [sys.executable, "-P", "-c", _OPENGL],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding("OpenGL", "no answer from the driver", fine=False, advice=advice)
    lines = done.stdout.strip().splitlines()
    if done.returncode == 0 and lines and lines[-1]:
        return Finding("OpenGL", lines[-1])
    return Finding("OpenGL", "no context", fine=False, advice=advice)


def _torch() -> Finding:
    if importlib.util.find_spec("torch") is None:
        advice = "To train models: pip install 'neurostudio[train]'"
        return Finding("torch", "not installed", fine=False, advice=advice)
    import torch

    devices = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("Apple GPU (mps)")
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU build"
    found = f"{torch.__version__} ({build}); devices: {', '.join([*devices, 'cpu'])}"
    if may_have_gpu() and not devices:
        advice = (
            "This machine seems to have a GPU that torch does not use. Install a torch build for it: "
            "uv pip install --torch-backend=auto --reinstall 'torch>=2.10,<2.14'"
        )
        return Finding("torch", found, fine=False, advice=advice)
    return Finding("torch", found)


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    found = f"{memory.total / _GIGABYTE:.1f} GB, {memory.available / _GIGABYTE:.1f} GB free"
    if memory.available < 2 * _GIGABYTE:
        return Finding("memory", found, fine=False, advice="Close other programs before training.")
    return Finding("memory", found)


def _disk() -> Finding:
    folder = load_settings().sessions()
    free = free_space(folder) / _GIGABYTE
    found = f"{free:.1f} GB free for sessions in {folder}"
    if free < 2:
        advice = "Free some space, or choose another folder for sessions in the settings."
        return Finding("disk", found, fine=False, advice=advice)
    return Finding("disk", found)


def _crashes() -> list[Finding]:
    found = []
    for crash in KNOWN_CRASHES:
        installed = _installed(crash.package)
        if installed is not None and crash.bad(installed):
            found.append(Finding(crash.package, str(installed), fine=False, advice=crash.advice))
    return found or [Finding("versions", "none that is known to crash")]
