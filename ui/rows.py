"""Rows of two lines: a name, and small grey words below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from .theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

DETAIL = Qt.ItemDataRole.UserRole + 1
GREY = Qt.ItemDataRole.UserRole + 2

_GAP = 4
_Index = QModelIndex | QPersistentModelIndex


class TwoLines(QStyledItemDelegate):
    """Draws the words under :data:`DETAIL` below the name; grey where :data:`GREY` is set."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw ground, icon and name as ever, and the second line."""
        detail = index.data(DETAIL)
        if not detail:
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = theme().colours
        name_colour = colours.dim if index.data(GREY) else colours.text
        left = option.rect.left() + _GAP + self._icon_width(option)
        area = option.rect.adjusted(left - option.rect.left(), _GAP, -_GAP, -_GAP)
        small = _small(option.font)
        top = QFontMetrics(option.font).height()
        painter.save()
        painter.setPen(QColor(colours.on_accent if selected else name_colour))
        painter.setFont(option.font)
        _write(painter, QRect(area.left(), area.top(), area.width(), top), str(text))
        painter.setPen(QColor(colours.on_accent if selected else colours.dim))
        painter.setFont(small)
        below = QRect(area.left(), area.top() + top, area.width(), area.height() - top)
        _write(painter, below, str(detail))
        painter.restore()

    @staticmethod
    def _icon_width(option: QStyleOptionViewItem) -> int:
        return 0 if option.icon.isNull() else option.decorationSize.width() + 2 * _GAP

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Make room for both lines."""
        size = super().sizeHint(option, index)
        if index.data(DETAIL):
            name, small = QFontMetrics(option.font), QFontMetrics(_small(option.font))
            size.setHeight(name.height() + small.height() + 2 * _GAP)
            size.setWidth(60)
        return size

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Let a name be edited over the whole row."""
        del index
        editor.setGeometry(option.rect.adjusted(self._icon_width(option), 0, 0, 0))


def add_row(rows: QListWidget, name: str, detail: str, symbol: QIcon) -> QListWidgetItem:
    """Append a row to a list."""
    item = QListWidgetItem(symbol, name, rows)
    item.setData(DETAIL, detail)
    item.setToolTip(f"{name}\n{detail}" if detail else name)
    return item


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(max(7.0, font.pointSizeF() * 0.86))
    return small


def _write(painter: QPainter, area: QRect, text: str) -> None:
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(area, flags, elided)
