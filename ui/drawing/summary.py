"""What nobody can draw yet: its facts, readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTextBrowser

from .plot import Figure

if TYPE_CHECKING:
    from neurostudio.data import Data
    from neurostudio.views import View


def draw_data(data: Data) -> Figure:
    """Return the facts of an item of data."""
    rows = "".join(
        f"<tr><td><b>{k}</b>&nbsp;&nbsp;</td><td>{v}</td></tr>" for k, v in data.facts().items()
    )
    return _page(f"<h3>{data.summary()}</h3><table>{rows}</table>")


def draw_unknown(view: View) -> Figure:
    """Return what is known of a view whose type has no drawing here."""
    kind = type(view).__name__
    return _page(
        f"<h3>{view.title or kind}</h3><p>{view.caption}</p>"
        f"<p>This version cannot draw a '{kind}'. Its data are kept with the run.</p>"
    )


def _page(text: str) -> Figure:
    figure = Figure()
    page = QTextBrowser()
    page.setHtml(text)
    figure.show_inside(page)
    return figure
