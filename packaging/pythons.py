"""The Pythons of this machine that neurostudio runs on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13")


def at_hand():
    """Return ``{"3.11": path, …}`` for every supported Python that starts and can make environments."""
    found = {}
    for candidate in _candidates():
        version = _version(candidate)
        if version in SUPPORTED and version not in found:
            found[version] = candidate
    return found


def _candidates():
    yield sys.executable
    for version in SUPPORTED:
        path = shutil.which("python" + version)
        if path:
            yield path
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    if root.is_dir():
        for folder in sorted(root.iterdir(), reverse=True):
            yield str(folder / "bin" / "python")


def _version(path):
    code = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [path, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
