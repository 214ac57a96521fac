"""Inputs with a planted truth: views of a body whose shape is known, a head of ellipsoids."""

from __future__ import annotations

from .planning_example import tunnel
from .rendering_example import fitted, lost_cameras, radiance_views, splat_views, views
from .volume_example import field_to_ask, lost_slice, surface, thick_stacks, volume

__all__ = [
    "field_to_ask",
    "fitted",
    "lost_cameras",
    "lost_slice",
    "radiance_views",
    "splat_views",
    "surface",
    "thick_stacks",
    "tunnel",
    "views",
    "volume",
]
