"""Figures leave the program as PNG, SVG or through the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from neurostudio.data import Data

_SCALE = 2  # twice the screen's resolution: sharp on paper


def paint(widget: QWidget, scale: int = _SCALE) -> QImage:
    """Return a widget as a picture."""
    image = QImage(widget.size() * scale, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    painter = QPainter(image)
    widget.render(painter, QPoint())
    painter.end()
    return image


@runtime_checkable
class CanSave(Protocol):
    """A drawing that knows best how it is copied and saved."""

    def copy(self) -> None:
        """Put it on the clipboard."""

    def save(self, path: Path) -> None:
        """Write it as PNG or SVG."""


@runtime_checkable
class HasColumns(Protocol):
    """A drawing that can say its numbers."""

    def columns(self) -> dict[str, list[object]]:
        """Return what is drawn as columns of a table."""


@runtime_checkable
class CanMark(Protocol):
    """A drawing in which a person marks; it tells the marks and is given the data that bear them."""

    marked: Any
    recoloured: Any

    def take(self, data: Data) -> None:
        """Show other marks on the same samples."""


@runtime_checkable
class OnTime(Protocol):
    """A drawing with a time axis of its own.

    ``offset`` are the seconds from there to the common axis; ``together``: it moves with other views.
    """

    offset: float
    together: bool


def copy_figure(widget: QWidget) -> None:
    """Put a widget's picture on the clipboard."""
    if isinstance(widget, CanSave):
        widget.copy()
        return
    QGuiApplication.clipboard().setImage(paint(widget))


def save_figure(widget: QWidget, path: Path) -> None:
    """Write a widget as a picture; the suffix says which kind.

    Raises
    ------
    OSError
        It cannot be written there.
    """
    if isinstance(widget, CanSave):
        widget.save(path)
    elif path.suffix.lower() == ".svg":
        _save_svg(widget, path)
    elif not paint(widget).save(str(path)):
        raise OSError(5, "The figure cannot be written", str(path))


def _save_svg(widget: QWidget, path: Path) -> None:
    from PySide6.QtSvg import QSvgGenerator

    path.touch()
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(widget.rect())
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
