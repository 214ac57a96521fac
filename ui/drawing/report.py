"""Words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser

from .plot import Figure

if TYPE_CHECKING:
    from neurostudio.data import Text
    from neurostudio.views import Report

    from . import Resolve

_MOST = 400_000


def draw(view: Report, resolve: Resolve | None) -> Figure:
    """Return a page of Markdown."""
    del resolve
    figure = Figure(view.caption)
    page = QTextBrowser()
    page.setOpenExternalLinks(False)
    title = f"### {view.title}\n\n" if view.title else ""
    page.setMarkdown(title + view.text)
    figure.show_inside(page)
    return figure


def draw_data(data: Text) -> Figure:
    """Return a text as it is; of a very long one the beginning."""
    more = len(data.text) - _MOST
    figure = Figure(f"The first {_MOST:,} characters; {more:,} more." if more > 0 else "")
    page = QPlainTextEdit(data.text[:_MOST])
    page.setReadOnly(True)
    figure.show_inside(page)
    return figure
