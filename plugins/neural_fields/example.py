"""Inputs with a planted truth: views of a body whose shape is known."""

from __future__ import annotations

from .rendering_example import fitted, lost_cameras, radiance_views, splat_views, views
from .volume_example import surface, volume

__all__ = ["fitted", "lost_cameras", "radiance_views", "splat_views", "surface", "views", "volume"]
