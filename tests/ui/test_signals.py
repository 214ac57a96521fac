"""The signal view, by mouse and keys: moving, marking, bad channels, filter, pictures."""

from __future__ import annotations

from xml.etree import ElementTree

import mne
import numpy as np
import pytest

pytest.importorskip("PySide6")

import neurostudio.ui.drawing as drawing
from neurostudio.ui.drawing.signal_layout import marks_on_axis, time_step, time_words
from neurostudio.ui.linking import links
from neurostudio.ui.theme import theme
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit

from neurostudio.bench import write_large_edf
from neurostudio.data import Recording, Traces
from neurostudio.display_filter import DisplayFilter
from neurostudio.views import Signals

PATIENCE = 45_000


@pytest.fixture
def step():
    """Two channels at 100 Hz for 100 s: one jumps from 0 V to 100 µV after 50 s, one is a 10 Hz sine."""
    times = np.arange(10_000) / 100.0
    values = np.array([1e-4 * (times >= 50.0), 1e-5 * np.sin(2 * np.pi * 10 * times)])
    raw = mne.io.RawArray(values, mne.create_info(["step", "sine"], 100.0, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([50.0], [0.0], ["jump"]))
    return Recording(raw)


def shown(qtbot, thing, resolve=None, size=(900, 500)):
    figure = drawing.widget_for(thing, resolve)
    qtbot.addWidget(figure)
    figure.resize(*size)
    figure.show()
    qtbot.waitUntil(lambda: figure.ready, timeout=PATIENCE)
    return figure


@pytest.fixture
def figure(qtbot, step):
    return shown(qtbot, step)


@pytest.fixture
def opened(window, qtbot, settle, step):
    """The window with the recording on it, and its figure."""
    window.studio.act(window.studio.workspace.add, "eeg", step)
    settle(window.studio)
    window.data.choose("eeg")
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=PATIENCE)
    made = window.results.page.figure()
    qtbot.waitUntil(lambda: made.ready, timeout=PATIENCE)
    made.setFocus()
    return made


def place(figure, time, row=None):
    layout = figure.canvas.layout_for()
    y = layout.y_of(row) if row is not None else layout.top + layout.plot_height * 0.71
    return QPoint(round(layout.x_of(time)), round(y))


def drag(figure, begin, end):
    """Press, move, let go: with the button held, as a mouse does."""
    canvas = figure.canvas
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds = QMouseEvent.Type
    steps = [(kinds.MouseButtonPress, begin, left, left)]
    steps += [(kinds.MouseMove, begin + (end - begin) * k / 4, none, left) for k in (1, 2, 3, 4)]
    steps += [(kinds.MouseButtonRelease, end, left, none)]
    for kind, at, button, held in steps:
        where = QPointF(at)
        event = QMouseEvent(
            kind, where, canvas.mapToGlobal(where), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, event)


def wheel(figure, turned, modifiers=Qt.KeyboardModifier.NoModifier, at=None):
    where = QPointF(figure.canvas.mapTo(figure, at or figure.canvas.rect().center()))
    event = QWheelEvent(
        where,
        figure.mapToGlobal(where),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(figure, event)


# ---- moving ----------------------------------------------------------------------------------------


def test_keys_move_through_the_recording(figure, qtbot):
    assert figure.page_window == (0.0, 10.0)
    qtbot.keyClick(figure, Qt.Key.Key_PageDown)
    assert figure.page_window == (10.0, 20.0)
    qtbot.keyClick(figure, Qt.Key.Key_Right)
    assert figure.page_window == (15.0, 25.0)
    qtbot.keyClick(figure, Qt.Key.Key_End)
    assert figure.page_window == (90.0, 100.0)
    qtbot.keyClick(figure, Qt.Key.Key_Home)
    assert figure.page_window == (0.0, 10.0)
    qtbot.keyClick(figure, Qt.Key.Key_W)
    assert figure.page_window == (0.0, 100.0)
    qtbot.waitUntil(lambda: figure.page_shown.stop == 100.0, timeout=PATIENCE)


def test_the_wheel_zooms_about_the_mouse(figure):
    at = place(figure, 2.0)
    wheel(figure, 120, Qt.KeyboardModifier.ControlModifier, at)
    start, stop = figure.page_window
    assert stop - start == pytest.approx(8.0)
    assert figure.canvas.layout_for().x_of(2.0) > 0
    assert (2.0 - start) / (stop - start) == pytest.approx(0.2, abs=0.01)


def test_the_page_reaches_from_five_milliseconds_to_the_whole(figure):
    for _ in range(60):
        figure.zoom(0.5)
    assert figure.page_window[1] - figure.page_window[0] == pytest.approx(0.005)
    for _ in range(60):
        figure.zoom(2.0)
    assert figure.page_window == (0.0, 100.0)


def test_a_drag_pulls_the_signals_along(figure, qtbot):
    figure.go_to(40.0)
    qtbot.waitUntil(lambda: figure.page_shown.start == 40.0, timeout=PATIENCE)
    drag(figure, place(figure, 45.0), place(figure, 42.0))
    assert figure.page_window[0] == pytest.approx(43.0, abs=0.05)


def test_a_click_on_the_overview_goes_there(figure, qtbot):
    bar = figure.overview
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, 10))
    assert sum(figure.page_window) / 2 == pytest.approx(50.0, abs=0.2)


def test_n_and_p_go_from_event_to_event(figure, qtbot):
    qtbot.keyClick(figure, Qt.Key.Key_N)
    assert links().time == 50.0
    assert figure.page_window[0] < 50.0 < figure.page_window[1]
    assert figure.canvas.pointer.chosen.text == "jump"


# ---- looking ---------------------------------------------------------------------------------------


def test_the_value_under_the_mouse_is_said_with_its_unit(figure, qtbot):
    figure.go_to(55.0)
    qtbot.waitUntil(lambda: figure.page_shown.start == 55.0, timeout=PATIENCE)
    figure.mouse.hovered.emit(QPointF(place(figure, 60.0, row=0)))
    assert "step   100 µV" in figure.frame.words.text()
    assert "60.0" in figure.frame.words.text()


def test_a_step_is_drawn_where_it_is(qtbot, step):
    figure = shown(qtbot, step)
    figure.zoom(1e9)
    qtbot.waitUntil(lambda: figure.page_shown.stop == 100.0, timeout=PATIENCE)
    for _ in range(7):
        figure.smaller()
    picture = figure.canvas.picture
    layout = figure.canvas.layout_for()
    from neurostudio.ui.drawing.signal_picture import CurvesImage

    image = CurvesImage().draw(picture, layout, 1.0)

    def heights(column):
        return [
            y for y in range(int(layout.row_height)) if image.pixelColor(column, y).alpha() > 60
        ]

    middle = round((50.0 / 100.0) * layout.plot_width)
    before, after = heights(middle - 20), heights(middle + 20)
    assert min(before) > max(after), "50 µV below the middle, then 50 µV above"
    assert len(heights(middle)) > 10 or len(heights(middle - 1)) > 10, "the jump is a vertical line"


def test_amplitude_grows_for_one_type_alone(qtbot):
    info = mne.create_info(["a", "m"], 100.0, ["eeg", "mag"])
    raw = mne.io.RawArray(
        np.random.default_rng(0).standard_normal((2, 1000)), info, verbose="error"
    )
    figure = shown(qtbot, Recording(raw))
    before = figure.canvas.picture.per_row.copy()
    figure.bar.kind.setCurrentText("mag")
    qtbot.keyClick(figure, Qt.Key.Key_Plus)
    after = figure.canvas.picture.per_row
    assert after[0] == before[0]
    assert after[1] == pytest.approx(before[1] / 1.5)
    assert [bar.words.split()[-1][-1] for bar in figure.canvas.picture.bars] == ["V", "T"]


def test_butterfly_puts_a_type_on_one_row(figure, qtbot):
    qtbot.keyClick(figure, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: len(figure.canvas.picture.rows) == 1, timeout=PATIENCE)
    assert figure.canvas.picture.rows[0].label == "eeg (2)"
    assert set(figure.canvas.picture.row.tolist()) == {0}


def test_channels_are_hidden_and_ordered(figure, qtbot):
    qtbot.keyClick(figure, Qt.Key.Key_C)
    chooser = figure.choices.channels
    assert chooser.isVisible()
    chooser.search.setText("step")
    chooser.show_none()
    assert figure.channels_shown == ("sine",)
    chooser.show_all()
    chooser.search.clear()
    chooser.order.setCurrentText("by name")
    chooser.order.activated.emit(1)
    assert figure.channels_shown == ("sine", "step")
    chooser.close()


def test_seeing_through_a_filter_changes_the_picture_and_says_so(figure, qtbot):
    figure.choices.choose_filter()
    form = figure.choices.filter
    form.low_pass.setValue(2.0)
    qtbot.waitUntil(
        lambda: figure.page_shown is not None and np.ptp(figure.page_shown.low[1]) < 3e-6,
        timeout=PATIENCE,
    )
    assert "2 Hz low-pass (causal: delayed); for display only" in figure.frame.words.text()
    form.high_pass.setValue(5.0)
    assert "must lie below the low-pass" in form.words.text()
    form.clear()
    form.close()
    assert not figure.reader.filter
    assert figure.reader.filter == DisplayFilter()


def test_an_overlay_lies_under_the_channels_it_names(qtbot, step):
    overlay = np.zeros((1, 100), np.float32)
    overlay[0, 50:] = 1.0
    view = Signals(source="recording", channels=("sine",), overlay=overlay, rate=100.0, start=2.0)
    figure = shown(qtbot, view, lambda name: {"recording": step}[name])
    assert figure.channels_shown == ("sine",)
    picture = figure.canvas.picture
    assert picture.overlay_span == (2.0, 3.0)
    assert picture.overlay.pixelColor(0, 0).alpha() == 0
    assert picture.overlay.pixelColor(99, 0).alpha() > 200


def test_what_cannot_be_read_is_said_and_the_view_lives(qtbot, tmp_path):
    from neurostudio.readers import read

    path = tmp_path / "gone.edf"
    write_large_edf(path, n_channels=2, rate=100, duration=60)
    figure = shown(qtbot, read(path))
    path.unlink()
    figure.go_to(30.0)
    qtbot.waitUntil(lambda: "cannot be read" in figure.frame.words.text(), timeout=PATIENCE)
    assert "is not there any more" in figure.frame.words.text()


@pytest.mark.parametrize(
    "values",
    [np.full((1, 500), np.nan), np.full((1, 500), np.inf), np.ones((2, 500)), np.zeros((1, 1))],
    ids=["NaN", "Inf", "constant", "one sample"],
)
def test_odd_samples_are_drawn_without_complaint(qtbot, values):
    info = mne.create_info([f"c{k}" for k in range(len(values))], 100.0, "eeg")
    figure = shown(qtbot, Recording(mne.io.RawArray(values, info, verbose="error")))
    assert not figure.grab().isNull()
    figure.larger()
    theme().choose("dark")
    assert not figure.grab().isNull()


def test_the_picture_is_saved_as_lines(figure, tmp_path):
    figure.save(tmp_path / "signals.svg")
    root = ElementTree.parse(tmp_path / "signals.svg").getroot()
    paths = [each for each in root.iter() if each.tag.endswith("path")]
    assert any(len(each.get("d", "")) > 2000 for each in paths), "a curve is a path, not a picture"
    words = "".join(root.itertext())
    assert "step" in words
    assert "Time (s)" in words
    figure.save(tmp_path / "signals.png")
    assert (tmp_path / "signals.png").stat().st_size > 5000


def test_what_is_drawn_can_be_had_as_columns(figure):
    columns = figure.columns()
    assert list(columns) == ["time (s)", "step (V)", "sine (V)"]
    assert columns["time (s)"][:2] == [0.0, 0.01]


def test_a_common_time_outside_the_page_is_brought_in(figure, qtbot):
    figure.offset = 10.0
    links().move_time(70.0)
    assert figure.canvas.pointer.cursor == 60.0
    assert figure.page_window[0] < 60.0 < figure.page_window[1]


# ---- marking ---------------------------------------------------------------------------------------


def marks_of(window):
    raw = window.studio.workspace.items["eeg"].load().raw
    return [
        (round(float(onset), 2), round(float(length), 2), str(words))
        for onset, length, words in zip(
            raw.annotations.onset,
            raw.annotations.duration,
            raw.annotations.description,
            strict=True,
        )
    ]


def test_a_stretch_is_marked_by_dragging_then_undone_and_done_again(opened, window, qtbot, settle):
    qtbot.keyClick(opened, Qt.Key.Key_A)
    opened.bar.words.setCurrentText("BAD_move")
    drag(opened, place(opened, 2.0), place(opened, 4.0))
    settle(window.studio)
    first = marks_of(window)[0]
    assert first[0] == pytest.approx(2.0, abs=0.03)
    assert first[1] == pytest.approx(2.0, abs=0.05)
    assert first[2] == "BAD_move"
    qtbot.waitUntil(lambda: len(opened.happenings) == 2, timeout=PATIENCE)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(opened.happenings) == 1, timeout=PATIENCE)
    assert marks_of(window) == [(50.0, 0.0, "jump")]
    qtbot.keyClick(
        window,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    qtbot.waitUntil(lambda: len(opened.happenings) == 2, timeout=PATIENCE)
    assert window.results.page.figure() is opened, "the view stays where it was"
    settle(window.studio)


def test_a_mark_is_moved_renamed_and_removed(opened, window, qtbot, settle):
    opened.go_to(45.0)
    qtbot.waitUntil(lambda: opened.page_shown.start == 45.0, timeout=PATIENCE)
    begin, end = place(opened, 50.0), place(opened, 52.0)
    begin.setY(8)
    end.setY(8)
    drag(opened, begin, end)
    settle(window.studio)
    qtbot.waitUntil(lambda: opened.happenings[0].onset > 51.0, timeout=PATIENCE)
    assert marks_of(window)[0][0] == pytest.approx(52.0, abs=0.05)
    qtbot.keyClick(opened, Qt.Key.Key_R)
    dialog = opened.findChild(QInputDialog)
    field = dialog.findChild(QLineEdit)
    field.selectAll()
    qtbot.keyClicks(field, "leap")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle(window.studio)
    qtbot.waitUntil(lambda: opened.happenings[0].text == "leap", timeout=PATIENCE)
    qtbot.keyClick(opened, Qt.Key.Key_Delete)
    settle(window.studio)
    qtbot.waitUntil(lambda: not opened.happenings, timeout=PATIENCE)
    assert marks_of(window) == []


def test_a_click_on_a_name_turns_the_channel_bad_and_good_again(opened, window, qtbot, settle):
    where = QPoint(10, round(opened.canvas.layout_for().y_of(1)))
    qtbot.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, pos=where)
    settle(window.studio)
    qtbot.waitUntil(lambda: opened.canvas.picture.rows[1].bad, timeout=PATIENCE)
    assert window.studio.workspace.items["eeg"].load().raw.info["bads"] == ["sine"]
    qtbot.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, pos=where)
    settle(window.studio)
    qtbot.waitUntil(lambda: not opened.canvas.picture.rows[1].bad, timeout=PATIENCE)
    assert window.studio.workspace.items["eeg"].load().raw.info["bads"] == []


def test_a_name_is_chosen_in_all_views_with_ctrl_and_bad_channels_stay_as_they_are(
    opened, window, qtbot
):
    where = QPoint(10, round(opened.canvas.layout_for().y_of(1)))
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, control, where)
    assert links().units == {"sine"}
    assert not opened.canvas.picture.rows[1].bad
    qtbot.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, control, where)
    assert links().units == frozenset()


def test_a_neuron_chosen_elsewhere_is_marked_and_brought_onto_the_page(qtbot):
    import pynapple

    names = [f"N{k:02d}" for k in range(40)]
    frame = pynapple.TsdFrame(t=np.arange(100) / 10, d=np.zeros((100, 40)), columns=np.array(names))
    figure = drawing.widget_for(Traces(frame, "1"))
    qtbot.addWidget(figure)
    figure.resize(700, 400)
    figure.show()
    qtbot.waitUntil(lambda: figure.ready, timeout=PATIENCE)
    figure.bar.rows.setValue(5)
    before = figure.canvas.grab().toImage()
    links().choose_units({"N30"})
    assert "N30" in figure.channels_shown
    qtbot.waitUntil(lambda: figure.canvas.picture.rows[0].label == "N30", timeout=PATIENCE)
    assert figure.canvas.grab().toImage() != before
    where = QPoint(10, round(figure.canvas.layout_for().y_of(1)))
    qtbot.mouseClick(figure.canvas, Qt.MouseButton.LeftButton, pos=where)
    assert links().units == {"N30", "N31"}  # traces have no bad channels: a click alone chooses


def test_a_row_of_the_table_is_jumped_to_and_renamed(opened, window, qtbot, settle):
    qtbot.keyClick(opened, Qt.Key.Key_E)
    table = opened.marking.events.table
    assert table.model().rowCount() == 1
    table.selectRow(0)
    table.setCurrentIndex(table.model().index(0, 2))
    assert opened.page_window[0] < 50.0 < opened.page_window[1]
    table.model().setData(table.model().index(0, 2), "leap")
    settle(window.studio)
    qtbot.waitUntil(lambda: opened.happenings[0].text == "leap", timeout=PATIENCE)
    opened.marking.events.search.setText("nothing like it")
    assert table.model().rowCount() == 0


def test_the_colour_of_a_mark_is_kept(opened, window, qtbot, settle):
    opened.marking.recolour("jump", "#123456")
    settle(window.studio)
    assert window.studio.settings.mark_colours == {"jump": "#123456"}
    assert opened.canvas.picture.mark_colours["jump"] == "#123456"


def test_the_data_of_a_result_cannot_be_marked(qtbot, step):
    figure = shown(qtbot, Signals(source="recording"), lambda name: {"recording": step}[name])
    told = []
    figure.marked.connect(told.append)
    where = QPoint(10, round(figure.canvas.layout_for().y_of(0)))
    qtbot.mouseClick(figure.canvas, Qt.MouseButton.LeftButton, pos=where)
    assert told == []
    assert not figure.bar.marking.isVisible()


# ---- the axis --------------------------------------------------------------------------------------


def test_marks_on_the_time_axis_are_round():
    assert marks_on_axis(0.0, 10.0, 10) == [float(k) for k in range(11)]
    assert time_step(3600.0, 9) == 600.0
    assert time_step(86_400 * 3, 5) == 86_400.0
    assert time_words(3661.0, 1.0, clock=0.0) == "01:01:01"
    assert time_words(0.25, 0.05) == "0.25"


# ---- long recordings -------------------------------------------------------------------------------


def test_a_long_recording_gets_its_pyramid_beside_the_session(window, qtbot, settle, tmp_path):
    path = tmp_path / "long.edf"
    write_large_edf(path, n_channels=40, rate=250, duration=900)  # 9 million samples
    window.opener.open([path])
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=PATIENCE)
    figure = window.results.page.figure()
    qtbot.waitUntil(lambda: figure.ready, timeout=PATIENCE)
    qtbot.waitUntil(
        lambda: figure.reader.pyramid is not None and figure.reader.pyramid.complete, timeout=60_000
    )
    figure.zoom(1e9)
    qtbot.waitUntil(lambda: figure.page_shown.stop == 900.0, timeout=PATIENCE)
    assert figure.page_shown.whole
    folder = window.studio.workspace.folder / ".pyramids"
    qtbot.waitUntil(lambda: len(list(folder.glob("*/complete.json"))) == 1, timeout=PATIENCE)
    settle(window.studio)


def test_a_slow_slope_is_a_line_without_spikes_at_its_samples():
    from neurostudio.ui.drawing.signal_raster import draw_rows

    image = np.zeros((100, 200), np.uint32)
    x = np.array([0.0, 100.0, 199.0], np.float32)
    y = np.array([[0.0, 50.0, 0.0]], np.float32)
    one = np.ones(1, np.float32)
    draw_rows(
        image, x, y, y, 0 * one, one, 90 * one, np.array([0xFF000000], np.uint32),
        np.float32(200), np.float32(1.0), 0, 200,
    )  # fmt: skip
    heights = (image > 0).sum(axis=0)
    assert heights.max() <= 4
    assert heights.min() >= 1
    top = np.argmax(image > 0, axis=0)
    assert abs(int(top[100]) - 40) <= 1
    assert abs(int(top[50]) - 65) <= 1


def test_a_page_that_was_being_read_when_the_filter_changed_is_read_anew(qtbot, step):
    import threading

    from neurostudio.ui.drawing.signal_reading import Reader, Wanted
    from PySide6.QtCore import QObject

    from neurostudio.sources import RecordingSource

    class Gated(RecordingSource):
        gate = threading.Event()

        def _samples(self, first, last, picks):
            self.gate.wait(30)
            return super()._samples(first, last, picks)

    source, parent, pages = Gated(step), QObject(), []
    reader = Reader(source, parent)
    reader.came.connect(pages.append)
    source.gate.set()
    for start in (0.0, 10.0):
        reader.ask(Wanted(start, start + 10.0, (1,), 2000))
        qtbot.waitUntil(lambda: bool(pages) and pages[-1].start == start, timeout=PATIENCE)  # noqa: B023
    assert np.ptp(pages[-1].low) > 1.5e-5
    source.gate.clear()
    reader.read_ahead()
    reader.use_filter(DisplayFilter(low_pass=1.0))
    reader.ask(Wanted(20.0, 30.0, (1,), 2000))
    source.gate.set()
    qtbot.waitUntil(lambda: pages[-1].start == 20.0, timeout=PATIENCE)
    assert np.ptp(pages[-1].low) < 1e-6, "the 10 Hz sine is not let through"
    qtbot.waitUntil(lambda: not reader.busy, timeout=PATIENCE)
