"""What can be drawn by OpenGL here; asked once, in the window's own process."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

_WITHOUT = frozenset({"offscreen", "minimal", "vnc", "linuxfb"})  # platforms of Qt
_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "basic render")
_RENDERER = 0x1F01  # GL_RENDERER


@cache
def renderer() -> str:
    """Return what draws, in the words of the driver; empty where nothing does."""
    if QGuiApplication.instance() is None or QGuiApplication.platformName() in _WITHOUT:
        return ""
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not (context.create() and context.makeCurrent(surface)):
        return ""
    words = str(context.functions().glGetString(_RENDERER))
    context.doneCurrent()
    return words or "unknown"


def has_opengl() -> bool:
    """Return whether widgets of OpenGL can be shown."""
    return bool(renderer())


def has_card() -> bool:
    """Return whether OpenGL is drawn by a graphics card, not by the processor."""
    name = renderer().lower()
    return bool(name) and not any(each in name for each in _SOFTWARE)


def has_napari() -> bool:
    """Return whether napari is installed and can draw here."""
    return find_spec("napari") is not None and has_opengl()
