"""The keys of the signal view."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Callable

    from .signals import SignalsFigure


def keys_of(figure: SignalsFigure) -> dict[Qt.Key, Callable[[], object]]:
    """Return what each key does to a figure."""
    key, bar, marking = Qt.Key, figure.bar, figure.marking
    return {
        key.Key_Left: partial(figure.step, -0.5),
        key.Key_Right: partial(figure.step, 0.5),
        key.Key_PageUp: figure.page_back,
        key.Key_PageDown: figure.page_on,
        key.Key_Home: partial(figure.step, -1e9),
        key.Key_End: partial(figure.step, 1e9),
        key.Key_BracketLeft: partial(figure.zoom, 0.8),
        key.Key_BracketRight: partial(figure.zoom, 1.25),
        key.Key_W: partial(figure.zoom, 1e9),
        key.Key_Up: partial(figure.scroll_rows, -1),
        key.Key_Down: partial(figure.scroll_rows, 1),
        key.Key_N: marking.next,
        key.Key_P: marking.previous,
        key.Key_R: marking.rename_chosen,
        key.Key_Delete: marking.remove_chosen,
        key.Key_Escape: marking.forget_choice,
        key.Key_Plus: bar.larger.trigger,
        key.Key_Equal: bar.larger.trigger,
        key.Key_Minus: bar.smaller.trigger,
        key.Key_A: bar.marking.trigger,
        key.Key_B: bar.butterfly.trigger,
        key.Key_C: bar.channels.trigger,
        key.Key_E: bar.events.trigger,
        key.Key_F: bar.filter.trigger,
        key.Key_T: bar.clock.trigger,
    }
