"""One run's result, or one item: read in a thread, drawn tab by tab as they are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from neurostudio.chained import METHOD
from neurostudio.errors import UnknownName
from neurostudio.views import Signals, View, load_view

from ..figures import CanSave
from ..home import HasHome
from ..tables import TextTable
from ..theme import give_role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neurostudio.data import Data
    from neurostudio.runs import Run
    from neurostudio.scores import Number
    from neurostudio.session import Item

    from ..home import Home

_MOST_NAMED = 4  # items of a run
_LONGEST = 26  # letters of a tab
_HEADINGS = ("Number", "Value", "Unit", "95 % interval", "Chance", "Baseline", "Note")


@dataclass(frozen=True, slots=True)
class Content:
    """All that a page shows, read from disk."""

    title: str
    detail: str = ""
    views: tuple[View, ...] = ()
    data: Data | None = None
    numbers: Mapping[str, Number] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    sources: Mapping[str, Data] = field(default_factory=dict)
    homes: Mapping[str, Home] = field(default_factory=dict)

    def home_of(self, thing: View | Data) -> Home | None:
        """Return where the signals of a drawing lie; an item's own are named by nothing."""
        return self.homes.get(thing.source if isinstance(thing, Signals) else "")

    def resolve(self, name: str) -> Data:
        """Return the data that a view refers to."""
        if name not in self.sources:
            raise UnknownName("input or output", name, self.sources)
        return self.sources[name]


def read_run(run: Run, place: Home) -> tuple[Run, Content]:
    """Read a finished run's result; ``place`` says where pyramids go."""
    views = tuple(run.views())
    content = Content(
        title=run.name,
        detail=_detail(run),
        views=views,
        numbers=run.numbers(),
        warnings=tuple(run.warnings().values()),
        sources=_sources(run, views),
        homes=_homes(run, views, place),
    )
    return run, content


def _detail(run: Run) -> str:
    request = run.request
    if request.method == METHOD:  # one file of a batch
        return f"Batch: {request.params['target']['source']}"
    names = [name for some in request.names.values() for name in some]
    more = len(names) - _MOST_NAMED
    given = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{request.method.replace('_', ' ')} of {given}" if given else request.method


def read_picture(run: Run, path: Path) -> tuple[Run, Content]:
    """Read a picture that a run has shown on the way."""
    view = load_view(path)
    return run, Content(run.name, views=(view,), sources=_sources(run, (view,)))


def _sources(run: Run, views: tuple[View, ...]) -> dict[str, Data]:
    names = {view.source for view in views if isinstance(view, Signals)}
    return {name: run.source(name) for name in names}


def _homes(run: Run, views: tuple[View, ...], place: Home) -> dict[str, Home]:
    names = {view.source for view in views if isinstance(view, Signals)}
    return {name: replace(place, item=run.source_folder(name)) for name in names}


def read_item(item: Item, place: Home) -> tuple[Item, Content]:
    """Read one item's data; ``place`` says where pyramids go."""
    return item, Content(
        title=item.name,
        detail=f"{item.kind}: {item.summary}",
        data=item.load(),
        homes={"": replace(place, item=item.folder)},
    )


class Lazy(QWidget):
    """A tab that draws its thing when it is first looked at."""

    def __init__(self, thing: View | Data, content: Content, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thing: View | Data | None = thing
        self._content = content
        self.drawn: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def draw(self) -> None:
        """Draw it, once."""
        if self._thing is None:
            return
        thing, self._thing = self._thing, None
        self.drawn = _draw(thing, self._content)
        home = self._content.home_of(thing)
        if home is not None and isinstance(self.drawn, HasHome):
            self.drawn.settle(home)
        self._layout.addWidget(self.drawn, 1)
        caption = thing.caption if isinstance(thing, View) else ""
        if caption and not isinstance(self.drawn, CanSave):  # a drawing of ours shows its own
            label = QLabel(caption)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            give_role(label, "dim")
            self._layout.addWidget(label)


def _draw(thing: View | Data, content: Content) -> QWidget:
    from ..drawing import widget_for

    try:
        return widget_for(thing, resolve=content.resolve)
    except Exception as error:  # noqa: BLE001  one picture that cannot be drawn must not hide the others
        label = QLabel(f"This cannot be drawn: {error}")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        give_role(label, "bad")
        return label


class ResultPage(QWidget):
    """Title, warnings, and tabs."""

    def __init__(self, content: Content, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 4)
        title = QLabel(content.title)
        give_role(title, "heading")
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(title)
        if content.detail:
            detail = QLabel(content.detail)
            detail.setWordWrap(True)
            give_role(detail, "dim")
            layout.addWidget(detail)
        for sentence in content.warnings:
            warning = QLabel(sentence)
            warning.setWordWrap(True)
            warning.setAccessibleName("Warning")
            give_role(warning, "warning")
            layout.addWidget(warning)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Result")
        self.tabs.setUsesScrollButtons(True)
        self.numbers = TextTable(_HEADINGS, "Numbers of the result")
        self._fill()
        layout.addWidget(self.tabs, 1)
        self.tabs.currentChanged.connect(self._look)
        self._look()

    def _fill(self) -> None:
        for k, view in enumerate(self.content.views, 1):
            title = view.title or f"{type(view).__name__} {k}"
            tab = self.tabs.addTab(Lazy(view, self.content), _short(title).replace("&", "&&"))
            self.tabs.setTabToolTip(tab, title)
        if self.content.data is not None:
            self.tabs.addTab(Lazy(self.content.data, self.content), "Data")
            self.tabs.tabBar().hide()
        if self.content.numbers:
            rows = [number_row(name, each) for name, each in self.content.numbers.items()]
            self.numbers.fill(rows)
            self.tabs.addTab(self.numbers, "Numbers")
        if self.tabs.count() == 0:
            nothing = QLabel("This run gave data only; they are on the list of open data.")
            nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
            give_role(nothing, "dim")
            self.tabs.addTab(nothing, "Result")

    def _look(self) -> None:
        shown = self.tabs.currentWidget()
        if isinstance(shown, Lazy):
            shown.draw()

    def figure(self) -> QWidget:
        """Return what is looked at."""
        shown = self.tabs.currentWidget()
        return shown.drawn if isinstance(shown, Lazy) and shown.drawn is not None else shown


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1].rstrip(' ,.')}…"


def number_row(name: str, number: Number) -> tuple[str, ...]:
    """Return a number as the cells of its row."""
    interval = ""
    if number.low is not None and number.high is not None:
        interval = f"{_digits(number.low)} … {_digits(number.high)}"
    unit = "" if number.unit == "1" else number.unit
    beside = (_digits(number.chance), _digits(number.baseline))
    return name.replace("_", " "), _digits(number.value), unit, interval, *beside, number.note


def _digits(value: Any) -> str:
    return "" if value is None else f"{value:.4g}"
