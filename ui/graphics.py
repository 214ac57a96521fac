"""What OpenGL this machine offers; asked in a process of its own, since a bad driver may crash it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

_RENDERER = 0x1F01
_VERSION = 0x1F02


def opengl_renderer() -> str:
    """Return renderer and version in words, empty where no context can be made."""
    application = QGuiApplication.instance() or QGuiApplication([])
    context = QOpenGLContext()
    surface = QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return ""
    functions = context.functions()
    words = f"{functions.glGetString(_RENDERER)}, OpenGL {functions.glGetString(_VERSION)}"
    context.doneCurrent()
    del application
    return words
