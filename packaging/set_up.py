"""Makes ``.venv`` and installs the pinned set into it, with a torch that fits this machine.

Runs on any Python from 3.8 on, with nothing installed: ``python3 packaging/set_up.py [EXTRA …]``.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from pythons import at_hand

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
TORCH = "2.13.0"
# whose data alone are wanted: what the packages depend on stays out
SAMPLES = ("py-neuromodulation==0.1.3", "cect==0.3.5")

# library that Qt needs → Debian package that has it
LIBRARIES = {
    "glib-2.0": "libglib2.0-0",
    "GL": "libgl1",
    "EGL": "libegl1",
    "xkbcommon": "libxkbcommon0",
    "fontconfig": "libfontconfig1",
    "dbus-1": "libdbus-1-3",
}
WITH_DISPLAY = {
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-image": "libxcb-image0",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-shape": "libxcb-shape0",
    "xcb-xkb": "libxcb-xkb1",
    "xkbcommon-x11": "libxkbcommon-x11-0",
}


def main(extras):
    """Set up, unless the same set is installed already."""
    _system_libraries()
    python = _environment()
    mark = VENV / "set-up.txt"
    wanted = _fingerprint(extras)
    if mark.exists() and wanted in mark.read_text().split():
        return
    _pip(python, "install", "--upgrade", "pip")
    _torch(python)
    _pip(python, "install", "-c", str(CONSTRAINTS), "-e", "%s[%s]" % (ROOT, ",".join(extras)))
    _pip(python, "install", "--no-deps", *SAMPLES)
    known = mark.read_text().split() if mark.exists() else []
    mark.write_text("\n".join([*known, wanted]))


def _environment():
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        pythons = at_hand()
        if not pythons:
            sys.exit(
                "neurostudio needs Python 3.11, 3.12 or 3.13 with the venv module, and this machine "
                "has none of them. On Debian or Ubuntu: sudo apt-get install python3.11-venv"
            )
        version, path = next(iter(sorted(pythons.items())))
        print("Making .venv with Python %s (%s)" % (version, path))
        subprocess.run([path, "-m", "venv", str(VENV)], check=True)
    return str(python)


def _fingerprint(extras):
    text = CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(text + ",".join([*extras, *SAMPLES]).encode()).hexdigest()


def _pip(python, *arguments):
    print("pip", *arguments)
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)


def _torch(python):
    """Install a CUDA torch where there is an NVIDIA driver, else a CPU one."""
    if _succeeds(python, "-c", "import torch"):
        return
    plain = "torch==%s" % TORCH
    linux = platform.system() == "Linux"
    cuda = bool(shutil.which("nvidia-smi"))
    if linux and not cuda and _succeeds(python, "-m", "pip", "install", "-q", plain + "+cpu"):
        return
    if linux:  # uv knows where torch's builds for each driver, and for none, are kept
        _pip(python, "install", "-c", str(CONSTRAINTS), "uv")
        uv = [python, "-m", "uv", "pip", "install", "--python", python, "--torch-backend=auto"]
        if subprocess.run([*uv, plain], check=False).returncode == 0:
            return
    _pip(python, "install", plain)


def _succeeds(*command):
    done = subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return done.returncode == 0


def _system_libraries():
    """Install what Qt needs through apt where that is allowed, else print the exact line."""
    if platform.system() != "Linux":
        return
    needed = dict(LIBRARIES)
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        needed.update(WITH_DISPLAY)
    missing = [package for name, package in needed.items() if not ctypes.util.find_library(name)]
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing", *missing)
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        subprocess.run([*install, "-qq"], check=True, env=environment)
        return
    print("Qt needs system libraries that are not installed. Please run:", file=sys.stderr)
    print("    sudo " + " ".join(install), file=sys.stderr)
    if not ctypes.util.find_library("EGL") or not ctypes.util.find_library("GL"):
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:] or ["gui", "train"])
