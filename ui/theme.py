"""Light and dark: the only place where colours and style sheets come from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme, as Qt reads them; ``lines`` are told apart by the colour-blind too."""

    dark: bool
    window: str
    base: str
    raised: str
    text: str
    dim: str
    border: str
    accent: str
    on_accent: str
    good: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str
    lines: tuple[str, ...]


LIGHT = Colours(
    dark=False,
    window="#f4f5f7",
    base="#ffffff",
    raised="#e8eaee",
    text="#1b1e23",
    dim="#5d6470",
    border="#cdd1d8",
    accent="#1f6feb",
    on_accent="#ffffff",
    good="#1a7f37",
    warn="#7a4d00",
    warn_ground="#fff3d6",
    bad="#b3261e",
    bad_ground="#fdecea",
    lines=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#6a51a3", "#444444"),
)
DARK = Colours(
    dark=True,
    window="#1e2126",
    base="#16181c",
    raised="#2a2e35",
    text="#e6e8eb",
    dim="#9aa2ae",
    border="#3a3f48",
    accent="#4c94ff",
    on_accent="#0b1220",
    good="#57c06f",
    warn="#f0c674",
    warn_ground="#3a2f16",
    bad="#ff8a80",
    bad_ground="#3d1f1d",
    lines=("#56b4e9", "#ff9e4a", "#3fcf9f", "#e79ac5", "#f0e442", "#4c94ff", "#b9a4f0", "#d0d0d0"),
)

_SHEET = """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {border}; padding: 4px; }}
QMainWindow::separator {{ background: {window}; width: 5px; height: 5px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QDockWidget {{ font-weight: 600; }}
QDockWidget::title {{ background: {raised}; padding: 5px 8px; }}
QDockWidget > QWidget {{ font-weight: 400; }}
QToolBar {{ border: 0; border-bottom: 1px solid {border}; spacing: 2px; padding: 3px; }}
QTreeView, QListView, QTableView, QPlainTextEdit, QTextBrowser {{ border: 1px solid {border}; }}
QTreeView::item, QListView::item {{ padding: 2px; }}
QHeaderView::section {{ background: {raised}; border: 0; border-right: 1px solid {border};
    padding: 4px 6px; }}
QLabel[role="title"] {{ font-size: 15pt; font-weight: 600; }}
QLabel[role="heading"] {{ font-weight: 600; }}
QLabel[role="dim"] {{ color: {dim}; }}
QLabel[role="bad"] {{ color: {bad}; }}
QLabel[role="warning"] {{ color: {warn}; background: {warn_ground}; padding: 6px 8px;
    border-radius: 4px; }}
QLabel[role="refusal"] {{ color: {bad}; background: {bad_ground}; padding: 6px 8px;
    border-radius: 4px; }}
QFrame[role="problem"] {{ background: {bad_ground}; border-bottom: 1px solid {border}; }}
QFrame[role="problem"] QLabel {{ color: {bad}; }}
QPushButton[role="main"] {{ background: {accent}; color: {on_accent}; font-weight: 600;
    border: 1px solid {accent};
    border-radius: 4px; padding: 5px 14px; }}
QPushButton[role="main"]:disabled {{ background: {raised}; color: {dim}; border-color: {border}; }}
QPushButton[role="main"]:focus {{ border: 2px solid {text}; }}
QPushButton[role="link"] {{ color: {accent}; border: 0; text-align: left; padding: 3px 0; }}
QPushButton[role="link"]:hover, QPushButton[role="link"]:focus {{ text-decoration: underline; }}
QPushButton[role="card"] {{ background: {base}; border: 1px solid {border}; border-radius: 6px;
    padding: 12px 16px;
    text-align: left; font-weight: 600; }}
QPushButton[role="card"]:hover, QPushButton[role="card"]:focus {{ border: 1px solid {accent}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QCheckBox::indicator, QListView::indicator, QTreeView::indicator {{ width: 13px; height: 13px;
    border: 1px solid {dim}; border-radius: 3px; background: {base}; }}
QCheckBox::indicator:checked, QListView::indicator:checked, QTreeView::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{tick}"); }}
QCheckBox::indicator:disabled, QListView::indicator:disabled {{ border-color: {border}; }}
QCheckBox::indicator:focus {{ border: 2px solid {accent}; }}
QProgressBar {{ border: 1px solid {border}; border-radius: 3px; background: {base}; text-align: center; }}
QProgressBar::chunk {{ background: {accent}; }}
"""


class Theme(QObject):
    """The colours in use; ``changed`` is emitted with the new ones, so that open plots recolour."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.choice = "system"
        self.colours = LIGHT

    def follow(self, application: QApplication) -> None:
        """Take over an application's looks, and follow the system's scheme from now on."""
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.choose(self.choice)

    def choose(self, choice: str) -> None:
        """Use ``"light"``, ``"dark"`` or what the ``"system"`` has."""
        self.choice = choice
        dark = choice == "dark" or (choice == "system" and _system_is_dark())
        self._use(DARK if dark else LIGHT)

    def _system_changed(self) -> None:
        if self.choice == "system":
            self.choose("system")

    def _use(self, colours: Colours) -> None:
        self.colours = colours
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(_palette(colours))
            application.setStyleSheet(_sheet(colours))
        colour_plots(colours)
        icon.cache_clear()
        self.changed.emit(colours)


def _sheet(colours: Colours) -> str:
    tick = (
        files("neurostudio.resources")
        / "icons"
        / f"check_{'dark' if colours.dark else 'light'}.svg"
    )
    names = {name: getattr(colours, name) for name in Colours.__slots__}
    return _SHEET.format(**names, tick=str(tick).replace("\\", "/"))


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    roles: Mapping[QPalette.ColorRole, str] = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.base,
        QPalette.ColorRole.AlternateBase: colours.window,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.dim,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.bad,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.LinkVisited: colours.accent,
        QPalette.ColorRole.Light: colours.raised,
        QPalette.ColorRole.Midlight: colours.raised,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Dark: colours.border,
        QPalette.ColorRole.Shadow: colours.border,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.dim))
    return palette


def colour_plots(colours: Colours) -> None:
    """Give pyqtgraph the colours for plots made from now on, if it is in use already."""
    plots = sys.modules.get("pyqtgraph")
    if plots is not None:
        plots.setConfigOptions(background=colours.base, foreground=colours.text)


@cache
def theme() -> Theme:
    """Return the one theme of this process."""
    return Theme()


@cache
def icon(name: str) -> QIcon:
    """Return one of our icons in the theme's colours; an empty one where there is none of that name."""
    source = files("neurostudio.resources") / "icons" / f"{name}.svg"
    if not source.is_file():
        return QIcon()
    text = source.read_text()
    colours = theme().colours
    made = QIcon()
    for mode, colour in (
        (QIcon.Mode.Normal, colours.text),
        (QIcon.Mode.Disabled, colours.border if colours.dark else "#a9afb9"),
        (QIcon.Mode.Selected, colours.on_accent),
    ):
        for size in (16, 24, 48):
            made.addPixmap(_draw(text.replace("currentColor", colour), size), mode)
    return made


def _draw(svg: str, size: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    return pixmap


def give_role(widget: QWidget, role: str) -> None:
    """Let a widget look like its role: ``title heading dim bad warning refusal main link card problem``."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
