"""The page of a connectome: one model under matrix, graph, body and table."""

import numpy as np
import pytest
import xarray
from neurostudio.ui import drawing
from neurostudio.ui.drawing.connectome import GRAPH, MATRIX, NODES, SPACE
from neurostudio.ui.linking import links
from neurostudio.ui.theme import theme
from PySide6.QtCore import QPoint, QPointF, Qt

from neurostudio.data import Connectome
from neurostudio.views import Brain, Graph

from .connectomes import NAMES, connectome


@pytest.fixture
def shown(qtbot):
    made = []

    def show(data, size=(900, 640)):
        figure = drawing.widget_for(data)
        qtbot.addWidget(figure)
        figure.resize(*size)
        figure.show()
        made.append(figure)
        if getattr(figure, "state", 1) is None:
            qtbot.waitUntil(lambda: figure.state is not None, timeout=20_000)
        return figure

    yield show
    links().place = None
    for figure in made:
        for each in (figure, getattr(getattr(figure, "graph", None), "canvas", None)):
            if each is not None and hasattr(each, "_background"):
                each._background.wait()


@pytest.fixture
def bodies(monkeypatch):
    """What the page would have drawn in three dimensions, which needs OpenGL."""
    from PySide6.QtWidgets import QLabel

    asked = []
    real = drawing.widget_for

    def instead(thing, resolve=None):
        if not isinstance(thing, Brain):
            return real(thing, resolve)
        asked.append(thing)
        return QLabel("a body")

    monkeypatch.setattr(drawing, "widget_for", instead)
    return asked


def graph_of(figure, qtbot):
    figure.tabs.setCurrentIndex(GRAPH)
    qtbot.waitUntil(lambda: not figure.graph.canvas.busy, timeout=60_000)
    return figure.graph.canvas


def _odd():
    weights = np.zeros((6, 6))
    weights[0, 0], weights[0, 1], weights[1, 0], weights[1, 1] = np.nan, -3, 1, 2
    return weights


# ---- the page ----------------------------------------------------------------------------------------


def test_the_matrix_is_grouped_by_type_and_says_what_is_shown(shown):
    figure = shown(connectome())
    assert figure.bar.choice[0] == "type"
    assert [name for _, _, name in figure.matrix._blocks] == ["inter", "motor", "sensory"]
    assert figure.words.text() == "6 nodes, 5 directed connections (16.7 % of all pairs)"


def place_in(plot, x, y):
    return plot.area.mapFromScene(plot.plot.getViewBox().mapViewToScene(QPointF(x, y)))


def test_pointing_says_source_target_and_weight_and_a_click_chooses_both(shown, qtbot):
    figure = shown(connectome())
    matrix = figure.matrix
    matrix.refresh()
    row, column = (int(matrix._rank[NAMES.index(name)]) for name in ("VA2", "VA10"))
    matrix._moved(matrix.plot.getViewBox().mapViewToScene(QPointF(column, row)))
    assert figure.pointed.text() == "VA2 → VA10: 5 synapses"
    qtbot.mouseClick(
        matrix.area.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        place_in(matrix, column, row),
    )
    assert links().units == {"VA2", "VA10"}
    assert matrix._chosen.path().elementCount() > 0


def test_one_threshold_holds_in_all_pictures(shown, qtbot):
    figure = shown(connectome())
    canvas = graph_of(figure, qtbot)
    figure.tabs.setCurrentIndex(NODES)
    figure.nodes.view.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    figure.nodes.filter.setText("motor")
    figure.bar.amount.setValue(40.0)
    qtbot.waitUntil(lambda: figure.state.count == 2)
    assert "2 of 5 directed connections" in figure.words.text()
    assert "at least 4 synapses" in figure.words.text()
    assert figure.nodes.filter.text() == "motor"
    assert figure.nodes.columns()["degree out"] == [1, 1]
    figure.nodes.filter.clear()
    assert figure.nodes.columns()["degree out"] == [1, 1, 0, 0, 0, 0]
    assert canvas.words_of(0) == "VA2 (motor): 1 out, 0 in"
    assert len(figure.matrix.columns()["weight"]) == 2
    figure.bar.keep.setCurrentText("at least")
    figure.bar.amount.setValue(3.0)
    qtbot.waitUntil(lambda: figure.state.count == 3)


def test_what_is_chosen_elsewhere_is_marked_here_and_its_neighbours_listed(shown, qtbot):
    figure = shown(connectome())
    canvas = graph_of(figure, qtbot)
    links().choose_units({"AVAL", "somebody else"})
    assert figure.state.chosen() == [2]
    x, y = canvas._rings.getData()
    assert len(x) == 3
    np.testing.assert_allclose((x[0], y[0]), canvas.places[2])
    rows = [
        tuple(figure.graph.neighbours.list.topLevelItem(k).text(c) for c in range(3))
        for k in range(2)
    ]
    assert rows == [("VA10", "←", "4"), ("VA2", "→", "3")]
    assert figure.graph.neighbours.list.topLevelItemCount() == 2
    figure.tabs.setCurrentIndex(NODES)
    chosen = figure.nodes.view.selectionModel().selectedRows()
    assert [index.data() for index in chosen] == ["AVAL"]


def test_a_click_on_a_node_chooses_it_and_goes_to_its_place(shown, qtbot):
    figure = shown(connectome(space="MNI152"))
    canvas = graph_of(figure, qtbot)
    qtbot.mouseClick(
        canvas.area.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        place_in(canvas, *canvas.places[3]),
    )
    assert links().units == {"DVA"}
    assert links().place.position == (3.0, 30.0, 0.0)
    assert links().place.space == "MNI152"
    qtbot.mouseClick(
        canvas.area.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        place_in(canvas, 0.05, 0.9),
    )
    assert links().units == frozenset()


def test_a_node_is_dragged_and_its_lines_go_with_it(shown, qtbot):
    figure = shown(connectome())
    canvas = graph_of(figure, qtbot)
    before = canvas.places.copy()
    viewport, start = canvas.area.viewport(), place_in(canvas, *canvas.places[1])
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in (10, 30, 60):
        qtbot.mouseMove(viewport, start + QPoint(-step, step))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(-60, 60))
    assert canvas.places[1, 0] < before[1, 0]
    assert canvas.places[1, 1] < before[1, 1]
    others = [0, 2, 3, 4, 5]
    np.testing.assert_array_equal(canvas.places[others], before[others])


def test_springs_bring_together_what_is_connected_and_are_the_same_each_time(shown, qtbot):
    weights = np.zeros((6, 6))
    weights[:3, :3] = weights[3:, 3:] = 1
    weights[2, 3] = weights[3, 2] = 0.2
    np.fill_diagonal(weights, 0)
    found = []
    for _ in range(2):
        figure = shown(connectome(weights))
        canvas = graph_of(figure, qtbot)
        figure.graph.layouts.setCurrentText("Springs")
        qtbot.waitUntil(lambda canvas=canvas: not canvas.busy, timeout=60_000)
        found.append(canvas.places)
    np.testing.assert_array_equal(*found)
    apart = np.linalg.norm(found[0][:, None] - found[0], axis=2)
    assert apart[:3, :3].max() < apart[:2, 4:].min()


def test_lines_are_drawn_where_the_nodes_are(shown, qtbot):
    figure = shown(connectome())
    canvas = graph_of(figure, qtbot)
    canvas.refresh()
    qtbot.waitUntil(lambda: not canvas.busy, timeout=60_000)
    pixels = canvas._image._pixels
    ground = 0xFF000000 | int(theme().colours.base.lstrip("#"), 16)
    (left, right), (low, high) = canvas.plot.viewRange()

    def is_drawn(x, y):
        column = int((x - left) / (right - left) * pixels.shape[1])
        row = int((y - low) / (high - low) * pixels.shape[0])
        return (pixels[row - 2 : row + 3, column - 2 : column + 3] != ground).any()

    assert is_drawn(*(canvas.places[0] + canvas.places[1]) / 2)
    assert not is_drawn(*(canvas.places[0] * 0.3 + canvas.places[3] * 0.7))


def test_the_body_is_described_with_the_strongest_lines_and_a_cortex(shown, bodies):
    pytest.importorskip("nilearn")
    figure = shown(connectome(space="MNI152"))
    figure.state.keep_share(40.0)
    figure.tabs.setCurrentIndex(SPACE)
    (view,) = bodies
    assert view.point_names == NAMES
    assert view.edges.tolist() == [[0, 1], [1, 2]]
    assert view.weights.tolist() == [5.0, 4.0]
    assert view.faces is not None
    assert view.space == "MNI152"
    assert figure.space.text() == "a body"


def test_without_places_there_is_no_body(shown):
    made = connectome().matrix.drop_vars(["x", "y", "z"])
    figure = shown(Connectome(made))
    assert not figure.tabs.isTabEnabled(SPACE)


def test_times_are_gone_through_with_the_cursor_of_all_views(shown):
    weights = np.zeros((3, 6, 6))
    weights[0, 0, 1], weights[1, 2, 3], weights[2, 4, 5] = 1, 2, 3
    figure = shown(connectome(weights, times=[0.0, 0.5, 1.0]))
    assert figure.matrix.columns()["source"] == ["VA2"]
    before = figure.matrix._scale
    assert (before.low, before.high) == (1.0, 3.0)
    links().move_time(0.6)
    assert figure.slider.value() == 1
    assert figure.matrix.columns() == {"source": ["AVAL"], "target": ["DVA"], "weight": [2.0]}
    figure.slider.slider.setValue(2)
    assert links().time == pytest.approx(1.0)
    assert figure.matrix.columns()["weight"] == [3.0]
    assert figure.matrix._scale == before


def test_signs_have_two_colours_and_a_log_scale_tells_weak_from_none(shown):
    figure = shown(connectome(_odd()))
    assert figure.matrix._scale.signed
    levels = figure.matrix._scale.levels(np.array([-3.0, 0.0, 3.0], np.float32))
    assert levels.tolist() == [0, 128, 255]
    figure.bar.log.setChecked(True)
    weak = figure.matrix._scale.levels(np.array([1e-9, -1e-9], np.float32))
    assert weak[0] > 140
    assert weak[1] < 115


def test_nothing_connected_is_said(shown, qtbot):
    figure = shown(connectome(np.zeros((6, 6))))
    assert figure.words.text().endswith("Nothing is connected.")
    graph_of(figure, qtbot)


def test_a_matrix_of_other_targets_is_drawn_as_a_heat_map(qtbot):
    made = xarray.DataArray(np.ones((2, 3)), dims=("source", "target"))
    figure = drawing.widget_for(Connectome(made))
    qtbot.addWidget(figure)
    assert type(figure).__name__ == "HeatmapPlot"


def test_a_large_matrix_is_read_in_a_thread(shown):
    from neurostudio.ui.bench_connectome import planted

    figure = shown(planted(900, 20_000))
    assert figure.state.wires.n_nodes == 900
    assert not figure.reading.isVisible()


def test_each_page_is_kept_as_a_picture_and_a_table(shown, qtbot, tmp_path):
    figure = shown(connectome())
    graph_of(figure, qtbot)
    for page in (MATRIX, GRAPH, NODES):
        figure.tabs.setCurrentIndex(page)
        figure.save(tmp_path / f"{page}.png")
        assert (tmp_path / f"{page}.png").stat().st_size > 2000
    assert figure.columns()["node"] == list(NAMES)
    figure.tabs.setCurrentIndex(MATRIX)
    assert figure.columns()["source"][0] == "VA2"


@pytest.mark.parametrize("dark", [False, True])
def test_all_pages_follow_the_theme(shown, qtbot, dark):
    figure = shown(connectome())
    canvas = graph_of(figure, qtbot)
    theme().choose("dark" if dark else "light")
    qtbot.waitUntil(lambda: not canvas.busy, timeout=60_000)
    base = int(theme().colours.base.lstrip("#"), 16)
    assert int(canvas._image._pixels[0, 0]) & 0xFFFFFF == base
    assert canvas.area.backgroundBrush().color().name() == theme().colours.base


def test_a_graph_of_a_result_is_drawn_with_its_groups_and_places(shown, qtbot):
    view = Graph(
        edges=np.array([[0, 1], [1, 2]]),
        names=("a", "b", "c"),
        weights=np.array([1.0, -2.0]),
        groups=("left", "left", "right"),
        positions=np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]),
        caption="planted",
    )
    figure = shown(view)
    qtbot.waitUntil(lambda: not figure.canvas.busy, timeout=60_000)
    np.testing.assert_array_equal(figure.canvas.places[2], [1.0, 1.0])
    assert figure.state.groups.names == ("left", "right")
    assert figure.columns()["weight"] == [-2.0, -2.0, 1.0, 1.0]
    assert "left" in figure.legend.text()
    assert figure.layouts.itemText(0) == "As given"


def test_the_benchmark_measures_both_sizes(monkeypatch, qapp):
    from neurostudio.ui import bench_connectome

    for name, value in (
        ("_SMALL", 20),
        ("_SMALL_EDGES", 60),
        ("_LARGE", 60),
        ("_LARGE_EDGES", 400),
    ):
        monkeypatch.setattr(bench_connectome, name, value)
    monkeypatch.setattr(bench_connectome, "_MOVES", 2)
    monkeypatch.setattr(bench_connectome, "peer", lambda *sizes: 1.0)
    answer = bench_connectome.connectome()
    for size in ("473 nodes", "10,000 nodes"):
        assert answer[size]["matrix (s)"] > 0
        pan = answer[size]["graph, pan (ms)"]
        assert 0 < pan["p50"] <= pan["p95"]


def test_the_page_offers_the_windows_export_where_there_is_one(shown, qtbot):
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMainWindow

    window = QMainWindow()
    qtbot.addWidget(window)
    action = QAction("Export", window)
    action.setObjectName("data.export")
    alone = shown(connectome())
    assert not alone.bar.export.isVisible()
    figure = drawing.widget_for(connectome())
    window.setCentralWidget(figure)
    window.show()
    with qtbot.waitSignal(action.triggered):
        figure.bar.export.click()


def test_nodes_that_are_far_apart_and_nodes_alone_stay_in_the_picture(shown, qtbot):
    weights = np.zeros((6, 6))
    weights[0, 1] = weights[1, 0] = 1
    figure = shown(connectome(weights))
    canvas = graph_of(figure, qtbot)
    figure.graph.layouts.setCurrentText("Springs")
    qtbot.waitUntil(lambda: not canvas.busy, timeout=60_000)
    assert np.isfinite(canvas.places).all()
    (left, right), (low, high) = canvas.plot.viewRange()
    x, y = canvas.places.T
    assert ((x >= left) & (x <= right) & (y >= low) & (y <= high)).all()


def test_keys_zoom_move_show_all_and_choose_nothing(shown, qtbot):
    figure = shown(connectome())
    for plane in (figure.matrix, graph_of(figure, qtbot)):
        figure.tabs.setCurrentIndex(MATRIX if plane is figure.matrix else GRAPH)
        whole = np.array(plane.plot.viewRange())
        qtbot.keyClick(plane, Qt.Key.Key_Plus)
        near = np.array(plane.plot.viewRange())
        assert np.all(np.ptp(near, axis=1) < 0.9 * np.ptp(whole, axis=1))
        qtbot.keyClick(plane, Qt.Key.Key_Right)
        moved = np.array(plane.plot.viewRange())
        assert moved[0, 0] > near[0, 0]
        qtbot.keyClick(plane, Qt.Key.Key_Home)
        assert np.ptp(np.array(plane.plot.viewRange())[0]) > np.ptp(moved[0])
        links().choose_units({"AVAL"})
        qtbot.keyClick(plane, Qt.Key.Key_Escape)
        assert links().units == frozenset()


def test_the_body_follows_the_threshold_once_it_has_settled_and_keeps_its_side(shown, qtbot):
    figure = shown(connectome())
    figure.tabs.setCurrentIndex(SPACE)
    body = figure.space
    body.canvas.camera.look_from("Front")
    for share in (80.0, 60.0, 40.0):
        figure.state.keep_share(share)
    assert len(body.body.edges) == 5
    qtbot.waitUntil(lambda: len(body.body.edges) == 2, timeout=5000)
    assert figure.space is body
    assert body.canvas.camera.letters()[:2] == ("R", "L")
