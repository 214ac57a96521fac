"""What is under the pictures of a connectome: connections, orders, pixels, communities."""

import numpy as np
import pytest
import xarray
from neurostudio.ui.drawing.connectome_order import (
    BY_LIKENESS,
    BY_NAME,
    BY_STRENGTH,
    communities,
    groups_by,
    no_groups,
    order_of,
)
from neurostudio.ui.drawing.connectome_pixels import Part, Scale, cells
from neurostudio.ui.drawing.connectome_wires import wires_of

from neurostudio.data import Connectome

from .connectomes import connectome


def _odd():
    weights = np.zeros((6, 6))
    weights[0, 0], weights[0, 1], weights[1, 0], weights[1, 1] = np.nan, -3, 1, 2
    return weights


def test_connections_come_strongest_first_with_loops_and_gaps_told_apart():
    wires = wires_of(connectome(_odd()))
    assert wires.weights.tolist() == [-3.0, 2.0, 1.0]
    assert wires.missing.tolist() == [[0, 0]]
    assert wires.drawn(3).tolist() == [0, 2]
    assert (wires.signed, wires.directed, wires.top) == (True, True, 3.0)
    assert [wires.between(*pair) for pair in ((0, 1), (0, 0), (5, 5))] == [-3.0, None, 0.0]
    assert [wires.at_least(value) for value in (0.5, 2.0, 2.5, 9.0)] == [3, 2, 1, 0]


def test_a_symmetric_matrix_is_undirected_and_each_line_is_drawn_once():
    weights = np.zeros((6, 6))
    weights[0, 1] = weights[1, 0] = 2
    weights[2, 3] = weights[3, 2] = 1
    wires = wires_of(connectome(weights))
    assert not wires.directed
    assert len(wires.drawn(wires.n_edges)) == 2
    assert wires.degrees(4)["degree"] == [1, 1, 1, 1, 0, 0]


def test_degrees_and_strengths_follow_the_threshold():
    wires = wires_of(connectome())
    assert wires.degrees(5)["degree out"] == [1, 1, 1, 0, 1, 1]
    assert wires.degrees(2)["strength in (synapses)"] == [0, 5, 4, 0, 0, 0]


def test_nodes_are_ordered_by_name_strength_and_within_groups():
    wires = wires_of(connectome())
    alone = no_groups(wires)

    def named(how, groups=alone):
        return [wires.names[k] for k in order_of(wires, how, groups)]

    assert named(BY_NAME) == ["ASEL", "AVAL", "DVA", "PVCL", "VA2", "VA10"]
    assert named(BY_STRENGTH)[:2] == ["VA10", "VA2"]
    grouped = named(BY_STRENGTH, groups_by(wires, "type"))
    assert grouped == ["AVAL", "PVCL", "DVA", "VA10", "VA2", "ASEL"]


def test_likeness_brings_mixed_blocks_together_and_communities_find_them():
    random = np.random.default_rng(0)
    block = random.permutation(np.arange(40) % 2)
    weights = (block[:, None] == block) * random.uniform(0.8, 1.2, (40, 40))
    weights = np.triu(weights, 1) + np.triu(weights, 1).T
    names = [str(k) for k in range(40)]
    made = xarray.DataArray(
        weights, dims=("source", "target"), coords={"source": names, "target": names}
    )
    wires = wires_of(Connectome(made))
    order = order_of(wires, BY_LIKENESS, no_groups(wires))
    assert np.count_nonzero(np.diff(block[order])) == 1
    found = communities(wires)
    assert len(found.names) == 2
    assert len(set(zip(found.of.tolist(), block.tolist(), strict=True))) == 2


def test_a_pixel_shows_the_strongest_of_its_cells_and_the_ground_where_there_is_none():
    wires = wires_of(connectome())
    table = np.arange(256, dtype=np.uint32)
    scale = Scale(1.0, 5.0, log=False, signed=False)
    full = cells(wires, 5, np.arange(6), Part((0, 6), (0, 6), (100, 100)), scale, table, 999)
    assert full.shape == (6, 6)
    assert full[0, 1] == 255
    assert full[4, 5] == round(255 * 2 / 5)
    assert np.count_nonzero(full) == 5
    coarse = cells(wires, 5, np.arange(6), Part((0, 6), (0, 6), (2, 2)), scale, table, 999)
    assert coarse.tolist() == [[255, 0], [0, 102]]
    fewer = cells(wires, 1, np.arange(6), Part((0, 6), (0, 6), (100, 100)), scale, table, 999)
    assert np.count_nonzero(fewer) == 1


def test_communities_are_as_modular_as_those_of_networkx():
    networkx = pytest.importorskip("networkx")
    from neurostudio.ui.drawing.graph_communities import louvain

    for seed in range(3):
        graph = networkx.planted_partition_graph(4, 25, 0.4, 0.06, seed=seed)
        edges = np.array(graph.edges())
        found = louvain(edges[:, 0], edges[:, 1], np.ones(len(edges)), 100)
        groups = [set(np.flatnonzero(found == g)) for g in range(found.max() + 1)]
        theirs = networkx.community.louvain_communities(graph, seed=seed)
        ours = networkx.community.modularity(graph, groups)
        assert ours > networkx.community.modularity(graph, theirs) - 0.02
    weak = np.full(3, 1e-3)
    assert len(set(louvain(np.array([0, 1, 2]), np.array([1, 2, 3]), weak, 6).tolist())) >= 3


def test_before_the_quick_way_is_loaded_qt_paints_the_same_lines(qapp):
    from neurostudio.ui.drawing.graph_edges import Sketch, picture_of
    from neurostudio.ui.drawing.graph_painted import painted

    wires = wires_of(connectome(_odd()))
    places = np.array([[10.0, 10.0], [190.0, 90.0], [0, 0], [0, 0], [0, 0], [0, 0]])
    sketch = Sketch(
        wires,
        wires.drawn(3),
        places,
        np.ones(6),
        (100, 200),
        (255, 255, 255),
        (0, 0, 255),
        (255, 0, 0),
    )
    for picture in (painted(sketch), picture_of(sketch)):
        assert picture.shape == (100, 200)
        assert picture[5, 150] == picture[90, 20] == 0xFFFFFFFF
        assert (picture[48:53, 98:103] != 0xFFFFFFFF).any()
