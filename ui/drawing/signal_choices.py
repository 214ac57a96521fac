"""The two forms that open under the tool bar of the signals: channels, and the display filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from neurostudio.sources import Source

    from .signal_arrangement import Arrangement
    from .signal_channels import ChannelChooser
    from .signal_filter import FilterForm
    from .signals import SignalsFigure


class Choices(QObject):
    """Makes each form when it is first asked for."""

    channels_chosen = Signal(object)
    filter_chosen = Signal(object)

    def __init__(self, figure: SignalsFigure, source: Source, arrangement: Arrangement) -> None:
        super().__init__(figure)
        self._figure = figure
        self._source = source
        self._arrangement = arrangement
        self.channels: ChannelChooser | None = None
        self.filter: FilterForm | None = None

    def choose_channels(self) -> None:
        """Show the list of channels."""
        from .signal_channels import ChannelChooser

        if self.channels is None:
            self.channels = ChannelChooser(self._source, self._figure)
            self.channels.changed.connect(self.channels_chosen)
        self.channels.fill(self._arrangement.order, self._arrangement.shown)
        self._open(self.channels)
        self.channels.search.setFocus()

    def choose_filter(self) -> None:
        """Show the form of the display filter."""
        from .signal_filter import FilterForm

        if self.filter is None:
            self.filter = FilterForm(self._source.rate, self._figure)
            self.filter.changed.connect(self.filter_chosen)
        self._open(self.filter)

    def _open(self, form: QWidget) -> None:
        bar = self._figure.bar
        form.move(bar.mapToGlobal(bar.rect().bottomLeft()))
        form.show()
