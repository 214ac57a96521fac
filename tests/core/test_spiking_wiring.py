"""Connections: who is joined to whom, how many, and what a product with them is."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.spiking import wiring
from neurostudio.spiking.compiled import deliver
from neurostudio.spiking.connections import from_matrix, from_pairs
from neurostudio.spiking.regenerated import Regenerated


def draw(seed=0):
    return np.random.default_rng(seed)


def test_a_fixed_probability_joins_its_share_of_the_pairs_each_at_most_once():
    wires = wiring.fixed_probability(400, 500, 0.1, draw())
    matrix = wires.dense()
    assert set(np.unique(matrix)) == {0.0, 1.0}
    spread = np.sqrt(400 * 500 * 0.1 * 0.9)
    assert abs(wires.n_synapses - 20_000) < 4 * spread


def test_probability_one_joins_all_and_zero_none():
    assert wiring.fixed_probability(7, 5, 1.0, draw()).n_synapses == 35
    assert wiring.fixed_probability(7, 5, 0.0, draw()).n_synapses == 0


def test_without_itself_no_neuron_projects_to_itself():
    wires = wiring.fixed_probability(50, 50, 0.5, draw(), itself=False)
    assert np.trace(wires.dense()) == 0
    assert np.trace(wiring.fixed_targets(20, 20, 5, draw(), itself=False).dense()) == 0


def test_fixed_numbers_are_exact():
    assert (wiring.fixed_targets(30, 40, 6, draw()).dense().sum(axis=1) == 6).all()
    assert (wiring.fixed_sources(30, 40, 6, draw()).dense().sum(axis=0) == 6).all()
    assert wiring.fixed_total(30, 40, 77, draw()).dense().sum() == 77


def test_a_ring_that_is_not_rewired_joins_the_nearest():
    matrix = wiring.small_world(10, 4, 0.0, draw()).dense()
    assert np.flatnonzero(matrix[0]).tolist() == [1, 2, 8, 9]


def test_rewiring_keeps_the_number_of_edges_and_both_directions():
    matrix = wiring.small_world(60, 6, 0.3, draw()).dense()
    assert matrix.sum() == 60 * 6
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.trace(matrix) == 0


def test_preferential_attachment_makes_hubs():
    degrees = wiring.scale_free(400, 3, draw()).dense().sum(axis=1)
    assert degrees.min() >= 3
    assert degrees.max() > 30


def test_the_inner_node_of_a_grid_has_four_or_eight_neighbours():
    four = wiring.neighbours((3, 3), diagonal=False).dense()
    eight = wiring.neighbours((3, 3)).dense()
    assert four[4].sum() == 4
    assert eight[4].sum() == 8
    assert eight[0].sum() == 3


def test_probability_falls_with_the_distance():
    places = np.stack([np.arange(200.0), np.zeros(200)], axis=1)
    near, far = [], []
    for seed in range(20):
        matrix = wiring.by_distance(places, places, 0.8, 3.0, draw(seed)).dense()
        near.append(np.diag(matrix, 1).mean())
        far.append(np.diag(matrix, 6).mean())
    assert np.mean(near) == pytest.approx(0.8 * np.exp(-1 / 9), abs=0.03)
    assert np.mean(far) == pytest.approx(0.8 * np.exp(-4.0), abs=0.01)


def test_pairs_in_any_order_keep_their_weights():
    wires = from_pairs([2, 0, 2], [1, 3, 0], 3, 4, [5.0, 6.0, 7.0])
    assert wires.dense().tolist() == [[0, 0, 0, 6], [0, 0, 0, 0], [7, 5, 0, 0]]
    np.testing.assert_array_equal(from_matrix(wires.dense()).dense(), wires.dense())


def test_the_same_synapses_by_target():
    wires = from_pairs([2, 0, 2], [1, 3, 0], 3, 4, [5.0, 6.0, 7.0])
    into = wires.incoming()
    span = slice(into.starts[1], into.starts[2])
    assert into.sources[span].tolist() == [2]
    assert wires.weights[into.synapses[span]].tolist() == [5.0]


def test_a_neuron_outside_is_refused():
    with pytest.raises(BadInput, match="count from 0"):
        from_pairs([3], [0], 3, 4)


def test_delivery_by_events_is_the_dense_product():
    random = draw()
    wires = wiring.fixed_probability(500, 400, 0.1, random)
    wires = wires.weighted(random.normal(size=wires.n_synapses).astype(np.float32))
    for _ in range(3):
        spikes = np.flatnonzero(random.random(500) < 0.05)
        out = np.zeros(400, np.float32)
        deliver(spikes, wires.starts, wires.targets, wires.weights, np.empty(0), out)
        np.testing.assert_allclose(out, wires.dense()[spikes].sum(axis=0), atol=1e-5)


@pytest.mark.parametrize(
    ("weights", "first", "second"),
    [("constant", 2.0, 0.0), ("uniform", -1.0, 3.0), ("normal", 1.0, 0.5)],
)
def test_a_regenerated_matrix_is_the_one_written_out(weights, first, second):
    rule = Regenerated(300, 200, 0.1, 7, weights, first, second)
    matrix = rule.stored().dense()
    random = draw()
    left, right = random.normal(size=300), random.normal(size=200)
    np.testing.assert_allclose(rule.forward(left), left @ matrix, atol=1e-10)
    np.testing.assert_allclose(rule.transposed(right), matrix @ right, atol=1e-10)
    np.testing.assert_array_equal(rule.forward(left), rule.forward(left))
    assert abs((matrix != 0).sum() - 6000) < 4 * np.sqrt(60_000 * 0.09)


def test_another_seed_is_another_matrix():
    one = Regenerated(50, 50, 0.2, 1).stored().dense()
    other = Regenerated(50, 50, 0.2, 2).stored().dense()
    assert (one != other).any()


def test_a_regenerated_product_needs_vectors_only():
    import tracemalloc

    def peak(n):
        rule, spikes = Regenerated(n, n, 0.001, 3), np.ones(n)
        tracemalloc.start()
        rule.forward(spikes)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)
    assert peak(50_000) - peak(10_000) < 10_000_000
