"""Where the panels stand: kept from one start to the next, and reset where it does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication

from neurostudio.settings import path as settings_path

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

VERSION = 1


def _store() -> QSettings:
    return QSettings(str(settings_path().with_name("layout.ini")), QSettings.Format.IniFormat)


def keep(window: QMainWindow) -> None:
    """Write the window's place and that of its panels."""
    store = _store()
    store.setValue("layout/version", VERSION)
    store.setValue("layout/geometry", window.saveGeometry())
    store.setValue("layout/state", window.saveState(VERSION))


def restore(window: QMainWindow) -> bool:
    """Bring back what :func:`keep` wrote, after ``show()``; return whether it fits program and screen."""
    store = _store()
    geometry, state = store.value("layout/geometry"), store.value("layout/state")
    if not isinstance(geometry, QByteArray) or not isinstance(state, QByteArray):
        return False
    if int(str(store.value("layout/version", 0))) != VERSION:
        return False
    fits = window.restoreGeometry(geometry) and window.restoreState(state, VERSION)
    return fits and _is_on_a_screen(window)


def forget() -> None:
    """Drop what was kept."""
    _store().remove("layout")


def _is_on_a_screen(window: QMainWindow) -> bool:
    middle = window.frameGeometry().center()
    return any(screen.availableGeometry().contains(middle) for screen in QGuiApplication.screens())
