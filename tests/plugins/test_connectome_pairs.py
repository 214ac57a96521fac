"""Two connectomes compared by the names of their nodes; connections left out by strength."""

import numpy as np
import pytest

from neurostudio.api import BadInput, Connectome

from .connectomes import as_networkx, call, made, random_graph

networkx = pytest.importorskip("networkx")


@pytest.fixture(scope="module")
def planted():
    """The plugin's own examples."""
    from neurostudio.plugins.connectome import example

    return example


def test_two_like_connectomes_are_matched_by_name_and_strangers_are_not_alike(planted):
    first, second = planted.pair()
    result = call("compare_connectomes", {"permutations": 199}, first=first, second=second)
    number = result.numbers["correlation"]
    assert number.low < number.value < number.high
    assert number.value > 0.9
    assert abs(number.chance) < 0.05
    assert result.numbers["p"].value == pytest.approx(1 / 200)
    assert result.warnings == ()
    stranger = planted.pair(seed=9)[0]
    control = call("compare_connectomes", {"permutations": 199}, first=first, second=stranger)
    assert control.numbers["p"].value > 0.05
    assert control.numbers["correlation"].low < 0 < control.numbers["correlation"].high


def test_nodes_of_one_only_are_named_and_left_out(planted):
    first, second = planted.pair()
    fewer = Connectome(first.matrix.isel(source=slice(2, None), target=slice(2, None)))
    result = call("compare_connectomes", {"permutations": 99}, first=fewer, second=second)
    assert result.numbers["shared nodes"].value == 28
    assert result.numbers["nodes of the second only"].note == "'n01', 'n00'"
    assert result.warnings == ("names",)
    assert result["difference"].names("nodes")[0] == "n02"


def test_the_difference_is_second_minus_first():
    first = made(np.arange(25).reshape(5, 5))
    second = made(
        np.arange(25).reshape(5, 5)[::-1, ::-1] + 1, names=[f"n{k}" for k in range(5)][::-1]
    )
    result = call("compare_connectomes", {"permutations": 99}, first=first, second=second)
    off = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(result["difference"].matrix.to_numpy()[off], 1.0)
    assert result.numbers["correlation"].value == pytest.approx(1.0)


def test_strangers_by_name_are_refused():
    one, other = made(np.ones((5, 5))), made(np.ones((5, 5)), names=list("abcde"))
    with pytest.raises(BadInput, match="share 0 names"):
        call("compare_connectomes", {"permutations": 99}, first=one, second=other)


def test_density_keeps_the_strongest_whatever_their_sign():
    weights = [[0, 5, -4, 1], [0, 0, 3, 0.5], [0, 0, 0, -2], [0, 0, 0, 0]]
    kept = call("threshold_connectome", {"keep": 25.0}, connectome=made(weights))["thresholded"]
    np.testing.assert_array_equal(
        kept.matrix.to_numpy(), [[0, 5, -4, 0], [0, 0, 3, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    )


def test_a_backbone_is_the_maximum_spanning_tree_of_networkx():
    weights = random_graph(4, directed=False)
    result = call(
        "threshold_connectome", {"how": "backbone", "keep": 0.1}, connectome=made(weights)
    )
    tree = networkx.maximum_spanning_tree(as_networkx(weights, directed=False))
    np.testing.assert_allclose(
        result["thresholded"].matrix.to_numpy(), networkx.to_numpy_array(tree)
    )


def test_value_loops_symmetry_and_the_largest_part():
    weights = np.zeros((5, 5))
    weights[0, 1], weights[1, 2], weights[3, 4], weights[2, 2] = 3.0, 1.0, 2.0, 9.0
    params = {"how": "value", "value": 1.0, "symmetrise": "stronger", "largest": True}
    result = call("threshold_connectome", params, connectome=made(weights))
    assert result["thresholded"].names("nodes") == ("n0", "n1", "n2")
    np.testing.assert_array_equal(
        result["thresholded"].matrix.to_numpy(), [[0, 3, 0], [3, 0, 1], [0, 1, 0]]
    )
    assert result.warnings == ("loops",)
    with pytest.raises(BadInput, match="the strongest is 3"):
        call("threshold_connectome", {"how": "value", "value": 4.0}, connectome=made(weights))


def test_ranks_are_those_of_spearman(planted):
    from scipy.stats import spearmanr

    first, second = planted.pair()
    params = {"permutations": 99, "ranks": True}
    result = call("compare_connectomes", params, first=first, second=second)
    one = first.matrix.to_numpy()
    other = second.matrix.sel(
        source=first.matrix["source"], target=first.matrix["target"]
    ).to_numpy()
    off = ~np.eye(len(one), dtype=bool)
    assert result.numbers["correlation"].value == pytest.approx(spearmanr(one[off], other[off])[0])


@pytest.mark.parametrize(
    ("how", "there", "back"),
    [("no", 3, -1), ("mean", 1, 1), ("stronger", 3, 3), ("weaker", -1, -1)],
)
def test_both_directions_are_made_alike_before_the_threshold(how, there, back):
    weights = np.zeros((3, 3))
    weights[0, 1], weights[1, 0], weights[1, 2], weights[2, 1] = 3, -1, 5, 5
    params = {"keep": 100.0, "symmetrise": how}
    matrix = call("threshold_connectome", params, connectome=made(weights))["thresholded"].matrix
    assert (matrix[0, 1], matrix[1, 0], matrix[1, 2]) == (there, back, 5)


def test_missing_units_and_loops_are_said_when_two_are_compared():
    one, other = made(np.arange(25.0).reshape(5, 5)), made(np.arange(25.0).reshape(5, 5) ** 1.5)
    one.matrix.attrs["unit"] = "sections"
    one.matrix[0, 1] = np.nan
    result = call("compare_connectomes", {"permutations": 99}, first=one, second=other)
    assert set(result.warnings) == {"loops", "missing", "units"}
    assert np.isnan(result["difference"].matrix[0, 1])
