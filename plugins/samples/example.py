"""Samples need no inputs."""

from __future__ import annotations

from neurostudio.api import Example


def example() -> Example:
    """Return the defaults."""
    return Example()


def small() -> Example:
    """Return large voxels, so that it is quick."""
    return Example({"size": 8})
