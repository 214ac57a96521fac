"""Real recordings that tests may use where they are at hand; nothing is copied from them."""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("NEUROSTUDIO_DATA", "")


def at_hand(name):
    """The path of a recording in the folder that NEUROSTUDIO_DATA names, or nothing."""
    path = Path(FOLDER) / name
    return path if FOLDER and path.is_file() else None


def recording(name):
    """The path of a recording; the test is skipped where it is not at hand."""
    path = at_hand(name)
    if path is None:
        pytest.skip(f"NEUROSTUDIO_DATA names no folder with {name}")
    return path
